/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify: two domains that send each other an event by turns, and sleep until theirs comes. tests/bench/events counts what the
 * hypervisor executes from the send to the other's upcall.
 */

#include <guestkit/other.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/sched.h>

#define ROUNDS	200U

static struct {
	volatile uint32_t ready, port;
} box __attribute__((aligned(PAGE_SIZE)));

/* An emulator's plugin notes its counters when this is executed. */
__attribute__((noinline)) static void before_send(void)
{
	asm volatile("" ::: "memory");
}

static long send(uint32_t port)
{
	struct evtchn_send op = { .port = port };

	before_send();
	return hc_event_channel_op(EVTCHNOP_send, &op);
}

/* With upcalls masked: sleeping unmasks them, and returns at once if one is pending. */
static void sleep_until(uint32_t port, unsigned int count)
{
	while (kit_evtchn_count(port) < count) {
		hc_sched_op(SCHEDOP_block, NULL);
		kit_events_mask();
	}
}

static void answer(uint32_t port)
{
	send(port);
}

static void other(void)
{
	int port = kit_evtchn_alloc_unbound(DOMID_SELF, 0);

	kit_event_init();
	kit_events_mask();
	kit_evtchn_handle((uint32_t)port, answer);
	box.port = (uint32_t)port;
	box.ready = 1;
	sleep_until((uint32_t)port, ROUNDS);
	kit_check_eq(kit_evtchn_count((uint32_t)port), ROUNDS, "events from the first");
}

static void first(void)
{
	volatile uint32_t *theirs;
	long failed = 0;
	int port;

	kit_other_build();
	theirs = kit_other_map(&box);
	kit_event_init();
	kit_check_eq(kit_other_unpause(), 0, "it runs");
	if (!kit_other_await(theirs, 1))
		return;
	port = kit_evtchn_bind_interdomain(KIT_OTHER_ID, theirs[1]);
	if (!kit_check(port > 0, "an event channel to it"))
		return;
	kit_events_mask();
	/* Binding sets it pending here. */
	kit_evtchn_clear((uint32_t)port);
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		failed |= send((uint32_t)port);
		sleep_until((uint32_t)port, n);
	}
	kit_check_eq(failed, 0, "each event is sent");
	kit_check_eq(kit_evtchn_count((uint32_t)port), ROUNDS, "and answered");
	kit_unmap((unsigned long)theirs);
	kit_other_wait();
	kit_other_destroy();
}

void kit_main(void)
{
	if (kit_start_info->flags & SIF_INITDOMAIN)
		first();
	else
		other();
}
