/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tools' calls: other domains are made, changed, started and ended, so that other domains' frames and numbers exist. */
#ifndef HOSTILE_CONTROL_H
#define HOSTILE_CONTROL_H

#include "values.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>

static long domctl(struct xen_domctl *op, unsigned int cmd, domid_t id)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
	return hc_domctl(op);
}

static void end_domain(domid_t id)
{
	struct xen_domctl op = { .cmd = 0 };

	domctl(&op, XEN_DOMCTL_destroydomain, id);
}

/* A context that might run, or not. */
static struct vcpu_guest_context *any_context(unsigned long root)
{
	static struct vcpu_guest_context contexts[KIT_MAX_VCPUS];
	struct vcpu_guest_context *c = &contexts[kit_this_vcpu()->id];

	kit_vcpu_context(1, c);
	c->ctrlreg[3] = root << PAGE_SHIFT;
	if (one_in(2))
		c->ctrlreg[1] = foreign_mfn() << PAGE_SHIFT;
	for (unsigned int n = below(4); n; n--)
		((uint64_t *)c)[below(sizeof(*c) / 8)] = number();
	/* See set_debugreg(). */
	for (unsigned int i = 0; i < 4; i++)
		c->debugreg[i] = one_in(2) ? 0x401000 : 0;
	return c;
}

/* An empty page will do as its page-table root: it runs up to its first fault, for which it has no handler. */
static void start_domain(domid_t id, unsigned long root)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = root };
	struct xen_domctl op = { .cmd = 0 };

	hc_mmuext_op(&pin, 1, NULL, id);
	set_xen_guest_handle(op.u.vcpucontext.ctxt, any_context(root));
	domctl(&op, XEN_DOMCTL_setvcpucontext, id);
	domctl(&op, XEN_DOMCTL_unpausedomain, id);
}

/* One with a few frames, which from now on are among those that everything is tried with. */
static void make_domain(void)
{
	domid_t id = (domid_t)(1 + below(OTHERS));
	struct xen_domctl op = {
		.u.createdomain = { .max_vcpus = 1 + below(3), .max_evtchn_port = 1023, .max_grant_frames = 1 + (int)below(4),
				    .max_maptrack_frames = (int)below(4), .grant_opts = 1 },
	};
	xen_pfn_t frames[OTHERS_FRAMES];
	struct xen_memory_reservation r = { .nr_extents = OTHERS_FRAMES, .domid = id };

	if (one_in(2))
		end_domain(id);
	if (domctl(&op, XEN_DOMCTL_createdomain, id))
		return;
	me()->domains++;
	op.u.max_mem.max_memkb = 64 << below(8);
	domctl(&op, XEN_DOMCTL_max_mem, id);
	op.u.max_vcpus.max = 1;
	domctl(&op, XEN_DOMCTL_max_vcpus, id);
	for (unsigned int i = 0; i < OTHERS_FRAMES; i++)
		frames[i] = i;
	set_xen_guest_handle(r.extent_start, frames);
	for (long n = hc_memory_op(XENMEM_populate_physmap, &r); n-- > 0; ) {
		others_mfn[(id - 1) * OTHERS_FRAMES + (unsigned int)n] = frames[n];
		frame_add(others, frames[n]);	/* for good: a map of ours outlives its domain */
	}
	if (one_in(2))
		start_domain(id, frames[0]);
}

static void domctl_call(struct call *c, unsigned int slot)
{
	static const uint8_t cmds[] = {
		XEN_DOMCTL_destroydomain, XEN_DOMCTL_pausedomain, XEN_DOMCTL_unpausedomain, XEN_DOMCTL_unpausedomain,
		XEN_DOMCTL_resumedomain, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_max_mem, XEN_DOMCTL_getpageframeinfo3,
		XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext, XEN_DOMCTL_getvcpuinfo,
		XEN_DOMCTL_max_vcpus, XEN_DOMCTL_scheduler_op, XEN_DOMCTL_setvcpuaffinity, XEN_DOMCTL_getvcpuaffinity,
		XEN_DOMCTL_irq_permission, XEN_DOMCTL_iomem_permission, XEN_DOMCTL_ioport_permission,
		XEN_DOMCTL_hypercall_init, XEN_DOMCTL_settimeoffset, XEN_DOMCTL_set_cpu_policy, XEN_DOMCTL_get_cpu_policy,
		XEN_DOMCTL_set_vcpu_msrs, XEN_DOMCTL_get_vcpu_msrs, XEN_DOMCTL_set_ext_vcpucontext,
		XEN_DOMCTL_get_ext_vcpucontext, XEN_DOMCTL_settscinfo, XEN_DOMCTL_gettscinfo, XEN_DOMCTL_shadow_op,
		XEN_DOMCTL_getvcpuextstate, XEN_DOMCTL_setvcpuextstate, XEN_DOMCTL_sendtrigger, XEN_DOMCTL_setnodeaffinity, XEN_DOMCTL_set_virq_handler, XEN_DOMCTL_subscribe,
	};
	struct xen_domctl *op = slot_at(slot);

	fill(op, sizeof(*op));
	op->cmd = one_in(24) ? below(100) : cmds[below(ARRAY_SIZE(cmds))];
	if (op->cmd == XEN_DOMCTL_createdomain)		/* see make_domain() */
		op->cmd = XEN_DOMCTL_getdomaininfo;
	op->interface_version = one_in(32) ? below(64) : XEN_DOMCTL_INTERFACE_VERSION;
	if (one_in(2))		/* of many calls the number of a vCPU */
		*(uint32_t *)&op->u = below(2);
	op->domain = (domid_t)(one_in(16) ? 77 : 1 + below(OTHERS));
	if (op->cmd == XEN_DOMCTL_setvcpucontext || op->cmd == XEN_DOMCTL_getvcpucontext) {
		op->u.vcpucontext.vcpu = below(2);
		set_xen_guest_handle(op->u.vcpucontext.ctxt, one_in(4) ? NULL : any_context(foreign_mfn()));
	}
	if (op->cmd == XEN_DOMCTL_max_vcpus)
		op->u.max_vcpus.max = below(4);
	c->a[0] = one_in(16) ? bad_va() : (unsigned long)op;
}

static void sysctl_call(struct call *c, unsigned int slot)
{
	static const uint8_t cmds[] = {
		XEN_SYSCTL_readconsole, XEN_SYSCTL_physinfo, XEN_SYSCTL_sched_id, XEN_SYSCTL_getdomaininfolist,
		XEN_SYSCTL_getcpuinfo, XEN_SYSCTL_availheap, XEN_SYSCTL_get_pmstat, XEN_SYSCTL_pm_op, XEN_SYSCTL_cputopoinfo,
		XEN_SYSCTL_numainfo, XEN_SYSCTL_cpupool_op, XEN_SYSCTL_scheduler_op, XEN_SYSCTL_pcitopoinfo,
		XEN_SYSCTL_get_cpu_levelling_caps, XEN_SYSCTL_get_cpu_featureset, XEN_SYSCTL_get_cpu_policy, XEN_SYSCTL_perfc_op,
	};
	struct xen_sysctl *op = slot_at(slot);

	fill(op, sizeof(*op));
	op->cmd = one_in(24) ? 40 + below(100) : cmds[below(ARRAY_SIZE(cmds))];
	op->interface_version = one_in(32) ? below(64) : XEN_SYSCTL_INTERFACE_VERSION;
	c->a[0] = one_in(16) ? bad_va() : (unsigned long)op;
}

#endif
