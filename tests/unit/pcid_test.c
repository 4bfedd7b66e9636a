/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCIDs: a processor that remembers by them, as the manual has it, and what of that may stay after each kind of flush. */
#include <string.h>
#include <asm/cpu.h>
#include <asm/flush.h>
#include <asm/irq.h>
#include <tenon/arch.h>
#include <tenon/domain.h>
#include <tenon/percpu.h>
#include "../../hypervisor/arch/x86/speculation/isolation.h"
#include "../../hypervisor/arch/x86/speculation/pcid.h"
#include "../lib/tap.h"

#define KERNEL_ROOT	0x111000UL
#define USER_ROOT	0x222000UL
#define VIEW		0x333000UL	/* the first, the other one a page on */
#define IDLE_ROOT	0x444000UL
#define PAGES		4
#define PCIDS		4096

struct cpu_features boot_cpu;
struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map;
__thread struct percpu *host_this_cpu;
unsigned long mmu_cr4_features = X86_CR4_PAE;
bool isolation_on = true;

/* The processor: of each PCID the root by which a page was found, 0 if it was not. */
static unsigned long cr3, cr4, remembered[PCIDS][PAGES];
static unsigned int invalid;
static bool irq_on = true;

static unsigned long pcid_of(unsigned long v) { return v & (PCIDS - 1); }

void write_cr3(unsigned long v)
{
	invalid += !(cr4 & X86_CR4_PCIDE) && (v & (CR3_KEEP | (PCIDS - 1)));
	cr3 = v & ~CR3_KEEP;
	if (!(v & CR3_KEEP))
		memset(remembered[pcid_of(v)], 0, sizeof(remembered[0]));
}

void write_cr4(unsigned long v)
{
	invalid += (v & ~cr4 & X86_CR4_PCIDE) && pcid_of(cr3);
	if ((v ^ cr4) & X86_CR4_PGE)
		memset(remembered, 0, sizeof(remembered));
	cr4 = v;
}

void invlpg(unsigned long va)
{
	remembered[pcid_of(cr3)][va >> PAGE_SHIFT] = 0;
}

void invpcid(unsigned long pcid, unsigned long va)
{
	invalid += !cpu_has(X86_FEATURE_INVPCID);
	remembered[pcid][va >> PAGE_SHIFT] = 0;
}

/* All pages are looked at; true if each was found in the root that is in force. */
static bool look(void)
{
	bool right = true;

	for (unsigned int i = 0; i < PAGES; i++) {
		unsigned long *r = &remembered[pcid_of(cr3)][i];

		if (!*r)
			*r = cr3 & PAGE_MASK;
		right &= *r == (cr3 & PAGE_MASK);
	}
	return right;
}

static unsigned int count(unsigned int page)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PCIDS; i++)
		n += remembered[i][page] != 0;
	return n;
}

void irq_set_direct_vector(unsigned int vector, void (*fn)(struct cpu_user_regs *regs)) { }
void cpu_relax(void) { }
void local_irq_enable(void) { irq_on = true; }
void local_irq_disable(void) { irq_on = false; }
bool local_irq_is_enabled(void) { return irq_on; }
void wbinvd(void) { }
void sync_local_state(void) { }
void isolation_forget_views(void) { }
void send_ipi_mask(const struct cpumask *mask, unsigned int vector) { }

static struct vcpu v;

static bool on(unsigned long to)
{
	write_cr3(to);
	return look();
}

/* In the guest's kernel and its user mode, and in the hypervisor on the way between them. */
static bool everywhere(void)
{
	return on(v.arch.cr3_user) && on(VIEW | pcid_of_view(0)) && on((VIEW + PAGE_SIZE) | pcid_of_view(1)) && on(v.arch.cr3);
}

static void roots(unsigned long kernel, unsigned long user)
{
	v.arch.cr3 = isolation_cr3(_mfn(kernel >> PAGE_SHIFT), false);
	v.arch.cr3_user = isolation_cr3(_mfn(user >> PAGE_SHIFT), true);
}

static void test_stays(void)
{
	roots(KERNEL_ROOT, USER_ROOT);
	ok(on(IDLE_ROOT) && everywhere() && count(0) == 5, "each root and view has translations of its own");
	ok(everywhere() && count(0) == 5, "and keeps them");
	ok(!on(v.arch.cr3_user + PAGE_SIZE), "(what is kept of another root is noticed here)");
	flush_local(NULL, FLUSH_TLB_GLOBAL);
}

static void test_flushes(void)
{
	(void)everywhere();
	flush_local(NULL, FLUSH_TLB_GLOBAL);
	ok(!count(0) && !count(PAGES - 1) && cr4 == mmu_cr4_features, "a flush takes all of all");
	(void)everywhere();
	flush_local((void *)PAGE_SIZE, FLUSH_VA);
	ok(!count(1) && count(0) == (cpu_has(X86_FEATURE_INVPCID) ? 4 : 0), "one page goes everywhere, %s", cpu_has(X86_FEATURE_INVPCID) ? "others stay" : "and others, too");
}

static void test_user_root(void)
{
	flush_local(NULL, FLUSH_TLB_GLOBAL);
	(void)everywhere();
	roots(KERNEL_ROOT, USER_ROOT + 4 * PAGE_SIZE);
	pcid_flush_user(&v);
	ok(pcid_of(cr3) == pcid_of(v.arch.cr3) && look() && count(0) == 3, "a new root of the user's: the other numbers' stay, on the kernel's again");
	ok(on(v.arch.cr3_user), "and it shows itself");
	(void)on(v.arch.cr3);
	roots(KERNEL_ROOT, 0);
	pcid_flush_user(&v);
	ok(!v.arch.cr3_user && cr3 == (v.arch.cr3 & ~CR3_KEEP), "no root is none");
	roots(KERNEL_ROOT, USER_ROOT);
	pcid_flush_user(&v);
	ok(on(v.arch.cr3_user), "and the next one is seen");
	(void)on(v.arch.cr3);
}

int main(void)
{
	static struct percpu me;

	host_this_cpu = percpu_table[0] = &me;
	cr4 = mmu_cr4_features;
	roots(KERNEL_ROOT, USER_ROOT);
	ok(v.arch.cr3 == KERNEL_ROOT && v.arch.cr3_user == USER_ROOT && !pcid_of_view(0) && !pcid_of_view(1), "nothing of it without PCIDs");
	pcid_flush_user(&v);
	pcid_init();
	me.arch.cr4 = mmu_cr4_features;
	write_cr4(mmu_cr4_features);
	test_stays();
	test_flushes();
	test_user_root();
	boot_cpu.word[X86_FEATURE_INVPCID / 32] |= 1U << X86_FEATURE_INVPCID % 32;
	test_flushes();
	ok(!invalid, "nothing that a processor would refuse");
	return tap_end();
}
