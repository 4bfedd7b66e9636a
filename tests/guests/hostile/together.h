/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several vCPUs: started, paused, stopped, and taken out of a user mode that would not end. */
#ifndef HOSTILE_TOGETHER_H
#define HOSTILE_TOGETHER_H

#include "user.h"
#include <xen/sched.h>
#include <xen/vcpu.h>

#define STUCK_TIME	20000000UL	/* ns in user mode, of which a timer should have ended it */
#define PATIENCE	20000000000UL	/* ns that a vCPU may take for a step on a busy machine */

static unsigned int nr_vcpus;
static volatile bool stopping;
static volatile uint32_t pause_number;	/* odd: all but the first wait */

/* Somebody has to be there who is never in user mode. */
static bool may_run_user(void)
{
	return !only && (nr_vcpus == 1 || kit_this_vcpu()->id);
}

/* Others may have closed the port of a vCPU's timer meanwhile; an interrupt that cannot be closed ends its user mode. */
static void free_the_stuck(void)
{
	static uint64_t next;

	if (nr_vcpus == 1 || kit_time_now() < next)
		return;
	next = kit_time_now() + STUCK_TIME;
	for (unsigned int id = 1; id < nr_vcpus; id++)
		if (actors[id].in_user)
			hc_vcpu_op(VCPUOP_send_nmi, (int)id, NULL);
}

static void keep_pause(void)
{
	struct actor *a = me();

	while (pause_number & 1) {
		a->seen = pause_number;
		kit_pause();
	}
}

static void wait_for(volatile uint32_t *word, uint32_t value, const char *what)
{
	uint64_t end = kit_time_now() + PATIENCE;

	while (*word != value) {
		free_the_stuck();
		kit_pause();
		if (kit_time_now() > end)
			kit_fatal("vCPU %u does not %s", (unsigned int)(((char *)word - (char *)actors) / sizeof(struct actor)), what);
	}
}

static unsigned long plugged;		/* times that a vCPU was taken away */

/* The first vCPU takes others away, wherever they are, and gives them back. */
static void plug(void)
{
	unsigned int id = 1 + below(nr_vcpus - 1);

	plugged += !hc_vcpu_op(VCPUOP_down, (int)id, NULL);
	if (!one_in(4))
		hc_vcpu_op(VCPUOP_up, (int)id, NULL);
}

static void give_back_all(void)
{
	for (unsigned int id = 1; plugged && id < nr_vcpus; id++)
		hc_vcpu_op(VCPUOP_up, (int)id, NULL);
}

static void pause_others(void)
{
	uint32_t n = ++pause_number;

	give_back_all();
	for (unsigned int id = 1; id < nr_vcpus; id++)
		wait_for(&actors[id].seen, n, "pause");
}

static void resume_others(void)
{
	pause_number++;
}

static void start_others(void (*fn)(void *))
{
	for (unsigned int id = 1; id < nr_vcpus; id++)
		if (kit_vcpu_boot(id, fn, NULL))
			kit_fatal("vCPU %u does not start", id);
}

static void stop_others(void)
{
	stopping = true;
	give_back_all();
	for (unsigned int id = 1; id < nr_vcpus; id++)
		wait_for(&actors[id].done, 1, "stop");
}

static void rest_for_ever(void)
{
	for (;;)
		hc_vcpu_op(VCPUOP_down, (int)kit_this_vcpu()->id, NULL);
}

#endif
