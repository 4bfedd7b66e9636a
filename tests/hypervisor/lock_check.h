/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds with --enable-lock-check: each lock that is taken has a class, by its name and the file (lock_check.c), and what is
 * held already must come before it in the order of doc/locking.md. Included at the end of tenon/spinlock.h, whose functions these
 * macros are put before.
 */
#ifndef TENON_LOCK_CHECK_H
#define TENON_LOCK_CHECK_H

/* Where a lock is taken. */
struct lock_place {
	const char *text, *file;
	int line;
	bool told;			/* complained about; not again */
	const struct lock_class *class;	/* NULL: not looked for yet */
};

/* l is about to be waited for, or has been taken by trying. Says so if it must not be, with both places. */
void lock_check_take(struct lock_place *place, const void *l, bool tried);
void lock_check_drop(const void *l);

#define lock_check(l, tried) ({ \
	static struct lock_place place_ = { #l, __FILE__, __LINE__ }; \
	lock_check_take(&place_, l, tried); \
})

#define spin_lock(l) ({ \
	lock_check(l, false); \
	(spin_lock)(l); \
})
#define spin_trylock(l) ({ \
	bool got_ = (spin_trylock)(l); \
	if (got_) \
		lock_check(l, true); \
	got_; \
})
#define spin_unlock(l) ({ \
	lock_check_drop(l); \
	(spin_unlock)(l); \
})
#define spin_lock_irq(l) ({ \
	local_irq_disable(); \
	lock_check(l, false); \
	(spin_lock)(l); \
})
#define spin_unlock_irq(l) ({ \
	lock_check_drop(l); \
	(spin_unlock_irq)(l); \
})
#define spin_lock_irqsave(l) ({ \
	unsigned long flags_ = local_irq_save(); \
	lock_check(l, false); \
	(spin_lock)(l); \
	flags_; \
})
#define spin_unlock_irqrestore(l, flags) ({ \
	lock_check_drop(l); \
	(spin_unlock_irqrestore)(l, flags); \
})
/* As the function does it. */
#define spin_lock_pair(a, b) ({ \
	spinlock_t *one_ = (a) < (b) ? (a) : (b), *two_ = (a) < (b) ? (b) : (a); \
	static struct lock_place first_ = { #a, __FILE__, __LINE__ }, second_ = { #b, __FILE__, __LINE__ }; \
	lock_check_take(&first_, one_, false); \
	(spin_lock)(one_); \
	if (one_ != two_) { \
		lock_check_take(&second_, two_, false); \
		(spin_lock)(two_); \
	} \
})
#define spin_unlock_pair(a, b) ({ \
	lock_check_drop(a); \
	if ((a) != (b)) \
		lock_check_drop(b); \
	(spin_unlock_pair)(a, b); \
})

#endif
