/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIFO event channels: setting up, and random work against a guest that takes events as kernels do. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include "../lib/random.h"
#include "../lib/tap.h"

#define VCPUS	3
#define PORTS	40
#define WORDS	(PAGE_SIZE / sizeof(event_word_t))
#define PENDING	(1U << EVTCHN_FIFO_PENDING)
#define MASKED	(1U << EVTCHN_FIFO_MASKED)
#define LINKED	(1U << EVTCHN_FIFO_LINKED)

static struct domain *d;
static struct vcpu *v0;
static struct evtchn_fifo_control_block *control[VCPUS];
static event_word_t *array[4];
static unsigned int pages;

/*
 * In place of the fake architecture's: the guest's pages are looked up and given back under the lock of its events, so
 * that none can be added to an interface that a reset takes away.
 */
static unsigned int looked_up, given_back, without_lock;

static bool evt_lock_is_free(void)
{
	if (!spin_trylock(&d->evt.lock))
		return false;
	spin_unlock(&d->evt.lock);
	return true;
}

mfn_t arch_gfn_to_mfn(struct domain *of, gfn_t gfn)
{
	looked_up++;
	without_lock += evt_lock_is_free();
	return _mfn(gfn.g);
}

void put_page_and_type(struct page_info *pg)
{
	given_back++;
	without_lock += evt_lock_is_free();
	(void)put_page_type(pg, false);
	put_page(pg);
}

static long op(unsigned int cmd, void *arg)
{
	return fake_hypercall(v0, __HYPERVISOR_event_channel_op, cmd, (unsigned long)arg, 0, 0, 0);
}

static long init_control(unsigned int vcpu, unsigned long frame, uint32_t offset)
{
	struct evtchn_init_control x = { .control_gfn = frame, .offset = offset, .vcpu = vcpu };
	long rc = op(EVTCHNOP_init_control, &x);

	return rc ? rc : x.link_bits;
}

static long expand(unsigned long frame)
{
	struct evtchn_expand_array x = { .array_gfn = frame };

	return op(EVTCHNOP_expand_array, &x);
}

static long port_op(unsigned int cmd, uint32_t port)
{
	return op(cmd, &port);
}

static uint32_t bind_ipi(uint32_t vcpu)
{
	struct evtchn_bind_ipi x = { .vcpu = vcpu };

	return op(EVTCHNOP_bind_ipi, &x) ? 0 : x.port;
}

static long set_priority(uint32_t port, uint32_t priority)
{
	struct evtchn_set_priority x = { .port = port, .priority = priority };

	return op(EVTCHNOP_set_priority, &x);
}

static event_word_t *word(uint32_t port)
{
	return &array[port / WORDS][port % WORDS];
}

/* ---- the guest's side ---- */

static uint32_t heads[VCPUS][EVTCHN_FIFO_MAX_QUEUES];
static unsigned int delivered[100000];
static unsigned int out_of_order;

