/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * desc: descriptor tables: set_gdt, update_descriptor, LDT by mmuext_op with its pages faulted in
 * when used, descriptors that may not be, and what a page of descriptors may not be used for.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

#define DATA3	0x00cff3000000ffffUL	/* flat data, DPL 3 */
#define CODE3	0x00affb000000ffffUL	/* 64-bit code, DPL 3 */
#define CODE32	0x00cffb000000ffffUL
#define DATA0	0x00cf93000000ffffUL
#define CALL0	0x00008c0000080000UL	/* call gate, DPL 0 */
#define CALL3	0x0000ec0000080000UL
#define TSS	0x0000890000000067UL
#define LDTD	0x0000820000000067UL
#define ABSENT	0x00cf73000000ffffUL

static uint64_t *gdt, *ldt;

static void load_ds(void *arg)
{
	asm volatile("mov %w0, %%ds" : : "r" ((unsigned long)arg));
}

static void load_fs(void *arg)
{
	asm volatile("mov %w0, %%fs" : : "r" ((unsigned long)arg));
}

static uint64_t lar_of(unsigned int sel)
{
	uint64_t v = 0;
	uint8_t ok;

	asm volatile("lar %2, %0; setz %1" : "+r" (v), "=q" (ok) : "r" ((uint64_t)sel) : "cc");
	return ok ? v : ~0UL;
}

static void observe_load(const char *what, unsigned int sel)
{
	struct kit_fault f;

	kit_probe(load_ds, (void *)(unsigned long)sel, &f);
	kit_observe_fault(&f, "%s", what);
	if (f.vector == KIT_VEC_PF)
		kit_observe("  at %lx in the LDT's page", f.cr2 & (PAGE_SIZE - 1));
	load_ds(NULL);
}

static void updates(void)
{
	static const struct { const char *name; uint64_t value; } kinds[] = {
		{ "data DPL 3", DATA3 }, { "64-bit code DPL 3", CODE3 }, { "32-bit code", CODE32 },
		{ "data DPL 0", DATA0 }, { "call gate DPL 0", CALL0 }, { "call gate DPL 3", CALL3 },
		{ "TSS", TSS }, { "LDT", LDTD }, { "not present", ABSENT }, { "zero", 0 },
		{ "data DPL 1", 0x00cfb3000000ffffUL }, { "data DPL 2", 0x00cfd3000000ffffUL },
		{ "conforming code DPL 0", 0x00af9f000000ffffUL },
		{ "interrupt gate", 0x0000ee0000080000UL },
		{ "expand-down data", 0x00cff7000000ffffUL },
	};
	uint64_t ma;

	ma = kit_va_to_ma(gdt + 4);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		long ret = hc_update_descriptor(ma, kinds[i].value);

		kit_observe_ret(ret, "update: %s", kinds[i].name);
		if (!ret)
			kit_observe("  value %016lx", gdt[4]);
	}
	kit_observe_ret(hc_update_descriptor(ma + 4, DATA3), "update misaligned");
	kit_observe_ret(hc_update_descriptor(0xfffffffUL << PAGE_SHIFT, DATA3), "update no frame");
	kit_observe_ret(hc_update_descriptor(kit_va_to_ma(kit_root()), 0), "update a page table");
	kit_observe_ret(hc_update_descriptor(0xb8000, 0), "update a device frame");
	kit_check_eq(hc_update_descriptor(ma, DATA3), 0, "a usable descriptor");
}

