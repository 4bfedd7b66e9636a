/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the machine dom0 may touch: all but what the hypervisor drives itself. */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/layout.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include "../console/serial.h"
#include "dom0.h"

/* I/O ports of the 8259s, the PIT's counters, and the speaker gate: emulated or refused. */
static const struct { uint16_t first, last; } kept_ports[] __initconst = {
	{ 0x20, 0x21 }, { 0xa0, 0xa1 },		/* 8259 */
	{ 0x40, 0x43 },				/* PIT */
	{ 0x61, 0x61 },
	{ 0xcfc, 0xcff },			/* PCI configuration: through the emulation, as is the address port */
};

/* Addresses of HyperTransport, the uppermost 12 GiB of those that its processors have: AMD's manual 24593, 5.4. */
static int __init keep_hypertransport(struct domain *d)
{
	unsigned long end = 1UL << ((boot_cpu.family < 0x17 ? 40 : boot_cpu.phys_bits) - PAGE_SHIFT);

	if (boot_cpu.vendor != VENDOR_AMD && boot_cpu.vendor != VENDOR_HYGON)
		return 0;
	return rangeset_remove(d->iomem_caps, end - PFN_DOWN(3UL << 32), end - 1);
}

void __init dom0_permissions(struct domain *d)
{
	uint16_t serial_first, serial_last;
	unsigned long last_mfn = (1UL << (boot_cpu.phys_bits - PAGE_SHIFT)) - 1;
	int rc = rangeset_add(d->iomem_caps, 0, last_mfn);

	rc |= rangeset_add(d->arch.ioport_caps, 0, 0xffff);
	rc |= rangeset_add(d->irq_caps, 1, nr_gsis - 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(kept_ports); i++)
		rc |= rangeset_remove(d->arch.ioport_caps, kept_ports[i].first, kept_ports[i].last);
	if (serial_port_range(&serial_first, &serial_last))
		rc |= rangeset_remove(d->arch.ioport_caps, serial_first, serial_last);
	if (acpi_info.pm_timer)
		rc |= rangeset_remove(d->arch.ioport_caps, acpi_info.pm_timer, acpi_info.pm_timer + 3U);
	rc |= keep_hypertransport(d);
	rc |= irq_keep_from_dom0(d);
	if (rc)
		panic("Dom0: no memory for its permissions");
}
