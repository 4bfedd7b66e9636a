/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile: hypercalls with random and border arguments, page tables made of random entries, user mode and
 * privileged instructions of any kind, on several vCPUs at once. At the end the hypervisor lives and finds its books
 * in order, the guest still runs, and its tables let it write neither a page table nor what is not its own.
 *
 * Arguments: seconds=N (3), vcpus=N (1), seed=N (of the clock), count=N (stop after so many steps), trace=N (print
 * every step from the Nth on), memory=1, grants=1, wakes=1 (only what is about these), victims=N (pages that may become anything; few
 * meet more often), audit=0 (the hypervisor's books are not looked
 * at), fuzz=1 (inputs of fuzz.h instead of steps; the module is a list of some), others=N (all that by N guests without
 * privileges: landlord.h; the module is this kernel's file and the list). On one vCPU the same seed gives the same steps
 * while the answers are the same.
 */

#include "values.h"
#include "calls.h"
#include "audit.h"
#include "user.h"
#include "together.h"
#include "landlord.h"

/* Not through the hypercall page: numbers that it has no room for, and all six registers. */
static long raw_hypercall(const struct call *c)
{
	register unsigned long r10 asm("r10") = c->a[3];
	register unsigned long r8 asm("r8") = c->a[4];
	unsigned long di = c->a[0], si = c->a[1], dx = c->a[2], ax = c->nr;

	asm volatile("syscall" : "+a" (ax), "+D" (di), "+S" (si), "+d" (dx), "+r" (r10), "+r" (r8)
		     : : "rcx", "r11", "memory");
	return (long)ax;
}

static void run_call(bool trace)
{
	struct call c;
	long ret;

	make_call(&c, below(SLOTS));
	if (trace)
		kit_note("call %lu (%lx, %lx, %lx, %lx, %lx)", c.nr, c.a[0], c.a[1], c.a[2], c.a[3], c.a[4]);
	ret = raw_hypercall(&c);
	take_spares(&c, ret);
	note_fight(&c, ret);
	if (changes_entries(&c))
		set_entries();
	if (trace)
		kit_note("  = %ld", ret);
}

static void write_victim(void *arg)
{
	((volatile uint64_t *)arg)[below(512)] = pte();
}

static void read_word(void *arg)
{
	(void)*(volatile uint64_t *)arg;
}

static void step(bool trace)
{
	unsigned int kind = below(64);
	struct kit_fault f;

	if (trace && kind < 16)
		kit_note("kind %u", kind);
	if (kind < 6)
		kit_probe(write_victim, victims[below(nr_victims)], &f);
	else if (kind < 8)
		kit_probe(read_word, (void *)(window_va() & ~7UL), &f);
	else if (kind < 9)
		kit_probe(read_word, (void *)((ROOT_SLOT + below(ROOT_SLOTS)) * (1UL << 39) + (rnd() & 0x7ffffffff8UL)), &f);
	else if (kind < 12 && !only)
		run_privileged();
	else if (kind < 15 && may_run_user())
		run_user();
	else if (kind == 15 && one_in(4))
		make_domain();
	else
		run_call(trace);
}

static void next(bool trace)
{
	if (fuzzing)
		fuzz(trace);
	else
		step(trace);
}

static unsigned long user_add(void *arg)
{
	return (unsigned long)arg + 1;
}

static void still_here(void)
{
	struct kit_fault f;
	unsigned long v = 0;

	set_entries();
	kit_check(hc_xen_version(XENVER_version, NULL) > 0, "the hypervisor answers");
	kit_check_eq(kit_mmuext(MMUEXT_NEW_USER_BASEPTR, kit_va_to_mfn(kit_user_root())), 0, "the first user root");
	kit_check(kit_user_probe(user_add, (void *)41, &f, &v) && v == 42, "user mode works");
}

static void run_other(void *unused)
{
	struct actor *a = me();

	(void)unused;
	set_entries();
	while (!stopping) {
		next(false);
		a->steps++;
		keep_pause();
	}
	set_entries();
	a->done = 1;
	rest_for_ever();
}

/* The first vCPU: it also looks after the others, and looks at the tables now and then. */
static void run_first(uint64_t end, unsigned long count, unsigned long trace)
{
	unsigned long n;

	for (n = 0; n < count && kit_time_now() < end; n++) {
		next(n >= trace);
		free_the_stuck();
		if (only == ABOUT_WAKES && nr_vcpus > 1 && one_in(8))
			plug();
		if (n % 4096 == 0) {
			pause_others();
			audit();
			resume_others();
		}
	}
	me()->steps = n;
}

void kit_main(void)
{
	uint64_t end = kit_time_now() + kit_argument("seconds=", 3) * 1000000000UL, seed = kit_argument("seed=", kit_rdtsc() >> 4);
	unsigned long count = kit_argument("count=", ~0UL), trace = kit_argument("trace=", ~0UL), nr_others = kit_argument("others=", 0),
		      steps = 0, domains = 0, shared = 0;

	nr_vcpus = (unsigned int)kit_argument("vcpus=", 1);
	nr_victims = (unsigned int)kit_argument("victims=", VICTIMS);
	only = kit_argument("memory=", 0) ? ABOUT_MEMORY : kit_argument("grants=", 0) ? ABOUT_GRANTS : kit_argument("wakes=", 0) ? ABOUT_WAKES : 0;
	if (nr_vcpus > KIT_MAX_VCPUS || nr_victims > VICTIMS)
		kit_fatal("too many vCPUs or victims");
	if (nr_others && is_dom0()) {
		landlord((unsigned int)nr_others);
		return;
	}
	self = (domid_t)kit_argument("id=", 0);
	kit_note("seed=%lu", seed);
	values_init();
	for (unsigned int id = 0; id < nr_vcpus; id++) {
		actor_init(id, seed + id);
		user_init(id);
	}
	hooks_init();
	set_entries();
	kit_check_eq(kit_grant_init(1), 0, "a grant table");
	if (kit_argument("fuzz=", 0))
		fuzz_init(end);
	start_others(run_other);
	run_first(end, count, trace);
	stop_others();
	audit();
	for (unsigned int id = 1; id <= OTHERS; id++)
		end_domain((domid_t)id);
	if (kit_argument("audit=", 1) && is_dom0())
		kit_audit();
	still_here();
	for (unsigned int id = 0; id < nr_vcpus; id++) {
		steps += actors[id].steps;
		domains += actors[id].domains;
		shared += actors[id].shared;
	}
	kit_note("%lu %s, %lu other domains made", steps, fuzzing ? "inputs" : "steps", domains);
	if (only == ABOUT_WAKES)
		kit_check(plugged, "vCPUs were taken away %lu times, and are back", plugged);
	if (only == ABOUT_GRANTS)
		kit_check(shared, "the other one's grants were used %lu times", shared);
	print_coverage();
}
