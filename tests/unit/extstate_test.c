/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended state as tools see it, with this processor's own: what XSAVEC stores is told as XSAVE would have stored it, and
 * what is written so XRSTOR takes.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/xstate.h>
#include <tenon/ctl.h>
#include <tenon/guest_access.h>
#include "../lib/tap.h"

long domctl_getvcpuextstate(struct vcpu *curr, struct domain *d, struct xen_domctl *op);
long domctl_setvcpuextstate(struct vcpu *curr, struct domain *d, struct xen_domctl *op);

/* ---- what it calls ---- */
uint64_t fpu_xcr0_mask;
static bool compact;

void vcpu_pause(struct vcpu *v) { }
void vcpu_unpause(struct vcpu *v) { }
void *xmalloc_bytes(size_t n) { return malloc(n); }
void xfree(void *p) { free(p); }
bool fpu_xcr0_ok(uint64_t xcr0, uint64_t allowed) { return (xcr0 & 1) && !(xcr0 & ~allowed); }

static unsigned long fault_at;		/* an address that guests may not use */

int copy_to_guest_va(unsigned long to, const void *from, size_t n)
{
	return to == fault_at ? -EFAULT : (memcpy((void *)to, from, n), 0);
}

int copy_from_guest_va(void *to, unsigned long from, size_t n)
{
	return from == fault_at ? -EFAULT : (memcpy(to, (void *)from, n), 0);
}

void fpu_get_legacy(const struct vcpu *v, void *image)
{
	memcpy(image, v->arch.xsave, offsetof(struct xsave_area, xstate_bv));
}

void fpu_set_legacy(struct vcpu *v, const void *image)
{
	memset(v->arch.xsave, 0, PAGE_SIZE);
	memcpy(v->arch.xsave, image, offsetof(struct xsave_area, xstate_bv));
	v->arch.xsave->xstate_bv = 3;
	v->arch.xsave->xcomp_bv = compact ? XCOMP_COMPACT | fpu_xcr0_mask : 0;
}

/* ---- the processor ---- */
static uint8_t area[PAGE_SIZE] __attribute__((aligned(64))), plain[PAGE_SIZE] __attribute__((aligned(64)));
static uint64_t buffer[2 + 512];

