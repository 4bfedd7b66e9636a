/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpu: vcpu_op: a second vCPU is initialised, started, stopped and started again; it gets events;
 * run state, vcpu_info and time record in pages of the guest's choice; every error.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/vcpu.h>
#include <xen/sched.h>

#define MS 1000000UL

static volatile uint32_t alive, go_down, token;
static struct vcpu_info own_info[2] __attribute__((aligned(64)));
static struct vcpu_runstate_info runstate;
static struct vcpu_time_info own_time;

static void second(void *arg)
{
	token = (uint32_t)(unsigned long)arg;
	kit_events_unmask();
	for (;;) {
		alive++;
		if (go_down) {
			go_down = 0;
			hc_vcpu_op(VCPUOP_down, 1, NULL);
			/* Continues here when brought up again. */
			token = 99;
		}
		kit_pause();
	}
}

static bool is_alive(void)
{
	uint32_t n = alive;
	uint64_t end = kit_time_now() + 1000 * MS;

	while (alive == n && kit_time_now() < end)
		hc_sched_op(SCHEDOP_yield, NULL);
	return alive != n;
}

static void before_up(void)
{
	static struct vcpu_guest_context c;

	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 0, NULL), "is_up 0");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 1, NULL), "is_up 1");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 2, NULL), "is_up 2");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, -1, NULL), "is_up -1");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 8192, NULL), "is_up 8192");
	kit_observe_ret(hc_vcpu_op(VCPUOP_up, 1, NULL), "up 1 before initialise");
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, NULL), "initialise NULL");
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 2, &c), "initialise 2");
	kit_vcpu_context(1, &c);
	c.ctrlreg[3] = 0;
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise with frame 0 as root");
	kit_vcpu_context(1, &c);
	c.ctrlreg[3] = (uint64_t)kit_va_to_mfn(&token) << PAGE_SHIFT;
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise with a data page as root");
	kit_vcpu_context(1, &c);
	c.user_regs.rip = 0x8000000000000000UL;
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise non-canonical rip");
	kit_vcpu_context(1, &c);
	c.gdt_ents = 8193;
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise with a large GDT");
	kit_vcpu_context(1, &c);
	c.ldt_ents = 9000;
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise with a large LDT");
	kit_observe_ret(hc_vcpu_op(VCPUOP_down, 1, NULL), "down 1 when down");
}

#define BAD_ADDRESS	0x8000000000000000UL

static void try_context(const char *what, struct vcpu_guest_context *c)
{
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, c), "initialise: %s", what);
	kit_vcpu_context(1, c);
}

/* None of these is one: the next can still be tried. */
static void contexts(void)
{
	static struct vcpu_guest_context c;
	static const struct { const char *what; size_t at; } addresses[] = {
		{ "rsp", offsetof(struct vcpu_guest_context, user_regs.rsp) },
		{ "kernel_sp", offsetof(struct vcpu_guest_context, kernel_sp) },
		{ "ldt_base", offsetof(struct vcpu_guest_context, ldt_base) },
		{ "fs_base", offsetof(struct vcpu_guest_context, fs_base) },
		{ "gs_base_kernel", offsetof(struct vcpu_guest_context, gs_base_kernel) },
		{ "gs_base_user", offsetof(struct vcpu_guest_context, gs_base_user) },
		{ "event_callback_eip", offsetof(struct vcpu_guest_context, event_callback_eip) },
		{ "failsafe_callback_eip", offsetof(struct vcpu_guest_context, failsafe_callback_eip) },
		{ "syscall_callback_eip", offsetof(struct vcpu_guest_context, syscall_callback_eip) },
		{ "a trap handler", offsetof(struct vcpu_guest_context, trap_ctxt[200].address) },
	};

	kit_vcpu_context(1, &c);
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		*(uint64_t *)((char *)&c + addresses[i].at) = BAD_ADDRESS;
		try_context(addresses[i].what, &c);
	}
	c.ldt_base = HYPERVISOR_VIRT_START;
	try_context("LDT in the hypervisor, empty", &c);
	c.ldt_base = 0x1008;
	c.ldt_ents = 4;
	try_context("LDT not at a page's start", &c);
	c.ctrlreg[1] = 0xfffffffUL << PAGE_SHIFT;
	try_context("user root in no frame", &c);
	c.ctrlreg[1] = (uint64_t)kit_va_to_mfn(&token) << PAGE_SHIFT;
	try_context("a data page as user root", &c);
	c.gdt_ents = 512;
	c.gdt_frames[0] = 0xfffffff;
	try_context("GDT in no frame", &c);
	c.gdt_ents = 512;
	c.gdt_frames[0] = kit_va_to_mfn(kit_root());
	try_context("GDT in a page table", &c);
	c.flags &= ~(unsigned long)VGCF_IN_KERNEL;
	try_context("in user mode without a root for it", &c);
}

