/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers of the control interface, for the tables in domctl.c and sysctl.c. */
#ifndef COMMON_CTL_CTL_H
#define COMMON_CTL_CTL_H

#include <tenon/ctl.h>
#include <tenon/guest_access.h>

/* Taken by each operation for as long as it runs, by trying only: the caller comes again. */
extern spinlock_t ctl_lock;

/* ---- bitmap.c: sets of numbers in the caller's memory. 0, -EFAULT, or -E2BIG ---- */
int ctl_bitmap_put(const struct xenctl_bitmap *b, const unsigned long *bits, unsigned int nr);
/* Numbers from nr on are left out. */
int ctl_bitmap_get(unsigned long *bits, unsigned int nr, const struct xenctl_bitmap *b);

/* ---- versions.c ---- */
/* An interface version of domctl, as it differs from the one whose layout our headers have. */
struct domctl_version {
	uint32_t version;
	uint32_t last;			/* operations up to here are known to it: those beyond ours are refused */
	bool exact;			/* getdomaininfo is of that very domain */
	/* Between that layout and ours, in place; NULL where nothing differs. 0 or -errno. */
	int (*in)(struct xen_domctl *op);
	void (*out)(struct xen_domctl *op);
};
/* NULL: not one that we serve. */
const struct domctl_version *domctl_version(uint32_t version);

/* ---- domain_info.c ---- */
void ctl_domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* ---- cpupool.c ---- */
/* NULL: there is no pool of that number. ctl_lock held. */
struct cpupool;
struct cpupool *ctl_cpupool(uint32_t id);

/* What tools take our scheduler for. */
#define CTL_SCHEDULER	XEN_SCHEDULER_CREDIT2

typedef long domctl_fn(struct vcpu *curr, struct domain *d, struct xen_domctl *op);
domctl_fn domctl_getdomaininfo;					/* domain_info.c */
domctl_fn domctl_createdomain, domctl_destroydomain;		/* life.c */
domctl_fn domctl_pausedomain, domctl_unpausedomain, domctl_resumedomain;
domctl_fn domctl_max_mem, domctl_setdomainhandle, domctl_subscribe, domctl_set_virq_handler;	/* limits.c */
domctl_fn domctl_settimeoffset, domctl_irq_permission, domctl_iomem_permission;
domctl_fn domctl_setnodeaffinity, domctl_getnodeaffinity;
domctl_fn domctl_max_vcpus, domctl_getvcpuinfo;			/* vcpus.c */
domctl_fn domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_sendtrigger;
domctl_fn domctl_scheduler_op;					/* scheduling.c */

typedef long sysctl_fn(struct vcpu *curr, struct xen_sysctl *op);
sysctl_fn sysctl_readconsole, sysctl_debug_keys;		/* log.c */
sysctl_fn sysctl_getdomaininfolist;				/* domain_info.c */
sysctl_fn sysctl_physinfo, sysctl_getcpuinfo, sysctl_availheap;	/* machine.c */
sysctl_fn sysctl_cputopoinfo, sysctl_numainfo, sysctl_pcitopoinfo;
sysctl_fn sysctl_get_pmstat, sysctl_cpu_hotplug, sysctl_pm_op;	/* power.c */
sysctl_fn sysctl_sched_id, sysctl_scheduler_op;			/* scheduling.c */
sysctl_fn sysctl_perfc_op;					/* perfc.c */
sysctl_fn sysctl_coverage_op;					/* coverage.c */
sysctl_fn sysctl_cpupool_op;					/* cpupool.c */

#endif
