/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixed hardware: FADT (5.2.9), HPET (its own specification, 1.0a) and MCFG (PCI Firmware Specification 3.0, 4.1.2). */
#include <tenon/lib.h>
#include "acpi.h"

struct fadt {
	struct acpi_header h;
	uint32_t facs, dsdt;
	uint8_t model, profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate_cnt;
	uint32_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm2_cnt, pm_tmr, gpe0, gpe1;
	uint8_t pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len;
	uint8_t other[20];
	uint32_t flags;
	struct acpi_gas_packed reset_reg;	/* from here on: not in the first version */
	uint8_t reset_value;
	uint8_t arm_flags[2], minor;
	uint64_t x_facs, x_dsdt;
	struct acpi_gas_packed x_pm1a_evt, x_pm1b_evt, x_pm1a_cnt, x_pm1b_cnt, x_pm2_cnt, x_pm_tmr;
} __packed;
_Static_assert(offsetof(struct fadt, flags) == 112 && offsetof(struct fadt, x_facs) == 132 &&
	       offsetof(struct fadt, x_pm_tmr) == 208, "FADT");

#define FADT_V1_SIZE		116
#define FADT_TMR_VAL_EXT	(1U << 8)
#define FADT_RESET_REG_SUP	(1U << 10)

struct hpet {
	struct acpi_header h;
	uint32_t id;
	struct acpi_gas_packed base;
} __packed;

#define HPET_SIZE		1024

struct mcfg_area {
	uint64_t address;
	uint16_t segment;
	uint8_t start_bus, end_bus;
	uint32_t reserved;
} __packed;
#define MCFG_BUS_SIZE		(1UL << 20)
#define MCFG_HEAD	(sizeof(struct acpi_header) + 8)

/* The newer field, where it names a port; else the old one. */
static uint16_t __init port_of(uint32_t old, const struct acpi_gas_packed *x)
{
	if (x->space == ACPI_SPACE_IO && x->address && x->address <= UINT16_MAX)
		return (uint16_t)x->address;
	return old <= UINT16_MAX ? (uint16_t)old : 0;
}

static void __init read_reset(const struct fadt *f)
{
	const struct acpi_gas_packed *r = &f->reset_reg;

	if (!(f->flags & FADT_RESET_REG_SUP) || r->space > ACPI_SPACE_PCI || !r->address ||
	    (r->space == ACPI_SPACE_IO && r->address > UINT16_MAX) ||
	    (r->space == ACPI_SPACE_MEMORY && !acpi_addr_good(r->address, 1)))
		return;
	acpi_info.has_reset_reg = true;
	acpi_info.reset_reg = (struct acpi_gas){ r->space, r->bits, r->bit_offset, r->access, r->address };
	acpi_info.reset_value = f->reset_value;
}

void __init acpi_fadt_read(const struct acpi_header *t)
{
	struct fadt f = { .flags = 0 };

	if (t->length < FADT_V1_SIZE)
		return;
	/* Fields that an older table has not got are 0. */
	memcpy(&f, t, min((size_t)t->length, sizeof(f)));
	acpi_info.sci_irq = f.sci_int;
	acpi_info.pm1a_evt = port_of(f.pm1a_evt, &f.x_pm1a_evt);
	acpi_info.pm1b_evt = port_of(f.pm1b_evt, &f.x_pm1b_evt);
	acpi_info.pm1a_cnt = port_of(f.pm1a_cnt, &f.x_pm1a_cnt);
	acpi_info.pm1b_cnt = port_of(f.pm1b_cnt, &f.x_pm1b_cnt);
	if (f.pm_tmr_len == 4) {
		acpi_info.pm_timer = port_of(f.pm_tmr, &f.x_pm_tmr);
		acpi_info.pm_timer_32 = f.flags & FADT_TMR_VAL_EXT;
	}
	acpi_info.facs = f.x_facs ? f.x_facs : f.facs;
	acpi_info.dsdt = f.x_dsdt ? f.x_dsdt : f.dsdt;
	read_reset(&f);
}

void __init acpi_hpet_read(const struct acpi_header *t)
{
	const struct hpet *h = (const struct hpet *)t;

	if (t->length >= sizeof(*h) && h->base.space == ACPI_SPACE_MEMORY && IS_ALIGNED(h->base.address, HPET_SIZE) &&
	    acpi_addr_good(h->base.address, HPET_SIZE))
		acpi_info.hpet_addr = h->base.address;
}

void __init acpi_mcfg_read(const struct acpi_header *t)
{
	for (size_t at = MCFG_HEAD; at + sizeof(struct mcfg_area) <= t->length; at += sizeof(struct mcfg_area)) {
		const struct mcfg_area *a = (const void *)((const char *)t + at);
		unsigned int n = acpi_info.nr_mcfg;

		if (a->end_bus < a->start_bus || !IS_ALIGNED(a->address, MCFG_BUS_SIZE) ||
		    !acpi_addr_good(a->address, (a->end_bus + 1) * MCFG_BUS_SIZE))
			continue;
		if (n == ACPI_MAX_MCFG) {
			printk(LOG_WARN "ACPI: more than %u areas of PCI configuration: the rest is not used\n", n);
			return;
		}
		acpi_info.mcfg[n].address = a->address;
		acpi_info.mcfg[n].segment = a->segment;
		acpi_info.mcfg[n].start_bus = a->start_bus;
		acpi_info.mcfg[n].end_bus = a->end_bus;
		acpi_info.nr_mcfg++;
	}
}
