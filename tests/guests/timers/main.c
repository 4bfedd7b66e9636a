/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timers: the system time record and wall clock, set_timer_op, the singleshot and periodic timers
 * of vcpu_op with their flags and errors, and block, poll and yield against a timer.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/vcpu.h>
#include <xen/sched.h>

#define MS 1000000UL

static uint32_t port;

static bool wait_count(unsigned int want, uint64_t ns)
{
	uint64_t end = kit_time_now() + ns;

	while (kit_evtchn_count(port) < want && kit_time_now() < end)
		kit_pause();
	return kit_evtchn_count(port) >= want;
}

static void time_record(void)
{
	volatile struct vcpu_time_info *t = &kit_shared->vcpu_info[0].time;
	uint64_t a = kit_time_now(), b, ta = kit_rdtsc(), tb;

	kit_check(!(t->version & 1), "the record's version is even");
	kit_time_spin(2 * MS);
	b = kit_time_now();
	tb = kit_rdtsc();
	kit_check(b >= a + 2 * MS, "system time advances");
	kit_check(tb > ta, "the time stamp counter advances");
	for (int i = 0; i < 10000; i++) {
		a = kit_time_now();
		b = kit_time_now();
		if (b < a)
			break;
	}
	kit_check(b >= a, "system time does not go back");
	kit_check(t->system_time < b, "the record lies in the past");
	kit_note("scale %u shift %d flags %u", t->tsc_to_system_mul, t->tsc_shift, t->flags);
}

/* The first vCPU starts with a periodic timer; a kernel that does not want it stops it. */
static void first_periodic(void)
{
	unsigned int n = kit_evtchn_count(port);
	uint64_t start = kit_time_now();

	kit_check(wait_count(n + 10, 1000 * MS), "a periodic timer runs at start");
	kit_check(kit_time_now() - start > 50 * MS, "its period is about 10 ms");
	kit_check_eq(hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stop it");
	kit_time_spin(1 * MS);
}

static void singleshot(void)
{
	struct vcpu_set_singleshot_timer s = { 0 };
	unsigned int n = kit_evtchn_count(port);
	uint64_t start = kit_time_now(), end;

	s.timeout_abs_ns = start + 5 * MS;
	kit_check_eq(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), 0, "singleshot");
	kit_check(wait_count(n + 1, 1000 * MS), "it fires");
	end = kit_time_now();
	kit_check(end >= start + 5 * MS, "not too early");
	kit_check(end < start + 105 * MS, "not too late");
	kit_time_spin(10 * MS);
	kit_check_eq(kit_evtchn_count(port), n + 1, "it fires once");
	s.timeout_abs_ns = start;
	s.flags = VCPU_SSHOTTMR_future;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), "past, with future flag");
	kit_check(wait_count(n + 2, 1000 * MS), "which fires at once all the same");
	s.flags = 0;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), "past, without it");
	kit_check(wait_count(n + 3, 1000 * MS), "which fires at once");
	s.timeout_abs_ns = kit_time_now() + 20 * MS;
	hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s);
	kit_check_eq(hc_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stop");
	kit_time_spin(30 * MS);
	kit_check_eq(kit_evtchn_count(port), n + 3, "a stopped timer is silent");
	/* Time 0 is long ago, and stops no clock. */
	n = kit_evtchn_count(port);
	s.timeout_abs_ns = 0;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s), "at time 0");
	kit_check(wait_count(n + 1, 1000 * MS), "it fires at once");
	s.timeout_abs_ns = kit_time_now() + MS;
	hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &s);
	kit_check(wait_count(n + 2, 1000 * MS), "and others still do");
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, NULL), "singleshot NULL");
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_singleshot_timer, 1, &s), "singleshot of vCPU 1");
}

