// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounts and quotas. */
#include "account.h"

#include "alloc.h"

struct quota quotas[QUOTA_COUNT] = {
	[QUOTA_NODES] = { "nodes", "nodes that a domain owns", 1000 },
	[QUOTA_NODE_SIZE] = { "node-size", "bytes of a node's value", 2048 },
	[QUOTA_PERMS] = { "perms", "entries in a node's permissions", 5 },
	[QUOTA_PATH] = { "path", "bytes of a path", XENSTORE_ABS_PATH_MAX },
	[QUOTA_MEMORY] = { "memory", "bytes of nodes, watches and transactions of a domain", 2 << 20 },
	[QUOTA_WATCHES] = { "watches", "watches of a domain", 128 },
	[QUOTA_TRANSACTIONS] = { "transactions", "open transactions of a domain", 10 },
	[QUOTA_EVENTS] = { "events", "watch events kept for a client that does not read them", 1024 },
	[QUOTA_CLIENTS] = { "clients", "connections by socket", 2000 },
	[QUOTA_TIME] = { "time", "ms of the daemon's processor time that a domain may use in each second", 50 },
};

bool quota_set(const char *name, long limit)
{
	for (int i = 0; i < QUOTA_COUNT; i++)
		if (!strcmp(quotas[i].name, name)) {
			quotas[i].limit = limit;
			return true;
		}
	return false;
}

static struct account *accounts[0x10000];

struct account *account_of(uint16_t domid)
{
	if (!accounts[domid])
		accounts[domid] = xzalloc(sizeof(**accounts));
	return accounts[domid];
}

void account_forget(uint16_t domid)
{
	if (accounts[domid] && !accounts[domid]->nodes) {
		free(accounts[domid]);
		accounts[domid] = NULL;
	}
}

static struct account *tally_entry_of(struct tally *tally, uint16_t domid)
{
	if (!tally)
		return account_of(domid);
	for (size_t i = 0; i < tally->count; i++)
		if (tally->entries[i].domid == domid)
			return &tally->entries[i].change;
	tally->entries = xrealloc(tally->entries, (tally->count + 1) * sizeof(*tally->entries));
	tally->entries[tally->count] = (struct tally_entry){ .domid = domid };
	return &tally->entries[tally->count++].change;
}

void tally_add(struct tally *tally, uint16_t domid, long nodes, long bytes)
{
	struct account *account = tally_entry_of(tally, domid);

	account->nodes += nodes;
	account->bytes += bytes;
}

void tally_node(struct tally *tally, const struct node *node, int sign)
{
	tally_add(tally, node->perms->entry[0].domid, sign, sign * (long)node_weight(node));
}

struct account tally_look(const struct tally *tally, uint16_t domid)
{
	struct account sum = *account_of(domid);

	for (size_t i = 0; tally && i < tally->count; i++)
		if (tally->entries[i].domid == domid) {
			sum.nodes += tally->entries[i].change.nodes;
			sum.bytes += tally->entries[i].change.bytes;
		}
	return sum;
}

void tally_apply(const struct tally *tally)
{
	for (size_t i = 0; i < tally->count; i++)
		tally_add(NULL, tally->entries[i].domid, tally->entries[i].change.nodes, tally->entries[i].change.bytes);
}

void tally_free(struct tally *tally)
{
	free(tally->entries);
	*tally = (struct tally){ 0 };
}
