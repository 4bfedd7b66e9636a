/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls with random arguments, none of which a correct hypervisor answers by ending the guest. */
#ifndef HOSTILE_CALLS_H
#define HOSTILE_CALLS_H

#include "values.h"
#include <guestkit/grant.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/event_channel.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define GRANTS	64

struct call {
	unsigned long nr;
	unsigned long a[5];
};

static void make_call(struct call *c, unsigned int slot);

/* Mostly the usual one; of two guests that fight over each other's grants the other. */
static domid_t partner(domid_t usual)
{
	if (only == ABOUT_GRANTS && self)
		return one_in(16) ? domid() : one_in(8) ? usual : (domid_t)(3 - self);
	return one_in(4) ? domid() : usual;
}

/* An entry of a table: of few, if grants are all that it is about. */
static unsigned int any_grant(void)
{
	return below(only == ABOUT_GRANTS ? 16 : GRANTS);
}

/*
 * Then what is mapped is noted and unmapped some time, or all entries would soon be in use for good. Its place in the list is its page in
 * the window.
 */
static bool fights(void)
{
	return only == ABOUT_GRANTS;
}

static void map_fight(struct gnttab_map_grant_ref *map)
{
	struct actor *a = me();
	unsigned int at = below(FIGHTS);

	map->host_addr = a->window + at * PAGE_SIZE;
	map->flags = GNTMAP_host_map | below(2) * GNTMAP_readonly;
	if (a->fights[at].mapped)
		map->host_addr = bad_va();
}

static void unmap_fight(struct gnttab_unmap_grant_ref *unmap)
{
	unsigned int at = below(FIGHTS);

	unmap->host_addr = me()->window + at * PAGE_SIZE;
	unmap->dev_bus_addr = 0;
	unmap->handle = me()->fights[at].handle;
}

static void *slot_at(unsigned int slot)
{
	return (void *)(me()->arguments + slot % SLOTS * SLOT_SIZE);
}

/*
 * A list is at the slot, rarely nowhere, and never in another call's arguments: what these mean for this
 * call may well end the guest.
 */
static unsigned long list_at(unsigned int slot)
{
	if (!one_in(24))
		return (unsigned long)slot_at(slot);
	switch (below(4)) {
	case 0:
		/* Not what another list has left: shifted by some bytes it named the guest's own page table. */
		memset((void *)(me()->arguments + 2 * PAGE_SIZE - 64), 0, 64);
		return me()->arguments + 2 * PAGE_SIZE - below(64);
	case 1:
		return me()->read_only + below(PAGE_SIZE);
	}
	return bad_va();
}

/* The arguments' last bytes, which a list that claims to be longer ends at. */
static unsigned long at_the_end(unsigned int slot, size_t bytes)
{
	unsigned long at = me()->arguments + 2 * PAGE_SIZE - bytes;

	memcpy((void *)at, slot_at(slot), bytes);
	return at;
}

#include "control.h"

static void mmu_update(struct call *c, unsigned int slot)
{
	struct mmu_update *list = slot_at(slot);
	unsigned int n = below(8);

	for (unsigned int i = 0; i < 8; i++)
		list[i] = (struct mmu_update){ entry_ma() | (one_in(4) ? below(8) : 0), pte() };
	c->a[0] = list_at(slot);
	c->a[1] = one_in(16) ? n | 0x80000000 : n;
	c->a[2] = one_in(2) ? pointer() : 0;
	c->a[3] = one_in(3) ? domid() | (unsigned long)domid() << 16 : DOMID_SELF;
}

