/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The classes of locks in their order (doc/locking.md), what each processor holds, and the complaints. */
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>
#include <tenon/spinlock.h>

#define MOST	12

/* Names end like that, in files whose path has that in it. The first that fits. */
static const struct lock_class {
	const char *file, *text;
	uint16_t rank;		/* those of a lower one are taken before */
	bool irq_safe;		/* taken in interrupts, too: with interrupts off everywhere */
	bool pair;		/* several: lower addresses first */
} classes[] = {
	{ "common/ctl/", "ctl_lock", 0 },
	{ "arch/x86/pci/device.c", "devices_lock", 20 },
	{ "common/", "domain_lock", 30 },
	{ "common/", "shutdown_lock", 31 },
	{ "common/sched/", "watchdog_lock", 32 },
	{ "common/grant/", "gt->lock", 40 },
	{ "common/grant/", "maptrack_lock", 41 },
	{ "common/grant/", "->lock", 42, .pair = true },
	{ "common/event/", "evt.lock", 50, .pair = true },
	{ "common/event/fifo", "from->lock", 95, .irq_safe = true, .pair = true },
	{ "common/event/fifo", "q->lock", 95, .irq_safe = true, .pair = true },
	{ "common/event/", "e->lock", 51 },
	{ "arch/x86/mm/gdt.c", "ldt_lock", 52, .irq_safe = true },
	{ "", "page_lock", 70 },
	{ "arch/x86/", "pirq_lock", 80 },
	{ "arch/x86/irq/desc.c", "alloc_lock", 81 },
	{ "arch/x86/irq/", "desc->lock", 82, .irq_safe = true },
	{ "arch/x86/irq/", "desc[i].lock", 82, .irq_safe = true },
	{ "arch/x86/irq/", "vector_lock", 83, .irq_safe = true },
	{ "arch/x86/irq/ioapic.c", "io->lock", 84, .irq_safe = true },
	{ "arch/x86/", "msi_mask_lock", 84, .irq_safe = true },
	{ "common/sched/", "rq->lock", 90, .irq_safe = true },
	{ "common/sched/", "from->lock", 90, .irq_safe = true },
	{ "common/sched/", "to->lock", 90, .irq_safe = true },
	{ "common/sched/", "sd->lock", 91, .irq_safe = true },
	{ "common/time/", "timers.lock", 100, .irq_safe = true, .pair = true },
	{ "common/time/", "tasklets.lock", 101, .irq_safe = true },
	{ "arch/x86/time/platform.c", "platform.lock", 102, .irq_safe = true },
	{ "arch/x86/time/wallclock.c", "wallclock.lock", 103 },
	{ "arch/x86/mm/ioremap.c", "lock", 104 },
	{ "arch/x86/mm/hv_tables.c", "lock", 105 },
	{ "arch/x86/mm/memory_op.c", "e820_lock", 106 },
	{ "common/lib/rangeset.c", "r->lock", 107 },
	{ "common/domain/domain.c", "domtable_lock", 108 },	/* also where a page was the last that a domain was kept for */
	{ "arch/x86/smp/call.c", "call_lock", 109 },
	{ "common/mm/xmalloc.c", "classes[class].lock", 110 },
	{ "common/mm/buddy.c", "heap_lock", 111 },
	{ "arch/x86/pv/priv_emul_io.c", "cmos_lock", 115, .irq_safe = true },
	{ "arch/x86/pci/config.c", "port_lock", 116, .irq_safe = true },
	{ "common/console/", "input_lock", 120, .irq_safe = true },
	{ "common/console/", "console_lock", 121, .irq_safe = true },
}, unknown = { .rank = 0xffff };

static struct held {
	unsigned int nr;
	bool busy;		/* saying something: that takes locks itself */
	struct {
		const void *lock;
		struct lock_place *place;
	} at[MOST];
} held[NR_CPUS];

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static const struct lock_class *find_class(const struct lock_place *p)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++)
		if (strstr(p->file, classes[i].file) && ends_with(p->text, classes[i].text))
			return &classes[i];
	return &unknown;
}

static void tell(struct held *h, struct lock_place *p, const char *what, const struct lock_place *other)
{
	if (p->told || h->busy)
		return;
	p->told = true;
	h->busy = true;
	if (other)
		printk("lock check: %s (%s:%d) %s %s (%s:%d)\n", p->text, p->file, p->line, what, other->text, other->file, other->line);
	else
		printk("lock check: %s (%s:%d) %s\n", p->text, p->file, p->line, what);
	h->busy = false;
}

/* One that is waited for. */
static void check(struct held *h, struct lock_place *p, const void *l, bool irqs_on)
{
	const struct lock_class *c = p->class;

	if (c == &unknown)
		tell(h, p, "has no class", NULL);
	else if (c->irq_safe && irqs_on)
		tell(h, p, "is taken with interrupts on", NULL);
	else if (!c->irq_safe && !irqs_on)
		tell(h, p, "is taken with interrupts off", NULL);
	for (unsigned int i = 0; i < h->nr; i++) {
		struct lock_place *o = h->at[i].place;

		if (h->at[i].lock == l)
			tell(h, p, "is held already:", o);
		else if (o->class->irq_safe && !c->irq_safe)
			tell(h, p, "is not for interrupts, and taken inside one that is:", o);
		else if (o->class->irq_safe == c->irq_safe &&
			 (o->class->rank > c->rank || (o->class->rank == c->rank && (!c->pair || h->at[i].lock > l))))
			tell(h, p, "is taken inside", o);
	}
}

void lock_check_take(struct lock_place *p, const void *l, bool tried)
{
	bool irqs_on = local_irq_is_enabled();
	unsigned long flags;
	struct held *h;

	if (system_state != SYS_ACTIVE)		/* the first domain is built with interrupts off */
		return;
	if (!p->class)
		p->class = find_class(p);
	flags = local_irq_save();
	h = &held[smp_processor_id()];
	if (!tried)
		check(h, p, l, irqs_on);
	if (h->nr < MOST) {
		h->at[h->nr].lock = l;
		h->at[h->nr++].place = p;
	}
	local_irq_restore(flags);
}

/* Mostly the last. One from before we began is not known. */
void lock_check_drop(const void *l)
{
	unsigned long flags;
	struct held *h;

	if (system_state != SYS_ACTIVE)
		return;
	flags = local_irq_save();
	h = &held[smp_processor_id()];
	for (unsigned int i = h->nr; i-- > 0; )
		if (h->at[i].lock == l) {
			h->nr--;
			memmove(&h->at[i], &h->at[i + 1], (h->nr - i) * sizeof(h->at[0]));
			break;
		}
	local_irq_restore(flags);
}
