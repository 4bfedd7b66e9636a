/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants from all sides: two domains with two vCPUs each, and a third that comes and goes, change their entries, map, copy and
 * swap those of the others, and end mappings of any handle, with those of others' among them, and such whose entry they have
 * overwritten; each thread is a CPU. In the end nothing is held that nobody holds.
 */
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/grant.h>
#include <tenon/hypercall.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include <xen/grant_table.h>
#include "../../hypervisor/common/grant/grant.h"
#include "../lib/host_log.h"
#include "../lib/random.h"
#include "../lib/tap.h"

typedef unsigned long pthread_t;
int pthread_create(pthread_t *t, const void *attr, void *(*fn)(void *), void *arg);
int pthread_join(pthread_t t, void **result);

#define CPUS		5
#define STEPS		200000
#define REFS		12
#define FRAMES		6
#define HANDLES		64
#define SLOTS		16	/* of a vCPU */
#define GUEST		2	/* the domain that comes and goes */

static struct domain *d[2];
static mfn_t frames[2][FRAMES];
static unsigned int working = CPUS - 1, done[4], guests, ended;

static long op(struct vcpu *v, unsigned int cmd, void *arg)
{
	this_cpu()->softirq_pending = 0;
	return do_grant_table_op(v, cmd, (unsigned long)arg, 1, 0, 0);
}

static void change_entry(struct domain *own, const mfn_t *frame)
{
	struct grant_entry_v1 *e = grant_entry(own->grant_table, 8 + random_below(REFS));

	e->domid = (domid_t)random_below(3);
	e->frame = (uint32_t)frame[random_below(FRAMES)].m;
	WRITE_ONCE(e->flags, (uint16_t)(random_below(8) ? GTF_permit_access | (random_below(3) ? 0 : GTF_readonly) : 0));
}

static bool map(struct vcpu *v, unsigned int slot, domid_t who)
{
	/* For a device nothing of the one that goes: nobody would know the address to unmap. */
	struct gnttab_map_grant_ref x = {
		.host_addr = FAKE_MAP_VA(slot), .ref = 8 + random_below(REFS), .dom = who,
		.flags = GNTMAP_host_map | (random_below(2) ? GNTMAP_readonly : 0) |
			 (random_below(4) || who == GUEST ? 0 : GNTMAP_device_map),
	};

	return !op(v, GNTTABOP_map_grant_ref, &x) && x.status == GNTST_okay;
}

static bool unmap(struct vcpu *v, unsigned int slot)
{
	struct gnttab_unmap_grant_ref x = { .host_addr = FAKE_MAP_VA(slot), .handle = random_below(HANDLES) };
	struct maptrack *mt = maptrack_entry(v->domain->grant_table, x.handle);

	/* The device's address is that of a frame that it may be. */
	if (mt && !random_below(3))
		x.dev_bus_addr = (uint64_t)frames[mt->domid & 1][random_below(FRAMES)].m << PAGE_SHIFT;
	if (!random_below(4))
		x.host_addr = 0;
	return !op(v, GNTTABOP_unmap_grant_ref, &x) && x.status == GNTST_okay;
}

static bool copy(struct vcpu *v, domid_t who)
{
	struct gnttab_copy x = {
		.source = { .u.ref = 8 + random_below(REFS), .domid = who }, .dest = { .u.ref = 8 + random_below(REFS), .domid = who },
		.len = 64, .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
	};

	return !op(v, GNTTABOP_copy, &x) && x.status == GNTST_okay;
}

static bool swap(struct vcpu *v)
{
	struct gnttab_swap_grant_ref x = { 8 + random_below(REFS), 8 + random_below(REFS), 0 };

	return !op(v, GNTTABOP_swap_grant_ref, &x) && x.status == GNTST_okay;
}

/* Of a domain that the caller knows to stay; slots are its own. */
static void step(struct vcpu *v, const mfn_t *frame, unsigned int first_slot)
{
	domid_t others[] = { 0, 1, GUEST }, who = others[random_below(3)];
	unsigned int slot = first_slot + random_below(SLOTS);
	unsigned int what = random_below(12), kind = what < 3 ? 0 : what < 6 ? 1 : what == 6 ? 2 : 3;
	bool yes = false;

	if (kind == 0)
		yes = map(v, slot, who);
	else if (kind == 1)
		yes = unmap(v, slot);
	else if (kind == 2)
		yes = copy(v, who);
	else if (what == 7)
		yes = swap(v);
	else if (what == 8 && !random_below(64))
		(void)fake_map_set(v->domain, slot, _mfn(INVALID_MFN_RAW), false);
	else if (what > 8)
		change_entry(v->domain, frame);
	__atomic_fetch_add(&done[kind], yes, __ATOMIC_RELAXED);
}

