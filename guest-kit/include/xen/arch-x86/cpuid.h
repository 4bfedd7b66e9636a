/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The CPUID leaves by which the hypervisor tells about itself; 32-bit registers. */
#ifndef XEN_ARCH_X86_CPUID_H
#define XEN_ARCH_X86_CPUID_H

/* First leaf of the range; another hypervisor's interface may push it up in steps of 0x100. */
#define XEN_CPUID_FIRST_LEAF	0x40000000
#define XEN_CPUID_LEAF(i)	(XEN_CPUID_FIRST_LEAF + (i))

/* Leaf 0: eax: the highest leaf; ebx, ecx, edx: the signature, "XenVMMXenVMM". */
#define XEN_CPUID_SIGNATURE_EBX	0x566e6558
#define XEN_CPUID_SIGNATURE_ECX	0x65584d4d
#define XEN_CPUID_SIGNATURE_EDX	0x4d4d566e

/* Leaf 1: eax: major release in the upper half, minor in the lower. */

/* Leaf 2: eax: number of hypercall pages; ebx: the MSR that fills one; ecx: features. */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD 0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD (1u << 0)

/*
 * Leaf 3: the time stamp counter.
 * Subleaf 0: eax: flags; ebx: mode; ecx: frequency in kHz, 0 if not set; edx: incarnation.
 * Subleaf 1: eax, ebx: offset, low and high; ecx: multiplier; edx: shift.
 * Subleaf 2: eax: the machine's frequency in kHz.
 */
#define XEN_CPUID_TSC_EMULATED		(1u << 0)
#define XEN_CPUID_TSC_HOST_RELIABLE	(1u << 1)
#define XEN_CPUID_TSC_RDTSCP		(1u << 2)

/* Leaf 4: for HVM guests: eax: flags; ebx: number of the vCPU; ecx: identifier of the domain. */
#define XEN_HVM_CPUID_APIC_ACCESS_VIRT	(1u << 0)
#define XEN_HVM_CPUID_X2APIC_VIRT	(1u << 1)
#define XEN_HVM_CPUID_IOMMU_MAPPINGS	(1u << 2)
#define XEN_HVM_CPUID_VCPU_ID_PRESENT	(1u << 3)
#define XEN_HVM_CPUID_DOMID_PRESENT	(1u << 4)
#define XEN_HVM_CPUID_EXT_DEST_ID	(1u << 5)
#define XEN_HVM_CPUID_UPCALL_VECTOR	(1u << 6)

/* Leaf 5: for PV guests: ebx: width of the highest machine address. */
#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK (0xffu << 0)

#define XEN_CPUID_MAX_NUM_LEAVES	5

#endif
