/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processor identity and features. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <tenon/types.h>

enum cpu_vendor { VENDOR_UNKNOWN, VENDOR_INTEL, VENDOR_AMD, VENDOR_HYGON, VENDOR_CENTAUR, VENDOR_SHANGHAI };

/* Feature words: raw CPUID registers, in this order. */
enum feature_word { FW_1D, FW_1C, FW_E1D, FW_E1C, FW_7B0, FW_7C0, FW_7D0, FW_7A1, FW_DA1, FW_E7D, FW_E8B,
		    FW_7D2, FW_E21A, FW_E21C, NR_FEATURE_WORDS };
#define FEATURE(word, bit)	((word) * 32 + (bit))
#define X86_FEATURE_FPU		FEATURE(FW_1D, 0)
#define X86_FEATURE_PSE		FEATURE(FW_1D, 3)
#define X86_FEATURE_MCE		FEATURE(FW_1D, 7)
#define X86_FEATURE_APIC	FEATURE(FW_1D, 9)
#define X86_FEATURE_SEP		FEATURE(FW_1D, 11)
#define X86_FEATURE_PGE		FEATURE(FW_1D, 13)
#define X86_FEATURE_MCA		FEATURE(FW_1D, 14)
#define X86_FEATURE_PAT		FEATURE(FW_1D, 16)
#define X86_FEATURE_CLFLUSH	FEATURE(FW_1D, 19)
#define X86_FEATURE_FXSR	FEATURE(FW_1D, 24)
#define X86_FEATURE_MONITOR	FEATURE(FW_1C, 3)
#define X86_FEATURE_PCID	FEATURE(FW_1C, 17)
#define X86_FEATURE_X2APIC	FEATURE(FW_1C, 21)
#define X86_FEATURE_TSC_DEADLINE FEATURE(FW_1C, 24)
#define X86_FEATURE_XSAVE	FEATURE(FW_1C, 26)
#define X86_FEATURE_HYPERVISOR	FEATURE(FW_1C, 31)
#define X86_FEATURE_SYSCALL	FEATURE(FW_E1D, 11)
#define X86_FEATURE_NX		FEATURE(FW_E1D, 20)
#define X86_FEATURE_PAGE1GB	FEATURE(FW_E1D, 26)
#define X86_FEATURE_RDTSCP	FEATURE(FW_E1D, 27)
#define X86_FEATURE_LM		FEATURE(FW_E1D, 29)
#define X86_FEATURE_RDPID	FEATURE(FW_7C0, 22)
#define X86_FEATURE_AVX		FEATURE(FW_1C, 28)
#define X86_FEATURE_AVX512F	FEATURE(FW_7B0, 16)
#define X86_FEATURE_MTRR	FEATURE(FW_1D, 12)
#define X86_FEATURE_OSXSAVE	FEATURE(FW_1C, 27)
#define X86_FEATURE_IBRSB	FEATURE(FW_7D0, 26)
#define X86_FEATURE_MD_CLEAR	FEATURE(FW_7D0, 10)
#define X86_FEATURE_STIBP	FEATURE(FW_7D0, 27)
#define X86_FEATURE_L1D_FLUSH	FEATURE(FW_7D0, 28)
#define X86_FEATURE_ARCH_CAPS	FEATURE(FW_7D0, 29)
#define X86_FEATURE_SSBD	FEATURE(FW_7D0, 31)
#define X86_FEATURE_INTEL_PSFD	FEATURE(FW_7D2, 0)
#define X86_FEATURE_FP_ERR_PTRS	FEATURE(FW_E8B, 2)	/* FXSAVE always saves the last instruction's addresses */
#define X86_FEATURE_IBPB	FEATURE(FW_E8B, 12)
#define X86_FEATURE_LFENCE_DISPATCH FEATURE(FW_E21A, 2)
#define X86_FEATURE_AUTO_IBRS	FEATURE(FW_E21A, 8)
#define X86_FEATURE_SBPB	FEATURE(FW_E21A, 27)
#define X86_FEATURE_FSGSBASE	FEATURE(FW_7B0, 0)
#define X86_FEATURE_SMEP	FEATURE(FW_7B0, 7)
#define X86_FEATURE_INVPCID	FEATURE(FW_7B0, 10)
#define X86_FEATURE_SMAP	FEATURE(FW_7B0, 20)
#define X86_FEATURE_XSAVEOPT	FEATURE(FW_DA1, 0)
#define X86_FEATURE_XSAVEC	FEATURE(FW_DA1, 1)
#define X86_FEATURE_INVTSC	FEATURE(FW_E7D, 8)

