/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scheduler knows, for tools and for the debug key. */
#include <tenon/arch.h>
#include "private.h"

void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out)
{
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);
	s_time_t since;

	*out = v->runstate;
	since = now() - (s_time_t)out->state_entry_time;
	sched_unlock(rq, flags);
	if (since > 0)
		out->time[out->state] += (uint64_t)since;
}

uint64_t vcpu_cpu_time(const struct vcpu *v)
{
	struct vcpu_runstate_info info;

	vcpu_runstate_get(v, &info);
	return info.time[RUNSTATE_running];
}

static void dump_vcpu(const char *what, const struct vcpu *v)
{
	if (v->is_idle) {
		printk("  %s: idle\n", what);
		return;
	}
	printk("  %s: d%uv%u vruntime %ld us, flags %lx\n", what, v->domain->domain_id, v->vcpu_id,
	       (long)(v->sched->vruntime / 1000), v->pause_flags);
}

void sched_dump(unsigned char key)
{
	unsigned int cpu;

	printk("Scheduler: fair\n");
	for_each_online_cpu(cpu) {
		struct sched_cpu *rq = percpu(cpu)->sched;
		unsigned long flags = spin_lock_irqsave(&rq->lock);
		struct sched_vcpu *sv;

		printk(" CPU %u: %u waiting, base %ld us\n", cpu, rq->nr_queued, (long)(rq->min_vruntime / 1000));
		dump_vcpu("runs", rq->curr);
		list_for_each(sv, &rq->queued, link)
			dump_vcpu("waits", sv->vcpu);
		spin_unlock_irqrestore(&rq->lock, flags);
	}
}
