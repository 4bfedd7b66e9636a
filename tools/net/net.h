/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tenon-net: dom0's end of a guest's network interface. Functions end the program with a message if they fail. */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESSES_MAX 16

enum net_mode { NET_BRIDGE, NET_ROUTE, NET_NAT };

/* What the guest may be: a network or one address, as bytes; @bits of them count. */
struct address {
	int family;
	uint8_t bytes[16];
	unsigned int bits;
	char text[64];			/* as nft has it */
};

struct setup {
	const char *kernel_name, *name;
	enum net_mode mode;
	const char *bridge;
	unsigned int mtu;		/* 0: the bridge's, or the kernel's default */
	const char *mac;		/* of the guest; NULL: any */
	struct address addresses[ADDRESSES_MAX];
	unsigned int address_count;
};

/* ---- link.c: netlink ---- */

/* The interface's number; 0: there is none. */
unsigned int link_index(const char *name);
unsigned int link_mtu(unsigned int index);

void link_rename(unsigned int index, const char *name);
void link_set_up(unsigned int index, bool up);
void link_set_mtu(unsigned int index, unsigned int mtu);
void link_set_mac(unsigned int index, const uint8_t mac[6]);
void link_set_bridge(unsigned int index, unsigned int bridge);	/* 0: none */
void link_add_address(unsigned int index, const struct address *address);
void link_add_route(unsigned int index, const struct address *address);

/* ---- filter.c: nftables ---- */

/* The rules of an interface are a table of its own, so that they come and go as a whole. */
void filter_set(const struct setup *setup);
void filter_remove(const char *name);

void net_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
