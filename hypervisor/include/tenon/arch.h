/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port contract: everything an architecture supplies to the common part. A
 * port is done when this links and its tests pass. hypervisor/arch/fake is the
 * smallest one.
 */
#ifndef TENON_ARCH_H
#define TENON_ARCH_H

#include <tenon/domain.h>
#include <tenon/init.h>

/* ---- start-up, in the order in which common/init/setup.c calls them ---- */
/* Memory map is in boot_info; direct map, frame table and boot_pages are set up. */
void arch_memory_init(void);
/* Heap is up: CPU features, interrupt controllers, clocks (now() works after). */
void arch_early_init(void);
/* Timers and softirqs work: other CPUs are found, not yet started. */
void arch_late_init(void);
/* Starts the other CPUs; each ends in idle_loop(). */
void arch_smp_init(void);
/* Builds dom0 from the boot modules; panics with a clear message when it cannot. */
void arch_dom0_build(void);
/* Boot memory is not needed any more: gives it to the heap. Last. */
void arch_free_init(void);

/* ---- domains and vCPUs: the arch part of create and destroy ---- */
int arch_domain_create(struct domain *d);
void arch_domain_destroy(struct domain *d);
/* Restartable: returns -ERESTART until all frames are given up. */
int arch_domain_relinquish(struct domain *d);
int arch_vcpu_create(struct vcpu *v);
void arch_vcpu_destroy(struct vcpu *v);
/* VCPUOP_initialise: context at guest address ctxt (architecture's struct). -EEXIST: it has one; -ERESTART: to be called again. */
int arch_vcpu_initialise(struct vcpu *v, unsigned long ctxt);
int arch_vcpu_reset(struct vcpu *v);
/* VCPUOP commands that common code does not know; -ENOSYS if neither does the arch. */
long arch_vcpu_op(struct vcpu *curr, unsigned int cmd, struct vcpu *v, unsigned long arg);
/* d->vm_assist has changed. */
void arch_vm_assist_changed(struct domain *d);
/* Memory operations that common code does not know. */
long arch_memory_op(struct vcpu *curr, unsigned int cmd, unsigned long arg);
/* XENVER_* parts: features of the interface, capabilities string. */
uint32_t arch_version_features(const struct domain *d, unsigned int submap);
void arch_capabilities(char *buf, size_t size);
/* Puts the frame at guest frame gfn (PV: only bookkeeping), XENMEM_add_to_physmap. */
int arch_physmap_add(struct domain *d, gfn_t gfn, mfn_t mfn);
int arch_physmap_remove(struct domain *d, gfn_t gfn, mfn_t mfn);
/* Frame behind a domain's frame number (PV: the same), with validity check. */
mfn_t arch_gfn_to_mfn(struct domain *d, gfn_t gfn);
/* Machine-to-physical table: m2p[mfn] = gfn. */
void arch_m2p_set(mfn_t mfn, unsigned long gfn);
#define M2P_INVALID	(~0UL)

/* ---- running ---- */
/*
 * Switches this CPU from prev to next (prev != next). Interrupts on at the call, sched lock
 * not held. The arch calls context_saved(prev) once prev may run elsewhere. Does not return to
 * the caller: continues as next (guest entry, or idle_loop for the idle vCPU).
 */
void context_switch(struct vcpu *prev, struct vcpu *next);
/* If v's registers are still in some CPU: writes them back. v must not be running. */
void sync_vcpu_state(struct vcpu *v);
/* Waits for an interrupt with interrupts on; returns with them on. */
void arch_idle(void);
/* Does v have an unmasked upcall pending? */
bool vcpu_has_pending_upcall(const struct vcpu *v);
void vcpu_set_upcall_mask(struct vcpu *v, bool masked);
/* The guest's upcall gate must be looked at: nothing on most architectures. */
void arch_event_kick(struct vcpu *v);

/* ---- memory ---- */
/* Memory node of a frame and of a CPU; 0 on machines with one. Below 64. */
unsigned int mfn_to_node(mfn_t mfn);
unsigned int cpu_to_node(unsigned int cpu);
/* As map_domain_page(), for good: no limit on how many. */
void *map_domain_page_global(mfn_t mfn);
/* The clock of TLB flushes now; and a flush of every CPU that has not flushed since stamp. Interrupts on. */
uint32_t arch_tlb_stamp(void);
void arch_tlb_flush_since(uint32_t stamp);

/* ---- grants ---- */
/*
 * Maps mfn for curr's domain at addr: a linear address or, with GNTMAP_contains_pte, the machine address of a
 * page-table entry. flags are GNTMAP_*, cache is GTF_PWT, GTF_PCD, GTF_PAT of the grant. The caller's reference to
 * the frame, and to it as writable unless GNTMAP_readonly, become the entry's: they are given up when the
 * guest writes something else there, or its tables are torn down. 0, or an error and nothing has changed.
 */
int arch_grant_map(struct vcpu *curr, uint64_t addr, mfn_t mfn, unsigned int flags, unsigned int cache);
/*
 * Takes the mapping away, only if it is of mfn and as writable as flags say: the entry's references are the
 * caller's again. With new_addr not 0 what is mapped there moves to addr. Flushes nothing.
 */
int arch_grant_unmap(struct vcpu *curr, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags);
/* Where d has run, processors forget what they know from its tables; va not 0: of that address only. Interrupts on. */
void arch_flush_domain_tlb(const struct domain *d, unsigned long va);
/* Writes back, and with invalidate also drops, what caches hold of it. */
void arch_cache_clean(const void *va, size_t bytes, bool invalidate);

/* ---- inter-processor ---- */
/* Interrupts the CPU so that it looks at its softirqs. */
void smp_send_event_check_cpu(unsigned int cpu);
/* Runs fn(data) on all CPUs in mask, interrupts off there; wait: until done. Interrupts on here. */
void on_selected_cpus(const struct cpumask *mask, void (*fn)(void *), void *data, bool wait);

/* ---- time ---- */
/* Arms this CPU's event timer. False when the time, which may be any, is already past. */
bool reprogram_event_timer(s_time_t deadline);
/* Refreshes the time info v's kernel reads; when v starts to run, on calibration. v is current, or is not up. */
void update_vcpu_system_time(struct vcpu *v);
/* v's kernel, whose domain is the current one, wants a copy of the time info at va; 0: none. */
void set_vcpu_time_area(struct vcpu *v, unsigned long va);
void update_domain_wallclock(struct domain *d);
/* Sets the wall clock: seconds and ns since the epoch at system time t. */
void set_wallclock(uint64_t secs, uint32_t nsecs, s_time_t t);

/* ---- the machine ---- */
enum machine_end { MACHINE_HALT, MACHINE_REBOOT, MACHINE_POWEROFF };
void machine_end(enum machine_end how) __noreturn;
/* Registers and stack trace of this point, or of regs if not NULL. */
void show_execution_state(const struct cpu_user_regs *regs);
/* A symbol for a code address: "name+0x10/0x40"; always terminates. */
void symbol_format(char *buf, size_t size, unsigned long addr);

#endif
