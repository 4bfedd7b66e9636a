/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood: asks the daemons of dom0 for all that it can: text for its console, requests to the store, events; or is
 * merely busy. A guest of a dom0 with Linux (tests/xl, job flood): what does that keep of its speed, and what a neighbour?
 * Arguments: what=0 (busy), 1 (console), 2 (store), 3 (events alone), 4 (the neighbour: tells each second how far it has got).
 */

#include <guestkit/event.h>
#include <guestkit/kit.h>
#include <guestkit/mm.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/sched.h>

#define WATCHES 100U
#define SECOND	1000000000UL

static volatile struct xencons_interface *console;
static volatile struct xenstore_domain_interface *store;

static void *map(unsigned long mfn)
{
	unsigned long va = kit_va_alloc(1);

	if (!kit_pte_make(kit_root(), va) || kit_map(va, mfn, PTE_RW))
		kit_shutdown(SHUTDOWN_crash);
	return (void *)va;
}

static void notify(uint32_t port)
{
	kit_mb();
	kit_evtchn_send(port);
}

/* A full ring, and its owner told again and again. */
static void write_lines(void)
{
	uint32_t prod = console->out_prod;

	for (;;) {
		for (; prod - console->out_cons < sizeof(console->out); prod++)
			console->out[MASK_XENCONS_IDX(prod, console->out)] = prod % 80 ? 'x' : '\n';
		kit_barrier();
		console->out_prod = prod;
		notify(kit_start_info->console.domU.evtchn);
	}
}

static void put(const void *data, size_t n)
{
	const char *bytes = data;

	while (n) {
		uint32_t prod = store->req_prod;

		for (; n && prod - store->req_cons < XENSTORE_RING_SIZE; n--)
			store->req[MASK_XENSTORE_IDX(prod++)] = *bytes++;
		kit_barrier();
		store->req_prod = prod;
		/* Replies and events are taken, and not looked at. */
		store->rsp_cons = store->rsp_prod;
		notify(kit_start_info->store_evtchn);
	}
}

static void request(uint32_t type, const void *payload, uint32_t n)
{
	const struct xsd_sockmsg head = { .type = type, .len = n };

	put(&head, sizeof(head));
	put(payload, n);
}

/* Writes of which it wants to be told by each of many watches. */
static void write_nodes(void)
{
	char watch[] = "data\0token00";

	for (unsigned int i = 0; i < WATCHES; i++) {
		watch[sizeof(watch) - 3] = (char)('0' + i / 10);
		watch[sizeof(watch) - 2] = (char)('0' + i % 10);
		request(XS_WATCH, watch, sizeof(watch));
	}
	for (;;)
		request(XS_WRITE, "data\0x", 6);
}

static void count(void)
{
	unsigned long n = 0;

	for (uint64_t next = kit_time_now() + SECOND;; next += SECOND) {
		for (; kit_time_now() < next; n++)
			;
		kit_printf("flood: %lu rounds in %lu ms\n", n, kit_time_now() / 1000000);
	}
}

void kit_main(void)
{
	unsigned long what = kit_argument("what=", 0);

	console = map(kit_start_info->console.domU.mfn);
	store = map(kit_start_info->store_mfn);
	kit_printf("flood: begins\n");
	if (what == 1)
		write_lines();
	if (what == 2)
		write_nodes();
	if (what == 4)
		count();
	for (;;) {
		if (what == 3)
			notify(kit_start_info->store_evtchn);
		else
			kit_pause();
	}
}
