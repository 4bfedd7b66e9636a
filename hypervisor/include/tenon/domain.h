/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains and their virtual CPUs: what is common to all architectures. */
#ifndef TENON_DOMAIN_H
#define TENON_DOMAIN_H

#include <tenon/cpumask.h>
#include <tenon/list.h>
#include <tenon/mm.h>
#include <tenon/rangeset.h>
#include <tenon/softirq.h>
#include <tenon/spinlock.h>
#include <tenon/timer.h>
#include <tenon/event.h>
#include <xen/xen.h>
#include <xen/vcpu.h>
#include <asm/domain.h>
#include <asm/nospec.h>

#define MAX_VCPUS	128	/* of a PV domain */

struct grant_table;
struct sched_vcpu;
struct sched_domain;

enum vcpu_pause_flag {		/* bit numbers in vcpu.pause_flags; any set: not runnable */
	VPF_blocked,		/* waits for an event or its timer */
	VPF_down,		/* not started, or VCPUOP_down */
	VPF_poll,		/* in SCHEDOP_poll */
	VPF_migrating,		/* scheduler is moving it */
};

struct vcpu {
	/* Read by the entry code at fixed offsets; keep first. */
	struct vcpu_info *vcpu_info;		/* never NULL: a dummy until registered */
	struct domain *domain;
	unsigned int vcpu_id;
	unsigned int processor;			/* where it runs or last ran; scheduler's lock */
	bool is_idle;
	bool is_running;			/* on a CPU now; scheduler's lock */
	bool is_initialised;			/* has a context */
	bool defer_shutdown, paused_for_shutdown;
	uint32_t loaded_cpu;			/* whose registers/TLB may hold its state; VCPU_NOT_LOADED */
	unsigned long pause_flags;		/* enum vcpu_pause_flag, atomic */
	int32_t pause_count;			/* atomic */

	struct arch_vcpu arch;

	struct sched_vcpu *sched;		/* scheduler's private part */
	struct cpumask hard_affinity, soft_affinity;
	struct vcpu_runstate_info runstate;	/* scheduler's lock */
	vaddr_t runstate_guest;			/* registered area, 0 if none */
	bool runstate_stale;			/* it could not be written; its own CPU */
	vaddr_t time_info_guest;		/* registered secondary time area, 0 if none */
	mfn_t vcpu_info_mfn;			/* frame of a registered vcpu_info, or INVALID_MFN_RAW */

	struct timer periodic_timer, singleshot_timer, poll_timer;
	s_time_t periodic_period, periodic_last_event;

	int32_t poll_evtchn;			/* port polled for; 0 none, -1 several */
	uint32_t virq_to_evtchn[NR_VIRQS];	/* its domain's evt.lock; read without */
	uint32_t pirq_ports;			/* first of its ports of physical interrupts, 0: none; evt.lock */
	struct evtchn_fifo_vcpu *evtchn_fifo;
	uint8_t nmi_pending;			/* deliver an NMI at the next entry to the guest */
};
#define VCPU_NOT_LOADED	(~0U)

#define SHUTDOWN_CODE_INVALID	(~0U)

enum domain_dying { DOM_ALIVE, DOM_DYING, DOM_DEAD };

struct domain {
	domid_t domain_id;
	bool is_privileged;			/* may use the control interface: dom0 */
	bool is_idle;
	bool is_complete;			/* domain_get() finds it */
	bool is_xenstore;			/* tools may know that the store daemon runs in it */
	int32_t refcount;			/* atomic; free when 0 */

	/* Memory: page_lock */
	spinlock_t page_lock;
	struct page_list pages, hv_pages;	/* its own; the hypervisor's shared with it */
	unsigned long tot_pages, max_pages, outstanding_claim;

	struct shared_info *shared_info;	/* one hypervisor page */
	unsigned int max_vcpus;
	struct vcpu **vcpu;			/* max_vcpus entries; set once, NULL until created */

	struct sched_domain *sched;		/* scheduler's private part */
	struct event_domain evt;
	struct grant_table *grant_table;
	struct rangeset *iomem_caps, *irq_caps;	/* machine frames; GSIs/PIRQs */

	enum domain_dying dying;
	bool is_shutting_down, is_shut_down;
	uint32_t shutdown_code;			/* shutdown_lock */
	spinlock_t shutdown_lock;
	int32_t pause_count;			/* atomic, hypervisor's pauses */
	int32_t controller_pause_count;

	/* What tools gave it. */
	xen_domain_handle_t handle;
	struct xen_arch_domainconfig arch_config;
	unsigned long node_affinity;		/* memory nodes to take frames from; 0: no matter which */
	uint32_t suspend_port;			/* is signalled when it suspends; 0: VIRQ_DOM_EXC is */
	bool has_run;				/* its making is finished */

