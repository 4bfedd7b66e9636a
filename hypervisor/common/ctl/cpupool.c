/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of processors: made, changed and shown. All under ctl_lock; sched.h says what a pool is. */
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include "ctl.h"

#define POOLS_PER_CPU	2	/* at most */

static unsigned int nr_pools = 1;

/* The pool of that number; with_later: or the first one after it. They stand in the order of their numbers, Pool-0 first. */
static struct cpupool *find(uint32_t id, bool with_later)
{
	struct cpupool *pool;

	if (!id)
		return &cpupool0;
	list_for_each(pool, &cpupool0.link, link)
		if (pool->id == id || (with_later && pool->id > id))
			return pool;
	return NULL;
}

struct cpupool *ctl_cpupool(uint32_t id)
{
	return find(id, false);
}

/* Processors in no pool. */
static struct cpumask free_cpus(void)
{
	struct cpumask m = cpu_online_map;
	struct cpupool *pool = &cpupool0;

	do {
		for (unsigned int i = 0; i < ARRAY_SIZE(m.bits); i++)
			m.bits[i] &= ~pool->cpus.bits[i];
		pool = list_entry(pool->link.next, struct cpupool, link);
	} while (pool != &cpupool0);
	return m;
}

static long create(struct xen_sysctl_cpupool_op *p)
{
	struct cpupool *pool, *next;

	if (nr_pools >= POOLS_PER_CPU * nr_cpu_ids)
		return -ENOSPC;
	if (p->cpupool_id == XEN_SYSCTL_CPUPOOL_PAR_ANY)
		for (p->cpupool_id = 1; find(p->cpupool_id, false); p->cpupool_id++)
			;
	next = find(p->cpupool_id, true);
	if (next && next->id == p->cpupool_id)
		return -EEXIST;
	if (p->sched_id != CTL_SCHEDULER)
		return -ENOENT;
	pool = xzalloc(struct cpupool);
	if (!pool)
		return -ENOMEM;
	pool->id = p->cpupool_id;
	pool->ratelimit = cpupool0.ratelimit;
	list_add_tail(&pool->link, next ? &next->link : &cpupool0.link);
	nr_pools++;
	return 0;
}

static long destroy(struct cpupool *pool)
{
	if (READ_ONCE(pool->nr_domains) || !cpumask_empty(&pool->cpus))
		return -EBUSY;
	list_del(&pool->link);
	xfree(pool);
	nr_pools--;
	return 0;
}

static long info(struct xen_sysctl_cpupool_op *p, const struct cpupool *pool)
{
	p->cpupool_id = pool->id;
	p->sched_id = CTL_SCHEDULER;
	p->n_dom = READ_ONCE(pool->nr_domains);
	return ctl_bitmap_put(&p->cpumap, pool->cpus.bits, nr_cpu_ids);
}

static long add_cpu(struct cpupool *pool, uint32_t cpu)
{
	struct cpumask free = free_cpus();

	if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
		cpu = cpumask_first(&free);
	else if (cpu >= nr_cpu_ids)
		return -EINVAL;
	if (cpu >= nr_cpu_ids || !cpumask_test(cpu, &free))
		return -ENODEV;
	cpumask_set(cpu, &pool->cpus);
	sched_pool_changed(pool);
	return 0;
}

static unsigned int last_cpu(const struct cpupool *pool)
{
	unsigned int cpu, last = NR_CPUS;

	for_each_cpu(cpu, &pool->cpus)
		last = cpu;
	return last;
}

/* Domains that are being ended may stay for long: they need no processor, and any pool will do. */
static bool only_dying(const struct cpupool *pool)
{
	struct domain *d;

	for_each_domain(d) {
		if (sched_pool(d) != pool)
			continue;
		if (!d->dying) {
			domain_put(d);
			return false;
		}
		sched_move_domain(d, &cpupool0);
	}
	return !READ_ONCE(pool->nr_domains);
}

/* Dom0 keeps a processor: the first one stays in Pool-0. */
static long remove_cpu(struct cpupool *pool, uint32_t cpu)
{
	if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
		cpu = last_cpu(pool);
	if (!cpu_online(cpu) || (pool == &cpupool0 && cpu == cpumask_first(&cpu_online_map)))
		return -EINVAL;
	if (!cpumask_test(cpu, &pool->cpus))
		return -EADDRNOTAVAIL;
	if (cpumask_weight(&pool->cpus) == 1 && !only_dying(pool))
		return -EBUSY;
	cpumask_clear(cpu, &pool->cpus);
	sched_pool_changed(pool);
	return 0;
}

static long move_domain(struct vcpu *curr, const struct xen_sysctl_cpupool_op *p)
{
	struct domain *d = domain_get_any(curr, (domid_t)p->domid);
	struct cpupool *pool = find(p->cpupool_id, false);
	long rc = 0;

	if (!d)
		return -ESRCH;
	if (d == curr->domain)
		rc = -EPERM;
	else if (sched_pool(d) != pool && (!pool || cpumask_empty(&pool->cpus)))
		rc = -ENOENT;
	else
		sched_move_domain(d, pool);
	domain_put(d);
	return rc;
}

long sysctl_cpupool_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;
	struct cpupool *pool;
	struct cpumask free;

	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return create(p);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return move_domain(curr, p);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		free = free_cpus();
		return ctl_bitmap_put(&p->cpumap, free.bits, nr_cpu_ids);
	}
	pool = find(p->cpupool_id, p->op == XEN_SYSCTL_CPUPOOL_OP_INFO);
	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return pool ? info(p, pool) : -ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		return pool ? destroy(pool) : -ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		return pool ? add_cpu(pool, p->cpu) : -ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return pool ? remove_cpu(pool, p->cpu) : -ENOENT;
	}
	return -ENOSYS;
}