struct cpu_features {
	enum cpu_vendor vendor;
	char vendor_id[13], model_name[49];
	unsigned int family, model, stepping;
	uint32_t signature;		/* leaf 1, eax */
	uint32_t max_leaf, max_ext_leaf;
	uint32_t word[NR_FEATURE_WORDS];
	unsigned int phys_bits, virt_bits;
	uint32_t microcode;
};
extern struct cpu_features boot_cpu;
static inline bool cpu_has(unsigned int feature)
{
	return boot_cpu.word[feature / 32] >> (feature % 32) & 1;
}

void cpu_identify_boot(void);			/* fills boot_cpu; earliest C code may call it */
void cpu_identify_this(unsigned int cpu);	/* checks that a CPU is like the first; panics/warns */
struct vcpu;
/* What is cleared between domains (spec-ctrl=) is chosen and shown: before a domain runs. */
void spec_ctrl_init(void);
/* Puts into force on this processor what it keeps apart by itself. */
void spec_ctrl_init_cpu(void);
/* Bits of SPEC_CTRL that are set whatever a guest wants of it. */
extern uint64_t spec_ctrl_always;
/* That vCPU is loaded here. Interrupts off. */
void spec_ctrl_switch(struct vcpu *to);
/* This processor's set-up that depends on who made it: cpu/intel.c, before its CPUID is read; cpu/amd.c, after it. */
void cpu_setup_intel(const struct cpu_features *c);
void cpu_setup_amd(struct cpu_features *c);
/* Number of the microcode update in force; 0 when there is none to tell (cpu/microcode.c). */
uint32_t microcode_revision(const struct cpu_features *c);
void fpu_init_cpu(void);			/* CR0/CR4/XCR0 on this CPU */
struct vcpu;
int fpu_vcpu_init(struct vcpu *v);
void fpu_vcpu_free(struct vcpu *v);
/* Eager: v's state out of / into the registers; interrupts may be on; v is loaded here. */
void fpu_save(struct vcpu *v);
void fpu_restore(struct vcpu *v);
/* What XCR0 may hold for a guest, as far as we can save it; 0 without XSAVE. */
extern uint64_t fpu_xcr0_mask;
/* Does XCR0 take that value? allowed: as below. */
bool fpu_xcr0_ok(uint64_t xcr0, uint64_t allowed);
/* XSETBV by v, which runs here: 0 or -EINVAL. allowed: what its CPUID shows. */
int fpu_set_xcr0(struct vcpu *v, uint64_t xcr0, uint64_t allowed);
/* The state that v starts with, as FXSAVE stores it (512 bytes); v does not run. */
void fpu_set_legacy(struct vcpu *v, const void *image);
/* The same, read out of a state that is saved. */
void fpu_get_legacy(const struct vcpu *v, void *image);
/* MSRs that are the vCPU's own while it is loaded (cpu/msr_policy.c): into the processor; reset on a new processor. */
void msr_vcpu_load(struct vcpu *v);
void msr_init_cpu(void);
void mce_init_cpu(void);
void mce_poll_init(void);			/* corrected errors are looked for on all online processors */
struct domain;
int cpuid_policy_init(struct domain *d);
void cpuid_policy_free(struct domain *d);
int msr_policy_init(struct domain *d);
/* What d's CPUID shows has changed. */
void msr_policy_update(struct domain *d);
void msr_policy_free(struct domain *d);

#define X86_CR0_PE	0x1UL
#define X86_CR0_MP	0x2UL
#define X86_CR0_EM	0x4UL
#define X86_CR0_TS	0x8UL
#define X86_CR0_ET	0x10UL
#define X86_CR0_NE	0x20UL
#define X86_CR0_WP	0x10000UL
#define X86_CR0_AM	0x40000UL
#define X86_CR0_PG	0x80000000UL
#define X86_CR4_TSD	0x4UL
#define X86_CR4_DE	0x8UL
#define X86_CR4_PSE	0x10UL
#define X86_CR4_PAE	0x20UL
#define X86_CR4_MCE	0x40UL
#define X86_CR4_PGE	0x80UL
#define X86_CR4_PCE	0x100UL
#define X86_CR4_OSFXSR	0x200UL
#define X86_CR4_OSXMMEXCPT 0x400UL
#define X86_CR4_UMIP	0x800UL
#define X86_CR4_FSGSBASE 0x10000UL
#define X86_CR4_PCIDE	0x20000UL
#define X86_CR4_OSXSAVE	0x40000UL
#define X86_CR4_SMEP	0x100000UL
#define X86_CR4_SMAP	0x200000UL
/* The hypervisor's own CR4; guests' visible bits are added per vCPU (TSD, DE). */
extern unsigned long mmu_cr4_features;

#endif