static void up_down(void)
{
	kit_check_eq(kit_vcpu_boot(1, second, (void *)42), 0, "initialise and up");
	kit_check(kit_wait_for(&token, 42, 2000 * MS), "the second vCPU runs");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 1, NULL), "is_up 1 now");
	kit_observe_ret(hc_vcpu_op(VCPUOP_up, 1, NULL), "up again");
	kit_observe_ret(kit_vcpu_boot(1, second, NULL), "initialise again");
	kit_check(is_alive(), "it keeps running");
	go_down = 1;
	kit_wait_for(&go_down, 0, 1000 * MS);
	while (hc_vcpu_op(VCPUOP_is_up, 1, NULL))
		hc_sched_op(SCHEDOP_yield, NULL);
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 1, NULL), "is_up 1 after its own down");
	kit_check_eq(hc_vcpu_op(VCPUOP_up, 1, NULL), 0, "up once more");
	kit_check(kit_wait_for(&token, 99, 2000 * MS), "it continues behind its down");
	kit_check_eq(hc_vcpu_op(VCPUOP_down, 1, NULL), 0, "down from the first vCPU");
	kit_observe_ret(hc_vcpu_op(VCPUOP_is_up, 1, NULL), "is_up 1");
	kit_check_eq(hc_vcpu_op(VCPUOP_up, 1, NULL), 0, "up");
	kit_check(is_alive(), "it runs");
}

static void events_across(void)
{
	int port = kit_evtchn_bind_ipi(1);
	uint64_t end = kit_time_now() + 1000 * MS;

	kit_check(port > 0, "an ipi port of vCPU 1");
	kit_check_eq(kit_evtchn_send((uint32_t)port), 0, "send");
	while (!kit_evtchn_count((uint32_t)port) && kit_time_now() < end)
		hc_sched_op(SCHEDOP_yield, NULL);
	kit_check_eq(kit_evtchn_count((uint32_t)port), 1, "the other vCPU takes the upcall");
}

static void runstates(void)
{
	struct vcpu_register_runstate_memory_area area = { 0 };
	struct vcpu_runstate_info direct;
	uint64_t entry;

	kit_check_eq(hc_vcpu_op(VCPUOP_get_runstate_info, 0, &direct), 0, "get_runstate_info");
	kit_observe("own state %d", direct.state);
	kit_check_eq(hc_vcpu_op(VCPUOP_get_runstate_info, 1, &direct), 0, "of vCPU 1");
	area.addr.v = &runstate;
	kit_check_eq(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area), 0,
		     "register a run state area");
	kit_observe("area: state %d", runstate.state);
	kit_check(runstate.state_entry_time != 0, "entry time");
	hc_vcpu_op(VCPUOP_get_runstate_info, 0, &direct);
	kit_check(direct.time[RUNSTATE_running] >= runstate.time[RUNSTATE_running],
		  "the direct value is newer");
	entry = runstate.time[RUNSTATE_blocked];
	kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	/* Several times: where others have the processor, the timer may be over before we block. */
	for (unsigned int i = 0; i < 10 && runstate.time[RUNSTATE_blocked] < entry + 10 * MS; i++) {
		hc_set_timer_op(kit_time_now() + 20 * MS);
		hc_sched_op(SCHEDOP_block, NULL);
	}
	kit_check(runstate.time[RUNSTATE_blocked] >= entry + 10 * MS, "blocked time is counted");
	kit_observe_ret(hc_vcpu_op(VCPUOP_get_runstate_info, 0, NULL), "get_runstate_info NULL");
	area.addr.v = (void *)HYPERVISOR_VIRT_START;
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area),
			"register in the hypervisor");
}

