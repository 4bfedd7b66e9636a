/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Switching a CPU from one vCPU to another. Switching to idle leaves the guest's
 * state in the registers (percpu->loaded): often the same vCPU runs next. Whoever needs such a
 * state calls sync_vcpu_state().
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/flush.h>
#include <asm/mm.h>
#include <asm/msr.h>
#include <asm/pv.h>
#include <asm/smp.h>
#include <asm/time.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>

void ret_to_guest(void);		/* entry.S */

#define DR7_ENABLED	0xffUL

static void save_selectors(struct cpu_user_regs *r)
{
	uint16_t ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	r->ds = ds;
	r->es = es;
	r->fs = fs;
	r->gs = gs;
}

void pv_save_segments(struct vcpu *v)
{
	struct pv_vcpu *pv = &v->arch.pv;
	unsigned long gs = rdmsr(MSR_GS_BASE), shadow = rdmsr(MSR_SHADOW_GS_BASE);

	save_selectors(&v->arch.user_regs);
	pv->fs_base = rdmsr(MSR_FS_BASE);
	pv->gs_base_kernel = v->arch.kernel_mode ? gs : shadow;
	pv->gs_base_user = v->arch.kernel_mode ? shadow : gs;
}

/* Selectors first: loading one changes the base. Tables and page tables are v's already. */
void pv_load_segments(struct vcpu *v)
{
	const struct cpu_user_regs *r = &v->arch.user_regs;
	struct pv_vcpu *pv = &v->arch.pv;

	pv->segments_lost = !pv_load_selectors(r->ds, r->es, r->fs);
	pv->segments_lost |= !pv_load_gs_selector(r->gs);
	wrmsr(MSR_FS_BASE, pv->fs_base);
	wrmsr(MSR_GS_BASE, v->arch.kernel_mode ? pv->gs_base_kernel : pv->gs_base_user);
	wrmsr(MSR_SHADOW_GS_BASE, v->arch.kernel_mode ? pv->gs_base_user : pv->gs_base_kernel);
}

/* Our descriptors appear at the same place in each vCPU's table. */
static void load_gdt(struct vcpu *v)
{
	struct desc_ptr p = { .limit = 0xffff, .base = GDT_VIRT_START(v->vcpu_id) };

	__asm__ volatile("lgdt %0" :: "m"(p));
}

static void load_idle_gdt(void)
{
	struct desc_ptr p = { .limit = 0xffff,
			      .base = (unsigned long)this_cpu()->arch.gdt - FIRST_RESERVED_GDT_BYTE };

	__asm__ volatile("lgdt %0" :: "m"(p));
}

static void load_ldt(struct vcpu *v)
{
	uint64_t *desc = (uint64_t *)this_cpu()->arch.gdt + HV_LDT_SELECTOR / 8 - FIRST_RESERVED_GDT_ENTRY;
	unsigned long base = LDT_VIRT_START(v->vcpu_id), limit = v->arch.pv.ldt_ents * 8UL - 1;

	if (!v->arch.pv.ldt_ents) {
		__asm__ volatile("lldt %w0" :: "r"(0));
		return;
	}
	desc[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82UL << 40 |
		  (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
	desc[1] = base >> 32;
	__asm__ volatile("lldt %w0" :: "r"(HV_LDT_SELECTOR));
}

void pv_load_ldt(struct vcpu *curr)
{
	load_ldt(curr);
}

static void save_state(struct vcpu *v)
{
	memcpy(&v->arch.user_regs, guest_regs(), offsetof(struct cpu_user_regs, es));
	pv_save_segments(v);
	fpu_save(v);
	if (v->arch.dr[7] & DR7_ENABLED)
		__asm__ volatile("mov %0, %%dr7" :: "r"(0x400UL));
}

static void load_state(struct vcpu *v)
{
	memcpy(guest_regs(), &v->arch.user_regs, offsetof(struct cpu_user_regs, es));
	/* An NMI may come at any moment: the table in force is one that is mapped everywhere, until v's is. */
	load_idle_gdt();
	pv_gdt_ptes(v)[FIRST_RESERVED_GDT_PAGE] = pte_from(virt_to_mfn(this_cpu()->arch.gdt), PAGE_HV & ~_PAGE_GLOBAL);
	write_ptbase(v);
	load_gdt(v);
	load_ldt(v);
	pv_load_segments(v);
	pv_load_cr4(v);
	msr_vcpu_load(v);
	spec_ctrl_switch(v);
	fpu_restore(v);
	if (v->arch.dr[7] & DR7_ENABLED)
		pv_load_debugregs(v);
}

/* Interrupts off. Afterwards nothing of any vCPU is in this CPU. */
static void unload_state(void)
{
	struct percpu *pc = this_cpu();
	struct vcpu *v = pc->loaded;

	if (!v || v->is_idle)
		return;
	save_state(v);
	load_idle_gdt();
	__asm__ volatile("lldt %w0" :: "r"(0));
	write_cr3(virt_to_maddr(idle_l4));
	pc->loaded = pc->idle;
	__atomic_store_n(&v->loaded_cpu, VCPU_NOT_LOADED, __ATOMIC_RELEASE);
}

/* FLUSH_STATE on this CPU: see smp/flush.c. */
void sync_local_state(void)
{
	unsigned long flags = local_irq_save();

	if (current->is_idle)
		unload_state();
	local_irq_restore(flags);
}

void sync_vcpu_state(struct vcpu *v)
{
	unsigned int cpu = __atomic_load_n(&v->loaded_cpu, __ATOMIC_ACQUIRE);

	if (cpu == VCPU_NOT_LOADED)
		return;
	if (cpu == smp_processor_id()) {
		sync_local_state();
		return;
	}
	struct cpumask m = cpumask_of(cpu);

	flush_mask(&m, NULL, FLUSH_STATE);
}

/* Interrupts off; next is not what is loaded here. */
static void switch_loaded(struct vcpu *next)
{
	struct percpu *pc = this_cpu();
	struct vcpu *old = pc->loaded;
	uint32_t here = pc->id;

	if (old && !old->is_idle)
		save_state(old);
	pc->loaded = next;
	next->loaded_cpu = here;
	load_state(next);
	/*
	 * That may have had interrupts on for a moment (gdt.c): another CPU, where old runs now, may
	 * have asked for its state and got it.
	 */
	if (old && !old->is_idle)
		__atomic_compare_exchange_n(&old->loaded_cpu, &here, VCPU_NOT_LOADED, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED);
}

static void __noreturn enter(struct vcpu *v)
{
	reset_stack_and_jump(v->is_idle ? idle_loop : ret_to_guest);
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct percpu *pc = this_cpu();

	/* Its state may lie in another CPU where it ran last and which idles since. */
	if (!next->is_idle && next->loaded_cpu != VCPU_NOT_LOADED && next->loaded_cpu != pc->id)
		sync_vcpu_state(next);

	local_irq_disable();
	set_current(next);
	if (!next->is_idle && pc->loaded != next)
		switch_loaded(next);
	local_irq_enable();

	if (!next->is_idle) {
		if (unlikely(next->arch.time_gen != pc->arch.clock.line->gen))
			update_vcpu_system_time(next);
		vcpu_update_runstate_area(next);
		if (unlikely(next->arch.pv.segments_lost))
			pv_deliver_failsafe(next, guest_regs());
	}
	context_saved(prev);
	enter(next);
}
