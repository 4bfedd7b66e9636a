/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single instructions as inline functions. */
#ifndef ASM_SYSTEM_H
#define ASM_SYSTEM_H

#include <tenon/types.h>

#define X86_EFLAGS_CF	0x00000001UL
#define X86_EFLAGS_MBS	0x00000002UL
#define X86_EFLAGS_ZF	0x00000040UL
#define X86_EFLAGS_TF	0x00000100UL
#define X86_EFLAGS_IF	0x00000200UL
#define X86_EFLAGS_DF	0x00000400UL
#define X86_EFLAGS_IOPL	0x00003000UL
#define X86_EFLAGS_NT	0x00004000UL
#define X86_EFLAGS_RF	0x00010000UL
#define X86_EFLAGS_VM	0x00020000UL
#define X86_EFLAGS_AC	0x00040000UL
#define X86_EFLAGS_VIF	0x00080000UL
#define X86_EFLAGS_VIP	0x00100000UL

static inline void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
static inline void local_irq_disable(void) { __asm__ volatile("cli" ::: "memory"); }
static inline void local_irq_enable(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void cpu_halt(void) { __asm__ volatile("hlt" ::: "memory"); }
static inline void safe_halt(void) { __asm__ volatile("sti; hlt" ::: "memory"); }

static inline unsigned long local_save_flags(void)
{
	unsigned long f;

	__asm__ volatile("pushf; pop %0" : "=r"(f) :: "memory");
	return f;
}

static inline bool local_irq_is_enabled(void) { return local_save_flags() & X86_EFLAGS_IF; }

static inline unsigned long local_irq_save(void)
{
	unsigned long f = local_save_flags();

	local_irq_disable();
	return f;
}

static inline void local_irq_restore(unsigned long f)
{
	if (f & X86_EFLAGS_IF)
		local_irq_enable();
	else
		local_irq_disable();
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return ((uint64_t)hi << 32) | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

/* With fix-up: 0, or -EFAULT when the register does not exist. */
int rdmsr_safe(uint32_t msr, uint64_t *v);
int wrmsr_safe(uint32_t msr, uint64_t v);

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return ((uint64_t)hi << 32) | lo;
}

static inline uint64_t rdtsc_ordered(void)
{
	__asm__ volatile("lfence" ::: "memory");
	return rdtsc();
}

static inline void cpuid_count(uint32_t leaf, uint32_t sub, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(sub));
}

static inline void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	cpuid_count(leaf, 0, a, b, c, d);
}

#define READ_CR(n) \
static inline unsigned long read_cr##n(void) \
{ unsigned long v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) :: "memory"); return v; }
#define WRITE_CR(n) \
static inline void write_cr##n(unsigned long v) \
{ __asm__ volatile("mov %0, %%cr" #n :: "r"(v) : "memory"); }
READ_CR(0) READ_CR(2) READ_CR(3) READ_CR(4)
WRITE_CR(0) WRITE_CR(2) WRITE_CR(3) WRITE_CR(4)
static inline void clts(void) { __asm__ volatile("clts" ::: "memory"); }
static inline void invlpg(unsigned long va) { __asm__ volatile("invlpg (%0)" :: "r"(va) : "memory"); }
/* Type 0, one page of one PCID (SDM 2A "INVPCID"). */
static inline void invpcid(unsigned long pcid, unsigned long va)
{
	struct { unsigned long pcid, va; } what = { pcid, va };

	__asm__ volatile("invpcid %0, %1" :: "m"(what), "r"(0UL) : "memory");
}
static inline void wbinvd(void) { __asm__ volatile("wbinvd" ::: "memory"); }

static inline void outb(uint8_t v, uint16_t p) { __asm__ volatile("outb %0, %1" :: "a"(v), "Nd"(p)); }
static inline void outw(uint16_t v, uint16_t p) { __asm__ volatile("outw %0, %1" :: "a"(v), "Nd"(p)); }
static inline void outl(uint32_t v, uint16_t p) { __asm__ volatile("outl %0, %1" :: "a"(v), "Nd"(p)); }
static inline uint8_t inb(uint16_t p) { uint8_t v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(p)); return v; }
static inline uint16_t inw(uint16_t p) { uint16_t v; __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(p)); return v; }
static inline uint32_t inl(uint16_t p) { uint32_t v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(p)); return v; }

static inline uint32_t mmio_read32(const volatile void *p) { return *(const volatile uint32_t *)p; }
static inline void mmio_write32(volatile void *p, uint32_t v) { *(volatile uint32_t *)p = v; }

#endif