static void info_pages(void)
{
	struct vcpu_register_vcpu_info reg = { 0 };
	struct vcpu_register_time_memory_area tarea = { 0 };
	int port;

	reg.mfn = kit_va_to_mfn(own_info);
	reg.offset = 4096 - 32;
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), "info over the page's end");
	reg.offset = 4;
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), "info misaligned");
	reg.mfn = 0xffffffffffUL;
	reg.offset = 0;
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), "info in no frame");
	reg.mfn = kit_va_to_mfn(kit_root());
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), "info in a page table");
	/* Until the upcall looks at the new place it must not come. */
	kit_events_mask();
	reg.mfn = kit_va_to_mfn(own_info);
	reg.offset = (uint32_t)((unsigned long)own_info & (PAGE_SIZE - 1));
	kit_check_eq(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), 0, "register vcpu_info");
	kit_this_vcpu()->info = &own_info[0];
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_info, 0, &reg), "register it again");
	kit_check(own_info[0].time.tsc_to_system_mul != 0, "time is in the new place");
	kit_observe("new place: pending %u mask %u sel %lx", own_info[0].evtchn_upcall_pending,
		    own_info[0].evtchn_upcall_mask, (unsigned long)own_info[0].evtchn_pending_sel);
	kit_events_unmask();
	port = kit_evtchn_bind_ipi(0);
	kit_evtchn_send((uint32_t)port);
	kit_check_eq(kit_evtchn_count((uint32_t)port), 1, "upcalls use the new place");
	tarea.addr.v = &own_time;
	kit_observe_ret(hc_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &tarea),
			"register a time area");
	kit_check(own_time.tsc_to_system_mul != 0, "it is filled");
}

static long register_time(unsigned int vcpu, void *where)
{
	struct vcpu_register_time_memory_area area = { .addr.v = where };

	return hc_vcpu_op(VCPUOP_register_vcpu_time_memory_area, vcpu, &area);
}

static long register_runstate(unsigned int vcpu, void *where)
{
	struct vcpu_register_runstate_memory_area area = { .addr.v = where };

	return hc_vcpu_op(VCPUOP_register_runstate_memory_area, vcpu, &area);
}

/* It is odd while its own processor fills the area. */
static bool becomes_even(const volatile uint32_t *version)
{
	for (unsigned int tries = 1000000; tries; tries--)
		if (!(*version & 1))
			return true;
	return false;
}

/* Address 0 ends it; what is only not mapped now is taken; another vCPU's area is filled, too. */
static void area_addresses(void)
{
	static struct vcpu_time_info others_time;
	static struct vcpu_runstate_info others_state;
	void *nowhere = (void *)0x600000000000UL, *ours = (void *)HYPERVISOR_VIRT_START;

	kit_observe_ret(register_time(0, nowhere), "a time area that is not mapped");
	kit_observe_ret(register_time(0, ours), "a time area in the hypervisor");
	kit_observe_ret(register_time(0, (char *)ours - 16), "a time area up to the hypervisor");
	kit_observe_ret(register_time(0, NULL), "no time area");
	kit_observe_ret(register_time(1, &others_time), "a time area of vCPU 1");
	kit_check(others_time.tsc_to_system_mul != 0, "it is filled");
	kit_observe("version is even: %d", becomes_even(&others_time.version));
	kit_observe_ret(register_time(1, NULL), "none again");
	kit_observe_ret(register_runstate(0, nowhere), "a run state area that is not mapped");
	kit_observe_ret(register_runstate(0, (char *)ours - 16), "a run state area up to the hypervisor");
	kit_observe_ret(register_runstate(0, NULL), "no run state area");
	kit_observe_ret(register_runstate(1, &others_state), "a run state area of vCPU 1");
	kit_check(others_state.state_entry_time != 0, "it is filled");
	kit_observe_ret(register_runstate(1, NULL), "none again");
}

static void other_ops(void)
{
	struct vcpu_get_physid id = { 0 };

	kit_observe_ret(hc_vcpu_op(VCPUOP_get_physid, 0, &id), "get_physid");
	kit_observe_ret(hc_vcpu_op(99, 0, NULL), "vcpu_op 99");
	kit_observe_ret(hc_vcpu_op(VCPUOP_send_nmi, 9, NULL), "send_nmi to vCPU 9");
	kit_observe_ret(hc_vcpu_op(VCPUOP_stop_periodic_timer, 1, NULL), "stop periodic of vCPU 1");
}

void kit_main(void)
{
	kit_event_init();
	before_up();
	contexts();
	up_down();
	events_across();
	runstates();
	info_pages();
	area_addresses();
	other_ops();
}
