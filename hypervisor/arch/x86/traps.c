/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions: sorts out whose they are, and what is to be done. */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/domain.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>

struct idt_gate idt_table[256] __aligned(4096) __ro_after_init;

struct extable_entry {
	int32_t from, to, fix;		/* each relative to its own place */
};
extern const struct extable_entry extable_start[], extable_end[];

static unsigned long extable_addr(const int32_t *rel)
{
	return (unsigned long)rel + (long)*rel;
}

unsigned long search_exception_table(unsigned long rip)
{
	for (const struct extable_entry *e = extable_start; e < extable_end; e++)
		if (rip >= extable_addr(&e->from) && rip < extable_addr(&e->to))
			return extable_addr(&e->fix);
	return 0;
}

static const char *const trap_names[] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bounds", "invalid opcode",
	"no device", "double fault", "coprocessor overrun", "invalid TSS", "no segment",
	"stack fault", "general protection", "page fault", "spurious", "coprocessor error",
	"alignment check", "machine check", "SIMD error",
};

static void __noreturn fatal_trap(struct cpu_user_regs *regs, unsigned long cr2)
{
	unsigned int vec = regs->entry_vector & 0xff;

	show_execution_state(regs);
	if (vec == TRAP_PF)
		printk(LOG_ERR "Faulting address: %016lx\n", cr2);
	panic("exception %u (%s) in the hypervisor, error code %#x", vec,
	      vec < ARRAY_SIZE(trap_names) ? trap_names[vec] : "?", regs->error_code);
}

static bool fixup(struct cpu_user_regs *regs, unsigned long cr2)
{
	unsigned long fix = search_exception_table(regs->rip);

	if (!fix)
		return false;
	get_cpu_info()->fault = (struct entry_fault){ regs->entry_vector & 0xff, regs->error_code, cr2 };
	regs->rip = fix;
	return true;
}

static bool in_descriptor_area(const struct vcpu *curr, unsigned long cr2)
{
	return cr2 - GDT_VIRT_START(curr->vcpu_id) < GDT_LDT_VCPU_PAGES * PAGE_SIZE;
}

void pv_descriptor_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long cr2, unsigned int error_code)
{
	unsigned long offset = cr2 - LDT_VIRT_START(curr->vcpu_id);

	/* Below the LDT lies the GDT: no descriptor there, so #GP with the selector (SDM 3A 6.13). */
	if (cr2 < LDT_VIRT_START(curr->vcpu_id))
		pv_inject_exception(curr, regs, TRAP_GP, (cr2 - GDT_VIRT_START(curr->vcpu_id)) & 0xfff8);
	else if (!pv_map_ldt_page(curr, offset))
		pv_inject_page_fault(curr, regs, curr->arch.pv.ldt_base + offset, error_code);
}

#define DR6_TOLD	0xe00fUL	/* breakpoints, debug register access, step, task switch */

/* What the processor noted of debug traps since the last look. */
static unsigned long take_dr6(void)
{
	unsigned long dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" :: "r"(0xffff0ff0UL));
	return dr6 & DR6_TOLD;
}

/* In the hypervisor itself: only with a fix-up is it expected. */
static void hypervisor_trap(struct cpu_user_regs *regs, unsigned int vector)
{
	unsigned long cr2 = vector == TRAP_PF ? read_cr2() : 0;
	struct vcpu *curr = current;	/* NULL while the machine starts */

	switch (vector) {
	case TRAP_DB:
		/*
		 * SYSENTER does not clear TF, and a guest's watchpoint may be on memory that we copy from or
		 * to: neither is the guest's own doing, and it is not told.
		 */
		regs->rflags &= ~X86_EFLAGS_TF;
		take_dr6();
		return;
	case TRAP_PF:
		/* Loading a selector touched a page of the guest's LDT that is not mapped yet. */
		if (curr && !curr->is_idle && cr2 >= LDT_VIRT_START(curr->vcpu_id) && in_descriptor_area(curr, cr2) &&
		    pv_map_ldt_page(curr, cr2 - LDT_VIRT_START(curr->vcpu_id)))
			return;
		break;
	}
	if (!fixup(regs, cr2))
		fatal_trap(regs, cr2);
}

static void guest_page_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long cr2)
{
	unsigned int ec = regs->error_code;

	/* The guest's own access there would be a user's. */
	if (in_descriptor_area(curr, cr2) && !(ec & PFEC_user)) {
		pv_descriptor_fault(curr, regs, cr2, ec);
		return;
	}
	if (curr->arch.kernel_mode && (ec & PFEC_write) && (ec & PFEC_present) &&
	    !(ec & PFEC_reserved) && pv_ro_page_fault(curr, regs, cr2))
		return;
	if (ec & PFEC_reserved)
		printk(LOG_GUEST "d%uv%u: reserved bit in a page table, address %016lx\n",
		       curr->domain->domain_id, curr->vcpu_id, cr2);
	pv_inject_page_fault(curr, regs, cr2, ec);
}

/*
 * INT n on a gate that we keep closed: the error code is n * 8 + 2 (SDM 3A 6.13);
 * the guest's own table says whether its caller may.
 */
static bool guest_sw_interrupt(struct vcpu *curr, struct cpu_user_regs *regs)
{
	unsigned int vector = regs->error_code >> 3;
	const struct trap_info *ti;

	if ((regs->error_code & 7) != 2 || vector > 255)
		return false;
	ti = &curr->arch.pv.trap_ctxt[vector];
	if (!ti->address || TI_GET_DPL(ti) < (curr->arch.kernel_mode ? 1 : 3))
		return false;
	regs->rip += 2;
	pv_inject_sw_interrupt(curr, regs, vector);
	return true;
}

