/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operations cost beside few and beside many domains, on the fake architecture: they must not care. Each domain has a
 * port to dom0, a timer set, and sleeps. Times are the host's, the quickest of many, so that only what grows is seen.
 */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include "../lib/tap.h"

#define CPUS		4
#define MOST		200
#define REPEATS		200
#define OPERATIONS	100

static struct domain *guests[MOST];
static uint32_t ports[MOST];		/* dom0's, by guest */
static unsigned int nr_guests;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static long event_op(struct vcpu *v, unsigned long cmd, void *arg)
{
	return do_event_channel_op(v, cmd, (unsigned long)arg, 0, 0, 0);
}

static void add_guest(void)
{
	struct domain *d = fake_domain((domid_t)(nr_guests + 1), 1, 1);
	struct evtchn_alloc_unbound there = { .dom = DOMID_SELF, .remote_dom = 0 };
	struct evtchn_bind_interdomain here = { .remote_dom = d->domain_id };

	BUG_ON(event_op(d->vcpu[0], EVTCHNOP_alloc_unbound, &there));
	here.remote_port = there.port;
	BUG_ON(event_op(dom0->vcpu[0], EVTCHNOP_bind_interdomain, &here));
	ports[nr_guests] = here.local_port;
	guests[nr_guests++] = d;
	timer_set(&d->vcpu[0]->singleshot_timer, SECONDS(1000) + nr_guests);
}

static void send(unsigned int k)
{
	uint32_t port = ports[k];

	event_op(dom0->vcpu[0], EVTCHNOP_send, &port);
	guests[k]->shared_info->evtchn_pending[0] = 0;
	guests[k]->vcpu[0]->vcpu_info->evtchn_pending_sel = 0;
	guests[k]->vcpu[0]->vcpu_info->evtchn_upcall_pending = 0;
}

static void set_timer(unsigned int k)
{
	timer_set(&guests[k]->vcpu[0]->singleshot_timer, SECONDS(999) + k);
}

static void sleep_and_wake(unsigned int k)
{
	struct vcpu *v = guests[k]->vcpu[0];

	set_bit(VPF_down, &v->pause_flags);
	vcpu_sleep_nosync(v);
	clear_bit(VPF_down, &v->pause_flags);
	vcpu_wake(v);
}

static void look_up(unsigned int k)
{
	struct domain *d = domain_get((domid_t)(k + 1));

	BUG_ON(d != guests[k]);
	domain_put(d);
}

static const struct {
	const char *name;
	void (*fn)(unsigned int guest);
} operations[] = {
	{ "an event to a guest", send }, { "a timer", set_timer }, { "to sleep and wake up", sleep_and_wake },
	{ "to find a domain", look_up },
};

static double cost(void (*fn)(unsigned int))
{
	uint64_t best = ~0UL;

	for (unsigned int i = 0; i < REPEATS; i++) {
		uint64_t t = ticks();

		for (unsigned int k = 0; k < OPERATIONS; k++)
			fn(nr_guests - 1);
		best = min(best, ticks() - t);
	}
	fake_settle();
	return (double)best / OPERATIONS;
}

int main(void)
{
	double few[ARRAY_SIZE(operations)], many;

	fake_start(CPUS);
	system_state = SYS_BOOT;	/* the order of locks is not looked at */
	BUG_ON(!fake_domain(0, CPUS, 64));
	add_guest();
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++)
		few[i] = cost(operations[i].fn);
	while (nr_guests < MOST)
		add_guest();
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		many = cost(operations[i].fn);
		printf("# %s: %.0f ticks beside 1 domain, %.0f beside %u\n", operations[i].name, few[i], many, MOST);
		ok(many < 2 * few[i] + 100, "%s costs no more beside many domains", operations[i].name);
	}
	return tap_end();
}
