/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model-specific register numbers (SDM 4; APM 2 appendix A). */
#ifndef ASM_MSR_H
#define ASM_MSR_H

#define MSR_TSC			0x10
#define MSR_APIC_BASE		0x1b
#define MSR_TSC_ADJUST		0x3b
#define MSR_FEATURE_CONTROL	0x3a
#define MSR_SPEC_CTRL		0x48
#define MSR_PRED_CMD		0x49
#define MSR_FLUSH_CMD		0x10b
#define MSR_UCODE_REV		0x8b
#define MSR_MTRRCAP		0xfe
#define MSR_ARCH_CAPABILITIES	0x10a
#define MSR_MISC_FEATURES	0x140
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_MCG_CAP		0x179
#define MSR_MCG_STATUS		0x17a
#define MSR_MISC_ENABLE		0x1a0
#define MSR_DEBUGCTL		0x1d9
#define MSR_PAT			0x277
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MSR_MC0_CTL		0x400
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_X2APIC_FIRST	0x800
#define MSR_XSS			0xda0
#define MSR_HYPERCALL_PAGE	0x40000000	/* of the guest interface: xen/arch-x86/cpuid.h */
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SYSCALL_MASK	0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_SHADOW_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_AMD_DE_CFG		0xc0011029
#define DE_CFG_LFENCE_SERIALIZE	(1UL << 1)

#define EFER_SCE		0x001UL
#define EFER_LME		0x100UL
#define EFER_LMA		0x400UL
#define EFER_NXE		0x800UL
#define EFER_AIBRSE		(1UL << 21)

/* What we program: the interface shows it to guests. WB, WT, UC-, UC, WC, WP, UC, UC */
#define HV_MSR_PAT		0x050100070406UL

#endif