static void mmuext_op(struct call *c, unsigned int slot)
{
	struct mmuext_op *list = slot_at(slot);
	unsigned int n = below(6);

	for (unsigned int i = 0; i < 8; i++) {
		list[i].cmd = one_in(16) ? (unsigned int)number() : below(22);
		list[i].arg1.mfn = any_mfn();
		list[i].arg2.src_mfn = any_mfn();
		switch (list[i].cmd) {
		case MMUEXT_NEW_BASEPTR:
			list[i].arg1.mfn = no_root();
			break;
		case MMUEXT_INVLPG_LOCAL: case MMUEXT_INVLPG_ALL: case MMUEXT_INVLPG_MULTI: case MMUEXT_TLB_FLUSH_MULTI:
			list[i].arg1.linear_addr = one_in(2) ? window_va() : bad_va();
			list[i].arg2.src_mfn = pointer();
			break;
		case MMUEXT_SET_LDT:
			list[i].arg1.linear_addr = one_in(4) ? bad_va() : (unsigned long)victims[below(nr_victims)];
			list[i].arg2.src_mfn = number();
		}
	}
	c->a[0] = list_at(slot);
	c->a[1] = n;
	c->a[2] = one_in(2) ? pointer() : 0;
	c->a[3] = one_in(3) ? domid() : DOMID_SELF;
}

static void va_mapping(struct call *c, unsigned int slot)
{
	(void)slot;
	c->a[0] = one_in(4) ? bad_va() : window_va();
	c->a[1] = pte();
	c->a[2] = one_in(8) ? number() : one_in(4) ? pointer() : below(8);
	c->a[3] = domid();
	/* A victim's own address shows the victim, or its writes go astray. */
	if (one_in(3)) {
		unsigned int v = below(nr_victims);

		c->a[0] = (unsigned long)victims[v];
		c->a[1] = victim_mfn[v] << PAGE_SHIFT | (one_in(2) ? PTE_RO : PTE_RW);
		c->a[3] = DOMID_SELF;
	}
}

static void grant_element(unsigned int cmd, uint64_t *w)
{
	union {
		struct gnttab_map_grant_ref map;
		struct gnttab_unmap_grant_ref unmap;
		struct gnttab_copy copy;
		struct gnttab_unmap_and_replace replace;
		uint64_t words[8];
	} *u = (void *)w;

	fill(w, sizeof(*u));
	switch (cmd) {
	case GNTTABOP_map_grant_ref:
		u->map.flags = one_in(8) ? (uint32_t)number() : below(32);
		u->map.host_addr = u->map.flags & GNTMAP_contains_pte ? entry_ma() : one_in(8) ? bad_va() : window_va();
		u->map.ref = one_in(16) ? (uint32_t)number() : any_grant();
		u->map.dom = partner(self);
		if (fights())
			map_fight(&u->map);
		break;
	case GNTTABOP_unmap_grant_ref:
		u->unmap.host_addr = one_in(4) ? entry_ma() : window_va();
		u->unmap.dev_bus_addr = one_in(2) ? 0 : victim() << PAGE_SHIFT;
		u->unmap.handle = below(32);
		if (fights())
			unmap_fight(&u->unmap);
		break;
	case GNTTABOP_copy:
		u->copy.flags = (uint16_t)below(4);
		u->copy.source.u.gmfn = u->copy.flags & GNTCOPY_source_gref ? any_grant() : any_mfn();
		u->copy.dest.u.gmfn = u->copy.flags & GNTCOPY_dest_gref ? any_grant() : any_mfn();
		u->copy.source.domid = partner(DOMID_SELF);
		u->copy.dest.domid = partner(DOMID_SELF);
		u->copy.source.offset = (uint16_t)below(4100);
		u->copy.dest.offset = (uint16_t)below(4100);
		u->copy.len = (uint16_t)below(4100);
		break;
	case GNTTABOP_unmap_and_replace:
		u->replace.host_addr = window_va();
		u->replace.new_addr = one_in(8) ? bad_va() : window_va();
		u->replace.handle = below(32);
		break;
	}
}

