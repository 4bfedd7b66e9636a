// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tenon-net: sets up dom0's end of a guest's network interface, and takes down what remains of it. Both can be done again: who
 * was killed in between is followed by the same call, or by "down".
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_SIZE_MAX 15

static const char usage[] =
	"Usage: tenon-net up INTERFACE (--bridge=BRIDGE | --route | --nat) [OPTION]...\n"
	"       tenon-net down INTERFACE\n"
	"Sets up the host's end of a guest's network interface.\n"
	"\n"
	"      --bridge=BRIDGE  make it a port of that bridge\n"
	"      --route          route the guest's addresses to it\n"
	"      --nat            the same, and hide them behind the host's\n"
	"      --name=NAME      rename it\n"
	"      --mtu=N          its MTU [the bridge's]\n"
	"      --mac=MAC        the guest's MAC address: packets from another are dropped\n"
	"      --ip=ADDRESS     an address of the guest's, or a network (ADDRESS/LENGTH): packets from others are\n"
	"                       dropped; may be given up to 16 times\n";

void net_fail(const char *format, ...)
{
	va_list args;

	fputs("tenon-net: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---- arguments ---- */

static const char *name_of(const char *text)
{
	size_t size = strlen(text);

	if (!size || size > NAME_SIZE_MAX || strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != size ||
	    !strcmp(text, ".") || !strcmp(text, ".."))
		net_fail("'%s' is no name of an interface", text);
	return text;
}

static const char *mac_of(const char *text)
{
	unsigned int part[6];
	int used = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &used) != 6 ||
	    used != 17 || text[used])
		net_fail("'%s' is no MAC address", text);
	return text;
}

static struct address address_of(const char *text)
{
	struct address address = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	unsigned int most = address.family == AF_INET ? 32 : 128;
	char copy[64], *slash, *end, printed[INET6_ADDRSTRLEN];
	unsigned long bits = most;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash) {
		*slash = '\0';
		bits = strtoul(slash + 1, &end, 10);
		if (*end || end == slash + 1 || bits > most)
			net_fail("'%s' is no address", text);
	}
	if (strlen(text) >= sizeof(copy) || inet_pton(address.family, copy, address.bytes) != 1)
		net_fail("'%s' is no address", text);
	address.bits = bits;
	/* Routes to networks have nothing behind the length. */
	for (unsigned int bit = bits; bit < most; bit++)
		address.bytes[bit / 8] &= ~(0x80 >> bit % 8);
	inet_ntop(address.family, address.bytes, printed, sizeof(printed));
	snprintf(address.text, sizeof(address.text), "%s/%u", printed, address.bits);
	return address;
}

static unsigned int mtu_of(const char *text)
{
	char *end;
	unsigned long mtu = strtoul(text, &end, 10);

	if (*end || end == text || mtu < 68 || mtu > 65535)
		net_fail("'%s' is no MTU (68 to 65535)", text);
	return mtu;
}

static const struct option long_options[] = {
	{ "bridge", required_argument, NULL, 'b' }, { "route", no_argument, NULL, 'r' }, { "nat", no_argument, NULL, 'n' },
	{ "name", required_argument, NULL, 'N' }, { "mtu", required_argument, NULL, 'm' }, { "mac", required_argument, NULL, 'M' },
	{ "ip", required_argument, NULL, 'i' }, { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 },
};

