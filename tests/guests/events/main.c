/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events: two-level event channels: binding, sending, masks, the upcall and when it is delivered,
 * closing, status, and every error of the operations.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/vcpu.h>
#include <xen/sched.h>

static void status(uint32_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };
	long ret = hc_event_channel_op(EVTCHNOP_status, &s);

	if (ret)
		kit_observe_ret(ret, "status of port %u", port);
	else if (s.status == EVTCHNSTAT_interdomain)
		kit_observe("port %u: interdomain vcpu %u dom %u port %u", port, s.vcpu,
			    s.u.interdomain.dom, s.u.interdomain.port);
	else if (s.status == EVTCHNSTAT_unbound)
		kit_observe("port %u: unbound vcpu %u dom %u", port, s.vcpu, s.u.unbound.dom);
	else if (s.status == EVTCHNSTAT_virq)
		kit_observe("port %u: virq vcpu %u virq %u", port, s.vcpu, s.u.virq);
	else
		kit_observe("port %u: status %u vcpu %u", port, s.status, s.vcpu);
}

static void interdomain(void)
{
	int a = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);
	int b;

	kit_observe("first unbound port: %d", a);
	status((uint32_t)a);
	b = kit_evtchn_bind_interdomain(DOMID_SELF, (uint32_t)a);
	kit_observe("bound to it: %d", b);
	status((uint32_t)a);
	status((uint32_t)b);
	kit_observe("pending at once: %d %d", kit_evtchn_pending((uint32_t)a),
		    kit_evtchn_pending((uint32_t)b));
	kit_events_unmask();
	kit_observe("upcalls: %u %u", kit_evtchn_count((uint32_t)a), kit_evtchn_count((uint32_t)b));
	kit_check_eq(kit_evtchn_send((uint32_t)a), 0, "send");
	kit_observe("upcalls after a send from the first: %u %u", kit_evtchn_count((uint32_t)a),
		    kit_evtchn_count((uint32_t)b));
	kit_check_eq(kit_evtchn_send((uint32_t)b), 0, "send the other way");
	kit_observe("upcalls: %u %u", kit_evtchn_count((uint32_t)a), kit_evtchn_count((uint32_t)b));
	kit_check_eq(kit_evtchn_close((uint32_t)b), 0, "close one end");
	status((uint32_t)a);
	status((uint32_t)b);
	kit_observe_ret(kit_evtchn_send((uint32_t)a), "send to a closed peer");
	kit_observe_ret(kit_evtchn_send((uint32_t)b), "send on a closed port");
	kit_check_eq(kit_evtchn_close((uint32_t)a), 0, "close the other");
	kit_observe_ret(kit_evtchn_close((uint32_t)a), "close it again");
	kit_events_mask();
}

/* Masked ports become pending without an upcall; unmasking delivers. */
static void masks(void)
{
	int port = kit_evtchn_bind_ipi(0);
	uint32_t p = (uint32_t)port;

	kit_observe("ipi port %d", port);
	status(p);
	kit_events_unmask();
	kit_evtchn_set_mask(p, true);
	kit_evtchn_send(p);
	kit_observe("masked: pending %d upcalls %u", kit_evtchn_pending(p), kit_evtchn_count(p));
	kit_observe("vcpu: pending %u sel %lx", kit_shared->vcpu_info[0].evtchn_upcall_pending,
		    (unsigned long)kit_shared->vcpu_info[0].evtchn_pending_sel);
	kit_check_eq(kit_evtchn_unmask_op(p), 0, "unmask");
	kit_observe("unmasked: pending %d upcalls %u masked %d", kit_evtchn_pending(p),
		    kit_evtchn_count(p), kit_evtchn_masked(p));
	kit_events_mask();
	kit_evtchn_send(p);
	kit_observe("upcalls masked: pending %d upcalls %u vcpu pending %u sel %lx",
		    kit_evtchn_pending(p), kit_evtchn_count(p),
		    kit_shared->vcpu_info[0].evtchn_upcall_pending,
		    (unsigned long)kit_shared->vcpu_info[0].evtchn_pending_sel);
	kit_evtchn_send(p);
	kit_events_unmask();
	kit_observe("after two sends: upcalls %u", kit_evtchn_count(p));
	kit_events_mask();
	kit_check_eq(kit_evtchn_close(p), 0, "close");
	kit_observe("after close: pending %d masked %d", kit_evtchn_pending(p),
		    kit_evtchn_masked(p));
}

static void virqs(void)
{
	int timer = kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	int debug = kit_evtchn_bind_virq(VIRQ_DEBUG, 0);

	kit_observe("virq ports: %d %d", timer, debug);
	status((uint32_t)timer);
	kit_observe_ret(kit_evtchn_bind_virq(VIRQ_TIMER, 0), "bind the timer again");
	kit_observe_ret(kit_evtchn_bind_virq(24, 0), "bind virq 24");
	kit_observe_ret(kit_evtchn_bind_virq(0xffffffff, 0), "bind virq -1");
	kit_observe_ret(kit_evtchn_bind_virq(VIRQ_DEBUG, 1), "bind a virq of vCPU 1");
	kit_observe_ret(kit_evtchn_bind_virq(VIRQ_DEBUG, 0xffff), "bind a virq of vCPU 65535");
	kit_observe_ret(kit_evtchn_bind_virq(VIRQ_CONSOLE, 1), "bind a global virq on vCPU 1");
	kit_observe_ret(kit_evtchn_send((uint32_t)timer), "send on a virq port");
	kit_check_eq(kit_evtchn_close((uint32_t)timer), 0, "close the timer");
	kit_check_eq(kit_evtchn_close((uint32_t)debug), 0, "close the debug virq");
}

