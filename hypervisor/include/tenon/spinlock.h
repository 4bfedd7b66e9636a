/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ticket spinlocks. The order in which locks nest stands in doc/locking.md.
 * A lock taken in interrupt context is taken with the irq forms everywhere.
 */
#ifndef TENON_SPINLOCK_H
#define TENON_SPINLOCK_H

#include <tenon/types.h>
#include <asm/system.h>

typedef union {
	uint32_t both;
	struct { uint16_t head, tail; };	/* head: now served; tail: next ticket */
} spinlock_t;

#define SPINLOCK_INIT	{ 0 }

static inline void spin_lock_init(spinlock_t *l)
{
	l->both = 0;
}

static inline void spin_lock(spinlock_t *l)
{
	uint16_t me = __atomic_fetch_add(&l->tail, 1, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&l->head, __ATOMIC_ACQUIRE) != me)
		cpu_relax();
}

static inline bool spin_trylock(spinlock_t *l)
{
	spinlock_t old = { __atomic_load_n(&l->both, __ATOMIC_RELAXED) }, new = old;

	if (old.head != old.tail)
		return false;
	new.tail++;
	return __atomic_compare_exchange_n(&l->both, &old.both, new.both, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->head, (uint16_t)(l->head + 1), __ATOMIC_RELEASE);
}

static inline void spin_lock_irq(spinlock_t *l)
{
	local_irq_disable();
	spin_lock(l);
}

static inline void spin_unlock_irq(spinlock_t *l)
{
	spin_unlock(l);
	local_irq_enable();
}

static inline unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = local_irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	local_irq_restore(flags);
}

/* Two locks of one kind: always the lower address first. */
static inline void spin_lock_pair(spinlock_t *a, spinlock_t *b)
{
	if (a == b) {
		spin_lock(a);
	} else if (a < b) {
		spin_lock(a);
		spin_lock(b);
	} else {
		spin_lock(b);
		spin_lock(a);
	}
}

static inline void spin_unlock_pair(spinlock_t *a, spinlock_t *b)
{
	spin_unlock(a);
	if (a != b)
		spin_unlock(b);
}

#ifdef TENON_LOCK_CHECK
#include <lock_check.h>
#endif

#endif
