/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of locks: what is complained of, and what is not. The other tests on this architecture stop at a complaint. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/init.h>
#include <tenon/spinlock.h>
#include "../lib/host_log.h"
#include "../lib/tap.h"

static spinlock_t lock[3];

static void take(struct lock_place *p, unsigned int i)
{
	host_log_clear();
	host_complaints = 0;
	lock_check_take(p, &lock[i], false);
}

static bool quiet(void)
{
	return !host_complaints;
}

static bool says(const char *what)
{
	return host_complaints == 1 && strstr(host_log, what);
}

int main(void)
{
	struct lock_place outer = { "&d->domain_lock", "common/domain/vcpu_op.c", 1 };
	struct lock_place inner = { "&d->page_lock", "common/mm/domain_pages.c", 2 };
	struct lock_place wrong = { "&d->domain_lock", "common/domain/vcpu_op.c", 3 };
	struct lock_place entry = { "&a->lock", "common/grant/pin.c", 4 }, entry2 = { "&b->lock", "common/grant/pin.c", 5 };
	struct lock_place queue = { "&rq->lock", "common/sched/core.c", 6 }, timers = { "&pc->timers.lock", "common/time/timer.c", 7 };
	struct lock_place stranger = { "&my_lock", "common/mm/exchange.c", 8 }, again = inner;

	host_complaints_wanted = true;
	fake_start(1);
	take(&outer, 0);
	take(&inner, 1);
	ok(quiet(), "outer, then inner");
	take(&again, 1);
	ok(says("is held already"), "the same once more");
	lock_check_drop(&lock[1]);
	lock_check_drop(&lock[0]);
	lock_check_drop(&lock[1]);
	take(&inner, 1);
	take(&wrong, 0);
	ok(says("&d->domain_lock (common/domain/vcpu_op.c:3) is taken inside &d->page_lock (common/mm/domain_pages.c:2)"),
	   "inner, then outer: both places");
	lock_check_drop(&lock[0]);
	take(&wrong, 0);
	ok(quiet(), "a place is complained of once");
	lock_check_drop(&lock[0]);
	lock_check_drop(&lock[1]);
	take(&entry, 1);
	take(&entry2, 2);
	ok(quiet(), "two of a kind, by their addresses");
	lock_check_drop(&lock[1]);
	take(&entry, 1);
	ok(says("is taken inside"), "and against them");
	lock_check_drop(&lock[1]);
	lock_check_drop(&lock[2]);
	take(&queue, 0);
	ok(says("with interrupts on"), "one for interrupts, while there may be some");
	local_irq_disable();
	take(&timers, 1);
	ok(quiet(), "two for interrupts, in order");
	lock_check_drop(&lock[1]);
	outer.told = false;
	take(&outer, 1);
	ok(host_complaints == 2 || says("with interrupts off"), "one that is not for them, with interrupts off");
	lock_check_drop(&lock[1]);
	lock_check_drop(&lock[0]);
	local_irq_enable();
	take(&stranger, 0);
	ok(says("has no class"), "one that is in no list");
	return tap_end();
}
