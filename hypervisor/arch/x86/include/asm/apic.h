/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local APIC (SDM 3A chapter 10), by memory or by MSR (x2APIC). */
#ifndef ASM_APIC_H
#define ASM_APIC_H

#include <asm/msr.h>
#include <asm/system.h>

/* Register offsets in the memory page; the x2APIC MSR is 0x800 plus a sixteenth of it. */
#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_LDR	0x0d0
#define APIC_DFR	0x0e0
#define APIC_SPIV	0x0f0
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0

#define APIC_SPIV_ENABLE	0x100
#define APIC_LVT_MASKED		0x10000
#define APIC_LVT_LEVEL		0x08000
#define APIC_LVT_ACTIVE_LOW	0x02000
#define APIC_LVT_TSC_DEADLINE	0x40000
#define APIC_DM_FIXED		0x000
#define APIC_DM_NMI		0x400
#define APIC_DM_INIT		0x500
#define APIC_DM_STARTUP		0x600
#define APIC_ICR_BUSY		0x01000
#define APIC_ICR_ASSERT		0x04000
#define APIC_ICR_LEVEL		0x08000

extern bool x2apic_mode;
extern volatile uint8_t *apic_regs;	/* memory page; NULL in x2APIC mode */

static inline uint32_t apic_read(unsigned int reg)
{
	if (x2apic_mode)
		return (uint32_t)rdmsr(MSR_X2APIC_FIRST + (reg >> 4));
	return mmio_read32(apic_regs + reg);
}

static inline void apic_write(unsigned int reg, uint32_t v)
{
	if (x2apic_mode)
		wrmsr(MSR_X2APIC_FIRST + (reg >> 4), v);
	else
		mmio_write32(apic_regs + reg, v);
}

static inline void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* Chooses the mode, maps the registers, enables the boot processor's. Panics without an APIC. */
void apic_init(void);
/* The same state on every processor; interrupts off. */
void apic_init_cpu(void);
uint32_t apic_this_id(void);
/* Sends command icr (mode, vector) to one processor by its APIC id. Any context, NMI included. */
void apic_send(uint32_t apic_id, uint32_t icr);
/* Stops this processor's APIC from delivering anything more; for the machine's end. */
void apic_disable(void);

/* This processor's timer (time/apic_timer.c). */
void apic_timer_init(void);
void apic_timer_init_cpu(void);

/* The old controllers: all masked, at vectors 0x20..0x2f (irq/i8259.c). */
void i8259_init(void);
/* A vector of theirs arrived: a spurious one, since all lines are masked. */
void i8259_spurious(unsigned int vector);

#endif
