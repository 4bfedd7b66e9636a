/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Senders, who take no lock, against others that close ports, change the interface and destroy domains: each
 * thread is a CPU. What is taken away from senders is overwritten at once, so that whoever uses it still is found out.
 */
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include "../lib/host_log.h"
#include "../lib/random.h"
#include "../lib/tap.h"

typedef unsigned long pthread_t;
int pthread_create(pthread_t *t, const void *attr, void *(*fn)(void *), void *arg);
int pthread_join(pthread_t t, void **result);

#define CPUS		6
#define ROUNDS		3000
#define PAGE_WORDS	(PAGE_SIZE / sizeof(uint64_t))

static struct domain *a, *f;
static bool stop;
static unsigned int dirty_pages, failed;

static long op(struct vcpu *v, unsigned long cmd, void *arg)
{
	this_cpu()->softirq_pending = 0;
	return do_event_channel_op(v, cmd, (unsigned long)arg, 0, 0, 0);
}

static long port_op(struct vcpu *v, unsigned long cmd, uint32_t port)
{
	return op(v, cmd, &port);
}

/* CPUs 0 and 1, vCPUs of dom0: send on all their ports. */
static void *send_all(void *arg)
{
	unsigned long cpu = (unsigned long)arg;

	fake_on((unsigned int)cpu);
	random_state = cpu + 100;
	set_current(a->vcpu[cpu]);
	while (!READ_ONCE(stop)) {
		port_op(a->vcpu[cpu], EVTCHNOP_send, random_below(40));
		if (!random_below(8)) {
			WRITE_ONCE(a->shared_info->evtchn_pending[0], 0);
			a->vcpu[cpu]->vcpu_info->evtchn_pending_sel = 0;
		}
	}
	return NULL;
}

/* CPU 2, a vCPU of dom0: opens and closes ports, for itself and for the domain that comes and goes. */
static void *open_and_close(void *arg)
{
	struct vcpu *v = a->vcpu[2];

	fake_on(2);
	random_state = 7;
	set_current(v);
	while (!READ_ONCE(stop)) {
		struct evtchn_alloc_unbound un = { .dom = DOMID_SELF, .remote_dom = random_below(2) ? 5 : 0 };
		struct evtchn_bind_ipi ipi = { .vcpu = random_below(3) };
		struct evtchn_bind_interdomain in = { .remote_dom = 5, .remote_port = 1 + random_below(8) };
		struct evtchn_bind_vcpu move = { .port = random_below(40), .vcpu = random_below(3) };

		switch (random_below(5)) {
		case 0:
			op(v, EVTCHNOP_alloc_unbound, &un);
			break;
		case 1:
			op(v, EVTCHNOP_bind_ipi, &ipi);
			break;
		case 2:
			op(v, EVTCHNOP_bind_interdomain, &in);
			break;
		case 3:
			op(v, EVTCHNOP_bind_vcpu, &move);
			break;
		case 4:
			port_op(v, EVTCHNOP_close, 1 + random_below(40));
			break;
		}
	}
	return NULL;
}

/* Takes what was freed just now and spoils it. */
static void spoil(void)
{
	static const size_t sizes[] = { sizeof(struct domain), 2048, sizeof(struct vcpu), 16, 64, 512 };
	void *p[ARRAY_SIZE(sizes)][8];

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		for (unsigned int j = 0; j < 8; j++) {
			p[i][j] = xmalloc_bytes(sizes[i]);
			memset(p[i][j], 0x55, sizes[i]);
		}
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		for (unsigned int j = 0; j < 8; j++)
			xfree(p[i][j]);
}

/* CPU 3: a domain is built, opens ports, is connected to dom0, and destroyed. */
static void *come_and_go(void *arg)
{
	fake_on(3);
	random_state = 11;
	set_current(this_cpu()->idle);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const struct domain_config config = { .max_vcpus = 1, .max_event_port = 1023, .max_grant_frames = 4 };
		struct domain *d;
		struct vcpu *v;
		int rc;

		d = domain_create(5, &config, &rc);
		BUG_ON(!d);
		v = vcpu_create(d, 0);
		BUG_ON(!v);
		for (unsigned int i = 0; i < 8; i++) {
			struct evtchn_alloc_unbound un = { .dom = 5, .remote_dom = 0 };
			struct evtchn_bind_interdomain in = { .remote_dom = 0, .remote_port = 1 + random_below(40) };

			if (random_below(2))
				op(v, EVTCHNOP_alloc_unbound, &un);
			else
				op(v, EVTCHNOP_bind_interdomain, &in);
		}
		for (unsigned int i = 0; i < 20; i++)
			port_op(v, EVTCHNOP_send, 1 + random_below(8));
		do {
			this_cpu()->softirq_pending = 0;
			rc = domain_kill(d);
		} while (rc == -ERESTART);
		/* As idle CPUs do: the rest of it is a tasklet. */
		while (domain_by_id(5) || this_cpu()->tasklets.first) {
			softirq_raise(SOFTIRQ_TASKLET);
			softirq_run_no_schedule();
		}
		spoil();
	}
	return NULL;
}