static void use_gdt(void)
{
	xen_pfn_t frame = kit_va_to_mfn(gdt), two[2];
	struct kit_fault f;

	gdt[2] = TSS;
	kit_observe_ret(hc_set_gdt(&frame, 512), "set_gdt while mapped writable");
	kit_set_readonly(gdt);
	kit_observe_ret(hc_set_gdt(&frame, 512), "set_gdt with a bad descriptor");
	kit_set_writable(gdt);
	gdt[2] = 0;
	gdt[3] = DATA3;
	kit_set_readonly(gdt);
	kit_observe_ret(hc_set_gdt(&frame, 512), "set_gdt");
	kit_observe_ret(kit_set_writable(gdt), "its page writable");
	observe_load("load entry 3", 3 * 8 + 3);
	observe_load("load entry 5 (zero)", 5 * 8 + 3);
	kit_observe("lar of entry 3: %lx", lar_of(3 * 8 + 3));
	kit_observe("lar of entry 5: %lx", lar_of(5 * 8 + 3));
	updates();
	observe_load("load entry 4 after update", 4 * 8 + 3);
	hc_update_descriptor(kit_va_to_ma(gdt + 4), ABSENT);
	observe_load("load entry 4, not present", 4 * 8 + 3);
	observe_load("load beyond the GDT", 513 * 8 + 3);
	observe_load("load the hypervisor's flat data", FLAT_KERNEL_SS64);
	kit_probe(load_fs, (void *)(3UL * 8 + 3), &f);
	kit_observe_fault(&f, "fs from entry 3");
	load_fs(NULL);
	kit_observe_ret(hc_set_gdt(&frame, 8193), "set_gdt 8193 entries");
	kit_observe_ret(hc_set_gdt(&frame, 7169), "set_gdt into the reserved pages");
	kit_observe_ret(hc_set_gdt((void *)0x10, 512), "set_gdt bad pointer");
	two[0] = frame;
	two[1] = 0xfffffff;
	kit_observe_ret(hc_set_gdt(two, 1024), "set_gdt with no frame");
	kit_check_eq(hc_set_gdt(NULL, 0), 0, "no GDT");
	observe_load("entry 3 without GDT", 3 * 8 + 3);
	kit_observe_ret(kit_set_writable(gdt), "its page writable now");
}

static long set_ldt(void *base, unsigned int entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = (unsigned long)base,
				.arg2.nr_ents = entries };

	return hc_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

static void use_ldt(void)
{

	ldt[1] = DATA3;
	ldt[2] = LDTD;
	ldt[3] = DATA3;
	kit_observe_ret(set_ldt(ldt, 512), "set_ldt of a writable page");
	observe_load("load from it", 1 * 8 + 7);
	/* Entry 2 is a bad descriptor: the page cannot become a descriptor page. */
	kit_set_readonly(ldt);
	observe_load("load with a bad neighbour", 1 * 8 + 7);
	kit_set_writable(ldt);
	ldt[2] = 0;
	kit_set_readonly(ldt);
	observe_load("load entry 1", 1 * 8 + 7);
	observe_load("load entry 3", 3 * 8 + 7);
	observe_load("load entry 0 (zero)", 7);
	kit_observe_ret(kit_set_writable(ldt), "its page writable while in use");
	kit_observe_ret(hc_update_descriptor(kit_va_to_ma(ldt + 4), DATA3), "update in the LDT");
	observe_load("load entry 4", 4 * 8 + 7);
	kit_observe_ret(set_ldt(ldt, 4), "shorter LDT");
	observe_load("load entry 4, beyond", 4 * 8 + 7);
	kit_observe_ret(set_ldt(NULL, 0), "no LDT");
	observe_load("load entry 1 without LDT", 1 * 8 + 7);
	kit_observe_ret(kit_set_writable(ldt), "its page writable now");
	kit_observe_ret(set_ldt((char *)ldt + 8, 5), "LDT not at a page's start");
	kit_observe_ret(set_ldt(ldt, 8193), "LDT of 8193 entries");
	kit_observe_ret(set_ldt((void *)HYPERVISOR_VIRT_START, 10), "LDT in the hypervisor");
	kit_observe_ret(set_ldt((void *)0x8000000000000000UL, 10), "LDT non-canonical");
	kit_observe_ret(set_ldt((void *)0x7f0000000000UL, 10), "LDT unmapped");
	observe_load("load from the unmapped LDT", 1 * 8 + 7);
	set_ldt(NULL, 0);
}

void kit_main(void)
{
	gdt = kit_page_alloc();
	ldt = kit_page_alloc();
	use_gdt();
	use_ldt();
	kit_audit();
}
