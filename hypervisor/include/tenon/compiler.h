/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Force-included into every hypervisor source: attributes and section names. */
#ifndef TENON_COMPILER_H
#define TENON_COMPILER_H

/* Everything lives in one image: no symbol goes through a global offset table. */
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __section(s)	__attribute__((section(s)))
#define __used		__attribute__((used))
#define __unused	__attribute__((unused))
#define __cold		__attribute__((cold))
#define __noinline	__attribute__((noinline))
#define __no_coverage	__attribute__((no_sanitize_coverage))
#define __noreturn	__attribute__((noreturn))
#define __must_check	__attribute__((warn_unused_result))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#ifndef always_inline
#define always_inline	inline __attribute__((always_inline))
#endif

/* Code and data given back to the heap once boot is over. */
#define __init		__section(".init.text") __cold __noinline
#define __initdata	__section(".init.data")
#define __initconst	__section(".init.rodata")
/* Written during boot, read-only afterwards. */
#define __ro_after_init	__section(".data.ro_after_init")
/* Read on hot paths, rarely written. */
#define __read_mostly	__section(".data.read_mostly")

#endif