static void consume_one(unsigned int vcpu, unsigned int q, uint32_t *ready)
{
	uint32_t port = heads[vcpu][q], link;

	if (!port)
		port = control[vcpu]->head[q];
	link = __atomic_fetch_and(word(port), ~(LINKED | (event_word_t)EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST) &
	       EVTCHN_FIFO_LINK_MASK;
	if (!link)
		*ready &= ~(1U << q);
	if ((*word(port) & (PENDING | MASKED)) == PENDING) {
		__atomic_fetch_and(word(port), ~PENDING, __ATOMIC_SEQ_CST);
		delivered[port]++;
	}
	heads[vcpu][q] = link;
}

static void consume(unsigned int vcpu)
{
	struct vcpu *v = d->vcpu[vcpu];
	uint32_t ready;

	v->vcpu_info->evtchn_upcall_pending = 0;
	ready = __atomic_exchange_n(&control[vcpu]->ready, 0, __ATOMIC_SEQ_CST);
	while (ready) {
		unsigned int q = first_set(ready);

		consume_one(vcpu, q, &ready);
		ready |= __atomic_exchange_n(&control[vcpu]->ready, 0, __ATOMIC_SEQ_CST);
	}
}

static void test_init(void)
{
	unsigned long frame = fake_frame(d, 0).m;

	ok(expand(frame) == -EOPNOTSUPP, "no array on two levels");
	ok(init_control(0, FAKE_BANK0_END, 0) == -EINVAL && init_control(0, frame, 4) == -EINVAL &&
	   init_control(0, frame, PAGE_SIZE - 8) == -EINVAL && init_control(VCPUS, frame, 0) == -ENOENT, "bad control blocks");
	ok(!d->evt.fifo && !d->vcpu[0]->evtchn_fifo, "leave nothing behind");
	for (unsigned int i = 0; i < VCPUS; i++)
		control[i] = (void *)((char *)mfn_to_virt(_mfn(frame)) + i * 256);
	ok(init_control(0, frame, 0) == 17 && init_control(0, frame, 0) == -EINVAL, "one for vCPU 0, once");
	ok(init_control(1, frame, 256) == 17 && init_control(2, frame, 512) == 17, "and for the others");
	ok(expand(FAKE_BANK0_END) == -EINVAL, "an array in no frame");
}

static void test_carry_over(uint32_t early)
{
	uint32_t late = bind_ipi(0);

	ok(!port_op(EVTCHNOP_send, late), "sent before there is a word");
	array[pages++] = mfn_to_virt(fake_frame(d, 1));
	ok(!expand(fake_frame(d, 1).m), "a page of words");
	ok((*word(early) & (PENDING | LINKED)) == (PENDING | LINKED) && (*word(late) & PENDING), "both events are there");
	ok(v0->vcpu_info->evtchn_upcall_pending && control[0]->ready == 1U << EVTCHN_FIFO_PRIORITY_DEFAULT, "and announced");
	consume(0);
	ok(delivered[early] == 1 && delivered[late] == 1, "and delivered");
	ok(!port_op(EVTCHNOP_close, late), "closed");
}

static void test_order(void)
{
	uint32_t p = bind_ipi(0), q = bind_ipi(0), r = bind_ipi(0);

	ok(!set_priority(r, 0) && set_priority(r, 16) == -EINVAL && set_priority(1u << 17, 1) == -EINVAL &&
	   set_priority(63, 1) == -EACCES, "priorities");
	port_op(EVTCHNOP_send, p);
	port_op(EVTCHNOP_send, q);
	port_op(EVTCHNOP_send, r);
	ok(control[0]->head[7] == p && (*word(p) & EVTCHN_FIFO_LINK_MASK) == q && control[0]->head[0] == r &&
	   control[0]->ready == 0x81, "in two queues, in order");
	consume(0);
	*word(p) |= MASKED;
	port_op(EVTCHNOP_send, p);
	ok((*word(p) & (PENDING | LINKED)) == PENDING && !control[0]->ready, "masked: not queued");
	ok(!port_op(EVTCHNOP_unmask, p) && control[0]->ready == 0x80 && (*word(p) & LINKED), "unmasked: queued");
	ok(!port_op(EVTCHNOP_close, p) && bind_ipi(0) != p, "closed while queued: its number is not used again yet");
	consume(0);
	ok(bind_ipi(0) == p, "but then");
	port_op(EVTCHNOP_close, p);
	port_op(EVTCHNOP_close, q);
	port_op(EVTCHNOP_close, r);
}

/* A guest that writes what it likes gets what it deserves, and we no harm. */
static void test_hostile(void)
{
	uint32_t p = bind_ipi(0), q = bind_ipi(0);

	for (unsigned int i = 0; i < 2000; i++) {
		*word(p) = (event_word_t)random_next();
		*word(q) = (event_word_t)random_next();
		control[0]->ready = (uint32_t)random_next();
		control[0]->head[7] = (uint32_t)random_next();
		port_op(random_below(4) ? EVTCHNOP_send : EVTCHNOP_unmask, random_below(2) ? p : q);
	}
	*word(p) = *word(q) = 0;
	memset(control[0], 0, sizeof(*control[0]));
	port_op(EVTCHNOP_close, p);
	port_op(EVTCHNOP_close, q);
	ok(true, "random words");
}

/* Nothing that was sent stays behind, whatever moves meanwhile. */
static void test_random(void)
{
	static uint32_t ports[PORTS];
	static unsigned int expected[PORTS];
	unsigned int lost = 0;

	memset(heads, 0, sizeof(heads));
	for (unsigned int i = 0; i < PORTS; i++) {
		struct evtchn_alloc_unbound un = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
		struct evtchn_bind_interdomain in = { .remote_dom = 0 };

		BUG_ON(op(EVTCHNOP_alloc_unbound, &un));
		in.remote_port = un.port;
		BUG_ON(op(EVTCHNOP_bind_interdomain, &in));
		ports[i] = in.local_port;
	}
	for (unsigned int i = 0; i < VCPUS; i++)
		consume(i);
	memset(delivered, 0, sizeof(delivered));
	for (unsigned int step = 0; step < 100000; step++) {
		unsigned int i = random_below(PORTS);
		struct evtchn_bind_vcpu move = { .port = ports[i], .vcpu = random_below(VCPUS) };
		struct evtchn_status st = { .dom = DOMID_SELF, .port = ports[i] };

		switch (random_below(8)) {
		case 0:
			op(EVTCHNOP_bind_vcpu, &move);
			break;
		case 1:
			set_priority(ports[i], random_below(16));
			break;
		case 2:
			*word(ports[i]) |= MASKED;
			break;
		case 3:
			port_op(EVTCHNOP_unmask, ports[i]);
			break;
		case 4:
			consume(random_below(VCPUS));
			break;
		default:
			op(EVTCHNOP_status, &st);
			if (!(*word(ports[i]) & PENDING))
				expected[i]++;
			port_op(EVTCHNOP_send, st.u.interdomain.port);
			break;
		}
	}
	for (unsigned int i = 0; i < PORTS; i++)
		port_op(EVTCHNOP_unmask, ports[i]);
	for (unsigned int i = 0; i < VCPUS; i++)
		consume(i);
	/* The sends are to the peers: their ports are ours, too. */
	for (unsigned int i = 0; i < PORTS; i++) {
		struct evtchn_status st = { .dom = DOMID_SELF, .port = ports[i] };

		op(EVTCHNOP_status, &st);
		lost += (*word(ports[i]) & (PENDING | LINKED)) != 0;
		lost += delivered[ports[i]] != expected[i] || !expected[i];
	}
	ok(!lost && !out_of_order, "all events arrive, each once");
}

static void test_reset(unsigned long free_before)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	uint32_t p;

	ok(!op(EVTCHNOP_reset, &reset) && !d->evt.fifo && !v0->evtchn_fifo, "reset");
	ok(!(mfn_to_page(fake_frame(d, 1))->type & PGT_count_mask) && (mfn_to_page(fake_frame(d, 1))->refs & PGC_count_mask) == 1,
	   "the guest's pages are its own again");
	ok(looked_up && given_back && !without_lock, "%u pages looked up and %u given back, each under the lock", looked_up,
	   given_back);
	ok(expand(fake_frame(d, 1).m) == -EOPNOTSUPP, "two levels take no words");
	/* But for the ports. */
	ok(heap_free_pages() + 2 > free_before, "memory is given back");
	p = bind_ipi(0);
	port_op(EVTCHNOP_send, p);
	ok(test_bit(p, d->shared_info->evtchn_pending), "on two levels again");
}