/* CPUs 0 to 3. */
static void *stay(void *arg)
{
	unsigned long cpu = (unsigned long)arg;
	struct vcpu *v = d[cpu / 2]->vcpu[cpu % 2];

	fake_on((unsigned int)cpu);
	random_state = cpu + 5;
	set_current(v);
	for (unsigned int i = 0; i < STEPS; i++)
		step(v, frames[cpu / 2], (cpu % 2) * SLOTS);
	__atomic_fetch_sub(&working, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void end_guest(struct domain *guest)
{
	int rc;

	do {
		this_cpu()->softirq_pending = 0;
		rc = domain_kill(guest);
	} while (rc == -ERESTART);
	ended += !rc;
}

/* CPU 4: the third domain, again and again, as soon as nobody holds the last one any more. */
static void *come_and_go(void *arg)
{
	const struct domain_config config = {
		.max_vcpus = 1, .max_event_port = 63, .max_grant_frames = 2, .max_maptrack_frames = 2,
	};

	fake_on(4);
	random_state = 77;
	while (__atomic_load_n(&working, __ATOMIC_SEQ_CST)) {
		mfn_t own[FRAMES];
		struct domain *guest;
		struct vcpu *v;
		int rc;

		set_current(this_cpu()->idle);
		softirq_raise(SOFTIRQ_TASKLET);
		softirq_run_no_schedule();
		guest = domain_create(GUEST, &config, &rc);
		if (!guest) {
			cpu_relax();
			continue;
		}
		guests++;
		guest->max_pages = FRAMES;
		v = vcpu_create(guest, 0);
		BUG_ON(!v);
		for (unsigned int i = 0; i < FRAMES; i++)
			own[i] = page_to_mfn(domain_alloc_pages(guest, 0, 0));
		set_current(v);
		for (unsigned int i = 0; i < 200; i++)
			step(v, own, 0);
		set_current(this_cpu()->idle);
		end_guest(guest);
	}
	return NULL;
}

/* Users of entries of table that a domain of that number has. */
static unsigned int pins_of(const struct grant_table *gt, domid_t who)
{
	unsigned int n = 0;

	for (grant_ref_t ref = 0; ref < grant_entries(gt); ref++)
		n += grant_active(gt, ref)->pin && grant_active(gt, ref)->domid == who;
	return n;
}

static unsigned int held_frames(const mfn_t *frame)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < FRAMES; i++)
		n += (mfn_to_page(frame[i])->refs & PGC_count_mask) != 1 || (mfn_to_page(frame[i])->type & PGT_count_mask);
	return n;
}

int main(void)
{
	pthread_t threads[CPUS];

	host_cpu_limit(200);
	fake_start(CPUS);
	for (unsigned int id = 0; id < 2; id++) {
		d[id] = fake_domain((domid_t)id, 2, FRAMES + 4);
		for (unsigned int i = 0; i < FRAMES; i++)
			frames[id][i] = fake_frame(d[id], i);
		domain_pause_nosync(d[id]);
	}
	fake_settle();
	fake_threads = true;
	system_state = SYS_BOOT;	/* no looking at the order of locks, which takes time inside them */
	for (unsigned long i = 0; i < CPUS; i++)
		BUG_ON(pthread_create(&threads[i], NULL, i < 4 ? stay : come_and_go, (void *)i));
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
	fake_threads = false;
	fake_on(0);
	ok(done[0] && done[1] && done[2] && done[3], "%u mapped, %u unmapped, %u copied, %u swapped", done[0], done[1], done[2], done[3]);
	ok(guests && guests == ended, "%u domains have come and gone", guests);
	end_guest(d[1]);
	for (unsigned int slot = 0; slot < FAKE_MAPS; slot++)
		(void)fake_map_set(d[0], slot, _mfn(INVALID_MFN_RAW), false);
	fake_settle();
	ok(!pins_of(d[0]->grant_table, 1) && !pins_of(d[0]->grant_table, GUEST), "nothing is held by domains that are dead");
	/* What dom0's devices hold goes with its handles. */
	while (grant_table_release_mappings(d[0]))
		this_cpu()->softirq_pending = 0;
	ok(!held_frames(frames[0]), "all frames are free: %u are not", held_frames(frames[0]));
	fake_settle();
	ok(!domain_by_id(1) && !domain_by_id(GUEST), "nothing is left of the others");
	return tap_end();
}
