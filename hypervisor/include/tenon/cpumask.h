/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of physical CPUs. */
#ifndef TENON_CPUMASK_H
#define TENON_CPUMASK_H

#include <tenon/bitops.h>
#include <tenon/lib.h>

#ifndef NR_CPUS
#define NR_CPUS		128
#endif

struct cpumask {
	unsigned long bits[BITS_TO_LONGS(NR_CPUS)];
};

extern struct cpumask cpu_online_map;	/* running the hypervisor */
extern struct cpumask cpu_present_map;	/* known to firmware */
extern unsigned int nr_cpu_ids;		/* highest possible id plus one */

static inline bool cpumask_test(unsigned int cpu, const struct cpumask *m)
{
	return test_bit(cpu, m->bits);
}

static inline void cpumask_set(unsigned int cpu, struct cpumask *m)
{
	set_bit(cpu, m->bits);
}

static inline void cpumask_clear(unsigned int cpu, struct cpumask *m)
{
	clear_bit(cpu, m->bits);
}

static inline void cpumask_zero(struct cpumask *m)
{
	memset(m, 0, sizeof(*m));
}

static inline void cpumask_setall(struct cpumask *m)
{
	memset(m, 0xff, sizeof(*m));
}

static inline bool cpumask_empty(const struct cpumask *m)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++)
		if (m->bits[i])
			return false;
	return true;
}

static inline void cpumask_and(struct cpumask *d, const struct cpumask *a, const struct cpumask *b)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->bits); i++)
		d->bits[i] = a->bits[i] & b->bits[i];
}

static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(a->bits); i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

static inline unsigned int cpumask_weight(const struct cpumask *m)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++)
		n += hweight_long(m->bits[i]);
	return n;
}

/* NR_CPUS when there is none. */
static inline unsigned int cpumask_next(unsigned int from, const struct cpumask *m)
{
	return find_next_bit(m->bits, NR_CPUS, from);
}

static inline unsigned int cpumask_first(const struct cpumask *m)
{
	return cpumask_next(0, m);
}

#define for_each_cpu(cpu, m) \
	for (cpu = cpumask_first(m); cpu < NR_CPUS; cpu = cpumask_next(cpu + 1, m))
#define for_each_online_cpu(cpu)	for_each_cpu(cpu, &cpu_online_map)

static inline bool cpu_online(unsigned int cpu)
{
	return cpu < NR_CPUS && cpumask_test(cpu, &cpu_online_map);
}

static inline struct cpumask cpumask_of(unsigned int cpu)
{
	struct cpumask m = { { 0 } };

	__set_bit(cpu, m.bits);
	return m;
}

#endif
