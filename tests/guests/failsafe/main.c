/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failsafe: selectors whose descriptors are gone when a vCPU gets a processor again: its kernel is told by the failsafe
 * callback, out of kernel and user mode, and when the very first ones are bad. Two vCPUs share a processor here.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/callback.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define DATA3	0x00cff3000000ffffUL	/* flat data, DPL 3 */
#define ENTRY	3
#define SEL	(ENTRY * 8 + 3)
#define BAD	0x1f3
#define MS	1000000UL

static uint64_t *gdt;
static volatile uint32_t calls[2], go, gone, second_runs;
static uint64_t segs[2][4];
static struct kit_regs seen[2];
static uint8_t mask_seen;

static bool on_failsafe(struct kit_regs *regs)
{
	unsigned int id = kit_this_vcpu()->id;

	memcpy(segs[id], kit_failsafe_segs, sizeof(segs[id]));
	seen[id] = *regs;
	mask_seen = kit_this_vcpu()->info->evtchn_upcall_mask;
	calls[id]++;
	return true;
}

static void forget_descriptor(void)
{
	kit_check_eq(hc_update_descriptor(kit_va_to_ma(&gdt[ENTRY]), 0), 0, "the descriptor goes");
}

/* Takes turns with the first vCPU, so that both are switched to again and again. */
static void second(void *arg)
{
	(void)arg;
	for (;;) {
		second_runs++;
		if (go) {
			hc_update_descriptor(kit_va_to_ma(&gdt[ENTRY]), 0);
			go = 0;
			gone = 1;
		}
		hc_sched_op(SCHEDOP_yield, NULL);
	}
}

static void load(unsigned int ds, unsigned int es, unsigned int fs, unsigned int gs)
{
	asm volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; mov %3, %%gs"
		     : : "r" (ds), "r" (es), "r" (fs), "r" (gs));
}

static unsigned int loaded(void)
{
	unsigned int ds, es, fs, gs;

	asm volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3" : "=r" (ds), "=r" (es), "=r" (fs), "=r" (gs));
	return ds | es | fs | gs;
}

/* Until the other vCPU has had the processor. */
static void switch_away(void)
{
	uint32_t n = second_runs;

	while (second_runs < n + 2)
		hc_sched_op(SCHEDOP_yield, NULL);
}

static void show(const char *what, unsigned int id)
{
	kit_observe("%s: calls %u, ds %lx es %lx fs %lx gs %lx, cs %lx ss %lx IF %lu, mask inside %u", what, calls[id],
		    segs[id][0], segs[id][1], segs[id][2], segs[id][3], seen[id].cs, seen[id].ss, seen[id].rflags >> 9 & 1,
		    mask_seen);
	calls[id] = 0;
}

static void in_kernel(const char *what, unsigned int ds, unsigned int es, unsigned int fs, unsigned int gs)
{
	hc_update_descriptor(kit_va_to_ma(&gdt[ENTRY]), DATA3);
	load(ds, es, fs, gs);
	switch_away();
	kit_check_eq(calls[0], 0, "%s: nothing while the descriptor is there", what);
	forget_descriptor();
	switch_away();
	kit_check_eq(calls[0], 1, "%s: one call", what);
	show(what, 0);
	kit_check(seen[0].rip > KIT_VIRT_BASE, "%s: where it was interrupted", what);
	kit_check_eq(loaded(), 0, "%s: the selectors are null", what);
	switch_away();
	kit_check_eq(calls[0], 0, "%s: it is told once", what);
}

static unsigned long user_waits(void *arg)
{
	(void)arg;
	load(SEL, 0, 0, 0);
	go = 1;
	while (!gone)
		kit_pause();
	return loaded();
}

static void in_user(void)
{
	unsigned long ret = 77;
	struct kit_fault f;

	hc_update_descriptor(kit_va_to_ma(&gdt[ENTRY]), DATA3);
	kit_check(kit_user_probe(user_waits, NULL, &f, &ret), "user mode goes on");
	kit_check_eq((int64_t)ret, 0, "without the selector");
	show("user mode", 0);
}

static void with_mask(void)
{
	struct callback_register reg = {
		.type = CALLBACKTYPE_failsafe, .flags = CALLBACKF_mask_events, .address = (unsigned long)kit_entry_failsafe,
	};

	kit_events_unmask();
	in_kernel("events on", SEL, 0, 0, 0);
	kit_check_eq(hc_callback_op(CALLBACKOP_register, &reg), 0, "a callback that masks events");
	in_kernel("and masked inside", SEL, 0, 0, 0);
	kit_observe("afterwards: mask %u", kit_this_vcpu()->info->evtchn_upcall_mask);
	kit_events_mask();
}

static void first_ones(void)
{
	static struct vcpu_guest_context c;
	struct kit_vcpu *v = kit_vcpu(1);

	kit_vcpu_context(1, &c);
	c.user_regs.ds = BAD;
	c.user_regs.fs = BAD;
	v->start = second;
	kit_check_eq(hc_vcpu_op(VCPUOP_initialise, 1, &c), 0, "a second vCPU with selectors that are none");
	kit_check_eq(hc_vcpu_op(VCPUOP_up, 1, NULL), 0, "up");
	kit_check(kit_wait_for(&calls[1], 1, 5000 * MS), "it is told");
	while (!second_runs)
		hc_sched_op(SCHEDOP_yield, NULL);
	show("first selectors", 1);
	kit_check_eq((int64_t)seen[1].rip, (int64_t)kit_entry_vcpu, "before its first instruction");
}

void kit_main(void)
{
	xen_pfn_t frame;

	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	kit_event_init();
	gdt = kit_page_alloc();
	gdt[ENTRY] = DATA3;
	frame = kit_va_to_mfn(gdt);
	kit_set_readonly(gdt);
	kit_check_eq(hc_set_gdt(&frame, 512), 0, "a GDT");
	kit_set_hook(KIT_VEC_FAILSAFE, on_failsafe);
	first_ones();
	in_kernel("ds", SEL, 0, 0, 0);
	in_kernel("all four", SEL, SEL, SEL, SEL);
	in_kernel("gs", 0, 0, 0, SEL);
	in_user();
	with_mask();
	hc_set_gdt(NULL, 0);
}