	unsigned long vm_assist;		/* VMASST_TYPE bits */
	int32_t time_offset_seconds;
	bool runstate_ro_update;
	unsigned long poll_mask[BITS_TO_LONGS(MAX_VCPUS)];	/* vCPUs in SCHEDOP_poll */
	spinlock_t domain_lock;			/* rare, structural changes */

	struct tasklet free_work;		/* frees it after the last reference */
	struct domain **empty_part;		/* of the table of numbers, freed with it */

	struct arch_domain arch;
};

extern struct domain *dom0;			/* the hardware domain */
extern struct domain *dom_io, *dom_xen;		/* pseudo domains: owners of MMIO and of hypervisor pages */
extern struct domain *idle_domain;

struct domain_config {
	unsigned int max_vcpus;
	bool privileged;
	unsigned int max_event_port, max_grant_frames, max_maptrack_frames;
};
#define GRANT_FRAMES_DEFAULT	64
#define MAPTRACK_FRAMES_DEFAULT	1024
/* Creates a domain with no vCPU. Returns a pointer or NULL with *err set. */
struct domain *domain_create(domid_t id, const struct domain_config *config, int *err);
struct vcpu *vcpu_create(struct domain *d, unsigned int vcpu_id);
/* A reference to the guest of that id, or NULL; DOMID_SELF is the caller's job. No lock, any context. */
struct domain *__must_check domain_get(domid_t id);
bool __must_check domain_get_ref(struct domain *d);
void domain_put(struct domain *d);
/* The first guest with that id or a higher one, with a reference; NULL if there is none. */
struct domain *__must_check domain_get_from(unsigned int id);
/* As domain_get, with DOMID_SELF meaning curr's. */
struct domain *__must_check domain_get_any(struct vcpu *curr, domid_t id);
/*
 * The domain of an id by table, without a reference; NULL if there is none. The caller knows by
 * other means (a reference to one of its pages) that it does not go away, or has interrupts off. Pseudo domains are
 * found, too.
 */
#define DOMID_TABLE_SHIFT	8
extern struct domain **domain_table[(1 << 15) >> DOMID_TABLE_SHIFT];
static inline struct domain *domain_by_id(domid_t id)
{
	struct domain **part = id < 1 << 15 ? domain_table[id % (1 << 15) >> DOMID_TABLE_SHIFT] : NULL;

	return part ? part[id & ((1 << DOMID_TABLE_SHIFT) - 1)] : NULL;
}

/* All guests by id, each with a reference: who leaves the loop early drops it. No lock that interrupts take is held. */
#define for_each_domain(d)	for (d = domain_get_from(0); d; d = domain_get_after(d))
struct domain *__must_check domain_get_after(struct domain *d);
/* NULL: there is none of that number. */
static inline struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
	return id < d->max_vcpus ? d->vcpu[index_nospec(id, d->max_vcpus)] : NULL;
}

#define for_each_vcpu(d, v) \
	for (unsigned int v##_i_ = 0; v##_i_ < (d)->max_vcpus; v##_i_++) \
		if (!((v) = (d)->vcpu[v##_i_])) { } else

void domain_shutdown(struct domain *d, uint32_t reason);
/* A domain that was shut down goes on. Not the caller's own. */
void domain_resume(struct domain *d);
/* Crash: records the reason, shuts down; for dom0 the machine follows noreboot rules. */
void domain_crash(struct domain *d, const char *why);
void domain_pause(struct domain *d);
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);
void vcpu_pause(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);

static inline bool is_hardware_domain(const struct domain *d) { return d == dom0; }

/* vCPU operations (common/domain). */
int vcpu_register_info(struct vcpu *v, mfn_t frame, unsigned int offset);
/* Copies the runstate to the guest's area if one is registered. Called on context switch. */
void vcpu_update_runstate_area(struct vcpu *v);
/* v gets a CPU: the ticks of its periodic timer go on, one at once if one is due. */
void vcpu_periodic_resume(struct vcpu *v);
void vcpu_timers_init(struct vcpu *v);
void vcpu_timers_kill(struct vcpu *v);
void vcpu_destroy(struct vcpu *v);
/* v's kernel gets an NMI. */
void vcpu_send_nmi(struct vcpu *v);
/*
 * Takes everything away from a domain that shall be no more and drops the caller's reference that
 * creation gave. -ERESTART: not done yet, to be called again.
 */
int domain_kill(struct domain *d);
/* The pseudo domains and the idle domain; before anything is scheduled. */
void domains_init(void);
void domain_dump_all(unsigned char key);

#include <tenon/page_ref.h>

#endif
