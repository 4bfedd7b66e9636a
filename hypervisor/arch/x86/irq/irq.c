/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts from their arrival at a CPU to whoever wants them; see doc/interrupts.md. */
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <asm/regs.h>
#include <tenon/percpu.h>
#include <tenon/timer.h>
#include "desc.h"

#define DIRECT_FIRST	(VECTOR_DYNAMIC_LAST + 1)
#define STORM_COUNT	1024			/* so many, a power of two, ... */
#define STORM_TIME	MILLISECS(1)		/* ... in less time than this are too many */
#define STORM_REST	MILLISECS(10)
#define BACK_TIME	MICROSECS(20)		/* a line that is held again so soon after it was let go, ... */
#define BACK_COUNT	1024			/* ... and so much more often than not, ... */
#define BACK_LATE	16U			/* ... where one that comes later makes up for so many, ... */
#define BACK_REST	MILLISECS(2)		/* ... rests for so long */

typedef void (*direct_fn)(struct cpu_user_regs *regs);

static void nobodys(struct cpu_user_regs *regs);
static direct_fn direct[256 - DIRECT_FIRST] __read_mostly = {
	[0 ... 255 - DIRECT_FIRST] = nobodys,
};
static unsigned long nr_spurious;
static struct timer storm_timer;

/* Vectors with no source: the APIC's spurious one, an old controller's, one that came after its source was closed. */
static void nobodys(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;

	nr_spurious++;
	if (vector < VECTOR_DYNAMIC_FIRST)
		i8259_spurious(vector);
	else if (vector != VECTOR_SPURIOUS)
		printk(LOG_DEBUG "CPU%u: interrupt at vector %#x, which nobody has\n", smp_processor_id(), vector);
}

void irq_set_direct_vector(unsigned int vector, direct_fn fn)
{
	ASSERT(vector >= DIRECT_FIRST && vector < VECTOR_SPURIOUS);
	direct[vector - DIRECT_FIRST] = fn;
}

static bool requested_here(unsigned int vector)
{
	return apic_read(APIC_IRR + vector / 32 * 16) >> vector % 32 & 1;
}

/*
 * desc came to its present CPU, here, and shall go elsewhere from now on. What was sent here
 * meanwhile waits in our APIC: the old vector then stays ours until it came.
 */
static void move(struct irq_desc *desc)
{
	unsigned int cpu = desc->target, old_cpu = desc->cpu, old_vector = desc->vector;
	bool was_masked = desc->level;

	desc->target = desc->cpu;
	if (desc->fixed || !irq_cpu_reachable(cpu))
		return;
	if (vector_alloc(desc, 1, cpu, old_vector))
		return;
	if (!desc->chip->mask && desc->vector != old_vector) {
		/* Address and data cannot change at once under the source's eyes. */
		vector_free(cpu, desc->vector);
		desc->vector = (uint8_t)old_vector;
		desc->cpu = desc->target = (uint16_t)old_cpu;
		return;
	}
	if (desc->chip->mask && !was_masked)
		desc->chip->mask(desc);
	desc->chip->route(desc);
	if (requested_here(old_vector)) {
		desc->old_vector = (uint8_t)old_vector;
		desc->old_cpu = (uint16_t)old_cpu;
	} else {
		vector_free(old_cpu, old_vector);
	}
	if (desc->chip->mask && !was_masked)
		irq_unmask(desc);
}

static void __noinline moving(struct irq_desc *desc, unsigned int vector)
{
	unsigned int here = smp_processor_id();

	if (desc->old_vector && desc->old_vector == vector && desc->old_cpu == here) {
		vector_free(here, vector);
		desc->old_vector = 0;
	} else if (!desc->old_vector && desc->vector == vector && desc->cpu == here) {
		move(desc);
	}
}

static void hold_back(struct irq_desc *desc, s_time_t until)
{
	desc->storm = true;
	desc->chip->mask(desc);
	timer_set(&storm_timer, until);
}

