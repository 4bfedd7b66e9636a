// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of the packet filter, given to nft(8) as text. */
#include "net.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Rules as they grow. */
struct text {
	char data[8192];
	size_t used;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text->data + text->used, sizeof(text->data) - text->used, format, args);
	va_end(args);
	if (size < 0 || (size_t)size >= sizeof(text->data) - text->used)
		net_fail("too many rules");
	text->used += size;
}

static bool has_family(const struct setup *setup, int family)
{
	for (unsigned int i = 0; i < setup->address_count; i++)
		if (setup->addresses[i].family == family)
			return true;
	return false;
}

/* A set of all addresses of a family, and of one more. */
static void add_set(struct text *text, const struct setup *setup, int family, const char *more)
{
	const char *comma = "";

	add(text, "{ ");
	for (unsigned int i = 0; i < setup->address_count; i++) {
		if (setup->addresses[i].family != family)
			continue;
		add(text, "%s%s", comma, setup->addresses[i].text);
		comma = ", ";
	}
	if (more) {
		add(text, "%s%s", comma, more);
		comma = ", ";
	}
	add(text, " }");
}

/* What comes from the guest has its MAC address, and one of its addresses; a family that it has no address of does not come. */
static void add_guard(struct text *text, const struct setup *setup)
{
	add(text, "table bridge tenon_%s {\n chain guard {\n  type filter hook prerouting priority -300; policy accept;\n", setup->name);
	add(text, "  iifname != \"%s\" accept\n", setup->name);
	if (setup->mac)
		add(text, "  ether saddr != %s drop\n", setup->mac);
	if (has_family(setup, AF_INET)) {
		/* 0.0.0.0: who asks for an address (DHCP, probes of ARP) has none. */
		add(text, "  ether type arp arp saddr ip != ");
		add_set(text, setup, AF_INET, "0.0.0.0");
		add(text, " drop\n  ip saddr != ");
		add_set(text, setup, AF_INET, "0.0.0.0");
		add(text, " drop\n");
	} else {
		add(text, "  ether type { ip, arp } drop\n");
	}
	if (has_family(setup, AF_INET6)) {
		/* Neighbours are found by link-local addresses, and by none. */
		add(text, "  ip6 saddr != ");
		add_set(text, setup, AF_INET6, "fe80::/10, ::");
		add(text, " drop\n");
	} else {
		add(text, "  ether type ip6 drop\n");
	}
	add(text, " }\n}\n");
}

static void add_routed(struct text *text, const struct setup *setup)
{
	add(text, "table inet tenon_%s {\n chain guard {\n  type filter hook prerouting priority -300; policy accept;\n", setup->name);
	add(text, "  iifname != \"%s\" accept\n", setup->name);
	if (has_family(setup, AF_INET)) {
		add(text, "  ip saddr != ");
		add_set(text, setup, AF_INET, NULL);
		add(text, " drop\n");
	} else {
		add(text, "  meta nfproto ipv4 drop\n");
	}
	add(text, "  ip6 saddr != ");
	add_set(text, setup, AF_INET6, "fe80::/10, ::");
	add(text, " drop\n }\n");
	if (setup->mode == NET_NAT) {
		add(text, " chain nat {\n  type nat hook postrouting priority 100; policy accept;\n");
		for (unsigned int i = 0; i < setup->address_count; i++)
			add(text, "  %s saddr %s oifname != \"%s\" masquerade\n", setup->addresses[i].family == AF_INET ? "ip" : "ip6",
			    setup->addresses[i].text, setup->name);
		add(text, " }\n");
	}
	add(text, "}\n");
}

/* Adding before deleting makes deleting good when there is none. */
static void add_removal(struct text *text, const char *name)
{
	add(text, "table bridge tenon_%s { }\ndelete table bridge tenon_%s\n", name, name);
	add(text, "table inet tenon_%s { }\ndelete table inet tenon_%s\n", name, name);
}

/* Exit status of nft, or -1 if there is none. */
static int run_nft(const struct text *text, bool quiet)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends))
		net_fail("nft: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		net_fail("nft: %s", strerror(errno));
	if (!pid) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (quiet && !freopen("/dev/null", "w", stderr))
			_exit(1);
		execlp("nft", "nft", "-f", "-", (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	if (write(ends[1], text->data, text->used) != (ssize_t)text->used && errno != EPIPE)
		net_fail("nft: %s", strerror(errno));
	close(ends[1]);
	if (waitpid(pid, &status, 0) < 0)
		net_fail("nft: %s", strerror(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -1 : status;
}

void filter_set(const struct setup *setup)
{
	struct text text = { .used = 0 };
	int status;

	/* Old rules of that name, of a guest whose end nobody saw, go in the same transaction. */
	add_removal(&text, setup->name);
	if (setup->mode == NET_BRIDGE)
		add_guard(&text, setup);
	else
		add_routed(&text, setup);
	status = run_nft(&text, false);
	if (status < 0)
		net_fail("nft is not installed (package nftables): %s need it",
			 setup->mode == NET_NAT ? "NAT and ip=" : "rules for ip=");
	if (status)
		net_fail("nft refuses the rules");
}

/* Without nft there were none; nor without the kernel's part. */
void filter_remove(const char *name)
{
	struct text text = { .used = 0 };

	add_removal(&text, name);
	run_nft(&text, true);
}
