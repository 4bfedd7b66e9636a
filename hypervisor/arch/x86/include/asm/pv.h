/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of PV support that belong to one file each and are used by another. */
#ifndef ASM_PV_H
#define ASM_PV_H

#include <tenon/domain.h>

#define VM_ASSIST(d, what)	((d)->vm_assist & (1UL << VMASST_TYPE_##what))

/* Fills a page (4 KiB, mapped) with the hypercall stubs of a 64-bit guest. */
void pv_hypercall_page_init(void *page);
/* The guest's virtual IOPL (bits 12..13), and what follows from it for saved flags. */
void pv_set_iopl(struct vcpu *v, unsigned long iopl);
/* Selector a guest may hold: RPL at least 3, not one of ours. */
static inline uint16_t pv_fix_selector(uint16_t sel) { return sel | 3; }
/* Stack pointer for entries from user mode; one that is not the guest's own becomes 0. */
void pv_set_kernel_stack(struct vcpu *v, unsigned long ss, unsigned long sp);
/* Recomputes what the fast paths read after the trap table changed. */
void pv_update_fast_traps(struct vcpu *v);
/* Loads a complete context (VCPUOP_initialise, dom0's start); v does not run. 0; -errno, v unchanged; -ERESTART. */
int pv_set_context(struct vcpu *v, const struct vcpu_guest_context *c);
/* The same but for page and descriptor tables, which v has already. */
int pv_set_registers(struct vcpu *v, const struct vcpu_guest_context *c);

/* Load a guest's selectors; those that cannot be loaded become null, and the result false. */
bool pv_load_gs_selector(uint16_t sel);
bool pv_load_selectors(uint16_t ds, uint16_t es, uint16_t fs);
/* Makes a changed LDT (base in the per-domain area, ldt_ents) take effect for the running vCPU. */
void pv_load_ldt(struct vcpu *curr);
/* Writes back the vCPU state that an idle CPU keeps loaded: this CPU. */
void sync_local_state(void);
/* CR0.TS as the guest wants it, at once. */
void pv_set_ts(struct vcpu *curr, bool ts);
/* Of a value for CR4 the bits that a guest's kernel may set; the others are dropped without a fault. */
unsigned long pv_guest_cr4(const struct vcpu *v, unsigned long val);
/* CR4 with the bits that v's kernel has set for itself. */
void pv_load_cr4(struct vcpu *v);
/* Puts the debug registers of v into the processor. */
void pv_load_debugregs(struct vcpu *v);

#endif
