/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page types: guests that do anything, step by step with the oracle after each, calls of several vCPUs interrupted
 * where they may be; then all at once on threads.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <asm/pv.h>
#include <tenon/hypercall.h>
#include "../lib/pt_inside.h"
#include "../../hypervisor/common/mm/memory_op.h"
#include "../lib/random.h"
#include "../lib/tap.h"
#include "../../hypervisor/arch/x86/speculation/isolation.h"
#include "../../hypervisor/arch/x86/speculation/l1tf.h"

#define LIVES		60
#define STEPS		4000
#define THREAD_LIVES	10
#define BATCHES		30
#define BATCH		1500

static struct pt_counts total;
static const char *found;

static void add_counts(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	unsigned long *to = (unsigned long *)&total, *from = (unsigned long *)&pt_counts;

	pthread_mutex_lock(&lock);
	for (unsigned int i = 0; i < sizeof(total) / sizeof(*to); i++) {
		to[i] += from[i];
		from[i] = 0;
	}
	pthread_mutex_unlock(&lock);
}

static void show_counts(void)
{
	printf("# %lu steps, %lu restarts, %lu of them abandoned; pins %lu %lu %lu %lu; %lu roots\n", total.steps,
	       total.restarts, total.abandoned, total.pins[1], total.pins[2], total.pins[3], total.pins[4], total.roots);
	printf("# updates %lu %lu %lu %lu %lu; %lu calls refused; %lu stores, %lu grants, %lu descriptor tables, %lu flushes\n",
	       total.updates[0], total.updates[1], total.updates[2], total.updates[3], total.updates[4], total.refused,
	       total.wpt, total.grants, total.descriptors, total.flushes);
}

static bool live(uint64_t seed)
{
	const char *why = NULL;
	unsigned int i;

	random_state = seed;
	pt_start();
	why = pt_check();
	for (i = 0; i < STEPS && !why; i++) {
		pt_step(random_below(PT_CPUS));
		why = pt_check();
	}
	if (!why)
		why = pt_end();
	if (why)
		printf("# seed %lu, step %u: %s\n", (unsigned long)seed, i, why);
	return !why;
}

static void wait_for_others(void)
{
	static unsigned int arrived, round;
	unsigned int now = __atomic_load_n(&round, __ATOMIC_SEQ_CST);

	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == PT_CPUS) {
		__atomic_store_n(&arrived, 0, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&round, 1, __ATOMIC_SEQ_CST);
	}
	while (__atomic_load_n(&round, __ATOMIC_SEQ_CST) == now) {
		pt_interrupts();
		sched_yield();
	}
}

static void *cpu_main(void *arg)
{
	unsigned int cpu = (unsigned int)(unsigned long)arg & 0xff;

	random_state = (uint64_t)(unsigned long)arg;
	pt_be(cpu);
	for (unsigned int b = 0; b < BATCHES && !found; b++) {
		for (unsigned int i = 0; i < BATCH; i++) {
			pt_step(cpu);
			pt_interrupts();
		}
		wait_for_others();
		if (!cpu)
			found = pt_check();
		wait_for_others();
	}
	add_counts();
	return NULL;
}

static bool live_on_threads(unsigned long seed)
{
	pthread_t thread[PT_CPUS];

	pt_start();
	pt_threads = true;
	for (unsigned long cpu = 0; cpu < PT_CPUS; cpu++)
		if (pthread_create(&thread[cpu], NULL, cpu_main, (void *)(seed << 8 | cpu)))
			return false;
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++)
		pthread_join(thread[cpu], NULL);
	pt_threads = false;
	if (!found)
		found = pt_end();
	if (found)
		printf("# seed %lu on threads: %s\n", seed, found);
	return !found;
}

/* ---- what the guests above come to too rarely ---- */

/* The first vCPU's level 1 table, and an entry of it that is empty. */
static uint64_t entry_address(const struct pt_vcpu *p, unsigned int index)
{
	uint64_t m = p->home;

	for (unsigned int level = 4; level > 1; level--)
		m = (*(uint64_t *)mfn_to_virt(_mfn(m)) & PTE_MFN_MASK) >> PAGE_SHIFT;
	return m << PAGE_SHIFT | index * 8;
}

static long set_entry(struct pt_vcpu *p, uint64_t value, unsigned int owner)
{
	p->update[0] = (struct mmu_update){ entry_address(p, 2), value };
	return do_mmu_update(&p->v, (unsigned long)p->update, 1, 0, owner, 0);
}

static long ext_op(struct pt_vcpu *p, unsigned int cmd, unsigned long arg1, unsigned int arg2)
{
	p->ext[0] = (struct mmuext_op){ .cmd = cmd, .arg1.mfn = arg1, .arg2.nr_ents = arg2 };
	return do_mmuext_op(&p->v, (unsigned long)p->ext, 1, 0, DOMID_SELF, 0);
}

static unsigned long new_frame(struct domain *d)
{
	return page_to_mfn(domain_alloc_pages(d, 0, 0)).m;
}

/*
 * Dom0 has had another domain's frame writable, at once or after it had read it, and has not flushed: when it becomes a table,
 * dom0's processor forgets it.
 */
static void foreign_writer(uint64_t first)
{
	struct pt_vcpu *mine = &pt_vcpu[0], *other = &pt_vcpu[2];
	const char *why;
	unsigned long m;

	pt_start();
	m = new_frame(&pt_domain[1]);
	ok(!set_entry(mine, m << PAGE_SHIFT | first, 1), "a frame of another domain");
	ok(!set_entry(mine, m << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER, 1), "writable");
	pt_walk(0);
	ok(!set_entry(mine, 0, DOMID_SELF), "not any more");
	pt_be(2);
	ok(!ext_op(other, MMUEXT_PIN_L1_TABLE, m, 0), "its owner makes it a table");
	why = pt_check();
	ok(!why, "nobody writes to it: %s", why ? why : "no");
	pt_be(0);
}

