/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operations cost beside few and beside many domains, and on one of few and of many vCPUs, on the fake architecture: they must not care. Each
 * domain has a port to dom0, a timer set, and sleeps. What a domain costs to make and end depends on its memory alone, and in proportion. Times are the
 * host's, the quickest of many, so that only what grows is seen.
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
#define MOST_VCPUS	128
#define REPEATS		200
#define OPERATIONS	100
#define LIVES		20
#define PAGES		512U
#define MORE_PAGES	4096U	/* still in a processor's caches: more is as quick as the host clears memory */

static struct domain *guests[MOST + 1];
static uint32_t ports[MOST + 1];	/* dom0's, by guest */
static unsigned int nr_guests;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static long event_op(struct vcpu *v, unsigned long cmd, void *arg)
{
	return do_event_channel_op(v, cmd, (unsigned long)arg, 0, 0, 0);
}

/* What operations are done to. */
static struct vcpu *last_vcpu(unsigned int k)
{
	return guests[k]->vcpu[guests[k]->max_vcpus - 1];
}

static void add_guest(unsigned int vcpus)
{
	struct domain *d = fake_domain((domid_t)(nr_guests + 1), vcpus, 1);
	struct evtchn_alloc_unbound there = { .dom = DOMID_SELF, .remote_dom = 0 };
	struct evtchn_bind_interdomain here = { .remote_dom = d->domain_id };

	BUG_ON(event_op(d->vcpu[0], EVTCHNOP_alloc_unbound, &there));
	BUG_ON(vcpus > 1 && event_op(d->vcpu[0], EVTCHNOP_bind_vcpu, &(struct evtchn_bind_vcpu){ there.port, vcpus - 1 }));
	here.remote_port = there.port;
	BUG_ON(event_op(dom0->vcpu[0], EVTCHNOP_bind_interdomain, &here));
	ports[nr_guests] = here.local_port;
	guests[nr_guests++] = d;
	timer_set(&last_vcpu(nr_guests - 1)->singleshot_timer, SECONDS(1000) + nr_guests);
}

static void send(unsigned int k)
{
	uint32_t port = ports[k];

	event_op(dom0->vcpu[0], EVTCHNOP_send, &port);
	guests[k]->shared_info->evtchn_pending[0] = 0;
	last_vcpu(k)->vcpu_info->evtchn_pending_sel = 0;
	last_vcpu(k)->vcpu_info->evtchn_upcall_pending = 0;
}

static void set_timer(unsigned int k)
{
	timer_set(&last_vcpu(k)->singleshot_timer, SECONDS(999) + k);
}

static void sleep_and_wake(unsigned int k)
{
	struct vcpu *v = last_vcpu(k);

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

/* Ticks for each page of a domain of so many, from nothing until all is free again. */
static double cost_of_page(unsigned int pages)
{
	uint64_t best = ~0UL;

	for (unsigned int i = 0; i < LIVES; i++) {
		uint64_t t = ticks();
		struct domain *d = fake_domain(MOST + 2, 1, pages);

		BUG_ON(!d || !fake_kill(d));
		best = min(best, ticks() - t);
	}
	return (double)best / pages;
}

static void compare(const char *beside, unsigned int n, const double few[])
{
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		double many = cost(operations[i].fn);

		printf("# %s: %.0f ticks with 1 %s, %.0f with %u\n", operations[i].name, few[i], beside, many, n);
		ok(many < 2 * few[i] + 100, "%s costs no more with many: %s", operations[i].name, beside);
	}
}

int main(void)
{
	double few[ARRAY_SIZE(operations)], small, large, beside;

	fake_start(CPUS);
	system_state = SYS_BOOT;	/* the order of locks is not looked at */
	BUG_ON(!fake_domain(0, CPUS, 64));
	add_guest(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++)
		few[i] = cost(operations[i].fn);
	small = cost_of_page(PAGES);
	large = cost_of_page(MORE_PAGES);
	while (nr_guests < MOST)
		add_guest(1);
	compare("domain", MOST, few);
	beside = cost_of_page(PAGES);
	printf("# a domain's life, for each page: %.0f ticks with %u, %.0f with %u, %.0f with %u beside %u domains\n", small, PAGES, large, MORE_PAGES,
	       beside, PAGES, MOST);
	ok(large < 3 * small, "a domain costs in proportion to its memory");
	ok(beside < 2 * small, "and no more beside many");
	add_guest(MOST_VCPUS);
	compare("vCPU", MOST_VCPUS, few);
	return tap_end();
}
