/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each processor needs of its own: stack, descriptor tables, entry points. */
#include <asm/asm_entry.h>
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/desc.h>
#include <asm/mm.h>
#include <asm/msr.h>
#include <asm/smp.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include "speculation/isolation.h"

struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map, cpu_present_map;
unsigned int nr_cpu_ids = 1;
unsigned long mmu_cr4_features;

extern char cpu0_stack[STACK_SIZE];
extern struct { unsigned long guest_rsp, stack; } __aligned(SYSCALL_SLOT_SIZE) syscall_slots[NR_CPUS];
extern char syscall_stubs[], syscall32_stubs[];
void entry_sysenter(void);
#define SYSCALL_STUB_SIZE	32
/* Cleared by SYSCALL: interrupts off, no trap, no surprises from AC, DF, NT. */
#define SYSCALL_MASK	(X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_IOPL | \
			 X86_EFLAGS_NT | X86_EFLAGS_RF | X86_EFLAGS_VM | X86_EFLAGS_AC)

static struct percpu percpu0;
/* A page each: with isolation guests see it. */
static union { struct tss64 tss; char page[PAGE_SIZE]; } tss0 __aligned(4096);
static unsigned long gdt0[512] __aligned(4096);

static struct cpu_info *stack_info(void *stack)
{
	return (struct cpu_info *)((char *)stack + STACK_SIZE) - 1;
}

/* The entries at FIRST_RESERVED_GDT_ENTRY: constants are selectors of the interface. */
static void fill_gdt(unsigned long *gdt, const struct tss64 *tss)
{
	unsigned long base = (unsigned long)tss, limit = sizeof(*tss) - 1;

	gdt[1] = 0x00af9b000000ffffUL;	/* e008: ours, code */
	gdt[2] = 0x00cf93000000ffffUL;	/* e010: ours, data */
	gdt[3] = 0x00cfbb000000ffffUL;	/* e019: ring 1 code */
	gdt[4] = 0x00cffb000000ffffUL;	/* e023: ring 3 code, 32-bit (e021 ring 1 data: same slot for 32-bit guests) */
	gdt[5] = 0x00cff3000000ffffUL;	/* e02b: ring 3 data */
	gdt[6] = 0x00affb000000ffffUL;	/* e033: ring 3 code, 64-bit */
	gdt[8] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x89UL << 40 | (base >> 24 & 0xff) << 56;
	gdt[9] = base >> 32;		/* e040: TSS */
}

static void setup(unsigned int cpu, struct percpu *pc, void *stack, struct tss64 *tss, unsigned long *gdt)
{
	struct cpu_info *info = stack_info(stack);
	unsigned long top = (unsigned long)&info->guest_regs.es;

	pc->id = cpu;
	pc->arch.stack = stack;
	pc->arch.tss = tss;
	pc->arch.gdt = gdt;
	info->percpu = pc;
	info->processor_id = cpu;
	tss->rsp[0] = top;
	tss->iomap_base = sizeof(*tss);
	for (unsigned int i = 0; i < 4; i++)
		tss->ist[i] = (unsigned long)stack + (i + 1) * PAGE_SIZE;
	fill_gdt(gdt, tss);
	syscall_slots[cpu].stack = top;
	percpu_table[cpu] = pc;
}

/* The boot processor, before there is any memory to allocate. */
void __init cpu0_setup(void)
{
	setup(0, &percpu0, cpu0_stack, &tss0.tss, gdt0);
	cpumask_set(0, &cpu_online_map);
	cpumask_set(0, &cpu_present_map);
}

int cpu_alloc(unsigned int cpu)
{
	struct percpu *pc = xzalloc(struct percpu);
	void *stack = alloc_hv_pages(STACK_ORDER, 0);
	unsigned long *gdt = alloc_hv_page();
	struct tss64 *tss = alloc_hv_page();

	if (!pc || !stack || !gdt || !tss) {
		if (tss)
			free_hv_page(tss);
		if (gdt)
			free_hv_page(gdt);
		if (stack)
			free_hv_pages(stack, STACK_ORDER);
		xfree(pc);
		return -ENOMEM;
	}
	setup(cpu, pc, stack, tss, gdt);
	return isolation_on ? isolation_add_cpu(cpu) : 0;
}

void cpu_load_tables(unsigned int cpu)
{
	struct percpu *pc = percpu(cpu);
	struct desc_ptr g = { .limit = 0xffff, .base = (unsigned long)pc->arch.gdt - FIRST_RESERVED_GDT_BYTE };
	struct desc_ptr i = { .limit = sizeof(idt_table) - 1, .base = (unsigned long)idt_table };
	unsigned long *tss_desc = pc->arch.gdt + HV_TSS_SELECTOR / 8 - FIRST_RESERVED_GDT_ENTRY;

	*tss_desc &= ~(2UL << 40);	/* ltr wants it available, not busy */
	__asm__ volatile("lgdt %0" :: "m"(g));
	__asm__ volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
			 :: "i"(HV_CS) : "rax", "memory");
	__asm__ volatile("mov %0, %%ss; mov %1, %%ds; mov %1, %%es; mov %1, %%fs; mov %1, %%gs"
			 :: "r"(HV_DS), "r"(0));
	__asm__ volatile("lidt %0" :: "m"(i));
	__asm__ volatile("ltr %w0" :: "r"(HV_TSS_SELECTOR));
	__asm__ volatile("lldt %w0" :: "r"(0));

	wrmsr(MSR_STAR, (uint64_t)FLAT_RING3_CS32 << 48 | (uint64_t)HV_CS << 32);
	wrmsr(MSR_LSTAR, (uint64_t)(syscall_stubs + cpu * SYSCALL_STUB_SIZE));
	wrmsr(MSR_CSTAR, (uint64_t)(syscall32_stubs + cpu * SYSCALL_STUB_SIZE));
	wrmsr(MSR_SYSCALL_MASK, SYSCALL_MASK);
	if (cpu_has(X86_FEATURE_SEP)) {
		wrmsr(MSR_SYSENTER_CS, HV_CS);
		wrmsr(MSR_SYSENTER_ESP, pc->arch.tss->rsp[0]);
		wrmsr(MSR_SYSENTER_EIP, (uint64_t)entry_sysenter);
	}
	if (cpu_has(X86_FEATURE_PAT))
		wrmsr(MSR_PAT, HV_MSR_PAT);
	pc->arch.cr4 = mmu_cr4_features;
	write_cr4(mmu_cr4_features);
}

/* CR4 that all processors run with, from the boot processor's features. */
void __init cr4_choose(void)
{
	mmu_cr4_features = X86_CR4_PAE | X86_CR4_PGE | X86_CR4_DE |
			   X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;
	if (cpu_has(X86_FEATURE_MCE))
		mmu_cr4_features |= X86_CR4_MCE;
	if (cpu_has(X86_FEATURE_XSAVE))
		mmu_cr4_features |= X86_CR4_OSXSAVE;
	if (cpu_has(X86_FEATURE_SMEP))
		mmu_cr4_features |= X86_CR4_SMEP;
	if (cpu_has(X86_FEATURE_SMAP))
		mmu_cr4_features |= X86_CR4_SMAP;
}
