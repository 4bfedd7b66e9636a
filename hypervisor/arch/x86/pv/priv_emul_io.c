/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports of PV guests: single accesses. The guest's kernel decides which of its programs may (IOPL,
 * bitmap); the domain's rights decide what comes of it: a port that it has no right to
 * reads as all ones and ignores what is written.
 */
#include <asm/current.h>
#include <asm/page.h>
#include <asm/pci.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/guest_access.h>
#include "priv_emul.h"

#define PORT_PIT_CH2	0x42
#define PORT_PIT_MODE	0x43
#define PORT_SPEAKER	0x61
#define PORT_CMOS_INDEX	0x70
#define PORT_CMOS_DATA	0x71
#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA	0xcfc
#define CMOS_INDEX_MASK	0x7f		/* bit 7 would switch NMIs off */
#define SPEAKER_BITS	0x3		/* gate of counter 2, and speaker */

/* The kernel counts as ring 1, as it was on 32-bit processors, unless it asked to be what it believes to be. */
bool emul_iopl_ok(const struct vcpu *curr)
{
	unsigned int ring = !curr->arch.kernel_mode ? 3 : !VM_ASSIST(curr->domain, architectural_iopl);

	return curr->arch.pv.iopl >= ring << 12;
}

/* Two bytes of the bitmap, which lies in the guest kernel's part: with its page tables for the moment. */
static int read_bitmap(struct vcpu *curr, unsigned long va, uint16_t *bits)
{
	unsigned long flags = local_irq_save();
	int rc;

	if (!curr->arch.kernel_mode)
		write_cr3(curr->arch.cr3);
	rc = copy_from_guest_va(bits, va, sizeof(*bits));
	if (!curr->arch.kernel_mode)
		write_cr3(curr->arch.cr3_user);
	local_irq_restore(flags);
	return rc;
}

bool emul_port_ok(struct vcpu *curr, unsigned int port, unsigned int bytes)
{
	const struct pv_vcpu *pv = &curr->arch.pv;
	uint16_t bits;

	if (emul_iopl_ok(curr))
		return true;
	if (!pv->iobmp || port + bytes > pv->iobmp_limit)
		return false;
	if (read_bitmap(curr, pv->iobmp + port / 8, &bits))
		return false;
	return !(bits >> (port & 7) & ((1U << bytes) - 1));
}

void emul_port_breakpoint(struct vcpu *curr, unsigned int port, unsigned int bytes)
{
	unsigned long enabled = curr->arch.pv.dr7_emul;

	for (unsigned int i = 0; enabled && i < 4; i++) {
		unsigned int len = (curr->arch.dr[7] >> (18 + 4 * i) & 3) + 1;
		unsigned long start = curr->arch.dr[i] & ~(len - 1UL);

		if ((enabled >> (2 * i) & 3) && start < port + bytes && port < start + len)
			curr->arch.pv.dr6_pending |= 1UL << i;
	}
}

/* May the domain reach the port itself? Some are shared with the hypervisor and go through emulation. */
static bool direct(const struct domain *d, unsigned int port, unsigned int bytes)
{
	if ((port & ~1U) == PORT_CMOS_INDEX || (port == PORT_PCI_ADDRESS && bytes == 4))
		return false;
	return rangeset_contains(d->arch.ioport_caps, port, port + bytes - 1);
}

