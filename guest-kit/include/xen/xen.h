/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The core of the guest interface: hypercalls, memory management, shared pages, start of day. */
#ifndef XEN_XEN_H
#define XEN_XEN_H

#include <xen/types.h>
#include <xen/arch-x86/xen.h>

/* ---- hypercall numbers ---- */

#define __HYPERVISOR_set_trap_table		0
#define __HYPERVISOR_mmu_update			1
#define __HYPERVISOR_set_gdt			2
#define __HYPERVISOR_stack_switch		3
#define __HYPERVISOR_set_callbacks		4
#define __HYPERVISOR_fpu_taskswitch		5
#define __HYPERVISOR_sched_op_compat		6
#define __HYPERVISOR_platform_op		7
#define __HYPERVISOR_set_debugreg		8
#define __HYPERVISOR_get_debugreg		9
#define __HYPERVISOR_update_descriptor		10
#define __HYPERVISOR_memory_op			12
#define __HYPERVISOR_multicall			13
#define __HYPERVISOR_update_va_mapping		14
#define __HYPERVISOR_set_timer_op		15
#define __HYPERVISOR_event_channel_op_compat	16
#define __HYPERVISOR_xen_version		17
#define __HYPERVISOR_console_io			18
#define __HYPERVISOR_physdev_op_compat		19
#define __HYPERVISOR_grant_table_op		20
#define __HYPERVISOR_vm_assist			21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret			23
#define __HYPERVISOR_vcpu_op			24
#define __HYPERVISOR_set_segment_base		25
#define __HYPERVISOR_mmuext_op			26
#define __HYPERVISOR_xsm_op			27
#define __HYPERVISOR_nmi_op			28
#define __HYPERVISOR_sched_op			29
#define __HYPERVISOR_callback_op		30
#define __HYPERVISOR_xenoprof_op		31
#define __HYPERVISOR_event_channel_op		32
#define __HYPERVISOR_physdev_op			33
#define __HYPERVISOR_hvm_op			34
#define __HYPERVISOR_sysctl			35
#define __HYPERVISOR_domctl			36
#define __HYPERVISOR_kexec_op			37
#define __HYPERVISOR_tmem_op			38
#define __HYPERVISOR_argo_op			39
#define __HYPERVISOR_xenpmu_op			40
#define __HYPERVISOR_dm_op			41
#define __HYPERVISOR_hypfs_op			42
#define __HYPERVISOR_arch_0			48
#define __HYPERVISOR_arch_1			49
#define __HYPERVISOR_arch_2			50
#define __HYPERVISOR_arch_3			51
#define __HYPERVISOR_arch_4			52
#define __HYPERVISOR_arch_5			53
#define __HYPERVISOR_arch_6			54
#define __HYPERVISOR_arch_7			55

/* ---- virtual interrupts ---- */

#define VIRQ_TIMER	0	/* per vCPU: its timer */
#define VIRQ_DEBUG	1	/* per vCPU: the user asks for its state */
#define VIRQ_CONSOLE	2	/* dom0: input on the emergency console */
#define VIRQ_DOM_EXC	3	/* dom0: a domain changed its state */
#define VIRQ_TBUF	4	/* dom0: trace records */
#define VIRQ_DEBUGGER	6	/* dom0: a domain stopped for a debugger */
#define VIRQ_XENOPROF	7	/* per vCPU: profiling samples */
#define VIRQ_CON_RING	8	/* dom0: new text in the hypervisor's log */
#define VIRQ_PCPU_STATE	9	/* dom0: a processor came or went */
#define VIRQ_MEM_EVENT	10	/* dom0: memory event */
#define VIRQ_ARGO	11
#define VIRQ_ENOMEM	12	/* dom0: memory is running out */
#define VIRQ_XENPMU	13	/* per vCPU: performance counters */
#define VIRQ_ARCH_0	16
#define VIRQ_ARCH_1	17
#define VIRQ_ARCH_2	18
#define VIRQ_ARCH_3	19
#define VIRQ_ARCH_4	20
#define VIRQ_ARCH_5	21
#define VIRQ_ARCH_6	22
#define VIRQ_ARCH_7	23
#define NR_VIRQS	24

/* ---- domains with a meaning ---- */

