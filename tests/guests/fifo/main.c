/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fifo: the FIFO event channel interface: init_control, expand_array, delivery through queues,
 * masks, priorities, more ports than the two-level interface has, and errors.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

#define WORDS (PAGE_SIZE / sizeof(event_word_t))

static volatile struct evtchn_fifo_control_block *control;
static volatile event_word_t *array[8];

static volatile event_word_t *word(uint32_t port)
{
	return &array[port / WORDS][port % WORDS];
}

static bool bit(uint32_t port, unsigned int b)
{
	return (*word(port) >> b) & 1;
}

static void set_bit(uint32_t port, unsigned int b, bool on)
{
	if (on)
		__atomic_fetch_or(word(port), 1u << b, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(word(port), ~(1u << b), __ATOMIC_SEQ_CST);
}

static long init_control(unsigned long mfn, uint32_t offset, uint32_t vcpu, uint8_t *link_bits)
{
	struct evtchn_init_control op = { .control_gfn = mfn, .offset = offset, .vcpu = vcpu };
	long ret = hc_event_channel_op(EVTCHNOP_init_control, &op);

	*link_bits = op.link_bits;
	return ret;
}

static long expand(void)
{
	static unsigned int pages;
	char *page = kit_page_alloc();
	struct evtchn_expand_array op = { .array_gfn = kit_va_to_mfn(page) };
	long ret = hc_event_channel_op(EVTCHNOP_expand_array, &op);

	if (!ret)
		array[pages++] = (void *)page;
	return ret;
}

static void init(void)
{
	struct evtchn_expand_array op = { .array_gfn = 0xfffffff };
	uint8_t bits = 0;

	control = kit_page_alloc();
	kit_observe_ret(expand(), "expand_array before init_control");
	kit_observe_ret(init_control(0xfffffff, 0, 0, &bits), "control block in no frame");
	kit_observe_ret(init_control(kit_va_to_mfn(control), 4, 0, &bits), "misaligned");
	kit_observe_ret(init_control(kit_va_to_mfn(control), 4096 - 8, 0, &bits), "over the end");
	kit_observe_ret(init_control(kit_va_to_mfn(control), 0, 1, &bits), "for vCPU 1");
	kit_observe_ret(init_control(kit_va_to_mfn(control), 0, 0, &bits), "init_control");
	kit_observe("link bits %u", bits);
	kit_observe_ret(init_control(kit_va_to_mfn(control), 0, 0, &bits), "init_control again");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_expand_array, &op), "expand to no frame");
	kit_observe_ret(expand(), "expand_array");
}