static uint32_t read_direct(unsigned int port, unsigned int bytes)
{
	return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void write_direct(unsigned int port, unsigned int bytes, uint32_t val)
{
	if (bytes == 1)
		outb(val, port);
	else if (bytes == 2)
		outw(val, port);
	else
		outl(val, port);
}

/* The battery-backed memory: an index and a data port, which belong together. */
static spinlock_t cmos_lock = SPINLOCK_INIT;

static uint8_t cmos_read(uint8_t index)
{
	unsigned long flags = spin_lock_irqsave(&cmos_lock);
	uint8_t val;

	outb(index & CMOS_INDEX_MASK, PORT_CMOS_INDEX);
	val = inb(PORT_CMOS_DATA);
	spin_unlock_irqrestore(&cmos_lock, flags);
	return val;
}

static void cmos_write(uint8_t index, uint8_t val)
{
	unsigned long flags = spin_lock_irqsave(&cmos_lock);

	outb(index & CMOS_INDEX_MASK, PORT_CMOS_INDEX);
	outb(val, PORT_CMOS_DATA);
	spin_unlock_irqrestore(&cmos_lock, flags);
}

static bool cmos_allowed(const struct domain *d)
{
	return d->is_privileged && rangeset_contains(d->arch.ioport_caps, PORT_CMOS_INDEX, PORT_CMOS_DATA);
}

/* The part of an access to the PCI data ports that the one at its start takes: naturally aligned. */
static unsigned int pci_piece(unsigned int port, unsigned int bytes)
{
	if (bytes == 1 || (port & 1))
		return 1;
	return bytes < 4 || (port & 2) ? 2 : 4;
}

/* The same of an access to ports of which not all are allowed. */
static unsigned int direct_piece(const struct domain *d, unsigned int port, unsigned int bytes)
{
	return bytes > 1 && !(port & 1) && direct(d, port, 2) ? 2 : 1;
}

/* A port with a meaning of its own to dom0's kernel; *n: how many bytes of the access it takes. */
static uint32_t read_special(struct domain *d, unsigned int port, unsigned int bytes, unsigned int *n)
{
	*n = 1;
	if (d->is_privileged && (port == PORT_PIT_CH2 || port == PORT_SPEAKER))
		return inb(port);
	if (d->is_privileged && port == PORT_PIT_MODE)
		return 0;
	if (port == PORT_CMOS_INDEX)
		return d->arch.cmos_idx;
	if (cmos_allowed(d) && port == PORT_CMOS_DATA)
		return cmos_read(d->arch.cmos_idx);
	if (port == PORT_PCI_ADDRESS && bytes == 4) {
		*n = 4;
		return d->arch.pci_cf8;
	}
	if (d->is_privileged && (port & ~3U) == PORT_PCI_DATA) {
		*n = pci_piece(port, bytes);
		return pci_port_read(d->arch.pci_cf8, port & 3, *n);
	}
	*n = direct_piece(d, port, bytes);
	return direct(d, port, *n) ? read_direct(port, *n) : ~0U;
}

uint32_t emul_port_read(struct vcpu *curr, unsigned int port, unsigned int bytes)
{
	struct domain *d = curr->domain;
	uint32_t val = 0;
	unsigned int n;

	if (direct(d, port, bytes))
		return read_direct(port, bytes);
	for (unsigned int at = 0; at < bytes; at += n) {
		uint32_t part = read_special(d, port + at, bytes - at, &n);

		val |= (n == 4 ? part : part & ((1U << 8 * n) - 1)) << 8 * at;
	}
	return val;
}

/* Counter 2 alone: the others' modes are dropped, and the read-back command is narrowed to it. */
static void write_pit_mode(uint8_t val)
{
	if (val >> 6 == 2)
		outb(val, PORT_PIT_MODE);
	else if (val >> 6 == 3 && (val & 0x8))
		outb(val & ~0x6, PORT_PIT_MODE);
}

static unsigned int write_special(struct domain *d, unsigned int port, unsigned int bytes, uint32_t val)
{
	unsigned int n;

	if (d->is_privileged && port == PORT_PIT_CH2) {
		outb(val, port);
		return 1;
	}
	if (d->is_privileged && port == PORT_PIT_MODE) {
		write_pit_mode(val);
		return 1;
	}
	if (d->is_privileged && port == PORT_SPEAKER) {
		outb((inb(port) & ~SPEAKER_BITS) | (val & SPEAKER_BITS), port);
		return 1;
	}
	if (port == PORT_CMOS_INDEX) {
		d->arch.cmos_idx = val;
		return 1;
	}
	if (cmos_allowed(d) && port == PORT_CMOS_DATA) {
		cmos_write(d->arch.cmos_idx, val);
		return 1;
	}
	if (port == PORT_PCI_ADDRESS && bytes == 4) {
		d->arch.pci_cf8 = val;
		return 4;
	}
	if (d->is_privileged && (port & ~3U) == PORT_PCI_DATA) {
		n = pci_piece(port, bytes);
		pci_port_write(d->arch.pci_cf8, port & 3, n, n == 4 ? val : val & ((1U << 8 * n) - 1));
		return n;
	}
	n = direct_piece(d, port, bytes);
	if (direct(d, port, n))
		write_direct(port, n, val);
	return n;
}

void emul_port_write(struct vcpu *curr, unsigned int port, unsigned int bytes, uint32_t val)
{
	struct domain *d = curr->domain;

	if (direct(d, port, bytes)) {
		write_direct(port, bytes, val);
		return;
	}
	for (unsigned int at = 0; at < bytes; )
		at += write_special(d, port + at, bytes - at, val >> 8 * at);
}

enum emul_result emul_port(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	unsigned int port = insn->has_imm ? (uint8_t)insn->imm : (uint16_t)regs->rdx;

	if (!emul_port_ok(curr, port, insn->size))
		return EMUL_REFUSED;
	emul_port_breakpoint(curr, port, insn->size);
	if (insn->op == INSN_IN)
		insn_write_reg(insn, regs, 0, insn->size, emul_port_read(curr, port, insn->size));
	else
		emul_port_write(curr, port, insn->size, (uint32_t)regs->rax);
	return EMUL_DONE;
}
