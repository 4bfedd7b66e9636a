/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FPU, SSE and extended state (SDM 1 chapter 13). It is always in the registers while its vCPU is
 * loaded: no trap switches it lazily, and nothing of another vCPU's stays behind, since
 * restoring puts every component that we know into the initial state which the image does not hold.
 *
 * XCR0 has all that we save while we save and restore; the guest's own choice holds
 * while the vCPU is loaded. CR0 is as guests are told that it is: pv/priv_emul_cr.c.
 */
#include <asm/cpu.h>
#include <asm/system.h>
#include <asm/xstate.h>
#include <tenon/domain.h>
#include <tenon/lib.h>
#include <tenon/mm.h>
#include <tenon/percpu.h>

#define FCW_DEFAULT	0x37f
#define MXCSR_DEFAULT	0x1f80
#define MXCSR_MASK_DEFAULT 0xffbf	/* when FXSAVE stores no mask (SDM 1 11.6.6) */
#define XMM_OFFSET	128		/* in the registers: those of x87 come first */
#define FSW_ERROR	0x80		/* an unmasked exception is pending */

uint64_t fpu_xcr0_mask __ro_after_init;
static uint32_t mxcsr_mask __ro_after_init = MXCSR_MASK_DEFAULT;
static enum { SAVE_FXSAVE, SAVE_XSAVE, SAVE_XSAVEOPT, SAVE_XSAVEC } save_with __ro_after_init;