static void grant_table_op(struct call *c, unsigned int slot)
{
	static const uint8_t sizes[] = { 32, 24, 24, 4, 24, 40, 16, 24, 4, 24, 8, 12, 16 };
	static const uint8_t of_two[] = { GNTTABOP_map_grant_ref, GNTTABOP_unmap_grant_ref, GNTTABOP_copy, GNTTABOP_transfer, GNTTABOP_swap_grant_ref };
	unsigned int cmd = fights() ? of_two[below(ARRAY_SIZE(of_two))] : below(13), n = fights() ? 1 : below(4);
	unsigned long mfn;
	volatile struct grant_entry_v1 *g = &kit_grant_table[any_grant()];

	/* Nobody would note it. */
	if (fights() && me()->inside_multicall && cmd <= GNTTABOP_unmap_grant_ref)
		cmd = GNTTABOP_copy;
	g->flags = (uint16_t)(one_in(4) ? below(512) : GTF_permit_access | (below(2) * GTF_readonly));
	g->domid = partner(self);
	mfn = any_mfn();
	g->frame = (uint32_t)(mfn >> 32 ? victim() : mfn);
	if (cmd == GNTTABOP_dump_table)		/* nothing but text */
		cmd = GNTTABOP_copy;
	for (unsigned int i = 0; i < 4; i++)
		grant_element(cmd, (uint64_t *)((char *)slot_at(slot) + i * sizes[cmd]));
	c->a[0] = one_in(32) ? number() : cmd;
	if (c->a[0] == GNTTABOP_dump_table)
		c->a[0] = cmd;
	c->a[1] = list_at(slot);
	c->a[2] = n;
	if (one_in(16)) {
		c->a[1] = at_the_end(slot, n * sizes[cmd]);
		c->a[2] = number();
	}
}

/* Frames that reservations have brought, which are mapped nowhere yet; some have gone since. */
#define SPARES	16
static unsigned long spares[SPARES];

/* After a call, by its result. */
static void take_spares(const struct call *c, long ret)
{
	const struct xen_memory_reservation *r = (const void *)c->a[1];

	/* Only if it has succeeded can the arguments be read, and what it brought. */
	if (c->nr != __HYPERVISOR_memory_op || c->a[0] != XENMEM_increase_reservation || ret <= 0 || r->extent_order ||
	    !r->extent_start.va)
		return;
	for (long i = 0; i < ret && i < 16; i++)
		spares[below(SPARES)] = ((const xen_pfn_t *)r->extent_start.va)[i];
}

static struct fight *fight_at(uint64_t host_addr)
{
	uint64_t at = (host_addr - me()->window) / PAGE_SIZE;

	return at < FIGHTS ? &me()->fights[at] : NULL;
}

/* After a call of that kind, if its list is as map_fight() and unmap_fight() made it. */
static void note_fight(const struct call *c, long ret)
{
	const struct gnttab_map_grant_ref *map = (const void *)c->a[1];
	const struct gnttab_unmap_grant_ref *unmap = (const void *)c->a[1];
	const struct gnttab_copy *copy = (const void *)c->a[1];
	domid_t other = (domid_t)(3 - self);

	if (!fights() || c->nr != __HYPERVISOR_grant_table_op || ret || c->a[2] != 1 || c->a[1] - me()->arguments >= PAGE_SIZE)
		return;
	if (c->a[0] == GNTTABOP_map_grant_ref && !map->status && fight_at(map->host_addr)) {
		*fight_at(map->host_addr) = (struct fight){ map->handle, true };
		me()->shared += map->dom == other;
	}
	if (c->a[0] == GNTTABOP_unmap_grant_ref && !unmap->status && fight_at(unmap->host_addr))
		fight_at(unmap->host_addr)->mapped = false;
	if (c->a[0] == GNTTABOP_copy && !copy->status)
		me()->shared += copy->source.domid == other || copy->dest.domid == other;
}

/* As much as is given, in other pieces; of frames that can be given, if any can. */
static void make_exchange(struct xen_memory_exchange *x, xen_pfn_t *frames)
{
	unsigned int order = below(3);

	for (unsigned int i = 0; i < 16; i++)
		frames[i] = spares[below(SPARES)];
	x->in.extent_order = 0;
	x->out.extent_order = order;
	x->out.nr_extents = 1 + below(4);
	x->in.nr_extents = x->out.nr_extents << order;
	x->in.mem_flags = x->out.mem_flags = 0;
	x->in.domid = x->out.domid = DOMID_SELF;
	set_xen_guest_handle(x->in.extent_start, frames);
	set_xen_guest_handle(x->out.extent_start, me()->results);
	x->nr_exchanged = 0;
}

