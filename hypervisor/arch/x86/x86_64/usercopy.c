/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies across to guest memory, and register accesses that may fault. */
#include <asm/extable.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/guest_access.h>

/*
 * Bytes not copied. Words first: guests' structures are multiples of eight bytes. A
 * fault ends the copy; which bytes were still missing does not matter to any caller, so all
 * of them are reported.
 */
static always_inline int copy_fixup(void *dst, const void *src, size_t bytes)
{
	size_t words = bytes / 8;
	int err;

	__asm__ volatile(
		STAC_ASM
		"xor %k[err], %k[err]\n"
		"1:	rep movsq\n\t"
		"mov %[tail], %k[n]\n\t"
		"2:	rep movsb\n"
		"3:	" CLAC_ASM
		".pushsection .text.fixup, \"ax\"\n"
		"4:	mov %[efault], %k[err]\n\t"
		"jmp 3b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "3b", "4b")
		: [err] "=&r"(err), [n] "+c"(words), "+D"(dst), "+S"(src)
		: [tail] "r"((uint32_t)(bytes & 7)), [efault] "i"(-EFAULT)
		: "memory");
	return err;
}

/* Without string instructions. */
int copy_pair_from_guest(uint64_t pair[2], unsigned long va)
{
	uint64_t a, b;
	int err = 0;

	if (!guest_range_ok(va, 2 * sizeof(a)))
		return -EFAULT;
	__asm__ volatile(
		STAC_ASM
		"1:	mov (%[va]), %[a]\n\t"
		"mov 8(%[va]), %[b]\n"
		"2:	mov %[a], (%[pair])\n\t"
		"mov %[b], 8(%[pair])\n"
		"3:	" CLAC_ASM
		".pushsection .text.fixup, \"ax\"\n"
		"4:	mov %[efault], %[err]\n\t"
		"jmp 3b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "2b", "4b")
		: [a] "=&r"(a), [b] "=&r"(b), [err] "+&r"(err)
		: [va] "r"(va), [pair] "r"(pair), [efault] "i"(-EFAULT)
		: "memory");
	return err;
}

int copy_from_guest_va(void *dst, unsigned long va, size_t bytes)
{
	if (bytes == 2 * sizeof(uint64_t))
		return copy_pair_from_guest(dst, va);
	if (!guest_range_ok(va, bytes))
		return -EFAULT;
	return copy_fixup(dst, (const void *)va, bytes);
}

int copy_to_guest_va(unsigned long va, const void *src, size_t bytes)
{
	if (!guest_range_ok(va, bytes))
		return -EFAULT;
	return copy_fixup((void *)va, src, bytes);
}

int clear_guest_va(unsigned long va, size_t bytes)
{
	size_t n = bytes / 8;
	void *dst = (void *)va;
	int err;

	if (!guest_range_ok(va, bytes))
		return -EFAULT;
	__asm__ volatile(
		STAC_ASM
		"xor %k[err], %k[err]\n"
		"1:	rep stosq\n\t"
		"mov %[tail], %k[n]\n\t"
		"2:	rep stosb\n"
		"3:	" CLAC_ASM
		".pushsection .text.fixup, \"ax\"\n"
		"4:	mov %[efault], %k[err]\n\t"
		"jmp 3b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "3b", "4b")
		: [err] "=&r"(err), [n] "+c"(n), "+D"(dst)
		: [tail] "r"((uint32_t)(bytes & 7)), [efault] "i"(-EFAULT), "a"(0UL)
		: "memory");
	return err;
}

int rdmsr_safe(uint32_t msr, uint64_t *v)
{
	uint32_t lo, hi;
	int err;

	__asm__ volatile(
		"xor %[err], %[err]\n"
		"1:	rdmsr\n"
		"2:	.pushsection .text.fixup, \"ax\"\n"
		"3:	mov %[efault], %[err]\n\t"
		"xor %%eax, %%eax\n\t"
		"xor %%edx, %%edx\n\t"
		"jmp 2b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "2b", "3b")
		: [err] "=&r"(err), "=a"(lo), "=d"(hi)
		: "c"(msr), [efault] "i"(-EFAULT));
	*v = (uint64_t)hi << 32 | lo;
	return err;
}

int wrmsr_safe(uint32_t msr, uint64_t v)
{
	int err;

	__asm__ volatile(
		"xor %[err], %[err]\n"
		"1:	wrmsr\n"
		"2:	.pushsection .text.fixup, \"ax\"\n"
		"3:	mov %[efault], %[err]\n\t"
		"jmp 2b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "2b", "3b")
		: [err] "=&r"(err)
		: "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)), [efault] "i"(-EFAULT)
		: "memory");
	return err;
}

#define LOAD_SELECTOR(reg, sel)						\
	__asm__ volatile(						\
		"1:	mov %[s], %%" #reg "\n"				\
		"2:	.pushsection .text.fixup, \"ax\"\n"		\
		"3:	xor %k[s], %k[s]\n\t"				\
		"mov %[s], %%" #reg "\n\t"				\
		"jmp 2b\n\t"						\
		".popsection\n\t"					\
		EXTABLE_ASM("1b", "2b", "3b")				\
		: [s] "+&r"(sel))

bool pv_load_gs_selector(uint16_t sel)
{
	unsigned int s = sel;

	LOAD_SELECTOR(gs, s);
	return s == sel;
}

bool pv_load_selectors(uint16_t ds, uint16_t es, uint16_t fs)
{
	unsigned int d = ds, e = es, f = fs;

	LOAD_SELECTOR(ds, d);
	LOAD_SELECTOR(es, e);
	LOAD_SELECTOR(fs, f);
	return d == ds && e == es && f == fs;
}