static void xsetbv(uint64_t v)
{
	__asm__ volatile("xsetbv" :: "c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

static void find_mxcsr_mask(void)
{
	static struct xsave_area area __aligned(64);

	__asm__ volatile("fxsave64 %0" : "=m"(area));
	if (area.mxcsr_mask)
		mxcsr_mask = area.mxcsr_mask;
}

static void choose(void)
{
	uint32_t a, b, c, d;

	find_mxcsr_mask();
	if (!cpu_has(X86_FEATURE_XSAVE))
		return;
	cpuid_count(0xd, 0, &a, &b, &c, &d);
	fpu_xcr0_mask = a & (XSTATE_X87 | XSTATE_SSE);
	if (cpu_has(X86_FEATURE_AVX))
		fpu_xcr0_mask |= a & XSTATE_AVX;
	if (cpu_has(X86_FEATURE_AVX512F) && (fpu_xcr0_mask & XSTATE_AVX) && (a & XSTATE_AVX512) == XSTATE_AVX512)
		fpu_xcr0_mask |= XSTATE_AVX512;
	xsetbv(fpu_xcr0_mask);
	cpuid_count(0xd, 0, &a, &b, &c, &d);
	if (b > PAGE_SIZE)
		panic("FPU: a state of %u bytes", b);
	save_with = cpu_has(X86_FEATURE_XSAVEC) ? SAVE_XSAVEC :
		    cpu_has(X86_FEATURE_XSAVEOPT) ? SAVE_XSAVEOPT : SAVE_XSAVE;
}

void fpu_init_cpu(void)
{
	write_cr0((read_cr0() & ~(X86_CR0_EM | X86_CR0_TS)) | X86_CR0_MP | X86_CR0_NE | X86_CR0_AM);
	if (!smp_processor_id())
		choose();
	if (fpu_xcr0_mask)
		xsetbv(fpu_xcr0_mask);
	__asm__ volatile("fninit");
	msr_init_cpu();
}

static void init_area(struct xsave_area *area)
{
	area->fcw = FCW_DEFAULT;
	area->mxcsr = MXCSR_DEFAULT;
	/* No component is in use; a form that XRSTOR takes, whatever saves later. */
	area->xcomp_bv = save_with == SAVE_XSAVEC ? 1UL << 63 | fpu_xcr0_mask : 0;
}

int fpu_vcpu_init(struct vcpu *v)
{
	v->arch.xsave = alloc_hv_page();
	if (!v->arch.xsave)
		return -ENOMEM;
	init_area(v->arch.xsave);
	v->arch.xcr0 = fpu_xcr0_mask & (XSTATE_X87 | XSTATE_SSE);
	return 0;
}

void fpu_vcpu_free(struct vcpu *v)
{
	if (v->arch.xsave)
		free_hv_page(v->arch.xsave);
	v->arch.xsave = NULL;
}

void fpu_set_legacy(struct vcpu *v, const void *image)
{
	struct xsave_area *area = v->arch.xsave;

	memset(area, 0, PAGE_SIZE);
	init_area(area);
	memcpy(area, image, offsetof(struct xsave_area, xstate_bv));
	area->mxcsr &= mxcsr_mask;		/* others fault in XRSTOR */
	if (save_with != SAVE_FXSAVE)
		area->xstate_bv = XSTATE_X87 | XSTATE_SSE;
}

void fpu_get_legacy(const struct vcpu *v, void *image)
{
	const struct xsave_area *area = v->arch.xsave;
	uint64_t saved = save_with == SAVE_FXSAVE ? XSTATE_X87 | XSTATE_SSE : area->xstate_bv;
	struct xsave_area *out = image;

	memset(image, 0, offsetof(struct xsave_area, xstate_bv));
	out->fcw = FCW_DEFAULT;
	out->mxcsr = MXCSR_DEFAULT;
	/* A component in its initial state is not stored. */
	if (saved & XSTATE_X87) {
		memcpy(out, area, offsetof(struct xsave_area, mxcsr));
		memcpy(out->registers, area->registers, XMM_OFFSET);
	}
	if (saved & XSTATE_SSE) {
		out->mxcsr = area->mxcsr;
		memcpy(out->registers + XMM_OFFSET, area->registers + XMM_OFFSET, sizeof(out->registers) - XMM_OFFSET);
	}
	out->mxcsr_mask = mxcsr_mask;
}

/*
 * FXSAVE and XSAVE of AMD's leave the addresses of the last x87 instruction alone unless an
 * exception is pending (APM 2 11.4.4): what is in the registers would go on to the next
 * vCPU. Loading something overwrites them.
 */
static void forget_x87_addresses(const struct xsave_area *next)
{
	static const int32_t zero;

	if (cpu_has(X86_FEATURE_FP_ERR_PTRS) || boot_cpu.vendor == VENDOR_INTEL || (next->fsw & FSW_ERROR))
		return;
	__asm__ volatile("fninit; fildl %0" :: "m"(zero));
}

void fpu_save(struct vcpu *v)
{
	struct xsave_area *area = v->arch.xsave;

	if (v->arch.ts)
		clts();
	if (v->arch.xcr0 != fpu_xcr0_mask)
		xsetbv(fpu_xcr0_mask);
	switch (save_with) {
	case SAVE_XSAVEC:
		__asm__ volatile("xsavec64 %0" : "+m"(*area) : "a"(-1), "d"(-1) : "memory");
		break;
	case SAVE_XSAVEOPT:
		__asm__ volatile("xsaveopt64 %0" : "+m"(*area) : "a"(-1), "d"(-1) : "memory");
		break;
	case SAVE_XSAVE:
		__asm__ volatile("xsave64 %0" : "+m"(*area) : "a"(-1), "d"(-1) : "memory");
		break;
	case SAVE_FXSAVE:
		__asm__ volatile("fxsave64 %0" : "=m"(*area) :: "memory");
		break;
	}
}

void fpu_restore(struct vcpu *v)
{
	struct xsave_area *area = v->arch.xsave;

	forget_x87_addresses(area);
	if (save_with == SAVE_FXSAVE)
		__asm__ volatile("fxrstor64 %0" :: "m"(*area) : "memory");
	else
		__asm__ volatile("xrstor64 %0" :: "m"(*area), "a"(-1), "d"(-1) : "memory");
	if (v->arch.xcr0 != fpu_xcr0_mask)
		xsetbv(v->arch.xcr0);
	if (v->arch.ts)
		write_cr0(read_cr0() | X86_CR0_TS);
}

bool fpu_xcr0_ok(uint64_t xcr0, uint64_t allowed)
{
	if (!(xcr0 & XSTATE_X87) || (xcr0 & ~(allowed & fpu_xcr0_mask)))
		return false;
	if ((xcr0 & XSTATE_AVX) && !(xcr0 & XSTATE_SSE))
		return false;
	return !(xcr0 & XSTATE_AVX512) || ((xcr0 & XSTATE_AVX512) == XSTATE_AVX512 && (xcr0 & XSTATE_AVX));
}

int fpu_set_xcr0(struct vcpu *v, uint64_t xcr0, uint64_t allowed)
{
	if (!fpu_xcr0_ok(xcr0, allowed))
		return -EINVAL;
	v->arch.xcr0 = xcr0;
	xsetbv(xcr0);
	return 0;
}