static void make_resource(struct xen_mem_acquire_resource *r)
{
	r->domid = domid();
	r->type = below(3);
	r->id = below(2);
	r->nr_frames = below(4);
	r->pad = 0;
	r->frame = below(4);
	set_xen_guest_handle(r->frame_list, one_in(4) ? NULL : (void *)pointer());
}

static void memory_op(struct call *c, unsigned int slot)
{
	struct xen_memory_exchange *x = slot_at(slot);
	xen_pfn_t *frames = slot_at(slot + 1);
	struct xen_memory_reservation *r[2] = { &x->in, &x->out };

	fill(x, 128);
	c->a[0] = one_in(16) ? number() : below(30);
	switch (c->a[0] & 63) {
	case XENMEM_increase_reservation: case XENMEM_decrease_reservation: case XENMEM_populate_physmap:
	case XENMEM_exchange: case XENMEM_claim_pages:
		for (unsigned int i = 0; i < 16; i++)
			frames[i] = one_in(8) ? foreign_mfn() : one_in(4) ? spares[below(SPARES)] : kit_pfn_to_mfn(kit_start_info->nr_pages - 1 - below(4096));
		for (unsigned int i = 0; i < 2; i++) {
			set_xen_guest_handle(r[i]->extent_start, one_in(8) ? pointer() : (unsigned long)frames);
			r[i]->nr_extents = one_in(6) ? number() : below(8);
			r[i]->extent_order = one_in(6) ? (unsigned int)number() : below(3);
			r[i]->mem_flags = one_in(4) ? (unsigned int)number() : 0;
			r[i]->domid = one_in(4) ? domid() : DOMID_SELF;
		}
		if (one_in(2))
			x->nr_exchanged = 0;
		if (c->a[0] == XENMEM_exchange && !one_in(3))
			make_exchange(x, frames);
		break;
	case XENMEM_acquire_resource:
		make_resource((void *)x);
	}
	c->a[1] = list_at(slot);
}

static void event_channel_op(struct call *c, unsigned int slot)
{
	uint32_t *w = slot_at(slot);

	fill(w, 64);
	for (unsigned int i = 0; i < 4; i++)
		if (one_in(2))
			w[i] = below(24);
	c->a[0] = one_in(16) ? number() : below(16);
	if (c->a[0] == EVTCHNOP_init_control)	/* the timer of the other half needs the old way */
		c->a[0] = EVTCHNOP_expand_array;
	c->a[1] = list_at(slot);
	if (c->nr == __HYPERVISOR_event_channel_op_compat)
		c->a[0] = c->a[1];
}

static void vcpu_op(struct call *c, unsigned int slot)
{
	static const uint8_t cmds[] = { 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99 };
	uint64_t *w = slot_at(slot);

	fill(w, 64);
	c->a[0] = cmds[below(ARRAY_SIZE(cmds))];
	c->a[1] = one_in(4) ? number() : 0;
	c->a[2] = list_at(slot);
	if (c->a[0] == VCPUOP_register_vcpu_info)
		w[0] = no_root();		/* or events would come where nobody sees them */
	if (c->a[0] == VCPUOP_send_nmi)
		c->a[2] = one_in(2) ? 0 : number();
}

static void sched_op(struct call *c, unsigned int slot)
{
	struct sched_poll *poll = slot_at(slot);
	uint32_t *w = slot_at(slot);

	fill(w, 64);
	c->a[1] = (unsigned long)w;
	switch (below(6)) {
	case 0:
		c->a[0] = SCHEDOP_yield;
		break;
	case 1:
		c->a[0] = SCHEDOP_poll;
		poll->nr_ports = one_in(4) ? (unsigned int)number() : below(8);
		poll->timeout = one_in(4) ? 1 : kit_shared->vcpu_info[0].time.system_time + below(100000);
		break;
	case 2:
		c->a[0] = SCHEDOP_watchdog;
		w[0] = below(5);
		/* None that expires in a test's time. */
		w[1] = w[0] && one_in(2) ? 0 : 100000 + below(1000);
		break;
	case 3:
		c->a[0] = SCHEDOP_pin_override;
		w[0] = one_in(2) ? (uint32_t)-1 : (uint32_t)number();
		break;
	case 4:
		c->a[0] = SCHEDOP_remote_shutdown;
		*(domid_t *)w = (domid_t)(77 + below(1000));
		break;
	default:
		c->a[0] = 8 + (number() >> 8);
	}
	if (c->nr == __HYPERVISOR_sched_op_compat && c->a[0] < 3)
		c->a[0] = SCHEDOP_yield;
	else if (one_in(16))
		c->a[1] = bad_va();
}

