/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each domain holds in the store, and how much it may. Dom0 is counted, not limited. */
#ifndef STORED_ACCOUNT_H
#define STORED_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node.h"
#include "path.h"

struct quota {
	const char *name;
	const char *help;
	long limit;
};

enum quota_kind {
	QUOTA_NODES, QUOTA_NODE_SIZE, QUOTA_PERMS, QUOTA_PATH, QUOTA_MEMORY, QUOTA_WATCHES, QUOTA_TRANSACTIONS,
	QUOTA_EVENTS, QUOTA_CLIENTS, QUOTA_TIME,
	QUOTA_COUNT
};

extern struct quota quotas[QUOTA_COUNT];

/* Sets a limit by name. False: no such quota. */
bool quota_set(const char *name, long limit);

struct account {
	long nodes;
	long bytes;		/* of nodes, watches and open transactions */
};

/* The account of a domain, made at the first use. */
struct account *account_of(uint16_t domid);
void account_forget(uint16_t domid);

/* Changes of accounts that are not made yet: a short list. */
struct tally_entry {
	uint16_t domid;
	struct account change;
};

struct tally {
	struct tally_entry *entries;
	size_t count;
};

/* @tally NULL: the account itself is changed. */
void tally_add(struct tally *tally, uint16_t domid, long nodes, long bytes);
void tally_node(struct tally *tally, const struct node *node, int sign);

/* What the domain holds once the changes are made. */
struct account tally_look(const struct tally *tally, uint16_t domid);

void tally_apply(const struct tally *tally);
void tally_free(struct tally *tally);

#endif
