/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queues: the FIFO event channel interface with two vCPUs: queues of each, one that has none yet, events that move to
 * another vCPU while they are linked, and a vCPU that polls.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS	1000000UL
#define DEFAULT	7

static volatile struct evtchn_fifo_control_block *control[2];
static volatile event_word_t *words;
static volatile uint32_t polled_port, polls;

static bool bit(uint32_t port, unsigned int b)
{
	return words[port] >> b & 1;
}

static void set_bit(uint32_t port, unsigned int b, bool on)
{
	if (on)
		__atomic_fetch_or(&words[port], 1u << b, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&words[port], ~(1u << b), __ATOMIC_SEQ_CST);
}

static long init_control(unsigned int vcpu, uint32_t offset)
{
	static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	struct evtchn_init_control op = { .control_gfn = kit_va_to_mfn(page), .offset = offset, .vcpu = vcpu };

	control[vcpu] = (void *)(page + offset);
	return hc_event_channel_op(EVTCHNOP_init_control, &op);
}

/* Takes the head of a queue; its port, or 0. */
static uint32_t consume(unsigned int vcpu, unsigned int priority)
{
	static uint32_t heads[2][EVTCHN_FIFO_MAX_QUEUES];
	uint32_t head = heads[vcpu][priority], link;

	if (!head) {
		if (!(control[vcpu]->ready & 1u << priority))
			return 0;
		head = control[vcpu]->head[priority];
	}
	link = __atomic_fetch_and(&words[head], ~(1u << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);
	heads[vcpu][priority] = link & EVTCHN_FIFO_LINK_MASK;
	if (!heads[vcpu][priority])
		__atomic_fetch_and(&control[vcpu]->ready, ~(1u << priority), __ATOMIC_SEQ_CST);
	set_bit(head, EVTCHN_FIFO_PENDING, false);
	return head;
}

static void show(const char *what, uint32_t port)
{
	kit_observe("%s: pending %d linked %d, ready %x %x, upcall %u %u", what, bit(port, EVTCHN_FIFO_PENDING),
		    bit(port, EVTCHN_FIFO_LINKED), control[0]->ready, control[1] ? control[1]->ready : 0,
		    kit_shared->vcpu_info[0].evtchn_upcall_pending, kit_shared->vcpu_info[1].evtchn_upcall_pending);
	kit_shared->vcpu_info[0].evtchn_upcall_pending = kit_shared->vcpu_info[1].evtchn_upcall_pending = 0;
}

static uint32_t new_ipi(unsigned int vcpu)
{
	uint32_t port = (uint32_t)kit_evtchn_bind_ipi(vcpu);

	set_bit(port, EVTCHN_FIFO_MASKED, false);
	return port;
}

/* An event for a vCPU whose kernel has not come so far. */
static void no_queue_yet(void)
{
	uint32_t port = new_ipi(1);

	kit_check_eq(kit_evtchn_send(port), 0, "send to a vCPU without queues");
	show("without queues", port);
	kit_observe_ret(init_control(1, 4096 - 64), "queues at a page's end, too far");
	kit_observe_ret(init_control(1, 512), "queues of vCPU 1 in the page of vCPU 0's");
	show("with queues", port);
	kit_check_eq(kit_evtchn_send(port), 0, "send again");
	show("sent again", port);
	kit_check_eq(kit_evtchn_unmask_op(port), 0, "unmask");
	show("unmasked", port);
	kit_observe("taken from vCPU 1: %d", consume(1, DEFAULT) == port);
	kit_evtchn_close(port);
}

static void both(void)
{
	uint32_t a = new_ipi(0), b = new_ipi(1), c = new_ipi(1);
	struct evtchn_set_priority prio = { .port = c, .priority = 2 };

	kit_check_eq(hc_event_channel_op(EVTCHNOP_set_priority, &prio), 0, "priority 2");
	kit_evtchn_send(b);
	kit_evtchn_send(a);
	kit_evtchn_send(c);
	show("three events", a);
	kit_check_eq(consume(0, DEFAULT), a, "vCPU 0's");
	kit_check_eq(consume(1, 2), c, "vCPU 1's urgent one");
	kit_check_eq(consume(1, DEFAULT), b, "and its other");
	kit_check_eq(consume(0, DEFAULT) | consume(1, DEFAULT) | consume(1, 2), 0, "no more");
	/* Longer queues keep their order. */
	kit_evtchn_send(b);
	prio.priority = DEFAULT;
	hc_event_channel_op(EVTCHNOP_set_priority, &prio);
	kit_evtchn_send(c);
	kit_check_eq(consume(1, DEFAULT), b, "the first of two");
	kit_evtchn_send(b);
	kit_check_eq(consume(1, DEFAULT), c, "the second");
	kit_check_eq(consume(1, DEFAULT), b, "and what came meanwhile");
	kit_evtchn_close(a);
	kit_evtchn_close(b);
	kit_evtchn_close(c);
}

static void moving(void)
{
	int from = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);
	uint32_t to = (uint32_t)kit_evtchn_bind_interdomain(DOMID_SELF, (uint32_t)from), other = new_ipi(0);
	struct evtchn_bind_vcpu bind = { .port = to, .vcpu = 1 };

	kit_observe("pending from the start: %d", bit(to, EVTCHN_FIFO_PENDING));
	set_bit(to, EVTCHN_FIFO_PENDING, false);
	set_bit(to, EVTCHN_FIFO_MASKED, false);
	kit_evtchn_send((uint32_t)from);
	kit_evtchn_send(other);
	show("linked on vCPU 0", to);
	kit_check_eq(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), 0, "it moves to vCPU 1");
	kit_evtchn_send((uint32_t)from);
	show("sent again", to);
	kit_check_eq(consume(0, DEFAULT), to, "it is where it was");
	kit_evtchn_send((uint32_t)from);
	show("sent anew", to);
	kit_check_eq(consume(1, DEFAULT), to, "it is vCPU 1's");
	kit_check_eq(consume(0, DEFAULT), other, "the other has stayed");
	/* Back, while it is the last of vCPU 1's queue. */
	kit_evtchn_send((uint32_t)from);
	bind.vcpu = 0;
	kit_check_eq(hc_event_channel_op(EVTCHNOP_bind_vcpu, &bind), 0, "back");
	kit_check_eq(consume(1, DEFAULT), to, "taken from vCPU 1");
	kit_evtchn_send((uint32_t)from);
	kit_check_eq(consume(0, DEFAULT), to, "then from vCPU 0");
	kit_evtchn_close(to);
	kit_evtchn_close((uint32_t)from);
	kit_evtchn_close(other);
}

