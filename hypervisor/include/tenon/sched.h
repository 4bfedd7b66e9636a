/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scheduling of vCPUs on physical CPUs. */
#ifndef TENON_SCHED_H
#define TENON_SCHED_H

#include <tenon/domain.h>

struct cpumask;

/*
 * CPUs, each of which is in one pool or in none, and domains, whose vCPUs run on these alone. The control interface makes
 * and changes pools under ctl_lock; a pool with domains has a CPU. A CPU that is in no pool runs nothing.
 */
struct cpupool {
	struct list_head link;
	uint32_t id;
	struct cpumask cpus;
	unsigned int nr_domains;	/* atomic: that exist, also dying ones */
	s_time_t ratelimit;		/* a vCPU that got a CPU keeps it so long, ns, unless it gives it up */
};
extern struct cpupool cpupool0;		/* dom0's, and whoever's no other one is asked for */
/* All CPUs that came up are Pool-0's; before the first domain is made. */
void sched_pool_init(void);
struct cpupool *sched_pool(const struct domain *d);
/* d's vCPUs go to pool, and may be anywhere in it. */
void sched_move_domain(struct domain *d, struct cpupool *pool);
/* cpus or ratelimit of a pool were changed: follow that. */
void sched_pool_changed(struct cpupool *pool);

/* After timers_init(); idle_domain exists. Makes this CPU's idle vCPU the current one. */
void sched_init(void);
/* The scheduler's part of a domain. */
int sched_init_domain(struct domain *d);
void sched_destroy_domain(struct domain *d);
/* Starts dom0's watchdog 1 if the command line asks for it (dom0_watchdog): dom0 stops it by SCHEDOP_watchdog. dom0 exists. */
void sched_watch_dom0(void);
/* Does the command line ask for it? */
bool sched_dom0_is_watched(void);
/* weight: 1 .. 65535, 256 is the default; cap: percent of one CPU, 0 for none. 0 or -EINVAL. */
int sched_set_params(struct domain *d, uint32_t weight, uint32_t cap);
void sched_get_params(const struct domain *d, uint32_t *weight, uint32_t *cap);
/* Per-CPU part: creates the idle vCPU of a CPU before it is started. */
int sched_init_cpu(unsigned int cpu);
int sched_init_vcpu(struct vcpu *v);
void sched_destroy_vcpu(struct vcpu *v);

/* Makes v runnable if nothing else pauses it; may interrupt a CPU. Any context, irq-safe. */
void vcpu_wake(struct vcpu *v);
/* v leaves its CPU soon / before return. Called after a pause flag or count was set. */
void vcpu_sleep_nosync(struct vcpu *v);
void vcpu_sleep_sync(struct vcpu *v);
/* Blocks the current vCPU until an event is pending (checks again after blocking). */
void vcpu_block(struct vcpu *curr);
/* Clears VPF_blocked (and poll) and wakes. */
void vcpu_unblock(struct vcpu *v);
void vcpu_yield(struct vcpu *curr);
/* Runs on another CPU in guest mode? Then interrupt it, so that it looks at its events. */
void vcpu_kick(struct vcpu *v);
static inline bool vcpu_runnable(const struct vcpu *v)
{
	return !(v->pause_flags | (unsigned int)v->pause_count |
		 (unsigned int)v->domain->pause_count);
}
/* -EINVAL: none of them is in the domain's pool. While its pool loses them all, it may be anywhere in it. */
int vcpu_set_hard_affinity(struct vcpu *v, const struct cpumask *m);
int vcpu_set_soft_affinity(struct vcpu *v, const struct cpumask *m);
/* Keeps v on one CPU for a while; cpu < 0 ends it. -EINVAL, -EBUSY: it is pinned already. */
int vcpu_pin_override(struct vcpu *v, int cpu);
void vcpu_poll_init(struct vcpu *v);
void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out);
/* Time v has run, ns. */
uint64_t vcpu_cpu_time(const struct vcpu *v);
/* Never returns: the idle vCPU's loop. Called on each CPU when it is ready. */
void idle_loop(void) __noreturn;
/* Called by arch context_switch() code on the new vCPU's side, once prev's state is saved. */
void context_saved(struct vcpu *prev);
void sched_dump(unsigned char key);

#endif
