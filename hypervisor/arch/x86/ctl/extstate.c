/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vCPU's extended state, as tools take it to another machine: XCR0, what it may have been at most, and what XSAVE
 * would store of that, without compaction.
 */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/system.h>
#include <asm/xstate.h>
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "ctl.h"

#define FIRST_COMPONENT	2	/* those before are in the area's first part */
#define NR_COMPONENTS	63

struct state {
	uint64_t xcr0, xcr0_accum;
	struct xsave_area area;	/* more follows: a page at most */
};
#define HEADER_SIZE	offsetof(struct state, area)

/* A component's place in an area with the components of xcomp_bv (0: without compaction). Bytes from the start; length in *size. */
static uint32_t place(unsigned int i, uint64_t xcomp_bv, uint32_t *size)
{
	uint32_t at = sizeof(struct xsave_area), offset, c, d;

	cpuid_count(0xd, i, size, &offset, &c, &d);
	if (!(xcomp_bv & XCOMP_COMPACT))
		return offset;
	for (unsigned int n = FIRST_COMPONENT; n <= i; n++) {
		uint32_t length;

		if (!(xcomp_bv >> n & 1))
			continue;
		cpuid_count(0xd, n, &length, &offset, &c, &d);
		if (c & 2)
			at = ROUNDUP(at, 64);
		if (n < i)
			at += length;
	}
	return at;
}

static void copy_components(struct xsave_area *to, const struct xsave_area *from)
{
	for (unsigned int i = FIRST_COMPONENT; i < NR_COMPONENTS; i++) {
		uint32_t size, dst, src;

		if (!(from->xstate_bv >> i & 1))
			continue;
		dst = place(i, to->xcomp_bv, &size);
		src = place(i, from->xcomp_bv, &size);
		memcpy((char *)to + dst, (const char *)from + src, size);
	}
}

static uint64_t most(const struct domain *d)
{
	return d->arch.cpuid->xcr0_mask & fpu_xcr0_mask;
}

/* Bytes that tools move; 0 without XSAVE. */
static uint32_t state_size(uint64_t components)
{
	uint32_t end = sizeof(struct xsave_area);

	for (unsigned int i = FIRST_COMPONENT; i < NR_COMPONENTS; i++)
		if (components >> i & 1) {
			uint32_t size, at = place(i, 0, &size);

			end = max(end, at + size);
		}
	return components ? HEADER_SIZE + end : 0;
}

/* A page and the header, zeroed. */
static struct state *state_alloc(void)
{
	struct state *s = xmalloc_bytes(HEADER_SIZE + PAGE_SIZE);

	if (s)
		memset(s, 0, HEADER_SIZE + PAGE_SIZE);
	return s;
}

long domctl_getvcpuextstate(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	struct vcpu *v = domain_vcpu(d, e->vcpu);
	uint32_t size = state_size(most(d));
	struct state *s;
	long rc;

	if (!v)
		return -ESRCH;
	if (v == curr)
		return -EINVAL;
	if ((!e->size && !e->xfeature_mask) || guest_handle_is_null(e->buffer)) {
		e->xfeature_mask = fpu_xcr0_mask;
		e->size = size;
		return 0;
	}
	if (e->size < size || e->xfeature_mask != fpu_xcr0_mask)
		return -EINVAL;
	s = state_alloc();
	if (!s)
		return -ENOMEM;
	vcpu_pause(v);
	s->xcr0 = v->arch.xcr0;
	s->xcr0_accum = most(d);
	fpu_get_legacy(v, &s->area);
	s->area.xstate_bv = v->arch.xsave->xstate_bv & s->xcr0_accum;
	copy_components(&s->area, v->arch.xsave);
	vcpu_unpause(v);
	e->size = size;
	rc = copy_to_guest_va(e->buffer.va, s, size) ? -EFAULT : 0;
	xfree(s);
	return rc;
}

/* Nothing in it makes XRSTOR fault, or is more than the domain's CPUID shows. 0 or -errno. */
static int check(const struct state *s, uint32_t size, uint64_t allowed)
{
	const struct xsave_area *area = &s->area;

	if (area->xcomp_bv)
		return -EOPNOTSUPP;
	if (!fpu_xcr0_ok(s->xcr0_accum, allowed) || !fpu_xcr0_ok(s->xcr0, s->xcr0_accum) || size != state_size(s->xcr0_accum))
		return -EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(area->reserved1); i++)
		if (area->reserved1[i])
			return -EIO;
	return area->xstate_bv & ~s->xcr0_accum ? -EINVAL : 0;
}

long domctl_setvcpuextstate(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	struct vcpu *v = domain_vcpu(d, e->vcpu);
	struct state *s;
	long rc;

	if (!v)
		return -ESRCH;
	if (v == curr || e->size < HEADER_SIZE || e->size > state_size(fpu_xcr0_mask))
		return -EINVAL;
	s = state_alloc();
	if (!s)
		return -ENOMEM;
	rc = copy_from_guest_va(s, e->buffer.va, e->size) ? -EFAULT : check(s, (uint32_t)e->size, most(d));
	if (!rc) {
		vcpu_pause(v);
		v->arch.xcr0 = s->xcr0;
		fpu_set_legacy(v, &s->area);
		v->arch.xsave->xstate_bv = s->area.xstate_bv;
		copy_components(v->arch.xsave, &s->area);
		vcpu_unpause(v);
	}
	xfree(s);
	return rc;
}