static void guest_debug(struct vcpu *curr, struct cpu_user_regs *regs)
{
	curr->arch.dr[6] |= take_dr6();
	pv_inject_exception(curr, regs, TRAP_DB, 0);
}

static void guest_trap(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector,
		       unsigned long cr2)
{
	switch (vector) {
	case TRAP_PF:
		guest_page_fault(curr, regs, cr2);
		return;
	case TRAP_DB:
		guest_debug(curr, regs);
		return;
	case TRAP_NM:
		/* State is always ours to keep loaded: the guest asked for this trap with TS, which it ends. */
		pv_set_ts(curr, false);
		pv_inject_exception(curr, regs, vector, 0);
		return;
	case TRAP_GP:
		if (regs->error_code & 0xffff ? guest_sw_interrupt(curr, regs) :
		    pv_read_user_gs(curr, regs) || pv_emulate_privileged_op(curr, regs))
			return;
		break;
	case TRAP_UD:
		if (pv_emulate_forced_cpuid(curr, regs))
			return;
		break;
	case 0x80:
		if (!curr->arch.pv.trap_ctxt[0x80].address) {
			regs->rip -= 2;
			pv_inject_exception(curr, regs, TRAP_GP, 0x80 * 8 + 2);
			return;
		}
		pv_inject_sw_interrupt(curr, regs, vector);
		return;
	}
	pv_inject_exception(curr, regs, vector, (int)regs->error_code);
}

/* From entry.S, interrupts off, with the frame; all vectors but the external ones. */
void do_exception(struct cpu_user_regs *regs);
void do_exception(struct cpu_user_regs *regs)
{
	unsigned int vector = regs->entry_vector & 0xff;
	unsigned long cr2;

	if (vector == TRAP_NMI) {
		do_nmi(regs);
		return;
	}
	if (vector == TRAP_MC) {
		do_machine_check(regs);
		return;
	}
	if (!guest_mode(regs)) {
		hypervisor_trap(regs, vector);
		return;
	}
	if (vector == TRAP_DF)
		fatal_trap(regs, 0);
	/* CR2 before interrupts: a nested fault would overwrite it. */
	cr2 = vector == TRAP_PF ? read_cr2() : 0;
	local_irq_enable();
	guest_trap(current, regs, vector, cr2);
}

void idt_set_gate(unsigned int vector, void (*handler)(void), unsigned int dpl, unsigned int ist)
{
	unsigned long a = (unsigned long)handler;

	idt_table[vector] = (struct idt_gate){
		.off_lo = a & 0xffff, .sel = HV_CS, .ist = ist, .type = 0x8e | dpl << 5,
		.off_mid = a >> 16 & 0xffff, .off_hi = a >> 32,
	};
}

void entry_divide_error(void); void entry_debug(void); void entry_nmi(void);
void entry_int3(void); void entry_overflow(void); void entry_bounds(void);
void entry_invalid_op(void); void entry_no_device(void); void entry_double_fault(void);
void entry_invalid_tss(void); void entry_no_segment(void); void entry_stack_segment(void);
void entry_general_protection(void); void entry_page_fault(void);
void entry_coprocessor_error(void); void entry_alignment_check(void);
void entry_machine_check(void); void entry_simd_error(void); void entry_int80(void);

static const struct {
	uint8_t vector, dpl, ist;
	void (*entry)(void);
} exception_gates[] __initconst = {
	{ TRAP_DE, 0, IST_NONE, entry_divide_error },
	{ TRAP_DB, 0, IST_DB, entry_debug },
	{ TRAP_NMI, 0, IST_NMI, entry_nmi },
	{ TRAP_BP, 3, IST_NONE, entry_int3 },
	{ TRAP_OF, 3, IST_NONE, entry_overflow },
	{ TRAP_BR, 0, IST_NONE, entry_bounds },
	{ TRAP_UD, 0, IST_NONE, entry_invalid_op },
	{ TRAP_NM, 0, IST_NONE, entry_no_device },
	{ TRAP_DF, 0, IST_DF, entry_double_fault },
	{ TRAP_TS, 0, IST_NONE, entry_invalid_tss },
	{ TRAP_NP, 0, IST_NONE, entry_no_segment },
	{ TRAP_SS, 0, IST_NONE, entry_stack_segment },
	{ TRAP_GP, 0, IST_NONE, entry_general_protection },
	{ TRAP_PF, 0, IST_NONE, entry_page_fault },
	{ TRAP_MF, 0, IST_NONE, entry_coprocessor_error },
	{ TRAP_AC, 0, IST_NONE, entry_alignment_check },
	{ TRAP_MC, 0, IST_MCE, entry_machine_check },
	{ TRAP_XM, 0, IST_NONE, entry_simd_error },
	{ 0x80, 3, IST_NONE, entry_int80 },
};

void __init irq_gates_stack(unsigned int ist)
{
	for (unsigned int v = FIRST_IRQ_VECTOR; v < 256; v++)
		if (v != 0x80)
			idt_table[v].ist = (uint8_t)ist;
}

void __init traps_init(void);
void __init traps_init(void)
{
	for (unsigned int v = FIRST_IRQ_VECTOR; v < 256; v++)
		idt_set_gate(v, (void (*)(void))(irq_entry_stubs + (v - FIRST_IRQ_VECTOR) * IRQ_STUB_SIZE), 0, IST_NONE);
	for (unsigned int i = 0; i < ARRAY_SIZE(exception_gates); i++)
		idt_set_gate(exception_gates[i].vector, exception_gates[i].entry,
			     exception_gates[i].dpl, exception_gates[i].ist);
}