#define DOMID_FIRST_RESERVED	XEN_U(0x7ff0)
#define DOMID_SELF		XEN_U(0x7ff0)	/* the caller */
#define DOMID_IO		XEN_U(0x7ff1)	/* owner of what is not memory */
#define DOMID_XEN		XEN_U(0x7ff2)	/* owner of what the hypervisor shares with everyone */
#define DOMID_COW		XEN_U(0x7ff3)
#define DOMID_INVALID		XEN_U(0x7ff4)
#define DOMID_IDLE		XEN_U(0x7fff)
#define DOMID_MASK		XEN_U(0x7fff)

/* ---- page tables ---- */

/* In the lowest bits of mmu_update.ptr */
#define MMU_NORMAL_PT_UPDATE		0	/* ptr: machine address of an entry; val: its new value */
#define MMU_MACHPHYS_UPDATE		1	/* ptr: machine address of a frame; val: its guest frame number */
#define MMU_PT_UPDATE_PRESERVE_AD	2	/* as 0; accessed and dirty bits stay as they are */
#define MMU_PT_UPDATE_NO_TRANSLATE	3

/* mmuext_op.cmd; what arg1 and arg2 mean */
#define MMUEXT_PIN_L1_TABLE		0	/* mfn */
#define MMUEXT_PIN_L2_TABLE		1
#define MMUEXT_PIN_L3_TABLE		2
#define MMUEXT_PIN_L4_TABLE		3
#define MMUEXT_UNPIN_TABLE		4	/* mfn */
#define MMUEXT_NEW_BASEPTR		5	/* mfn */
#define MMUEXT_TLB_FLUSH_LOCAL		6
#define MMUEXT_INVLPG_LOCAL		7	/* linear_addr */
#define MMUEXT_TLB_FLUSH_MULTI		8	/* vcpumask */
#define MMUEXT_INVLPG_MULTI		9	/* linear_addr, vcpumask */
#define MMUEXT_TLB_FLUSH_ALL		10
#define MMUEXT_INVLPG_ALL		11	/* linear_addr */
#define MMUEXT_FLUSH_CACHE		12
#define MMUEXT_SET_LDT			13	/* linear_addr, nr_ents */
#define MMUEXT_NEW_USER_BASEPTR		15	/* mfn; 0: user mode has no root */
#define MMUEXT_CLEAR_PAGE		16	/* mfn */
#define MMUEXT_COPY_PAGE		17	/* mfn, src_mfn */
#define MMUEXT_FLUSH_CACHE_GLOBAL	18
#define MMUEXT_MARK_SUPER		19
#define MMUEXT_UNMARK_SUPER		20

/* update_va_mapping: what to flush, or'ed with where; a pointer to a mask of vCPUs stands for MULTI. */
#define UVMF_NONE		XEN_UL(0)
#define UVMF_TLB_FLUSH		XEN_UL(1)
#define UVMF_INVLPG		XEN_UL(2)
#define UVMF_FLUSHTYPE_MASK	XEN_UL(3)
#define UVMF_MULTI		XEN_UL(0)
#define UVMF_LOCAL		XEN_UL(0)
#define UVMF_ALL		XEN_UL(4)

/* ---- console_io and vm_assist ---- */

#define CONSOLEIO_write		0
#define CONSOLEIO_read		1

#define VMASST_CMD_enable	0
#define VMASST_CMD_disable	1

#define VMASST_TYPE_4gb_segments		0	/* 32-bit: segments of full length are emulated */
#define VMASST_TYPE_4gb_segments_notify		1	/* 32-bit: and tell each time */
#define VMASST_TYPE_writable_pagetables		2	/* writes to page tables are emulated */
#define VMASST_TYPE_pae_extended_cr3		3	/* 32-bit: page directories above 4 GiB */
#define VMASST_TYPE_architectural_iopl		4	/* IOPL is in the saved flags */
#define VMASST_TYPE_runstate_update_flag	5	/* XEN_RUNSTATE_UPDATE is used */
#define VMASST_TYPE_m2p_strict			32	/* 64-bit: user mode does not see the m2p table */

/* ---- start of day ---- */

#define MAX_GUEST_CMDLINE	1024

/* start_info.flags */
#define SIF_PRIVILEGED		(1 << 0)
#define SIF_INITDOMAIN		(1 << 1)	/* dom0 */
#define SIF_MULTIBOOT_MOD	(1 << 2)	/* mod_start is a list of xen_multiboot_mod_list */
#define SIF_MOD_START_PFN	(1 << 3)	/* mod_start is a frame number, not an address */
#define SIF_VIRT_P2M_4TOOLS	(1 << 4)	/* tools know arch_shared_info.p2m_vaddr */
#define SIF_PM_MASK		(0xff << 8)	/* power management: what is left to the kernel */

