/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Force-included after host.h where x86 sources of the hypervisor are tested on the host: stands for asm/system.h
 * and asm/current.h. Ports and device memory are functions of the test.
 */
#ifndef TESTS_HOST_X86_H
#define TESTS_HOST_X86_H

#define ASM_SYSTEM_H
#define ASM_CURRENT_H

#include <stdbool.h>
#include <stdint.h>
#include "../../hypervisor/include/tenon/types.h"

#define X86_EFLAGS_IF	0x200UL

static inline void cpu_relax(void) { }
static inline void local_irq_disable(void) { }
static inline void local_irq_enable(void) { }
static inline unsigned long local_irq_save(void) { return 0; }
static inline void local_irq_restore(unsigned long f) { (void)f; }

uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t v);
int rdmsr_safe(uint32_t msr, uint64_t *v);
int wrmsr_safe(uint32_t msr, uint64_t v);

void cpuid_count(uint32_t leaf, uint32_t sub, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d);
static inline void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	cpuid_count(leaf, 0, a, b, c, d);
}

void host_out(uint16_t port, unsigned int bytes, uint32_t v);
uint32_t host_in(uint16_t port, unsigned int bytes);
static inline void outb(uint8_t v, uint16_t p) { host_out(p, 1, v); }
static inline void outw(uint16_t v, uint16_t p) { host_out(p, 2, v); }
static inline void outl(uint32_t v, uint16_t p) { host_out(p, 4, v); }
static inline uint8_t inb(uint16_t p) { return (uint8_t)host_in(p, 1); }
static inline uint16_t inw(uint16_t p) { return (uint16_t)host_in(p, 2); }
static inline uint32_t inl(uint16_t p) { return host_in(p, 4); }

uint32_t mmio_read32(const volatile void *p);
void mmio_write32(volatile void *p, uint32_t v);

struct vcpu;
struct percpu;
extern struct percpu *host_this_cpu;
extern unsigned int host_cpu;
#define this_cpu()		host_this_cpu
#define smp_processor_id()	host_cpu

#endif