static void physdev_op(struct call *c, unsigned int slot)
{
	uint32_t *w = slot_at(slot);

	fill(w, 64);
	for (unsigned int i = 0; i < 8; i++)
		if (one_in(2))
			w[i] = below(64);
	c->a[0] = one_in(16) ? number() : below(32);
	c->a[1] = list_at(slot);
	switch (c->a[0]) {
	case PHYSDEVOP_apic_write:	/* dom0 may stop its own devices */
		c->a[0] = PHYSDEVOP_apic_read;
		break;
	case PHYSDEVOP_set_iopl: case PHYSDEVOP_set_iobitmap:
		/* Ports stay closed to user mode, which will run anything. */
		w[0] = one_in(2) ? 1 : 4 + below(1000);
		w[1] = (uint32_t)(0xffff8000UL);	/* the bitmap's address: nowhere */
		break;
	}
	if (c->nr == __HYPERVISOR_physdev_op_compat) {
		memmove(w + 2, w, 56);
		w[0] = (uint32_t)c->a[0];
		c->a[0] = (unsigned long)w;
	}
}

static void platform_op(struct call *c, unsigned int slot)
{
	static const uint8_t cmds[] = { 0, XENPF_read_memtype, XENPF_get_cpu_version, XENPF_firmware_info, XENPF_getidletime,
					XENPF_set_processor_pminfo, XENPF_get_cpuinfo, XENPF_settime64, XENPF_get_symbol,
					XENPF_settime32, 16, 64, 200 };
	struct xen_platform_op *op = slot_at(slot);

	fill(op, sizeof(*op));
	op->cmd = one_in(16) ? 64 + (uint32_t)(number() >> 40) : cmds[below(ARRAY_SIZE(cmds))];
	op->interface_version = one_in(8) ? 0x03000002 : XENPF_INTERFACE_VERSION;
	if (op->cmd == XENPF_getidletime)
		op->u.getidletime.cpumap_nr_cpus = below(300);
	c->a[0] = one_in(16) ? bad_va() : (unsigned long)op;
}

static void mca(struct call *c, unsigned int slot)
{
	struct xen_mc *op = slot_at(slot);

	fill(op, sizeof(*op));
	op->cmd = one_in(4) ? 7 + below(100) : 1 + below(3);
	op->interface_version = one_in(8) ? (uint32_t)number() : XEN_MCA_INTERFACE_VERSION;
	if (op->cmd == XEN_MC_physcpuinfo)
		op->u.mc_physcpuinfo.ncpus = below(3);
	c->a[0] = one_in(16) ? bad_va() : (unsigned long)op;
}

static void set_gdt(struct call *c, unsigned int slot)
{
	unsigned long *frames = slot_at(slot);

	for (unsigned int i = 0; i < 16; i++)
		frames[i] = any_mfn();
	c->a[0] = list_at(slot);
	c->a[1] = one_in(4) ? number() : below(8192);
}

static void update_descriptor(struct call *c, unsigned int slot)
{
	static const uint64_t bases[] = { 0x00cff3000000ffffUL, 0x00affb000000ffffUL, 0x0000ec0000080000UL,
					  0x0000890000000067UL, 0x00cf93000000ffffUL };

	(void)slot;
	c->a[0] = any_mfn() << PAGE_SHIFT | below(512) * 8 | (one_in(16) ? below(8) : 0);
	c->a[1] = one_in(4) ? rnd() : bases[below(5)] ^ (one_in(2) ? 1UL << below(64) : 0);
}

