/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of frame numbers and addresses. Each is a struct of one field so that
 * one cannot be passed for another; they compile to plain registers.
 */
#ifndef TENON_ADDR_H
#define TENON_ADDR_H

#include <tenon/types.h>
#include <asm/layout.h>

#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PAGE_OFFSET(a)	((unsigned long)(a) & (PAGE_SIZE - 1))
#define PFN_UP(a)	(((unsigned long)(a) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(a)	((unsigned long)(a) >> PAGE_SHIFT)

/* Machine frame number: a real page of the machine. */
typedef struct { unsigned long m; } mfn_t;
/* Guest frame number; for a PV guest the same as an mfn wherever a call says GMFN. */
typedef struct { unsigned long g; } gfn_t;
/* Machine (physical) address. */
typedef struct { uint64_t a; } maddr_t;
/* Linear address in a guest's address space; never dereferenced directly. */
typedef struct { unsigned long v; } vaddr_t;

#define INVALID_MFN_RAW	(~0UL)

static inline mfn_t _mfn(unsigned long m) { return (mfn_t){ m }; }
static inline gfn_t _gfn(unsigned long g) { return (gfn_t){ g }; }
static inline maddr_t _maddr(uint64_t a) { return (maddr_t){ a }; }
static inline vaddr_t _vaddr(unsigned long v) { return (vaddr_t){ v }; }
static inline bool mfn_eq(mfn_t x, mfn_t y) { return x.m == y.m; }
static inline mfn_t mfn_add(mfn_t x, unsigned long n) { return _mfn(x.m + n); }
static inline maddr_t mfn_to_maddr(mfn_t m) { return _maddr((uint64_t)m.m << PAGE_SHIFT); }
static inline mfn_t maddr_to_mfn(maddr_t a) { return _mfn((unsigned long)(a.a >> PAGE_SHIFT)); }

#endif