static void take_option(struct setup *setup, int option, bool *has_mode)
{
	switch (option) {
	case 'b':
	case 'r':
	case 'n':
		if (*has_mode)
			net_fail("give one of --bridge, --route and --nat");
		*has_mode = true;
		setup->mode = option == 'b' ? NET_BRIDGE : option == 'r' ? NET_ROUTE : NET_NAT;
		setup->bridge = option == 'b' ? name_of(optarg) : NULL;
		break;
	case 'N': setup->name = name_of(optarg); break;
	case 'm': setup->mtu = mtu_of(optarg); break;
	case 'M': setup->mac = mac_of(optarg); break;
	case 'i':
		if (setup->address_count == ADDRESSES_MAX)
			net_fail("more than %d addresses", ADDRESSES_MAX);
		setup->addresses[setup->address_count++] = address_of(optarg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		printf("tenon-net (Tenon) %s\n", TENON_VERSION);
		exit(0);
	default:
		exit(2);
	}
}

/* ---- what is done ---- */

/* A setting of the kernel's; one that this kernel does not have is left. */
static void set_kernel(const char *family, const char *interface, const char *setting, const char *value)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s%s%s/%s", family, *interface ? "/conf/" : "", interface, setting);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		net_fail("%s: %s", path, strerror(errno));
	close(fd);
}

static void join_bridge(const struct setup *setup, unsigned int index)
{
	/* Higher than that of all others: the bridge's own address does not become this one. */
	static const uint8_t mac[6] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	unsigned int bridge = link_index(setup->bridge), mtu = setup->mtu;

	if (!bridge)
		net_fail("there is no bridge %s", setup->bridge);
	if (!mtu)
		mtu = link_mtu(bridge);
	if (mtu)
		link_set_mtu(index, mtu);
	link_set_mac(index, mac);
	set_kernel("ipv6", setup->name, "disable_ipv6", "1");
	link_set_bridge(index, bridge);
	link_set_up(index, true);
}

/*
 * The guest's gateway may be any address that the host reaches elsewhere (all, if it has a default route): this end answers for it.
 * 169.254.1.1 is always this end.
 */
static void route_guest(const struct setup *setup, unsigned int index)
{
	const struct address own = { .family = AF_INET, .bytes = { 169, 254, 1, 1 }, .bits = 32 };

	if (setup->mtu)
		link_set_mtu(index, setup->mtu);
	link_set_up(index, true);
	link_add_address(index, &own);
	set_kernel("ipv4", setup->name, "proxy_arp", "1");
	set_kernel("ipv4", "", "ip_forward", "1");
	for (unsigned int i = 0; i < setup->address_count; i++)
		link_add_route(index, &setup->addresses[i]);
}

static void up(struct setup *setup)
{
	unsigned int index = link_index(setup->kernel_name);

	/* Of an earlier call that was killed. */
	if (!index)
		index = link_index(setup->name);
	if (!index)
		net_fail("there is no interface %s", setup->kernel_name);
	if (link_index(setup->name) != index) {
		link_set_up(index, false);
		link_rename(index, setup->name);
	}
	/* Before anything passes. */
	if (setup->address_count || setup->mac)
		filter_set(setup);
	if (setup->mode == NET_BRIDGE)
		join_bridge(setup, index);
	else
		route_guest(setup, index);
}

static void down(const char *name)
{
	unsigned int index = link_index(name);

	/* As a rule the kernel has removed it, and its routes, with the guest. */
	if (index)
		link_set_up(index, false);
	filter_remove(name);
}

int main(int argc, char **argv)
{
	struct setup setup = { 0 };
	bool has_mode = false;
	int option;

	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) >= 0)
		take_option(&setup, option, &has_mode);
	if (argc - optind != 2) {
		fputs(usage, stderr);
		return 2;
	}
	setup.kernel_name = name_of(argv[optind + 1]);
	if (!setup.name)
		setup.name = setup.kernel_name;
	if (!strcmp(argv[optind], "down")) {
		down(setup.kernel_name);
		return 0;
	}
	if (strcmp(argv[optind], "up"))
		net_fail("'%s' is neither up nor down", argv[optind]);
	if (!has_mode)
		net_fail("give one of --bridge, --route and --nat");
	if (setup.mode != NET_BRIDGE && !setup.address_count)
		net_fail("--route and --nat need the guest's address (--ip)");
	up(&setup);
	return 0;
}
