// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: requests of a guest and of dom0 by turns, structured or as raw bytes. After each run the tree is compared with
 * the accounts, and everything must be gone with the connections.
 */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "domain.h"
#include "journal.h"
#include "store.h"
#include "watch.h"

static struct ev_loop *loop;
static const uint8_t *input;
static size_t input_size;

/* ---- a transport whose bytes come from the input ---- */

static uint8_t byte(void)
{
	if (!input_size)
		return 0;
	input_size--;
	return *input++;
}

static size_t make_message(char *out, uint32_t last_tx)
{
	uint8_t type = byte(), tx = byte(), size = byte();
	struct xsd_sockmsg head = { .type = type % (XS_TYPE_COUNT + 1), .req_id = type, .tx_id = tx & 1 ? last_tx : 0 };

	if (size > input_size)
		size = input_size;
	head.len = tx & 2 ? size : size + (tx >> 4 ? 1 : 0);
	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), input, size);
	out[sizeof(head) + size] = '\0';	/* most strings need their zero */
	input += size;
	input_size -= size;
	return sizeof(head) + head.len;
}

static bool fuzz_receive(struct conn *conn, bool *more)
{
	struct slot_state next;
	char message[400];
	size_t size;

	if (!input_size || !slot_make_room_in(conn->slot))
		return true;
	next = *slot_now(conn->slot);
	if (sizeof(conn->slot->in) - next.in_end < sizeof(message))
		return true;
	size = make_message(message, conn->last_transaction);
	memcpy(conn->slot->in + next.in_end, message, size);
	next.in_end += size;
	slot_commit(conn->slot, &next);
	*more = input_size != 0;
	return true;
}

static bool fuzz_send(struct conn *conn)
{
	struct slot_state next = *slot_now(conn->slot);

	next.out_start = next.out_end = 0;
	slot_commit(conn->slot, &next);
	return true;
}

static void fuzz_nothing(struct conn *conn)
{
}

static const struct transport transport_fuzz = {
	.name = "client", .receive = fuzz_receive, .send = fuzz_send, .end_turn = fuzz_nothing, .close = fuzz_nothing,
};

/* ---- one run ---- */

static void count(void *arg, const char *path, struct node *node)
{
	tally_add(arg, node->perms->entry[0].domid, 1, node_weight(node));
}

static void check_accounts(void)
{
	struct tally tally = { 0 };
	char path[PATH_ROOM] = "/";

	tree_walk(store.root, path, count, &tally);
	for (size_t i = 0; i < tally.count; i++)
		if (tally.entries[i].change.nodes != account_of(tally.entries[i].domid)->nodes ||
		    tally.entries[i].change.bytes != account_of(tally.entries[i].domid)->bytes)
			abort();
	tally_free(&tally);
}

static void setup(void)
{
	loop = ev_default_loop(0);
	conn_start(loop);
	sock_start(loop);
	slots_open(NULL);
	journal_open(NULL);
	store_resume(NULL);
	store_init();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct actor dom0 = { .domid = 0, .target = DOMID_NONE };
	struct conn *both[2];

	if (!loop)
		setup();
	input = data;
	input_size = size;
	view_mkdir(&store, &dom0, "/local/domain/5");
	view_set_perms(&store, &dom0, "/local/domain/5", "n5", 3);
	view_drop_changes(&store);
	for (int i = 0; i < 2; i++)
		both[i] = conn_new(slot_take(), &transport_fuzz, i ? 5 : 0);
	for (int i = 0; i < 2; i++)
		conn_kick(both[i]);
	while (input_size) {
		ev_run(loop, EVRUN_NOWAIT);
		if (!conn_count)
			break;
		for_each_conn(conn)
			conn_kick(conn);
	}
	while (conns)
		conn_free(conns);
	while (domains)
		domain_forget(domains);
	view_purge_domain(&store, 5);
	view_drop_changes(&store);
	store_log.size = 0;
	check_accounts();
	return 0;
}