/* dom0_vga_console_info.video_type */
#define XEN_VGATYPE_TEXT_MODE_3	0x03
#define XEN_VGATYPE_VESA_LFB	0x23
#define XEN_VGATYPE_EFI_LFB	0x70

/* vcpu_time_info.flags */
#define XEN_PVCLOCK_TSC_STABLE_BIT	(1 << 0)	/* one clock for all vCPUs */
#define XEN_PVCLOCK_GUEST_STOPPED	(1 << 1)

#ifndef __ASSEMBLER__

struct mmuext_op {
	unsigned int cmd;
	union {
		xen_pfn_t mfn;
		unsigned long linear_addr;
	} arg1;
	union {
		unsigned int nr_ents;
		XEN_GUEST_HANDLE(const void) vcpumask;
		xen_pfn_t src_mfn;
	} arg2;
};

struct mmu_update {
	uint64_t ptr;
	uint64_t val;
};

struct multicall_entry {
	xen_ulong_t op, result;
	xen_ulong_t args[6];
};

/*
 * System time is (((rdtsc - tsc_timestamp) << tsc_shift) * tsc_to_system_mul >> 32) + system_time;
 * a negative shift goes right. An odd version, or one that changed meanwhile: read again.
 */
struct vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;		/* nanoseconds */
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t pad1[2];
};

struct vcpu_info {
	uint8_t evtchn_upcall_pending;	/* set by the hypervisor, cleared by the upcall */
	uint8_t evtchn_upcall_mask;	/* no upcalls; set on delivery */
	xen_ulong_t evtchn_pending_sel;	/* words of evtchn_pending to look at */
	struct arch_vcpu_info arch;
	struct vcpu_time_info time;
};

/* The page whose machine address is start_info.shared_info. */
struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
	xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
	uint32_t wc_version;		/* as in vcpu_time_info */
	uint32_t wc_sec;		/* wall clock at system time 0, since 1970-01-01 UTC */
	uint32_t wc_nsec;
#ifdef __x86_64__
	uint32_t wc_sec_hi;		/* 32-bit guests have it in arch */
#endif
	struct arch_shared_info arch;
};

struct start_info {
	char magic[32];			/* "xen-3.0-x86_64" ... */
	unsigned long nr_pages;
	unsigned long shared_info;	/* machine address */
	uint32_t flags;			/* SIF_* */
	xen_pfn_t store_mfn;
	uint32_t store_evtchn;
	union {
		struct {
			xen_pfn_t mfn;
			uint32_t evtchn;
		} domU;
		struct {
			uint32_t info_off;	/* of the dom0_vga_console_info in this page */
			uint32_t info_size;
		} dom0;
	} console;
	unsigned long pt_base;		/* virtual address of the root */
	unsigned long nr_pt_frames;
	unsigned long mfn_list;		/* virtual address of the p2m list */
	unsigned long mod_start;	/* initial RAM disk; 0 if there is none */
	unsigned long mod_len;
	int8_t cmd_line[MAX_GUEST_CMDLINE];
	unsigned long first_p2m_pfn;	/* where the list lies if it is not in the initial mapping */
	unsigned long nr_p2m_frames;
};

struct xen_multiboot_mod_list {
	uint32_t mod_start, mod_end;
	uint32_t cmdline;
	uint32_t pad;
};

struct dom0_vga_console_info {
	uint8_t video_type;
	union {
		struct {
			uint16_t font_height;
			uint16_t cursor_x, cursor_y;
			uint16_t rows, columns;
		} text_mode_3;
		struct {
			uint16_t width, height;
			uint16_t bytes_per_line;
			uint16_t bits_per_pixel;
			uint32_t lfb_base;
			uint32_t lfb_size;
			uint8_t red_pos, red_size;
			uint8_t green_pos, green_size;
			uint8_t blue_pos, blue_size;
			uint8_t rsvd_pos, rsvd_size;
			uint32_t gbl_caps;
			uint16_t mode_attrs;
			uint16_t pad;
			uint32_t ext_lfb_base;	/* upper half of lfb_base */
		} vesa_lfb;
	} u;
};

#endif

#endif
