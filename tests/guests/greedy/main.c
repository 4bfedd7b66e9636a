/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * greedy: a domain that takes every event channel, grant, map track, timer, and whatever else it can, as fast as it can, while dom0
 * and another domain work. Both get on as fast as beside a domain that is merely busy: nine tenths of that at least, in the same
 * run. Under -icount time is instructions, and how busy the host is does not matter.
 * Arguments: window=N (milliseconds that each attack is watched for; 400), only=N (attack N alone), all=1 (not one attack after the other, but another
 * one on each vCPU at once), pin=1 (the greedy domain has a processor for itself).
 */

#include <guestkit/domain.h>
#include <guestkit/report.h>
#include "attacks.h"

#define PAGES		4096U		/* 16 MiB */
#define MS		1000000UL
#define KEPT		90U		/* percent */

static xen_pfn_t frames[PAGES];
static struct kit_domain domain = { .pages = PAGES, .frames = frames };
static volatile __typeof__(box) *neighbour, *taker;
static struct score { uint64_t dom0, neighbour, naps, laps; } busy;

/* Its second vCPU: sleeps by its timer. */
static void nap(void *arg)
{
	(void)arg;
	for (;; box.naps++) {
		/* Or the event could come before the sleep, which unmasks. */
		kit_events_mask();
		hc_set_timer_op(kit_time_now() + NAP);
		hc_sched_op(SCHEDOP_block, NULL);
	}
}

static void be_neighbour(void)
{
	kit_event_init();
	work_init();
	kit_evtchn_bind_virq(VIRQ_TIMER, 1);
	kit_evtchn_alloc_unbound(DOMID_SELF, GREEDY);
	kit_events_unmask();
	kit_vcpu_boot(1, nap, NULL);
	for (box.ready = 1;; box.work++)
		work();
}

/* All vCPUs of a domain stay on one processor. */
static void pin(domid_t id, unsigned int vcpus, unsigned int cpu)
{
	uint64_t map = 1UL << cpu;
	struct xen_domctl op;

	for (unsigned int v = 0; v < vcpus; v++) {
		memset(&op, 0, sizeof(op));
		op.u.vcpuaffinity.vcpu = v;
		op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
		set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, (uint8_t *)&map);
		op.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
		if (kit_domctl(&op, XEN_DOMCTL_setvcpuaffinity, id))
			kit_fatal("domain %u is not pinned", id);
	}
}

/* Its box. */
static volatile __typeof__(box) *start(domid_t id, unsigned int vcpus, const char *command_line)
{
	unsigned long va = kit_va_alloc(1);
	volatile __typeof__(box) *b = (void *)va;

	domain.id = id;
	domain.vcpus = vcpus;
	domain.command_line = command_line;
	if (kit_domain_build(&domain) || !kit_pte_make(kit_root(), va) ||
	    kit_map_foreign(va, frames[kit_va_to_pfn(&box)], PTE_RW, id) || kit_domain_do(XEN_DOMCTL_unpausedomain, id))
		kit_fatal("domain %u cannot be made", id);
	if (!kit_wait_for(&b->ready, 1, 20000 * MS))
		kit_fatal("domain %u does not begin", id);
	return b;
}

static uint64_t laps(void)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < NR_VCPUS; i++)
		n += taker->laps[i];
	return n;
}

static unsigned int taken(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < NR_VCPUS; i++) {
		n += taker->taken[i];
		taker->taken[i] = 0;
	}
	return n;
}

static uint64_t work_until(uint64_t end)
{
	uint64_t n = 0;

	for (; kit_time_now() < end; n++)
		work();
	return n;
}

static struct score watch(uint32_t command, unsigned int ms)
{
	struct score s;

	taker->command = command;
	work_until(kit_time_now() + 50 * MS);
	s.neighbour = neighbour->work;
	s.naps = neighbour->naps;
	s.laps = laps();
	s.dom0 = work_until(kit_time_now() + ms * MS);
	s.neighbour = neighbour->work - s.neighbour;
	s.naps = neighbour->naps - s.naps;
	s.laps = laps() - s.laps;
	return s;
}

static unsigned int percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned int)(part * 100 / whole) : 0;
}

static void judge(const char *name, const struct score *s)
{
	unsigned int dom0 = percent(s->dom0, busy.dom0), other = percent(s->neighbour, busy.neighbour), naps = percent(s->naps, busy.naps);

	kit_check(s->laps && dom0 >= KEPT && other >= KEPT && naps >= KEPT,
		  "%s (%lu laps, %u taken): dom0 keeps %u %%, the neighbour %u %%, its sleeper %u %%", name, s->laps, taken(), dom0, other, naps);
}

static void landlord(void)
{
	unsigned int ms = (unsigned int)kit_argument("window=", 400);
	unsigned long only = kit_argument("only=", 0);
	struct score s;

	kit_domain_module(&domain);
	kit_event_init();
	work_init();
	kit_evtchn_alloc_unbound(DOMID_SELF, GREEDY);
	kit_events_unmask();
	neighbour = start(NEIGHBOUR, 2, "neighbour");
	taker = start(GREEDY, NR_VCPUS, "greedy");
	if (kit_argument("pin=", 0)) {
		pin(0, 1, 0);
		pin(NEIGHBOUR, 2, 0);
		pin(GREEDY, NR_VCPUS, 1);
	}
	busy = watch(0, 2 * ms);
	busy.dom0 /= 2;
	busy.neighbour /= 2;
	busy.naps /= 2;
	kit_note("beside a busy domain: dom0 %lu, the neighbour %lu pieces of work, %lu naps", busy.dom0, busy.neighbour, busy.naps);
	kit_check(busy.dom0 && busy.neighbour && busy.naps, "all work");
	if (kit_argument("all=", 0)) {
		s = watch(NR_ATTACKS, ms);
		judge("all at once", &s);
		s = watch(NR_ATTACKS + NR_VCPUS, ms);
		judge("the others at once", &s);
	} else {
		for (unsigned int i = 1; i < NR_ATTACKS; i++) {
			if (only && i != only)
				continue;
			s = watch(i, ms);
			judge(attacks[i].name, &s);
		}
	}
	s = watch(0, ms);
	judge("busy again", &s);
}

void kit_main(void)
{
	if (kit_start_info->flags & SIF_INITDOMAIN)
		landlord();
	else if (strstr((const char *)kit_start_info->cmd_line, "neighbour"))
		be_neighbour();
	else
		greedy();
}