static void set_trap_table(struct call *c, unsigned int slot)
{
	struct trap_info *t = slot_at(slot);

	for (unsigned int i = 0; i < 16; i++)
		t[i] = (struct trap_info){ (uint8_t)rnd(), (uint8_t)rnd(), (uint16_t)rnd(),
					   one_in(4) ? bad_va() : (unsigned long)kit_root };
	t[below(16)].address = 0;
	c->a[0] = list_at(slot);
}

/* After it the guest's handlers may be anywhere: not to be followed by anything but their registration. */
static bool changes_entries(const struct call *c)
{
	return c->nr == __HYPERVISOR_set_trap_table || c->nr == __HYPERVISOR_set_callbacks ||
	       c->nr == __HYPERVISOR_callback_op || c->nr == __HYPERVISOR_nmi_op || c->nr == __HYPERVISOR_stack_switch;
}

static void multicall(struct call *c, unsigned int slot)
{
	struct multicall_entry *list = slot_at(slot);

	c->a[0] = one_in(32) ? bad_va() : (unsigned long)list;
	c->a[1] = below(8);
	if (me()->inside_multicall)		/* a list within a list: no room for me()->arguments */
		return;
	me()->inside_multicall = true;
	for (unsigned int i = 0; i < 7; i++) {
		struct call part = { 0 };

		make_call(&part, slot + 1 + 2 * i);
		if (changes_entries(&part))
			part.nr = __HYPERVISOR_xen_version;
		list[i].op = part.nr;
		for (unsigned int k = 0; k < 5; k++)
			list[i].args[k] = part.a[k];
	}
	me()->inside_multicall = false;
}

static void command_pointer(struct call *c, unsigned int slot)
{
	fill(slot_at(slot), 64);
	c->a[0] = one_in(8) ? number() : below(14);
	c->a[1] = list_at(slot);
}

static void vm_assist(struct call *c, unsigned int slot)
{
	(void)slot;
	c->a[0] = one_in(8) ? number() : below(3);
	c->a[1] = one_in(2) ? number() : below(8);
}

static void callback_op(struct call *c, unsigned int slot)
{
	uint16_t *w = slot_at(slot);

	command_pointer(c, slot);
	c->a[0] = one_in(8) ? number() : below(3);
	w[0] = (uint16_t)(one_in(8) ? rnd() : below(9));
	*(uint64_t *)(w + 4) = number();
}

static void console_io(struct call *c, unsigned int slot)
{
	memset(slot_at(slot), '.', SLOT_SIZE);
	c->a[0] = one_in(2) ? CONSOLEIO_read : 2 + number();
	c->a[1] = one_in(4) ? number() : below(64);
	c->a[2] = list_at(slot);
	if (one_in(200)) {
		c->a[0] = CONSOLEIO_write;
		c->a[1] = below(16);
		c->a[2] = one_in(2) ? bad_va() : (unsigned long)slot_at(slot);
	}
}

static void numbers(struct call *c, unsigned int slot)
{
	(void)slot;
	for (unsigned int i = 0; i < 5; i++)
		c->a[i] = one_in(8) ? pointer() : number();
	if (c->nr == __HYPERVISOR_stack_switch || c->nr == __HYPERVISOR_set_callbacks)
		c->a[0] = one_in(2) ? bad_va() : c->a[0];
}

/* The emulator dies of a breakpoint at the end of the address space. */
static void set_debugreg(struct call *c, unsigned int slot)
{
	static const unsigned long places[] = { 0x400000, 0x400007, 0x401ff8, 0x1000, HYPERVISOR_VIRT_START, 1UL << 63 };

	numbers(c, slot);
	c->a[0] = one_in(8) ? number() : below(9);
	if ((uint32_t)c->a[0] < 4)
		c->a[1] = one_in(4) ? me()->results : places[below(ARRAY_SIZE(places))];
}

/* Numbers that mean nothing, or nothing here. */
static void absent(struct call *c, unsigned int slot)
{
	static const uint8_t nrs[] = { 11, 27, 38, 39, 40, 43, 44, 45, 46, 47, 49, 50, 55, 56, 62, 63, 64, 65, 127, 128, 255 };

	numbers(c, slot);
	c->nr = one_in(4) ? 64 + (number() >> 8) : nrs[below(ARRAY_SIZE(nrs))];
}

