/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are in the linear address space of the x86_64 build. The guest
 * interface gives the hypervisor the sixteen top-level slots 256..271; all of the
 * rest is the guest's. doc/memory-map.md is the commented version.
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#ifdef __ASSEMBLER__
#define UL(x)	x
#else
#define UL(x)	x##UL
#endif

#define PAGE_SHIFT		12
#define STACK_ORDER		3
#define STACK_SIZE		(UL(4096) << STACK_ORDER)
/* Its pages from below: one each for the four exceptions that have one of their own, one that is not mapped, the stack itself. */
#define STACK_GUARD_PAGE	4

/* struct cpu_info at the top of a stack, rounded up so that calls start 16-byte aligned. */
#define CPUINFO_SPACE		304

#define HV_FIRST_SLOT		256
#define HV_LAST_SLOT		271
#define HV_VIRT_START		UL(0xffff800000000000)
#define HV_VIRT_END		UL(0xffff880000000000)

/* Slot 256: machine-to-physical table, read-only for guests; fixed by the interface. */
#define RO_M2P_VIRT_START	UL(0xffff800000000000)
#define RO_M2P_VIRT_END		UL(0xffff804000000000)
/* Slot 260: the domain's own slot: GDT and LDT areas of its vCPUs. */
#define PERDOMAIN_SLOT		260
#define PERDOMAIN_VIRT_START	UL(0xffff820000000000)
/* Slot 261: the hypervisor's own mappings. */
#define HV_MISC_SLOT		261
#define RW_M2P_VIRT_START	UL(0xffff828000000000)	/* 256 GiB: the same table, writable */
#define VMAP_VIRT_START		UL(0xffff82c000000000)	/* 64 GiB: ioremap, guarded stacks */
#define VMAP_VIRT_END		UL(0xffff82d000000000)
#define HV_IMAGE_VIRT		UL(0xffff82d080000000)	/* 1 GiB: the image */
#define HV_LOAD_PHYS		UL(0x200000)
#define FIXMAP_VIRT_START	UL(0xffff82d0c0000000)	/* 2 MiB of fixed slots */
#define FB_VIRT_START		UL(0xffff82d100000000)	/* 1 GiB: the loader's frame buffer */
#define FRAMETABLE_VIRT_START	UL(0xffff82e000000000)	/* 128 GiB: 32 bytes a frame */
/* Slots 262..271: all of memory, one to one. */
#define DIRECTMAP_VIRT_START	UL(0xffff830000000000)
#define DIRECTMAP_VIRT_END	UL(0xffff880000000000)

/* GDT: the guest's entries come first, ours start at page 14; selectors are interface. */
#define FIRST_RESERVED_GDT_PAGE	14
#define FIRST_RESERVED_GDT_BYTE	(FIRST_RESERVED_GDT_PAGE * 4096)	/* as in <xen/arch-x86/xen.h> */
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)
#define HV_CS			0xe008
#define HV_DS			0xe010
#define FLAT_RING1_CS		0xe019
#define FLAT_RING1_DS		0xe021
#define FLAT_RING3_CS32		0xe023
#define FLAT_RING3_DS32		0xe02b
#define FLAT_RING3_SS32		0xe02b
#define FLAT_RING3_CS64		0xe033
#define HV_TSS_SELECTOR		0xe040
#define HV_LDT_SELECTOR		0xe050
#define HV_GDT_LAST_ENTRY	(FIRST_RESERVED_GDT_ENTRY + 13)

/* Per-domain area: 32 pages a vCPU: 16 for the GDT, 16 for the LDT. */
#define GDT_LDT_VCPU_SHIFT	5
#define GDT_LDT_VCPU_PAGES	(1 << GDT_LDT_VCPU_SHIFT)
#define GDT_VIRT_START(vcpu_id)	(PERDOMAIN_VIRT_START + \
				 ((unsigned long)(vcpu_id) << (GDT_LDT_VCPU_SHIFT + PAGE_SHIFT)))
#define LDT_VIRT_START(vcpu_id)	(GDT_VIRT_START(vcpu_id) + (UL(16) << PAGE_SHIFT))

#endif