static void errors(void)
{
	struct evtchn_bind_vcpu bind = { .port = 1, .vcpu = 0 };
	struct evtchn_bind_pirq pirq = { .pirq = 0xffffff };
	struct evtchn_status s = { .dom = 77, .port = 1 };
	struct evtchn_reset reset = { .dom = 77 };
	struct evtchn_set_priority prio = { .port = 1, .priority = 3 };
	int p;

	kit_observe_ret(kit_evtchn_alloc_unbound(77, DOMID_SELF), "alloc for an absent domain");
	p = kit_evtchn_alloc_unbound(DOMID_SELF, 77);
	kit_check(p > 0, "alloc for an absent peer is allowed");
	kit_observe_ret(kit_evtchn_send((uint32_t)p), "send on an unbound port");
	kit_observe_ret(kit_evtchn_bind_interdomain(DOMID_SELF, (uint32_t)p),
			"bind to a port meant for another");
	kit_evtchn_close((uint32_t)p);
	kit_observe_ret(kit_evtchn_bind_interdomain(DOMID_SELF, 0), "bind to port 0");
	kit_observe_ret(kit_evtchn_bind_interdomain(DOMID_SELF, 4095), "bind to a free port");
	kit_observe_ret(kit_evtchn_bind_interdomain(DOMID_SELF, 0xffffffff), "bind to port -1");
	kit_observe_ret(kit_evtchn_bind_interdomain(77, 1), "bind to an absent domain");
	kit_observe_ret(kit_evtchn_bind_ipi(1), "bind an ipi of vCPU 1");
	kit_observe_ret(kit_evtchn_bind_ipi(0xffffffff), "bind an ipi of vCPU -1");
	kit_observe_ret(kit_evtchn_close(0), "close port 0");
	kit_observe_ret(kit_evtchn_close(4096), "close port 4096");
	kit_observe_ret(kit_evtchn_close(0xffffffff), "close port -1");
	kit_observe_ret(kit_evtchn_send(0), "send port 0");
	kit_observe_ret(kit_evtchn_send(4096), "send port 4096");
	kit_observe_ret(kit_evtchn_send(0x80000000), "send port 80000000h");
	kit_observe_ret(kit_evtchn_unmask_op(0), "unmask port 0");
	kit_observe_ret(kit_evtchn_unmask_op(100), "unmask a free port");
	kit_observe_ret(kit_evtchn_unmask_op(4096), "unmask port 4096");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), "bind_vcpu free port");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_pirq, &pirq), "bind_pirq too large");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_status, &s), "status of an absent domain");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_reset, &reset), "reset an absent domain");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &prio), "set_priority, 2-level");
	kit_observe_ret(hc_event_channel_op(99, &prio), "operation 99");
	kit_observe_ret(hc_event_channel_op(-1, &prio), "operation -1");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_send, NULL), "send NULL");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_alloc_unbound,
					    (void *)HYPERVISOR_VIRT_START), "alloc, hypervisor");
	status(0);
	status(5);
	status(4096);
	status(0xffffffff);
}

static void binding(void)
{
	struct evtchn_bind_vcpu bind = { .vcpu = 0 };
	int ipi = kit_evtchn_bind_ipi(0);
	int p = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);

	bind.port = (uint32_t)ipi;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), "bind_vcpu of an ipi");
	bind.port = (uint32_t)p;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), "bind_vcpu of unbound");
	bind.vcpu = 1;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), "bind_vcpu to vCPU 1");
	bind.vcpu = 0xffffffff;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), "bind_vcpu to vCPU -1");
	kit_evtchn_close((uint32_t)ipi);
	kit_evtchn_close((uint32_t)p);
}

/* Every port can be had, each once, and then there is an error. */
static void exhaustion(void)
{
	unsigned int n = 0;
	int port, last = 0;

	while ((port = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF)) > 0) {
		last = port;
		n++;
	}
	kit_observe("ports: %u, last %d", n, last);
	kit_observe_ret(port, "one more");
	for (int i = 1; i <= last; i++)
		kit_evtchn_close((uint32_t)i);
}

static void reset(void)
{
	struct evtchn_reset op = { .dom = DOMID_SELF };
	int a = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);
	int b = kit_evtchn_bind_ipi(0);

	kit_observe_ret(hc_event_channel_op(EVTCHNOP_reset, &op), "reset");
	status((uint32_t)a);
	status((uint32_t)b);
}

void kit_main(void)
{
	kit_event_init();
	interdomain();
	masks();
	virqs();
	errors();
	binding();
	exhaustion();
	reset();
}