/* Takes the head of the lowest ready priority; returns its port, or 0. */
static uint32_t consume(unsigned int priority)
{
	static uint32_t heads[EVTCHN_FIFO_MAX_QUEUES];
	uint32_t head = heads[priority], link;

	if (!head) {
		if (!(control->ready & (1u << priority)))
			return 0;
		head = control->head[priority];
	}
	link = __atomic_fetch_and(word(head), ~((1u << EVTCHN_FIFO_LINKED) |
						EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);
	link &= EVTCHN_FIFO_LINK_MASK;
	heads[priority] = link;
	if (!link)
		__atomic_fetch_and(&control->ready, ~(1u << priority), __ATOMIC_SEQ_CST);
	return head;
}

static void show(const char *what, uint32_t port)
{
	kit_observe("%s: pending %d masked %d linked %d ready %x head[7] %s upcall %u", what,
		    bit(port, EVTCHN_FIFO_PENDING), bit(port, EVTCHN_FIFO_MASKED),
		    bit(port, EVTCHN_FIFO_LINKED), control->ready,
		    control->head[7] == port ? "this" : "other",
		    kit_shared->vcpu_info[0].evtchn_upcall_pending);
}

static void delivery(void)
{
	int a = kit_evtchn_bind_ipi(0), b = kit_evtchn_bind_ipi(0);
	uint32_t p = (uint32_t)a, q = (uint32_t)b;

	kit_observe("ports %d %d", a, b);
	show("fresh", p);
	set_bit(p, EVTCHN_FIFO_MASKED, false);
	set_bit(q, EVTCHN_FIFO_MASKED, false);
	kit_check_eq(kit_evtchn_send(p), 0, "send");
	show("sent", p);
	kit_check_eq(kit_evtchn_send(q), 0, "send on the second");
	kit_observe("link of the first: %s",
		    (*word(p) & EVTCHN_FIFO_LINK_MASK) == q ? "the second" : "other");
	kit_check_eq(kit_evtchn_send(p), 0, "send again");
	kit_check_eq(consume(7), p, "the first comes first");
	set_bit(p, EVTCHN_FIFO_PENDING, false);
	kit_check_eq(consume(7), q, "then the second");
	set_bit(q, EVTCHN_FIFO_PENDING, false);
	kit_check_eq(consume(7), 0, "then none");
	kit_shared->vcpu_info[0].evtchn_upcall_pending = 0;
	set_bit(p, EVTCHN_FIFO_MASKED, true);
	kit_evtchn_send(p);
	show("sent masked", p);
	kit_check_eq(kit_evtchn_unmask_op(p), 0, "unmask");
	show("unmasked", p);
	kit_check_eq(consume(7), p, "it is queued now");
	set_bit(p, EVTCHN_FIFO_PENDING, false);
}

static void priorities(void)
{
	int a = kit_evtchn_bind_ipi(0);
	struct evtchn_set_priority op = { .port = (uint32_t)a, .priority = 3 };

	set_bit((uint32_t)a, EVTCHN_FIFO_MASKED, false);
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &op), "priority 3");
	kit_evtchn_send((uint32_t)a);
	kit_observe("ready %x", control->ready);
	kit_check_eq(consume(3), a, "it is in its queue");
	set_bit((uint32_t)a, EVTCHN_FIFO_PENDING, false);
	op.priority = 15;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &op), "priority 15");
	op.priority = 16;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &op), "priority 16");
	op.priority = 1;
	op.port = 1000;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &op), "of a free port");
	op.port = 0xffffffff;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_set_priority, &op), "of port -1");
	kit_evtchn_close((uint32_t)a);
}

/* Ports beyond the array can be had; their events wait until there is a page for them. */
static void growth(void)
{
	int port = 0;

	for (int i = 0; i < 1500; i++)
		port = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);
	kit_observe("port after 1500 more: %d", port);
	port = kit_evtchn_bind_ipi(0);
	kit_observe("ipi port %d", port);
	kit_observe_ret(kit_evtchn_send((uint32_t)port), "send beyond the array");
	kit_observe_ret(expand(), "another page");
	kit_observe("pending there: %d", bit((uint32_t)port, EVTCHN_FIFO_PENDING));
	set_bit((uint32_t)port, EVTCHN_FIFO_MASKED, false);
	kit_observe_ret(kit_evtchn_send((uint32_t)port), "send");
	kit_observe("pending there: %d", bit((uint32_t)port, EVTCHN_FIFO_PENDING));
	kit_check_eq(consume(7), port, "it is in the queue");
	for (int i = 0; i < 3; i++)
		kit_observe_ret(expand(), "another page");
	kit_check_eq(kit_evtchn_close((uint32_t)port), 0, "close it");
	kit_check_eq(kit_evtchn_close(1000), 0, "and one of the first page");
	kit_observe("the next is %d", kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF));
}

static void reset(void)
{
	struct evtchn_reset op = { .dom = DOMID_SELF };
	int port;

	kit_observe_ret(hc_event_channel_op(EVTCHNOP_reset, &op), "reset");
	port = kit_evtchn_bind_ipi(0);
	kit_evtchn_send((uint32_t)port);
	kit_observe("two-level again: port %d pending %d", port, kit_evtchn_pending((uint32_t)port));
}

void kit_main(void)
{
	init();
	delivery();
	priorities();
	growth();
	reset();
}