static void test_many_ports(void)
{
	uint32_t p = 0;

	for (unsigned int i = 0; i < 5000; i++)
		p = bind_ipi(0);
	ok(p > 5000, "more ports than two levels have");
	while (pages < 2) {
		array[pages] = mfn_to_virt(fake_frame(d, 1 + pages));
		BUG_ON(expand(fake_frame(d, 1 + pages).m));
		pages++;
	}
	ok(!port_op(EVTCHNOP_send, p) && !evtchn_port_poll(d, p), "one has no word yet");
	array[2] = mfn_to_virt(fake_frame(d, 3));
	for (unsigned int i = 2; i < 5; i++)
		BUG_ON(expand(fake_frame(d, 1 + i).m));
	ok(evtchn_port_poll(d, p) == 1, "and is pending when it has");
}

int main(void)
{
	unsigned long before;
	uint32_t early;

	fake_start(4);
	d = fake_domain(0, VCPUS, 50);
	v0 = d->vcpu[0];
	early = bind_ipi(0);
	before = heap_free_pages();
	BUG_ON(port_op(EVTCHNOP_send, early));
	test_init();
	test_carry_over(early);
	test_order();
	test_hostile();
	test_random();
	test_reset(before);
	pages = 0;
	memset(mfn_to_virt(fake_frame(d, 0)), 0, PAGE_SIZE);
	for (unsigned int i = 0; i < VCPUS; i++)
		BUG_ON(init_control(i, fake_frame(d, 0).m, i * 256) != 17);
	test_many_ports();
	evtchn_dump('e');
	return tap_end();
}
