// SPDX-License-Identifier: GPL-2.0-or-later
/* Interfaces, addresses and routes, over netlink (rtnetlink(7)). */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#define REQUEST_SIZE 1024

static struct mnl_socket *channel(void)
{
	static struct mnl_socket *socket;

	if (socket)
		return socket;
	socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		net_fail("netlink: %s", strerror(errno));
	return socket;
}

/* One request, its answer given to @take. 0 or a negative errno. */
static int ask(struct nlmsghdr *request, mnl_cb_t take, void *arg)
{
	static unsigned int sequence;
	char answer[16384];
	int result;

	request->nlmsg_seq = ++sequence;
	request->nlmsg_flags |= NLM_F_REQUEST | (take ? 0 : NLM_F_ACK);
	if (mnl_socket_sendto(channel(), request, request->nlmsg_len) < 0)
		return -errno;
	result = mnl_socket_recvfrom(channel(), answer, sizeof(answer));
	if (result > 0)
		result = mnl_cb_run(answer, result, sequence, mnl_socket_get_portid(channel()), take, arg);
	return result < 0 ? -errno : 0;
}

static struct nlmsghdr *link_request(char *buffer, unsigned int index)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(request, sizeof(*link));

	request->nlmsg_type = RTM_NEWLINK;
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	return request;
}

static void change(struct nlmsghdr *request, const char *what)
{
	int error = ask(request, NULL, NULL);

	if (error)
		net_fail("%s: %s", what, strerror(-error));
}

unsigned int link_index(const char *name)
{
	return if_nametoindex(name);
}

static int take_mtu(const struct nlmsghdr *answer, void *arg)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, answer, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(attribute) == IFLA_MTU)
			*(unsigned int *)arg = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

unsigned int link_mtu(unsigned int index)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);
	unsigned int mtu = 0;

	request->nlmsg_type = RTM_GETLINK;
	return ask(request, take_mtu, &mtu) ? 0 : mtu;
}

void link_rename(unsigned int index, const char *name)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);

	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	change(request, "the interface cannot be renamed");
}

void link_set_up(unsigned int index, bool up)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);
	struct ifinfomsg *link = mnl_nlmsg_get_payload(request);

	link->ifi_flags = up ? IFF_UP : 0;
	link->ifi_change = IFF_UP;
	change(request, up ? "the interface cannot be brought up" : "the interface cannot be brought down");
}

void link_set_mtu(unsigned int index, unsigned int mtu)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);

	mnl_attr_put_u32(request, IFLA_MTU, mtu);
	change(request, "the MTU cannot be set");
}

void link_set_mac(unsigned int index, const uint8_t mac[6])
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);

	mnl_attr_put(request, IFLA_ADDRESS, 6, mac);
	change(request, "the interface's own MAC address cannot be set");
}

void link_set_bridge(unsigned int index, unsigned int bridge)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = link_request(buffer, index);

	mnl_attr_put_u32(request, IFLA_MASTER, bridge);
	change(request, bridge ? "the bridge does not take the interface" : "the interface cannot leave its bridge");
}

static size_t bytes_of(const struct address *address)
{
	return address->family == AF_INET ? 4 : 16;
}

void link_add_address(unsigned int index, const struct address *address)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));

	request->nlmsg_type = RTM_NEWADDR;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	message->ifa_family = address->family;
	message->ifa_prefixlen = address->bits;
	message->ifa_scope = RT_SCOPE_LINK;
	message->ifa_index = index;
	mnl_attr_put(request, IFA_LOCAL, bytes_of(address), address->bytes);
	mnl_attr_put(request, IFA_ADDRESS, bytes_of(address), address->bytes);
	change(request, "the interface's own address cannot be set");
}

void link_add_route(unsigned int index, const struct address *address)
{
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));

	request->nlmsg_type = RTM_NEWROUTE;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	*message = (struct rtmsg){
		.rtm_family = address->family, .rtm_dst_len = address->bits, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNICAST,
		.rtm_scope = address->family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
	};
	mnl_attr_put(request, RTA_DST, bytes_of(address), address->bytes);
	mnl_attr_put_u32(request, RTA_OIF, index);
	change(request, "the route to the guest cannot be set");
}