/* Registers of every component that there is, then both forms of what they hold. */
static void fill_and_save(void)
{
	static uint64_t pattern[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	for (unsigned int i = 0; i < 8; i++)
		pattern[i] *= 0x0123456789abcdefUL;
	if (fpu_xcr0_mask & XSTATE_AVX512)
		__asm__ volatile("vmovdqu64 %0, %%zmm5; vmovdqu64 %0, %%zmm21; kmovw %k1, %%k3; xsavec64 %2; xsave64 %3" :
				 : "m"(pattern), "r"(0x5a5a), "m"(area), "m"(plain), "a"((uint32_t)fpu_xcr0_mask), "d"(0) : "memory");
	else
		__asm__ volatile("vmovdqu %0, %%ymm5; xsavec64 %1; xsave64 %2" :
				 : "m"(pattern), "m"(area), "m"(plain), "a"((uint32_t)fpu_xcr0_mask), "d"(0) : "memory");
}

static bool can_run(void)
{
	uint32_t a, b, c, d;

	cpuid(1, &a, &b, &c, &d);
	if (!(c >> 27 & 1) || !(c >> 28 & 1))
		return false;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	fpu_xcr0_mask = a & 0xe7;
	if ((fpu_xcr0_mask & XSTATE_AVX512) != XSTATE_AVX512)
		fpu_xcr0_mask &= ~XSTATE_AVX512;
	cpuid_count(0xd, 1, &a, &b, &c, &d);
	return (a >> 1 & 1) && (fpu_xcr0_mask & XSTATE_AVX);
}

static struct cpuid_policy policy;
static struct domain dom = { .max_vcpus = 1 };
static struct vcpu v, *vcpus[1] = { &v };
static struct xen_domctl op;

static long get(uint64_t size, uint64_t mask, void *to)
{
	op.u.vcpuextstate = (struct xen_domctl_vcpuextstate){ .size = size, .xfeature_mask = mask, .buffer.va = (unsigned long)to };
	return domctl_getvcpuextstate(NULL, &dom, &op);
}

static long set(uint64_t size, void *from)
{
	op.u.vcpuextstate = (struct xen_domctl_vcpuextstate){ .size = size, .buffer.va = (unsigned long)from };
	return domctl_setvcpuextstate(NULL, &dom, &op);
}

static bool same_components(const void *a, const void *b)
{
	for (unsigned int i = 2; i < 63; i++) {
		uint32_t size, at, c, d;

		if (!(((const struct xsave_area *)a)->xstate_bv >> i & 1))
			continue;
		cpuid_count(0xd, i, &size, &at, &c, &d);
		if (memcmp((const char *)a + at, (const char *)b + at, size))
			return false;
	}
	return true;
}

static void test_round_trip(void)
{
	static uint8_t copy[PAGE_SIZE] __attribute__((aligned(64)));
	struct xsave_area *told = (void *)(buffer + 2);
	uint64_t size;

	ok(!get(0, 0, NULL) && op.u.vcpuextstate.xfeature_mask == fpu_xcr0_mask, "how much there is");
	size = op.u.vcpuextstate.size;
	v.arch.xsave = (void *)area;
	v.arch.xcr0 = 7;
	fill_and_save();
	ok(v.arch.xsave->xcomp_bv & XCOMP_COMPACT, "the processor leaves no gaps");
	ok(!get(size, fpu_xcr0_mask, buffer) && buffer[0] == 7 && buffer[1] == fpu_xcr0_mask && !told->xcomp_bv, "read");
	ok(told->xstate_bv == v.arch.xsave->xstate_bv && same_components(told, plain), "as without compaction");
	for (compact = false;; compact = true) {
		memset(copy, 0xee, sizeof(copy));
		v.arch.xsave = (void *)copy;
		v.arch.xcr0 = 0;
		ok(!set(size, buffer) && v.arch.xcr0 == 7, "written%s", compact ? ", to be without gaps" : "");
		memset(plain, 0, sizeof(plain));
		__asm__ volatile("xrstor64 %0; xsave64 %1" :: "m"(copy), "m"(plain), "a"((uint32_t)fpu_xcr0_mask), "d"(0) : "memory");
		ok(same_components(told, plain), "the processor has it");
		if (compact)
			break;
	}
	ok(get(size - 1, fpu_xcr0_mask, buffer) == -EINVAL && get(size, fpu_xcr0_mask ^ 1, buffer) == -EINVAL, "another size, another machine");
	fault_at = (unsigned long)buffer;
	ok(get(size, fpu_xcr0_mask, buffer) == -EFAULT && set(size, buffer) == -EFAULT, "no memory for it");
	fault_at = 0;
}

static void test_refused(void)
{
	static uint64_t good[2 + 512];
	struct xsave_area *a = (void *)(buffer + 2);
	uint64_t size;

	get(0, 0, NULL);
	size = op.u.vcpuextstate.size;
	memcpy(good, buffer, sizeof(good));
	ok(set(15, buffer) == -EINVAL && set(~0UL, buffer) == -EINVAL && set(size - 8, buffer) == -EINVAL, "a wrong size");
	buffer[0] = 1UL << 40 | 1;
	ok(set(size, buffer) == -EINVAL, "XCR0 beyond what is named");
	buffer[1] = 1UL << 40 | 1;
	ok(set(size, buffer) == -EINVAL, "and beyond the machine");
	memcpy(buffer, good, sizeof(good));
	a->xstate_bv |= 1UL << 50;
	ok(set(size, buffer) == -EINVAL, "a component that there is not");
	memcpy(buffer, good, sizeof(good));
	a->xcomp_bv = XCOMP_COMPACT;
	ok(set(size, buffer) == -EOPNOTSUPP, "a form that is not told");
	memcpy(buffer, good, sizeof(good));
	a->reserved1[3] = 1;
	ok(set(size, buffer) == -EIO, "reserved words");
	op.u.vcpuextstate.vcpu = 1;
	ok(domctl_setvcpuextstate(NULL, &dom, &op) == -ESRCH && domctl_getvcpuextstate(NULL, &dom, &op) == -ESRCH, "no such vCPU");
	ok(domctl_getvcpuextstate(&v, &dom, &(struct xen_domctl){ 0 }) == -EINVAL, "not one's own");
	/* A domain that sees less has less. */
	memcpy(buffer, good, sizeof(good));
	policy.xcr0_mask = 3;
	ok(!get(0, 0, NULL) && op.u.vcpuextstate.size == 16 + 576 && set(size, buffer) == -EINVAL, "more than CPUID shows");
	policy.xcr0_mask = 0;
	ok(!get(0, 0, NULL) && !op.u.vcpuextstate.size, "nothing without XSAVE");
}

int main(void)
{
	if (!can_run()) {
		printf("1..0 # SKIP this processor has no XSAVEC or AVX\n");
		return 0;
	}
	dom.vcpu = vcpus;
	dom.arch.cpuid = &policy;
	policy.xcr0_mask = fpu_xcr0_mask;
	test_round_trip();
	test_refused();
	return tap_end();
}
