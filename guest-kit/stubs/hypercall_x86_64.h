/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_STUBS_HYPERCALL_X86_64_H
#define GUESTKIT_STUBS_HYPERCALL_X86_64_H

/*
 * Hypercall primitives of a 64-bit guest. The number is in RAX, the arguments are in RDI, RSI,
 * RDX, R10 and R8, the result comes back in RAX; RCX and R11 are lost, and a debug build of the
 * hypervisor may overwrite the argument registers too.
 */

/* The page that the hypervisor fills, named by the HYPERCALL_PAGE note: 32 bytes for each call. */
extern char hypercall_page[4096];

static inline long hypercall5(unsigned int nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5)
{
	register unsigned long r10 asm("r10") = a4;
	register unsigned long r8 asm("r8") = a5;
	unsigned long ret;

	asm volatile("call *%[entry]"
		     : "=a" (ret), "+D" (a1), "+S" (a2), "+d" (a3), "+r" (r10), "+r" (r8)
		     : [entry] "r" (&hypercall_page[nr * 32])
		     : "rcx", "r11", "memory");
	return (long)ret;
}

static inline long hypercall0(unsigned int nr)
{
	return hypercall5(nr, 0, 0, 0, 0, 0);
}

static inline long hypercall1(unsigned int nr, unsigned long a1)
{
	return hypercall5(nr, a1, 0, 0, 0, 0);
}

static inline long hypercall2(unsigned int nr, unsigned long a1, unsigned long a2)
{
	return hypercall5(nr, a1, a2, 0, 0, 0);
}

static inline long hypercall3(unsigned int nr, unsigned long a1, unsigned long a2,
			      unsigned long a3)
{
	return hypercall5(nr, a1, a2, a3, 0, 0);
}

static inline long hypercall4(unsigned int nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4)
{
	return hypercall5(nr, a1, a2, a3, a4, 0);
}

#endif
