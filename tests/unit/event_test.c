/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels on two levels: bindings, delivery, waking, closing; between two domains and in one. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include <xen/sched.h>
#include "../lib/tap.h"

static struct domain *a, *b;
static struct vcpu *va, *vb;

static long op(struct vcpu *v, unsigned int cmd, void *arg)
{
	return fake_hypercall(v, __HYPERVISOR_event_channel_op, cmd, (unsigned long)arg, 0, 0, 0);
}

static long alloc(struct vcpu *v, domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound x = { .dom = dom, .remote_dom = remote };
	long rc = op(v, EVTCHNOP_alloc_unbound, &x);

	return rc ? rc : (long)x.port;
}

static long bind(struct vcpu *v, domid_t dom, uint32_t port)
{
	struct evtchn_bind_interdomain x = { .remote_dom = dom, .remote_port = port };
	long rc = op(v, EVTCHNOP_bind_interdomain, &x);

	return rc ? rc : (long)x.local_port;
}

static long bind_virq(struct vcpu *v, uint32_t virq, uint32_t vcpu)
{
	struct evtchn_bind_virq x = { .virq = virq, .vcpu = vcpu };
	long rc = op(v, EVTCHNOP_bind_virq, &x);

	return rc ? rc : (long)x.port;
}

static long bind_ipi(struct vcpu *v, uint32_t vcpu)
{
	struct evtchn_bind_ipi x = { .vcpu = vcpu };
	long rc = op(v, EVTCHNOP_bind_ipi, &x);

	return rc ? rc : (long)x.port;
}

static long bind_pirq(struct vcpu *v, uint32_t pirq)
{
	struct evtchn_bind_pirq x = { .pirq = pirq };
	long rc = op(v, EVTCHNOP_bind_pirq, &x);

	return rc ? rc : (long)x.port;
}

static long bind_vcpu(struct vcpu *v, long port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu x = { .port = (uint32_t)port, .vcpu = vcpu };

	return op(v, EVTCHNOP_bind_vcpu, &x);
}

static long port_op(struct vcpu *v, unsigned int cmd, long port)
{
	uint32_t x = (uint32_t)port;

	return op(v, cmd, &x);
}

static long send(struct vcpu *v, long port) { return port_op(v, EVTCHNOP_send, port); }
static long close_port(struct vcpu *v, long port) { return port_op(v, EVTCHNOP_close, port); }
static long unmask(struct vcpu *v, long port) { return port_op(v, EVTCHNOP_unmask, port); }

static int status(struct vcpu *v, domid_t dom, long port)
{
	struct evtchn_status x = { .dom = dom, .port = (uint32_t)port };
	long rc = op(v, EVTCHNOP_status, &x);

	return rc ? (int)rc : (int)x.status;
}

/* Is it pending? It is no more afterwards. */
static bool take(struct domain *d, long port)
{
	return test_and_clear_bit((unsigned int)port, d->shared_info->evtchn_pending);
}

static void ack(struct vcpu *v)
{
	v->vcpu_info->evtchn_upcall_pending = 0;
	v->vcpu_info->evtchn_pending_sel = 0;
}

