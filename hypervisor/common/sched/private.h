/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the scheduler. Each CPU has a run queue with a lock; a vCPU is under the lock of the
 * queue of v->processor, and moves to another queue only while it is neither queued nor running.
 *
 * A vCPU is in one of these states:
 *   running	is_running, curr of its queue
 *   leaving	is_running, but not curr any more: its registers are still being saved, until
 *		context_saved(). It may be queued (here) already, and is then not to be moved
 *   queued	runnable, waits for the CPU
 *   parked	runnable, but its domain has used up its cap
 *   asleep	none of these: blocked or paused
 */
#ifndef COMMON_SCHED_PRIVATE_H
#define COMMON_SCHED_PRIVATE_H

#include <tenon/domain.h>
#include <tenon/percpu.h>
#include <tenon/pheap.h>
#include <tenon/sched.h>

#define DEFAULT_WEIGHT	256
#define NR_WATCHDOGS	2

struct sched_vcpu {
	struct vcpu *vcpu;
	struct pheap_node node;		/* while queued; key: vruntime */
	struct list_head link;		/* queued: on its CPU's list; parked: on its domain's */
	int64_t vruntime;		/* ns that it ran, weighted; comparable within one queue */
	int64_t seen;			/* its domain's vtime when it woke up, plus what it was charged since */
	s_time_t charged;		/* running: charged up to here */
	s_time_t came;			/* given to its queue by another */
	bool queued, parked, yielded;
	bool wake_when_saved;		/* leaving: context_saved() has to wake it */
	bool counted;			/* in its domain's nr_active */
	bool pinned;			/* SCHEDOP_pin_override is in force */
	unsigned int last_cpu;		/* where it ran last; NR_CPUS: nowhere yet */
	struct cpumask saved_affinity;	/* hard affinity under the override */
	struct cpumask allowed;		/* CPUs of the pool that its affinity has, else all of the pool; its queue's lock */
};

struct sched_domain {
	uint32_t weight;
	uint32_t cap;			/* percent of one CPU; 0: none */
	int32_t nr_active;		/* vCPUs that run or want to, atomic */
	int64_t vtime;			/* ns that they ran, all together, weighted; atomic, and the next */
	int64_t refund;			/* that others were charged for those that went to sleep */
	spinlock_t lock;		/* the rest; nests inside a queue's lock */
	int64_t budget;			/* ns left until the next refill */
	struct list_head parked;
	struct timer refill;
	struct domain *domain;
	struct cpupool *pool;
	spinlock_t watchdog_lock;
	struct timer watchdog[NR_WATCHDOGS];
	bool watchdog_used[NR_WATCHDOGS];
};

struct sched_cpu {
	spinlock_t lock;		/* irq-safe */
	unsigned int cpu;
	struct vcpu *curr, *idle;
	s_time_t curr_since;
	s_time_t ratelimit;		/* of its pool */
	struct pheap queue;
	struct list_head queued;
	unsigned int nr_queued;		/* it and the next three: any CPU reads them */
	int64_t load;			/* sum of its vCPUs' shares, when it was measured */
	int64_t vtime;			/* the mean of their vruntimes then, plus base: comparable between queues */
	s_time_t measured;
	int64_t base;
	int64_t min_vruntime;		/* never goes back */
	unsigned int probe;		/* CPU looked at last for one that wakes up */
	s_time_t next_balance;
	struct timer slice;
};

/* The policy: who runs, and for how long (see fair.c). All with the queue's lock held, interrupts off. */
/* sv, which is not in a queue, comes to rq: woken, or from another queue (may be NULL). */
void sched_arrive(struct sched_cpu *rq, struct sched_vcpu *sv, const struct sched_cpu *from);
/* sv goes to sleep: others may have been charged for it. */
void sched_depart(struct sched_vcpu *sv);
/* sv, which is curr, has run until t. */
void sched_charge(struct sched_cpu *rq, struct sched_vcpu *sv, s_time_t t);
/* Should a, queued, run rather than b, which is charged and runs? */
#define WAKE_MARGIN	MICROSECS(500)
static inline bool sched_before(const struct sched_vcpu *a, const struct sched_vcpu *b)
{
	return a->vruntime + WAKE_MARGIN < b->vruntime;
}
/* b gives way: a goes first. */
static inline void sched_give_way(struct sched_vcpu *b, const struct sched_vcpu *a)
{
	b->vruntime = max(b->vruntime, a->vruntime + WAKE_MARGIN);
}
/* How long sv may run if nothing happens. */
s_time_t sched_slice(const struct sched_cpu *rq, const struct sched_vcpu *sv);
/* Has sv's domain used up what it may use? */
static inline bool sched_exhausted(const struct sched_vcpu *sv)
{
	const struct sched_domain *sd = sv->vcpu->domain->sched;

	return sd->cap && READ_ONCE(sd->budget) <= 0;
}

extern struct cpumask sched_idle_cpus;	/* hints: may run something at once */

struct sched_cpu *sched_lock_vcpu(const struct vcpu *v, unsigned long *flags);
void sched_unlock(struct sched_cpu *rq, unsigned long flags);
/* Queue lock held. */
void sched_enqueue(struct sched_cpu *rq, struct sched_vcpu *sv);
void sched_dequeue(struct sched_cpu *rq, struct sched_vcpu *sv);
void sched_set_active(struct sched_vcpu *sv, bool active);
void sched_runstate(struct vcpu *v, int state, s_time_t t);
/* sv, which is in no queue, comes to rq, from another queue (or NULL): interrupts rq's CPU if sv should run now. */
void sched_come(struct sched_cpu *rq, struct sched_vcpu *sv, const struct sched_cpu *from, s_time_t t);
/* A vCPU of another queue for this idle CPU, taken out of it; rq's lock held. */
struct sched_vcpu *sched_steal(struct sched_cpu *rq);
/* Where somebody waits in rq and next_balance has come: gives one to a CPU that will be ahead. rq's lock held. */
void sched_push(struct sched_cpu *rq, s_time_t t);
/* CPU for a vCPU that wakes up; its queue's lock held. */
unsigned int sched_pick_cpu(const struct vcpu *v);
/* v waits: makes an idle CPU that may run it look for work. */
void sched_call_idle(const struct vcpu *v);
/* May v run on cpu? Its queue's lock held. */
static inline bool sched_cpu_allowed(const struct vcpu *v, unsigned int cpu)
{
	return cpumask_test(cpu, &v->sched->allowed);
}
/* v's affinity or pool has changed; its queue's lock held, or v is not known to others yet. */
void sched_update_allowed(struct vcpu *v);
/* v may be where it must not be any more: moves it, at once or when its CPU lets go of it. */
void sched_leave_forbidden_cpu(struct vcpu *v);
#define DEFAULT_RATELIMIT	MICROSECS(1000)
/* Parks sv until its domain's next refill. */
void sched_park(struct sched_vcpu *sv);
void sched_unpark(struct sched_vcpu *sv);
#endif
