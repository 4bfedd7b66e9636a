/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_KIT_H
#define GUESTKIT_KIT_H

/*
 * A small freestanding kernel library for 64-bit paravirtual guests. The image is linked at
 * KIT_VIRT_BASE + 1 MiB; the start code sets up stacks, traps, shared info and the console, and
 * then calls kit_main(), which the guest supplies.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/errno.h>
#include <stubs/hypercall.h>

/* Usually at the top of the address space, for an image of the model "kernel"; see notes.h. */
extern char kit_virt_base[];
#define KIT_VIRT_BASE	((unsigned long)kit_virt_base)
#define KIT_STACK_SIZE	16384UL
#define KIT_MAX_VCPUS	8
#define PAGE_SIZE	4096UL
#define PAGE_SHIFT	12
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The guest's own entry, on vCPU 0, with traps and console working and events masked. */
void kit_main(void);

/* What the hypervisor passed in RSI. */
extern struct start_info *kit_start_info;

/* The number behind name, as "window=", in the guest's command line (decimal); otherwise if name is not there. */
unsigned long kit_argument(const char *name, unsigned long otherwise);
extern volatile struct shared_info *kit_shared;

/* Registers as they were at the first instruction. */
struct kit_boot_regs {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags;
	uint16_t cs, ss, ds, es, fs, gs;
};
extern struct kit_boot_regs kit_boot_regs;

/* ---- text ---- */

int kit_vsnprintf(char *buf, size_t size, const char *fmt, __builtin_va_list ap);
int kit_snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints to the hypervisor's console and, if start_info names one, to the shared console ring. */
void kit_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void kit_console_write(const char *text, size_t length);
void kit_console_init(void);

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strstr(const char *haystack, const char *needle);

/* Ends the machine or the guest (SHUTDOWN_*); does not return. */
void kit_shutdown(unsigned int reason) __attribute__((noreturn));

/* A generator with a fixed sequence for each seed (splitmix64). */
uint64_t kit_random(uint64_t *state);

/* Smallest power of two bytes alignment helpers and barriers. */
static inline void kit_barrier(void)
{
	asm volatile("" ::: "memory");
}

static inline void kit_mb(void)
{
	asm volatile("mfence" ::: "memory");
}

static inline void kit_pause(void)
{
	asm volatile("pause" ::: "memory");
}

static inline uint64_t kit_rdtsc(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a" (lo), "=d" (hi));
	return ((uint64_t)hi << 32) | lo;
}

/* CPUID as the hypervisor shows it to guests (the emulation prefix, then CPUID). */
static inline void kit_cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
	asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid"
		     : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3])
		     : "0" (leaf), "2" (sub));
}

#endif