static void second(void *arg)
{
	evtchn_port_t port = polled_port;
	struct sched_poll op = { .nr_ports = 1 };

	(void)arg;
	set_xen_guest_handle(op.ports, &port);
	for (;;) {
		hc_sched_op(SCHEDOP_poll, &op);
		if (bit(port, EVTCHN_FIFO_PENDING)) {
			set_bit(port, EVTCHN_FIFO_PENDING, false);
			polls++;
		}
	}
}

static void polling(void)
{
	polled_port = new_ipi(1);
	set_bit(polled_port, EVTCHN_FIFO_MASKED, true);
	kit_check_eq(kit_vcpu_boot(1, second, NULL), 0, "a second vCPU");
	for (uint32_t i = 1; i < 4; i++) {
		kit_time_spin(5 * MS);
		kit_check_eq(kit_evtchn_send(polled_port), 0, "an event that it polls for");
		kit_check(kit_wait_for(&polls, i, 5000 * MS), "it gets it");
	}
	hc_vcpu_op(VCPUOP_down, 1, NULL);
}

void kit_main(void)
{
	struct evtchn_expand_array op;

	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	kit_check_eq(init_control(0, 0), 0, "queues of vCPU 0");
	words = kit_page_alloc();
	op.array_gfn = kit_va_to_mfn(words);
	kit_check_eq(hc_event_channel_op(EVTCHNOP_expand_array, &op), 0, "words");
	kit_shared->vcpu_info[0].evtchn_upcall_pending = 0;
	no_queue_yet();
	both();
	moving();
	polling();
}
