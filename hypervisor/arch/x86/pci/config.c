/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space: by two ports its first 256 bytes, by memory the rest and other segments. */
#include <asm/system.h>
#include <tenon/spinlock.h>
#include "pci.h"
#include "regs.h"

#define PORT_ADDRESS	0xcf8
#define PORT_DATA	0xcfc
#define ADDRESS_ENABLE	0x80000000U

/* Address port, then data port. */
static spinlock_t port_lock = SPINLOCK_INIT;

static bool by_ports(pci_sbdf_t dev, unsigned int reg)
{
	return !(dev.s >> 16) && reg < 256;
}

static unsigned long select(pci_sbdf_t dev, unsigned int reg)
{
	unsigned long flags = spin_lock_irqsave(&port_lock);

	outl(ADDRESS_ENABLE | (dev.s & 0xffff) << 8 | (reg & 0xfc), PORT_ADDRESS);
	return flags;
}

static uint32_t port_in(uint16_t port, unsigned int bytes)
{
	return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void port_out(uint16_t port, unsigned int bytes, uint32_t v)
{
	if (bytes == 1)
		outb((uint8_t)v, port);
	else if (bytes == 2)
		outw((uint16_t)v, port);
	else
		outl(v, port);
}

/* Some of AMD's processors want these done with the accumulator (family 10h BKDG, 2.11). */
static uint32_t mapped_in(volatile void *p, unsigned int bytes)
{
	uint32_t v = 0;

	if (bytes == 1)
		__asm__ volatile("movb %1, %b0" : "+a"(v) : "m"(*(volatile uint8_t *)p));
	else if (bytes == 2)
		__asm__ volatile("movw %1, %w0" : "+a"(v) : "m"(*(volatile uint16_t *)p));
	else
		__asm__ volatile("movl %1, %0" : "=a"(v) : "m"(*(volatile uint32_t *)p));
	return v;
}

static void mapped_out(volatile void *p, unsigned int bytes, uint32_t v)
{
	if (bytes == 1)
		__asm__ volatile("movb %b1, %0" : "=m"(*(volatile uint8_t *)p) : "a"(v));
	else if (bytes == 2)
		__asm__ volatile("movw %w1, %0" : "=m"(*(volatile uint16_t *)p) : "a"(v));
	else
		__asm__ volatile("movl %1, %0" : "=m"(*(volatile uint32_t *)p) : "a"(v));
}

uint32_t pci_conf_read(pci_sbdf_t dev, unsigned int reg, unsigned int bytes)
{
	uint32_t all_ones = ~0U >> (32 - 8 * bytes), v;
	volatile void *p;
	unsigned long flags;

	if (!by_ports(dev, reg)) {
		p = mmcfg_reg(dev, reg);
		return p ? mapped_in(p, bytes) : all_ones;
	}
	flags = select(dev, reg);
	v = port_in(PORT_DATA + (reg & 3), bytes);
	spin_unlock_irqrestore(&port_lock, flags);
	return v;
}

void pci_conf_write(pci_sbdf_t dev, unsigned int reg, unsigned int bytes, uint32_t v)
{
	volatile void *p;
	unsigned long flags;

	if (!by_ports(dev, reg)) {
		p = mmcfg_reg(dev, reg);
		if (p)
			mapped_out(p, bytes, v);
		return;
	}
	flags = select(dev, reg);
	port_out(PORT_DATA + (reg & 3), bytes, v);
	spin_unlock_irqrestore(&port_lock, flags);
}

uint32_t pci_port_read(uint32_t cf8, unsigned int offset, unsigned int bytes)
{
	if (!(cf8 & ADDRESS_ENABLE))
		return ~0U >> (32 - 8 * bytes);
	return pci_conf_read(pci_sbdf(0, cf8 >> 16, cf8 >> 8), (cf8 & 0xfc) + offset, bytes);
}

void pci_port_write(uint32_t cf8, unsigned int offset, unsigned int bytes, uint32_t v)
{
	if (cf8 & ADDRESS_ENABLE)
		pci_guest_write(pci_sbdf(0, cf8 >> 16, cf8 >> 8), (cf8 & 0xfc) + offset, bytes, v);
}