static void __noinline storm_check(struct irq_desc *desc)
{
	s_time_t t = now();

	if (t - desc->count_since < STORM_TIME && desc->guests && desc->chip->mask)
		hold_back(desc, t + STORM_REST);
	desc->count_since = t;
}

/*
 * A line that is still held when the guest says eoi comes again before the guest has run ten instructions. If what would
 * calm the device waits for exactly that CPU (Linux's 8139cp lets its card interrupt while its poll is under way already),
 * it never gets to run, however few interrupts a second that makes: it is given time now and then.
 */
static void line_check(struct irq_desc *desc)
{
	s_time_t t = now();

	if (t - desc->unmasked > BACK_TIME) {
		desc->back -= min(desc->back, BACK_LATE);
	} else if (++desc->back == BACK_COUNT && desc->guests) {
		desc->back = 0;
		hold_back(desc, t + BACK_REST);
	}
}

static void storm_over(void *unused)
{
	for (unsigned int i = 0; i < nr_irqs; i++) {
		struct irq_desc *desc = irq_desc(i);
		unsigned long flags;

		if (!READ_ONCE(desc->storm))
			continue;
		flags = spin_lock_irqsave(&desc->lock);
		desc->storm = false;
		if (desc->guests && !desc->guests->in_flight)
			irq_unmask(desc);
		spin_unlock_irqrestore(&desc->lock, flags);
		printk(LOG_GUEST "Interrupt %u came too often and was held back\n", i);
	}
}

/* A handler of ours runs without the lock. */
static void run_own(struct irq_desc *desc)
{
	void (*fn)(unsigned int irq, void *data) = desc->fn;
	void *data = desc->data;

	desc->running = true;
	spin_unlock(&desc->lock);
	fn(desc->irq, data);
	spin_lock(&desc->lock);
	desc->running = false;
	if (desc->level && desc->fn)
		irq_unmask(desc);
}

/*
 * Edges and messages are done with at once. A line that is held is masked first: it would come again
 * with the EOI. It is unmasked when its handler, or the guests' last eoi, has calmed the device.
 */
static void handle(struct irq_desc *desc, unsigned int vector)
{
	spin_lock(&desc->lock);
	if (desc->level) {
		desc->chip->mask(desc);
		line_check(desc);
	}
	apic_eoi();
	if (unlikely(desc->old_vector || desc->target != desc->cpu))
		moving(desc, vector);
	if (unlikely(!(++desc->count % STORM_COUNT)))
		storm_check(desc);
	if (likely(desc->guests))
		pirq_deliver(desc);
	else if (desc->fn && !desc->running)
		run_own(desc);
	spin_unlock(&desc->lock);
}

void do_IRQ(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;
	struct irq_desc *desc;

	if (likely(vector >= DIRECT_FIRST)) {
		/* Nothing else is in service here: an EOI too many for a spurious one does nothing. */
		apic_eoi();
		direct[vector - DIRECT_FIRST](regs);
		return;
	}
	desc = ((struct irq_desc **)this_cpu()->arch.vector_irq)[vector];
	if (likely(desc)) {
		handle(desc, vector);
		return;
	}
	apic_eoi();
	nobodys(regs);
}

void __init irq_init(void)
{
	mmio_ro_ranges = rangeset_new("read-only I/O memory");
	if (!mmio_ro_ranges || irq_cpu_alloc(0))
		panic("No memory for interrupts");
	i8259_init();
	apic_init();
	ioapic_init();
	nr_irqs = nr_gsis + min(max(acpi_info.nr_cpus, 2U) * 128, 2048U);
	irq_descs = xzalloc_array(struct irq_desc, nr_irqs);
	if (!irq_descs)
		panic("No memory for %u interrupts", nr_irqs);
	for (unsigned int i = 0; i < nr_irqs; i++) {
		spin_lock_init(&irq_descs[i].lock);
		irq_descs[i].irq = (uint16_t)i;
	}
	ioapic_init_descs();
	timer_init(&storm_timer, storm_over, NULL, 0);
	printk("Interrupts: %u from IO-APICs, %u in all\n", nr_gsis, nr_irqs);
}