static void block(struct vcpu *v)
{
	ack(v);
	(void)fake_hypercall(v, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static void test_interdomain(void)
{
	long p = alloc(va, DOMID_SELF, 1), q;

	ok(p == 1, "first port");
	ok(status(va, DOMID_SELF, p) == EVTCHNSTAT_unbound && status(va, DOMID_SELF, 5) == EVTCHNSTAT_closed, "status");
	ok(!send(va, p), "a send to nobody is lost");
	ok(bind(va, DOMID_SELF, (uint32_t)p) == -EINVAL, "it is meant for the other domain");
	q = bind(vb, 0, (uint32_t)p);
	ok(q == 1 && take(b, q) && !take(a, p), "bound, and told at once that something may have come");
	ok(bind(vb, 0, (uint32_t)p) == -EINVAL, "not twice");
	ok(status(va, DOMID_SELF, p) == EVTCHNSTAT_interdomain && status(va, 1, q) == EVTCHNSTAT_interdomain, "status of both");
	ok(status(vb, 0, p) == -EPERM && alloc(vb, 0, 1) == -EPERM, "only dom0 asks about others");
	ack(va);
	ack(vb);
	ok(!send(va, p) && take(b, q) && vb->vcpu_info->evtchn_upcall_pending && vb->vcpu_info->evtchn_pending_sel == 1,
	   "a to b");
	ok(!send(vb, q) && take(a, p) && va->vcpu_info->evtchn_upcall_pending, "b to a");
	ok(!close_port(vb, q) && status(va, DOMID_SELF, p) == EVTCHNSTAT_unbound, "one end closed: the other is unbound again");
	ok(!send(va, p) && !take(b, q) && send(vb, q) == -EINVAL, "sends after that");
	ok(bind(vb, 0, (uint32_t)p) == q && !close_port(va, p) && status(vb, DOMID_SELF, q) == EVTCHNSTAT_unbound,
	   "bound again, closed from the other side");
	ok(close_port(va, p) == -EINVAL && !close_port(vb, q), "closed once only");
	ok(bind(va, 77, 1) == -ESRCH && bind(va, DOMID_IO, 1) == -ESRCH && alloc(va, DOMID_XEN, 1) == -ESRCH,
	   "domains that are none");
}

static void test_masks(void)
{
	long p = bind_ipi(va, 0);

	ack(va);
	set_bit((unsigned int)p, a->shared_info->evtchn_mask);
	ok(!send(va, p) && !va->vcpu_info->evtchn_upcall_pending && !va->vcpu_info->evtchn_pending_sel, "masked: no upcall");
	ok(!unmask(va, p) && va->vcpu_info->evtchn_upcall_pending && va->vcpu_info->evtchn_pending_sel == 1, "unmasked");
	ack(va);
	ok(!send(va, p) && !va->vcpu_info->evtchn_upcall_pending, "pending already: nothing new");
	ok(!unmask(va, p) && !va->vcpu_info->evtchn_upcall_pending, "it was not masked: nothing new");
	ok(!close_port(va, p) && !take(a, p), "closing takes the event");
	ok(!unmask(va, 0) && !unmask(va, 5) && unmask(va, 100) == -EINVAL && unmask(va, 1 << 20) == -EINVAL, "no ports");
}

static void test_binding(void)
{
	long p, q, ipi;

	ok((p = bind_virq(va, VIRQ_TIMER, 1)) > 0 && bind_virq(va, VIRQ_TIMER, 1) == -EEXIST, "a virq of a vCPU, once");
	ok((q = bind_virq(va, VIRQ_TIMER, 0)) > 0 && bind_virq(va, VIRQ_DOM_EXC, 1) == -EINVAL, "one for each; global ones on vCPU 0");
	ok(bind_virq(va, NR_VIRQS, 0) == -EINVAL && bind_virq(va, VIRQ_DEBUG, 2) == -ENOENT &&
	   bind_virq(va, ~0U, ~0U) == -EINVAL, "no virqs");
	send_guest_vcpu_virq(a->vcpu[1], VIRQ_TIMER);
	ok(take(a, p) && !take(a, q) && a->vcpu[1]->vcpu_info->evtchn_upcall_pending, "it tells its vCPU");
	send_guest_vcpu_virq(a->vcpu[1], VIRQ_DEBUG);
	ok(send(va, p) == -EINVAL && bind_vcpu(va, p, 0) == -EINVAL, "no sends, and it stays with its vCPU");
	ok(!close_port(va, p) && !close_port(va, q), "closed");
	send_guest_vcpu_virq(a->vcpu[1], VIRQ_TIMER);
	ok(!take(a, p), "and silent");

	p = bind_virq(va, VIRQ_DOM_EXC, 0);
	ok(!bind_vcpu(va, p, 1) && bind_vcpu(va, p, 2) == -ENOENT && bind_vcpu(va, 63, 0) == -EINVAL, "a global one moves");
	ack(a->vcpu[1]);
	ok(set_global_virq_handler(a, NR_VIRQS) && set_global_virq_handler(a, VIRQ_TIMER), "no other one has a handler");
	ok(!set_global_virq_handler(a, VIRQ_DOM_EXC), "its handler");
	send_global_virq(VIRQ_DOM_EXC);
	ok(take(a, p) && a->vcpu[1]->vcpu_info->evtchn_upcall_pending, "and tells there");
	ok(!close_port(va, p) && (q = bind_virq(va, VIRQ_DOM_EXC, 0)) > 0 && !close_port(va, q), "closed and bound again");

	ipi = bind_ipi(va, 1);
	ok(ipi > 0 && bind_ipi(va, 2) == -ENOENT && bind_vcpu(va, ipi, 0) == -EINVAL, "ipi");
	ack(a->vcpu[1]);
	ok(!send(va, ipi) && take(a, ipi) && a->vcpu[1]->vcpu_info->evtchn_upcall_pending, "it goes to its vCPU");
	ok(!close_port(va, ipi), "closed");
}

static void test_pirqs(void)
{
	long p, q;

	ok(!rangeset_add(a->irq_caps, 3, 20), "interrupts 3 to 20");
	ok(bind_pirq(va, FAKE_PIRQS) == -EINVAL && bind_pirq(va, ~0U) == -EINVAL && bind_pirq(va, 2) == -EPERM, "those that are not");
	p = bind_pirq(va, 3);
	q = bind_pirq(va, 4);
	ok(p > 0 && q > 0 && bind_pirq(va, 3) == -EEXIST && a->arch.pirq[3].bound, "bound, once");
	a->arch.pirq[5].bound = true;
	ok(bind_pirq(va, 5) == -EBUSY && !a->arch.pirq[5].port, "refused by the controller: not bound");
	a->arch.pirq[5].bound = false;
	local_irq_disable();
	send_guest_pirq(a, 3);
	send_guest_pirq(a, 9);
	local_irq_enable();
	ok(take(a, p) && !take(a, q), "it fires");
	ok(!bind_vcpu(va, p, 1) && !bind_vcpu(va, p, 1) && a->arch.pirq[3].cpu == a->vcpu[1]->processor, "moved to vCPU 1");
	a->arch.pirq[3].cpu = a->arch.pirq[4].cpu = 99;
	evtchn_move_pirqs(a->vcpu[0]);
	ok(a->arch.pirq[3].cpu == 99 && a->arch.pirq[4].cpu == a->vcpu[0]->processor, "they follow their vCPU");
	ok(!close_port(va, p) && !a->arch.pirq[3].bound && !a->arch.pirq[3].port && !close_port(va, q), "closed");
	ok(!a->vcpu[0]->pirq_ports && !a->vcpu[1]->pirq_ports, "and forgotten");
}

/* Who is told how: asleep, running elsewhere, or told before. */
static void test_wake(void)
{
	struct vcpu *v1 = a->vcpu[1];
	long p = bind_ipi(va, 1);
	struct fake_cpu *c;
	unsigned long checks;

	block(v1);
	ok(!v1->is_running && test_bit(VPF_blocked, &v1->pause_flags), "vCPU 1 sleeps");
	ok(!send(va, p) && v1->is_running, "and is woken");
	ack(v1);
	(void)take(a, p);
	c = &fake_cpus[v1->processor];
	checks = c->checks;
	ok(v1->processor != va->processor && !send(va, p) && c->checks == checks + 1, "it runs elsewhere: interrupted");
	(void)take(a, p);
	checks = c->checks;
	ok(!send(va, p) && c->checks == checks, "it has not looked since: left alone");
	ack(v1);
	(void)take(a, p);
	v1->vcpu_info->evtchn_upcall_pending = 1;
	(void)fake_hypercall(v1, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
	ok(v1->is_running, "with an upcall pending it does not sleep");
	ack(v1);
	close_port(va, p);
}

static long poll(struct vcpu *v, const evtchn_port_t *ports, unsigned int n, s_time_t timeout)
{
	struct sched_poll x = { .nr_ports = n, .timeout = (uint64_t)timeout };

	x.ports.va = (unsigned long)ports;
	return fake_hypercall(v, __HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)&x, 0, 0, 0);
}

/*
 * A vCPU that polls again while another processor is still waking it from the last time: the latter is stopped after each
 * of its instructions in turn. However far it was, the sleeper can be woken again.
 */
#define SIGTRAP		5
#define TRAP_FLAG	0x100UL

void (*signal(int nr, void (*handler)(int)))(int);
static unsigned int steps_left;

static void poll_again(int nr)
{
	struct sched_poll x = { .nr_ports = 0 };
	struct fake_cpu *was = fake_cpu;

	if (!steps_left || --steps_left)
		return;
	fake_on(a->vcpu[1]->processor);
	(void)do_sched_op(a->vcpu[1], SCHEDOP_poll, (unsigned long)&x, 0, 0, 0);
	fake_cpu = was;
}

static void flip_trap_flag(void)
{
	/* Below what the compiler may have put under the stack pointer. */
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushf; xorq %0, (%%rsp); popf; lea 128(%%rsp), %%rsp"
			 :: "i"(TRAP_FLAG) : "memory", "cc");
}

static void test_poll_again(void)
{
	const unsigned long waiting = 1UL << VPF_blocked | 1UL << VPF_poll;
	struct sched_poll x = { .nr_ports = 0 };
	struct vcpu *v1 = a->vcpu[1];
	unsigned int lost = 0, n = 0;

	v1->vcpu_info->evtchn_upcall_mask = 1;
	signal(SIGTRAP, poll_again);
	do {
		(void)do_sched_op(v1, SCHEDOP_poll, (unsigned long)&x, 0, 0, 0);
		steps_left = ++n;
		flip_trap_flag();
		vcpu_unblock(v1);
		flip_trap_flag();
		lost += (v1->pause_flags & waiting) && !test_bit(1, a->poll_mask);
		vcpu_unblock(v1);
	} while (!steps_left);
	ok(!lost, "a vCPU that polls again while it is being woken can be woken again: not at %u of %u", lost, n);
	ok(n > 20, "steps were taken");
	fake_settle();
}

static void test_poll(void)
{
	struct vcpu *v1 = a->vcpu[1];
	evtchn_port_t ports[2];
	const evtchn_port_t none = 4000;
	long p = bind_ipi(va, 0), q = bind_ipi(va, 0);

	ports[0] = (evtchn_port_t)p;
	ports[1] = (evtchn_port_t)q;
	set_bit((unsigned int)p, a->shared_info->evtchn_mask);
	set_bit((unsigned int)q, a->shared_info->evtchn_mask);
	ack(v1);
	ok(poll(v1, &none, 1, 0) == -EINVAL && poll(v1, ports, 129, 0) == -EINVAL && v1->is_running, "bad polls");
	ok(!poll(v1, ports, 1, 0) && !v1->is_running, "it sleeps");
	ok(!send(va, q) && !v1->is_running, "another port does not wake it");
	ok(!send(va, p) && v1->is_running && !a->poll_mask[0], "its port does, masked as it is");
	ok(!poll(v1, ports, 1, 0) && v1->is_running, "pending: it does not sleep");
	(void)take(a, p);
	(void)take(a, q);
	ok(!poll(v1, ports, 2, 0) && !v1->is_running && !send(va, q) && v1->is_running, "two ports");
	(void)take(a, q);
	ok(!poll(v1, ports, 2, fake_now + MILLISECS(5)) && !v1->is_running, "with a timeout");
	fake_run_until(fake_now + MILLISECS(4));
	ok(!v1->is_running, "not yet");
	fake_run_until(fake_now + MILLISECS(1));
	ok(v1->is_running && !a->poll_mask[0], "now");
	v1->vcpu_info->evtchn_upcall_pending = 1;
	v1->vcpu_info->evtchn_upcall_mask = 0;
	ok(!poll(v1, ports, 1, 0) && v1->is_running, "with an upcall pending it does not sleep");
	ack(v1);
	clear_bit((unsigned int)p, a->shared_info->evtchn_mask);
	clear_bit((unsigned int)q, a->shared_info->evtchn_mask);
	close_port(va, p);
	close_port(va, q);
}

static void test_limits(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	struct evtchn_set_priority prio = { .port = 1, .priority = 3 };
	unsigned int n = 0;
	long p, last = 0;

	while ((p = alloc(va, DOMID_SELF, 1)) > 0) {
		n++;
		last = p;
	}
	ok(n == 4095 && last == 4095 && p == -ENOSPC, "4095 ports, and then no more");
	ok(!close_port(va, 77) && !close_port(va, 5) && alloc(va, DOMID_SELF, 1) == 5 && alloc(va, DOMID_SELF, 1) == 77,
	   "the lowest free one comes first");
	fake_restarts = 0;
	fake_preempt = true;
	ok(!op(va, EVTCHNOP_reset, &reset) && fake_restarts > 10, "a reset, in %lu pieces", fake_restarts);
	fake_preempt = false;
	ok(!a->evt.nr_active && status(va, DOMID_SELF, 1) == EVTCHNSTAT_closed && alloc(va, DOMID_SELF, 1) == 1, "all are closed");
	ok(op(va, EVTCHNOP_reset_cont, &reset) == -EBUSY, "none to go on with");
	ok(op(va, EVTCHNOP_set_priority, &prio) == -ENOSYS, "no priorities on two levels");
	close_port(va, 1);
	n = 0;
	while ((p = alloc(vb, DOMID_SELF, 0)) > 0)
		n++;
	ok(n == 1023 && p == -ENOSPC, "a guest has 1023");
	reset.dom = 1;
	ok(op(va, EVTCHNOP_reset, &reset) == -EINVAL, "another's reset while it runs");
	b->controller_pause_count = 1;
	ok(!op(va, EVTCHNOP_reset, &reset) && !b->evt.nr_active, "and while it is paused");
	b->controller_pause_count = 0;
	reset.dom = 0;
	ok(op(vb, EVTCHNOP_reset, &reset) == -EPERM, "not by a guest");
}

static void test_errors(void)
{
	struct { uint32_t cmd, pad; uint32_t port; } old = { .cmd = EVTCHNOP_close, .port = 77 };

	ok(op(va, 99, &old) == -ENOSYS && op(va, ~0U, &old) == -ENOSYS, "operations that are none");
	ok(op(va, EVTCHNOP_send, NULL) == -EFAULT && op(va, EVTCHNOP_alloc_unbound, fake_hypervisor) == -EFAULT, "bad addresses");
	ok(close_port(va, 0) == -EINVAL && send(va, 0) == -EINVAL && send(va, 0x80000000L) == -EINVAL && close_port(va, -1) == -EINVAL,
	   "bad ports");
	old.pad = 77;
	ok(fake_hypercall(va, __HYPERVISOR_event_channel_op_compat, (unsigned long)&old, 0, 0, 0, 0) == -EINVAL, "the old call");
}

/* The vCPU's info moves: nothing is lost. */
static void test_move_info(void)
{
	struct vcpu *v1 = a->vcpu[1];
	long p = bind_ipi(va, 1);
	mfn_t mfn = fake_frame(a, 3);
	struct vcpu_info *info = (struct vcpu_info *)((char *)mfn_to_virt(mfn) + 128);

	set_bit(VPF_down, &v1->pause_flags);
	ack(v1);
	ok(vcpu_register_info(v1, mfn, PAGE_SIZE - 32) == -ENXIO && vcpu_register_info(v1, _mfn(FAKE_BANK0_END), 0) == -EINVAL,
	   "places where it cannot be");
	ok(!vcpu_register_info(v1, mfn, 128) && v1->vcpu_info == info && info->evtchn_upcall_pending && info->evtchn_pending_sel == ~0UL,
	   "it moves");
	ok(vcpu_register_info(v1, mfn, 0) == -EINVAL, "once");
	ack(v1);
	ok(!send(va, p) && info->evtchn_upcall_pending, "events go to the new place");
	clear_bit(VPF_down, &v1->pause_flags);
	close_port(va, p);
}

static void test_destroy(void)
{
	long p = alloc(va, DOMID_SELF, 1), q, virq;
	unsigned long n;

	q = bind(vb, 0, (uint32_t)p);
	virq = bind_virq(va, VIRQ_DOM_EXC, 0);
	for (n = 0; alloc(vb, DOMID_SELF, 0) > 0; n++)
		;
	ok(q > 0 && n > 900, "a domain with %lu ports", n);
	fake_preempt = true;
	ok(fake_kill(b), "it is gone");
	fake_preempt = false;
	ok(status(va, DOMID_SELF, p) == EVTCHNSTAT_unbound && !send(va, p), "our end is unbound");
	ok(take(a, virq), "dom0 was told");
}

int main(void)
{
	unsigned long before;

	fake_start(4);
	a = fake_domain(0, 2, 50);
	before = heap_free_pages();
	b = fake_domain(1, 2, 10);
	va = a->vcpu[0];
	vb = b->vcpu[0];
	ok(va->is_running && vb->is_running, "both domains run");
	test_interdomain();
	test_masks();
	test_binding();
	test_pirqs();
	test_wake();
	test_poll();
	test_poll_again();
	test_limits();
	test_errors();
	test_move_info();
	test_destroy();
	evtchn_dump('e');
	/* Ports of dom0 came into being meanwhile, their groups stay. */
	ok(heap_free_pages() + 64 > before, "memory is given back: %ld", (long)(before - heap_free_pages()));
	return tap_end();
}
