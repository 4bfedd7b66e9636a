/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this port does with domains for tools, and the table of all that it does. */
#include <asm/cpu.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/time.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/rangeset.h>
#include "ctl.h"

#define TSC_DEFAULT	0
#define TSC_NATIVE	2

static long address_size(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	if (op->cmd == XEN_DOMCTL_get_address_size) {
		op->u.address_size.size = 64;
		return 0;
	}
	return op->u.address_size.size == 64 ? 0 : op->u.address_size.size == 32 ? -EOPNOTSUPP : -EINVAL;
}

static long hypercall_init(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	mfn_t mfn = _mfn(op->u.hypercall_init.gmfn);
	void *page;

	if (!mfn_valid(mfn) || get_page_and_type(mfn_to_page(mfn), d, PGT_writable))
		return -EINVAL;
	page = map_domain_page(mfn);
	pv_hypercall_page_init(page);
	unmap_domain_page(page);
	put_page_and_type(mfn_to_page(mfn));
	return 0;
}

static long ioport_permission(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;
	uint64_t last = (uint64_t)p->first_port + p->nr_ports - 1;

	if (!p->nr_ports || last > UINT16_MAX)
		return -EINVAL;
	if (!rangeset_contains(curr->domain->arch.ioport_caps, p->first_port, last))
		return -EPERM;
	return p->allow_access ? rangeset_add(d->arch.ioport_caps, p->first_port, last) :
				 rangeset_remove(d->arch.ioport_caps, p->first_port, last);
}

/* The counter is the machine's own, always: what would need another one is refused. */
static long tsc_info(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_tsc_info *t = &op->u.tsc_info;

	if (op->cmd == XEN_DOMCTL_gettscinfo) {
		*t = (struct xen_domctl_tsc_info){
			.tsc_mode = d->arch.tsc_mode, .incarnation = d->arch.tsc_incarnation,
		};
		return 0;
	}
	if (d->has_run)
		return -EEXIST;
	if (t->tsc_mode != TSC_DEFAULT && t->tsc_mode != TSC_NATIVE)
		return -EOPNOTSUPP;
	if (t->tsc_mode == TSC_DEFAULT && t->gtsc_khz && t->gtsc_khz != tsc_khz)
		return -EOPNOTSUPP;
	d->arch.tsc_mode = t->tsc_mode;
	d->arch.tsc_incarnation = t->incarnation;
	return 0;
}

/* ---- what frames are ---- */

static xen_pfn_t describe(struct domain *d, xen_pfn_t mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));
	uint64_t x, type;
	bool shared;

	if (!mfn_valid(_mfn(mfn)) || !get_page(pg, d))
		return XEN_DOMCTL_PFINFO_XTAB;
	x = READ_ONCE(pg->type);
	shared = pg->refs & PGC_hypervisor;
	put_page(pg);
	if (shared)
		return XEN_DOMCTL_PFINFO_XTAB;
	type = (x & PGT_type_mask) >> 60;
	if (!(x & PGT_count_mask) || type < 1 || type > 4)
		return XEN_DOMCTL_PFINFO_NOTAB;
	return type << XEN_DOMCTL_PFINFO_LTAB_SHIFT | (x & PGT_pinned ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
}

static long getpageframeinfo3(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getpageframeinfo3 *g = &op->u.getpageframeinfo3;

	while (g->num) {
		xen_pfn_t frame;

		if (copy_from_guest(&frame, g->array, 1))
			return -EFAULT;
		frame = describe(d, frame);
		if (copy_to_guest(g->array, &frame, 1))
			return -EFAULT;
		g->num--;
		g->array.va += sizeof(frame);
		if (g->num && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

/* There is no shadow of a domain's page tables: no memory is used for it, and changes are not recorded. */
static long shadow_op(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_shadow_op *s = &op->u.shadow_op;

	if (s->op == XEN_DOMCTL_SHADOW_OP_OFF)
		return 0;
	if (s->op == XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION)
		s->mb = 0;
	else if (s->op != XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION || s->mb)
		return -EOPNOTSUPP;
	return 0;
}

static long refuse(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	return -EOPNOTSUPP;
}

#define OP(name, fn, flags)	[XEN_DOMCTL_##name] = { fn, flags }
const struct domctl_op arch_domctl_ops[] = {
	OP(shadow_op, shadow_op, CTL_OTHER | CTL_OUT),
	OP(setvcpucontext, domctl_setvcpucontext, CTL_OTHER | CTL_ALIVE),
	OP(getvcpucontext, domctl_getvcpucontext, 0),
	OP(ioport_permission, ioport_permission, CTL_ALIVE),
	OP(hypercall_init, hypercall_init, CTL_ALIVE),
	OP(set_address_size, address_size, CTL_OTHER),
	OP(get_address_size, address_size, CTL_OUT),
	OP(set_ext_vcpucontext, domctl_set_ext_vcpucontext, CTL_OTHER),
	OP(get_ext_vcpucontext, domctl_get_ext_vcpucontext, CTL_OUT),
	OP(gettscinfo, tsc_info, CTL_OUT),
	OP(settscinfo, tsc_info, CTL_OTHER),
	OP(getpageframeinfo3, getpageframeinfo3, CTL_OUT),
	OP(setvcpuextstate, domctl_setvcpuextstate, CTL_OTHER | CTL_ALIVE),
	OP(getvcpuextstate, domctl_getvcpuextstate, CTL_OUT),
	OP(get_vcpu_msrs, domctl_get_vcpu_msrs, CTL_OUT_ALWAYS),
	OP(set_vcpu_msrs, domctl_set_vcpu_msrs, CTL_OTHER | CTL_OUT_ALWAYS),
	OP(get_cpu_policy, domctl_get_cpu_policy, CTL_OUT),
	OP(set_cpu_policy, domctl_set_cpu_policy, CTL_OTHER | CTL_ALIVE | CTL_OUT_ALWAYS),
	OP(get_paging_mempool_size, refuse, 0),
	OP(set_paging_mempool_size, refuse, 0),
};
const unsigned int nr_arch_domctl_ops = ARRAY_SIZE(arch_domctl_ops);

/* No devices are emulated for PV guests. */
int arch_config_check(const struct xen_arch_domainconfig *c)
{
	if (c->misc_flags & ~XEN_X86_MSR_RELAXED)
		return -EINVAL;
	return c->emulation_flags ? -EOPNOTSUPP : 0;
}

void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	info->gpaddr_bits = (uint8_t)boot_cpu.phys_bits;
}