/* A frame that was written to is given back for another, which fails. Its processors forget it before it becomes a table. */
static void exchange_fails(void)
{
	struct pt_vcpu *p = &pt_vcpu[0];
	const char *why;
	unsigned long m;
	long rc;

	pt_start();
	m = new_frame(&pt_domain[0]);
	ok(!set_entry(p, m << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER, DOMID_SELF), "a frame, writable");
	pt_walk(0);
	ok(!set_entry(p, 0, DOMID_SELF), "not any more");
	p->frames[0] = m;
	p->frames[1] = p->home;
	p->exchange = (struct xen_memory_exchange){
		.in = { .extent_start.va = (unsigned long)p->frames, .nr_extents = 2, .domid = DOMID_SELF },
		.out = { .extent_start.va = (unsigned long)(p->frames + 2), .nr_extents = 1, .extent_order = 1, .domid = DOMID_SELF },
	};
	do {
		p->restart = false;
		rc = memory_exchange(&p->v, XENMEM_exchange, (unsigned long)&p->exchange);
	} while (p->restart);
	ok(rc == -EINVAL && mfn_to_page(_mfn(m))->owner == 1, "an exchange together with one that is in use, and it is back");
	ok(!ext_op(p, MMUEXT_PIN_L1_TABLE, m, 0), "it becomes a table");
	why = pt_check();
	ok(!why, "nobody writes to it: %s", why ? why : "no");
}

/* A page that was an LDT's is a descriptor table for no longer than the guest maps it. */
static void ldt_goes_with_its_map(void)
{
	struct pt_vcpu *p = &pt_vcpu[0];
	uint64_t e;

	pt_start();
	e = new_frame(&pt_domain[0]) << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_USER;
	ok(!set_entry(p, e, DOMID_SELF) && !ext_op(p, MMUEXT_SET_LDT, 2 * PAGE_SIZE, 512), "an LDT");
	ok(pv_map_ldt_page(&p->v, 0), "whose page is used");
	ok(set_entry(p, e | _PAGE_RW, DOMID_SELF), "and cannot be written meanwhile");
	ok(!set_entry(p, 0, DOMID_SELF), "the guest maps it no longer");
	ok(!set_entry(p, e | _PAGE_RW, DOMID_SELF), "then it can be written");
	ok(!pt_check(), "nothing is left of it");
}

/* On a processor with L1TF: entries that are not present and name memory, in a table in use and in one that becomes one. */
static void absent_entries(void)
{
	struct pt_vcpu *p = &pt_vcpu[0];
	uint64_t m, swapped = ~0x1234000UL & PTE_MFN_MASK, named;
	pte_t *t;

	pt_start();
	pt_domain[0].is_privileged = false;
	m = new_frame(&pt_domain[0]);
	named = (m << PAGE_SHIFT) | _PAGE_RW;
	ok(!set_entry(p, named, DOMID_SELF), "an entry that is not present may name memory");
	l1tf_memory = max_page << PAGE_SHIFT;
	ok(set_entry(p, named, DOMID_SELF) == -EINVAL, "not where the processor would show it");
	ok(set_entry(p, named | 1UL << 45, DOMID_SELF) == -EINVAL, "nor with bits that it does not compare");
	ok(!set_entry(p, 0, DOMID_SELF) && !set_entry(p, swapped, DOMID_SELF), "none and a number turned round, as Linux's, are well");
	t = map_domain_page(_mfn(m));
	t[7].e = named;
	ok(ext_op(p, MMUEXT_PIN_L1_TABLE, m, 0) == -EINVAL, "it is found in what becomes a table");
	ok(ext_op(p, MMUEXT_PIN_L2_TABLE, m, 0) == -EINVAL, "of any level");
	t[7].e = swapped;
	ok(!ext_op(p, MMUEXT_PIN_L1_TABLE, m, 0), "which it becomes without");
	pt_domain[0].is_privileged = true;
	ok(!set_entry(p, named, DOMID_SELF), "who may map all memory is not kept from it");
	l1tf_memory = 0;
	ok(!pt_check(), "nothing is counted wrongly");
}

/* Arguments: a seed to be looked at. */
int main(int argc, char **argv)
{
	unsigned int good = 0;

	if (argc > 1) {
		ok(live((uint64_t)atol(argv[1])), "seed %s", argv[1]);
		add_counts();
		show_counts();
		return tap_end();
	}
	foreign_writer(0);
	foreign_writer(_PAGE_PRESENT | _PAGE_USER);
	exchange_fails();
	ldt_goes_with_its_map();
	absent_entries();
	for (unsigned int i = 1; i <= LIVES; i++) {
		isolation_on = i & 1;
		good += live(i);
	}
	isolation_on = false;
	add_counts();
	show_counts();
	ok(good == LIVES, "step by step: %u of %u lives", good, LIVES);
	ok(total.pins[4] && total.roots && total.wpt && total.grants && total.descriptors && total.updates[4] && total.roots_changed,
	   "something of everything has succeeded");
	total = (struct pt_counts){ 0 };
	good = 0;
	for (unsigned int i = 1; i <= THREAD_LIVES && !found; i++)
		good += live_on_threads(i);
	show_counts();
	ok(good == THREAD_LIVES, "on threads: %u of %u lives", good, THREAD_LIVES);
	return tap_end();
}
