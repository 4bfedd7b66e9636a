/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dom0 and the domains that it makes say to each other, and the work of those who want to get on with it. */
#ifndef BOX_H
#define BOX_H

#include <guestkit/event.h>
#include <guestkit/kit.h>
#include <guestkit/mm.h>
#include <guestkit/trap.h>
#include <xen/sched.h>

#define NEIGHBOUR	1U
#define GREEDY		2U
#define NR_VCPUS	8U		/* of the greedy one */
#define NAP		2000000UL	/* ns that the neighbour's second vCPU sleeps at a time */

static struct {
	volatile uint32_t ready, command, port;
	volatile uint32_t laps[NR_VCPUS], taken[NR_VCPUS];
	volatile uint64_t work, naps;
} box __attribute__((aligned(PAGE_SIZE)));

static uint64_t data[512] __attribute__((aligned(PAGE_SIZE)));
static unsigned long work_va;
static uint32_t work_port;

static void work_init(void)
{
	work_va = kit_va_alloc(1);
	work_port = (uint32_t)kit_evtchn_bind_ipi(0);
	if (!kit_pte_make(kit_root(), work_va) || (int)work_port < 0)
		kit_shutdown(SHUTDOWN_crash);
}

/* A piece of work as a kernel does it: some thousands of instructions, a page table changed, an event taken. */
static void work(void)
{
	for (unsigned int round = 0; round < 8; round++)
		for (unsigned int i = 0; i < ARRAY_SIZE(data); i++)
			data[i] = data[i] * 5 + round + i;
	kit_map(work_va, kit_va_to_mfn(data), PTE_RW);
	kit_unmap(work_va);
	kit_evtchn_send(work_port);
}

#endif