static void set_timer(void)
{
	unsigned int n = kit_evtchn_count(port);

	kit_check_eq(hc_set_timer_op(kit_time_now() + 5 * MS), 0, "set_timer_op");
	kit_check(wait_count(n + 1, 1000 * MS), "it fires");
	kit_check_eq(hc_set_timer_op(kit_time_now() + 20 * MS), 0, "set_timer_op again");
	kit_check_eq(hc_set_timer_op(0), 0, "stop by 0");
	kit_time_spin(30 * MS);
	kit_check_eq(kit_evtchn_count(port), n + 1, "a stopped timer is silent");
	kit_observe_ret(hc_set_timer_op(~0UL), "set_timer_op -1");
	kit_note("after -1: %u", kit_evtchn_count(port) - n);
	hc_set_timer_op(0);
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer p = { .period_ns = 5 * MS };
	unsigned int n = kit_evtchn_count(port);

	kit_check_eq(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), 0, "periodic");
	kit_check(wait_count(n + 4, 1000 * MS), "it fires again and again");
	kit_check_eq(hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stop");
	kit_time_spin(1 * MS);
	n = kit_evtchn_count(port);
	kit_time_spin(20 * MS);
	kit_check_eq(kit_evtchn_count(port), n, "a stopped timer is silent");
	p.period_ns = 1;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), "a period of 1 ns");
	p.period_ns = 999999;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), "a period under 1 ms");
	p.period_ns = 0;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), "a period of 0");
	p.period_ns = ~0UL;
	kit_observe_ret(hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &p), "a period of -1");
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
}

/* Blocking ends with the event, and switches upcalls on. */
static void block(void)
{
	unsigned int n = kit_evtchn_count(port);
	uint64_t start = kit_time_now();

	kit_events_mask();
	hc_set_timer_op(start + 10 * MS);
	kit_check_eq(hc_sched_op(SCHEDOP_block, NULL), 0, "block");
	kit_check(kit_time_now() >= start + 10 * MS, "it lasted until the timer");
	kit_check_eq(kit_evtchn_count(port), n + 1, "the upcall came");
	kit_observe("upcall mask after block: %u", kit_shared->vcpu_info[0].evtchn_upcall_mask);
	kit_events_unmask();
}

static void poll(void)
{
	evtchn_port_t ports[2] = { port, 0 };
	struct sched_poll op = { .nr_ports = 1 };
	uint64_t start;

	kit_events_mask();
	set_xen_guest_handle(op.ports, ports);
	start = kit_time_now();
	op.timeout = start + 10 * MS;
	kit_check_eq(hc_sched_op(SCHEDOP_poll, &op), 0, "poll");
	kit_check(kit_time_now() >= start + 10 * MS, "it lasted until the time-out");
	start = kit_time_now();
	hc_set_timer_op(start + 5 * MS);
	op.timeout = start + 500 * MS;
	kit_check_eq(hc_sched_op(SCHEDOP_poll, &op), 0, "poll with an event");
	kit_check(kit_time_now() < start + 400 * MS, "the event ended it");
	kit_check(kit_evtchn_pending(port), "and is pending");
	start = kit_time_now();
	op.timeout = start + 500 * MS;
	kit_check_eq(hc_sched_op(SCHEDOP_poll, &op), 0, "poll with a pending event");
	kit_check(kit_time_now() < start + 400 * MS, "returns at once");
	kit_evtchn_clear(port);
	op.nr_ports = 129;
	kit_observe_ret(hc_sched_op(SCHEDOP_poll, &op), "poll 129 ports");
	op.nr_ports = 1;
	ports[0] = 4096;
	kit_observe_ret(hc_sched_op(SCHEDOP_poll, &op), "poll port 4096");
	set_xen_guest_handle(op.ports, (evtchn_port_t *)0x10);
	kit_observe_ret(hc_sched_op(SCHEDOP_poll, &op), "poll with a bad pointer");
	kit_observe_ret(hc_sched_op(SCHEDOP_poll, NULL), "poll NULL");
	kit_events_unmask();
}

void kit_main(void)
{
	int ret = kit_evtchn_bind_virq(VIRQ_TIMER, 0);

	if (ret < 0)
		kit_fatal("no timer virq: %d", ret);
	port = (uint32_t)ret;
	kit_event_init();
	kit_events_unmask();
	time_record();
	first_periodic();
	singleshot();
	set_timer();
	periodic();
	block();
	poll();
	kit_observe_ret(hc_sched_op(SCHEDOP_yield, NULL), "yield");
	kit_observe_ret(hc_sched_op(99, NULL), "sched_op 99");
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, NULL), "watchdog NULL");
	kit_observe_ret(hc_sched_op_compat(0, 0), "compat yield");
	kit_observe_ret(hc_sched_op_compat(9, 0), "compat 9");
}