/* A page that is ours alone again: does anybody write to it? */
static void watch(struct domain *d, unsigned int frame)
{
	uint64_t *p = mfn_to_virt(fake_frame(d, frame));

	memset(p, 0xa5, PAGE_SIZE);
	for (unsigned int i = 0; i < 20; i++)
		for (unsigned int j = 0; j < PAGE_WORDS; j++)
			if (READ_ONCE(p[j]) != 0xa5a5a5a5a5a5a5a5UL) {
				dirty_pages++;
				return;
			}
}

/* CPU 4, vCPU 0 of a domain that changes between both interfaces. */
static void *change_interface(void *arg)
{
	struct vcpu *v = f->vcpu[0];

	fake_on(4);
	set_current(v);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct evtchn_init_control control = { .control_gfn = fake_frame(f, 0).m };
		struct evtchn_expand_array array = { .array_gfn = fake_frame(f, 1).m };
		struct evtchn_reset reset = { .dom = DOMID_SELF };
		long rc;

		memset(mfn_to_virt(fake_frame(f, 0)), 0, PAGE_SIZE);
		memset(mfn_to_virt(fake_frame(f, 1)), 0, PAGE_SIZE);
		failed += op(v, EVTCHNOP_init_control, &control) != 0 || op(v, EVTCHNOP_expand_array, &array);
		for (unsigned int i = 0; i < 4; i++) {
			struct evtchn_bind_ipi ipi = { .vcpu = i % 2 };
			struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER, .vcpu = i % 2 };

			op(v, EVTCHNOP_bind_ipi, &ipi);
			op(v, EVTCHNOP_bind_virq, &virq);
		}
		control.vcpu = 1;
		control.offset = 256;
		failed += op(v, EVTCHNOP_init_control, &control) != 0;
		rc = op(v, EVTCHNOP_reset, &reset);
		while (rc == __HYPERVISOR_event_channel_op)
			rc = op(v, EVTCHNOP_reset_cont, &reset);
		failed += rc != 0;
		watch(f, 0);
		watch(f, 1);
	}
	WRITE_ONCE(stop, true);
	return NULL;
}

/* CPU 5, vCPU 1 of that domain: sends to all ports and looks at them; its timer goes off. */
static void *disturb(void *arg)
{
	struct vcpu *v = f->vcpu[1];
	event_word_t *words = mfn_to_virt(fake_frame(f, 1));

	fake_on(5);
	random_state = 13;
	set_current(v);
	while (!READ_ONCE(stop)) {
		uint32_t port = 1 + random_below(10);

		port_op(v, EVTCHNOP_send, port);
		send_guest_vcpu_virq(f->vcpu[random_below(2)], VIRQ_TIMER);
		port_op(v, EVTCHNOP_unmask, port);
		failed += evtchn_port_poll(f, 4000) > 0;
		/* As the guest does, but only where it is sure to be words still. */
		if (READ_ONCE(words[port]) != 0xa5a5a5a5)
			continue;
		f->vcpu[0]->vcpu_info->evtchn_upcall_pending = 0;
		f->vcpu[1]->vcpu_info->evtchn_upcall_pending = 0;
	}
	return NULL;
}

int main(void)
{
	void *(*const run[CPUS])(void *) = { send_all, send_all, open_and_close, come_and_go, change_interface, disturb };
	pthread_t threads[CPUS];

	host_cpu_limit(100);
	fake_start(CPUS);
	a = fake_domain(0, 3, 10);
	f = fake_domain(1, 2, 10);
	domain_pause_nosync(a);
	domain_pause_nosync(f);
	fake_settle();
	fake_threads = true;
	system_state = SYS_BOOT;	/* no looking at the order of locks, which takes time inside them */
	for (unsigned long i = 0; i < CPUS; i++)
		BUG_ON(pthread_create(&threads[i], NULL, run[i], (void *)i));
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
	ok(!failed, "all operations do as they should");
	ok(!dirty_pages, "pages that are given back are not written to: %u", dirty_pages);
	return tap_end();
}