static const struct maker {
	uint8_t nr, weight;
	void (*make)(struct call *c, unsigned int slot);
	unsigned int about;
} makers[] = {
	{ __HYPERVISOR_set_trap_table, 1, set_trap_table },
	{ __HYPERVISOR_mmu_update, 30, mmu_update, ABOUT_MEMORY },
	{ __HYPERVISOR_set_gdt, 4, set_gdt, ABOUT_MEMORY },
	{ __HYPERVISOR_stack_switch, 1, numbers },
	{ __HYPERVISOR_set_callbacks, 1, numbers },
	{ __HYPERVISOR_fpu_taskswitch, 1, numbers },
	{ __HYPERVISOR_sched_op_compat, 1, sched_op },
	{ __HYPERVISOR_platform_op, 3, platform_op },
	{ __HYPERVISOR_set_debugreg, 1, set_debugreg },
	{ __HYPERVISOR_get_debugreg, 1, numbers },
	{ __HYPERVISOR_update_descriptor, 4, update_descriptor, ABOUT_MEMORY },
	{ __HYPERVISOR_memory_op, 8, memory_op, ABOUT_MEMORY | ABOUT_GRANTS },
	{ __HYPERVISOR_multicall, 10, multicall, ABOUT_MEMORY | ABOUT_GRANTS | ABOUT_WAKES },
	{ __HYPERVISOR_update_va_mapping, 20, va_mapping, ABOUT_MEMORY },
	{ __HYPERVISOR_set_timer_op, 1, numbers, ABOUT_WAKES },
	{ __HYPERVISOR_event_channel_op_compat, 1, event_channel_op },
	{ __HYPERVISOR_xen_version, 3, command_pointer },
	{ __HYPERVISOR_console_io, 1, console_io },
	{ __HYPERVISOR_physdev_op_compat, 1, physdev_op },
	{ __HYPERVISOR_grant_table_op, 20, grant_table_op, ABOUT_MEMORY | ABOUT_GRANTS },
	{ __HYPERVISOR_vm_assist, 1, vm_assist },
	{ __HYPERVISOR_update_va_mapping_otherdomain, 3, va_mapping, ABOUT_MEMORY },
	{ __HYPERVISOR_vcpu_op, 6, vcpu_op, ABOUT_WAKES },
	{ __HYPERVISOR_set_segment_base, 2, numbers },
	{ __HYPERVISOR_mmuext_op, 30, mmuext_op, ABOUT_MEMORY },
	{ __HYPERVISOR_nmi_op, 1, command_pointer },
	{ __HYPERVISOR_sched_op, 3, sched_op, ABOUT_WAKES },
	{ __HYPERVISOR_callback_op, 1, callback_op },
	{ __HYPERVISOR_event_channel_op, 10, event_channel_op, ABOUT_WAKES },
	{ __HYPERVISOR_physdev_op, 5, physdev_op },
	{ __HYPERVISOR_hvm_op, 1, command_pointer },
	{ __HYPERVISOR_sysctl, 2, sysctl_call },
	{ __HYPERVISOR_domctl, 10, domctl_call, ABOUT_MEMORY },
	{ __HYPERVISOR_kexec_op, 1, command_pointer },
	{ __HYPERVISOR_mca, 2, mca },
	{ 63, 2, absent },
};

static const struct maker *pick_maker(void)
{
	for (;;) {
		const struct maker *m = &makers[below(ARRAY_SIZE(makers))];

		if (below(30) < m->weight && (!only || (m->about & only)))
			return m;
	}
}

static void make_call(struct call *c, unsigned int slot)
{
	const struct maker *m = pick_maker();

	c->nr = m->nr;
	numbers(c, slot);
	m->make(c, slot);
	/* Executing another kernel is what the call is for. */
	if (c->nr == __HYPERVISOR_kexec_op && (uint32_t)c->a[0] < 3)
		c->a[0] = 3;
}

#endif
