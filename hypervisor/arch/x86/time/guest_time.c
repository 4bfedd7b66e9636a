/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time record that a kernel reads without calling us: in its vcpu_info, and a second copy where it asked for
 * one. The version is odd while the rest changes.
 */
#include <asm/pv.h>
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/percpu.h>

#define AFTER_VERSION	sizeof(uint32_t)

static void fill(struct vcpu_time_info *t, const struct clock_line *l, uint32_t version)
{
	*t = (struct vcpu_time_info){
		.version = version, .tsc_timestamp = l->tsc, .system_time = (uint64_t)l->stime,
		.tsc_to_system_mul = l->scale.mul, .tsc_shift = l->scale.shift,
		.flags = l->stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0,
	};
}

static void write_info(struct vcpu_time_info *u, const struct clock_line *l)
{
	uint32_t version = READ_ONCE(u->version) | 1;

	WRITE_ONCE(u->version, version);
	barrier();
	fill(u, l, version);
	barrier();
	WRITE_ONCE(u->version, version + 1);
}

/* In the address space of the kernel, whose page it is: its user's tables need not have it. */
static bool write_area(unsigned long va, const struct clock_line *l)
{
	struct vcpu_time_info t;
	uint32_t version;

	if (copy_from_guest_va(&version, va, sizeof(version)))
		return false;
	fill(&t, l, version | 1);
	if (copy_to_guest_va(va, &t, AFTER_VERSION) ||
	    copy_to_guest_va(va + AFTER_VERSION, (char *)&t + AFTER_VERSION, sizeof(t) - AFTER_VERSION))
		return false;
	t.version++;
	return !copy_to_guest_va(va, &t, AFTER_VERSION);
}

static void update_area(struct vcpu *v, const struct clock_line *l)
{
	bool user = !v->arch.kernel_mode;

	if (user)
		write_cr3(v->arch.cr3);
	if (!write_area(v->time_info_guest.v, l))
		v->arch.time_gen = 0;		/* not mapped just now: again next time */
	if (user)
		write_cr3(v->arch.cr3_user);
}

void update_vcpu_system_time(struct vcpu *v)
{
	const struct clock_line *l = READ_ONCE(this_cpu()->arch.clock.line);

	write_info(&v->vcpu_info->time, l);
	v->arch.time_gen = l->gen;
	if (!v->time_info_guest.v)
		return;
	if (v == current)
		update_area(v, l);
	else
		v->arch.time_gen = 0;		/* when it gets a processor */
}

void set_vcpu_time_area(struct vcpu *v, unsigned long va)
{
	__atomic_store_n(&v->time_info_guest.v, va, __ATOMIC_RELAXED);
	if (v == current) {
		update_vcpu_system_time(v);
		return;
	}
	if (!va)
		return;
	/* The caller sees it filled; v, whose processor may have another line, writes it when it runs. */
	(void)!write_area(va, READ_ONCE(this_cpu()->arch.clock.line));
	WRITE_ONCE(v->arch.time_gen, 0);
	softirq_raise_cpu(READ_ONCE(v->processor), SOFTIRQ_TIME_CALIBRATE);
}
