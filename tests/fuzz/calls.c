/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target for hypercalls, in one process on the fake architecture: what hypervisor/common does with whatever a
 * guest says. The input is a list of steps: bytes put into guests' memory, hypercalls, time. Two guests, and one with
 * the rights of a control domain. After each input all domains are ended, and all memory has to be there again.
 *
 * Guests' memory is an arena that keeps what calls have written, so that ports and handles can be used. Words of it
 * with a tag in their highest byte become an address in it, a frame of a domain's, or an address that can be mapped;
 * nothing else can be reached.
 */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/grant.h>
#include <tenon/sched.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include "../lib/host_log.h"

#define CPUS		2
#define PRIVILEGED	3U
#define ARENA		(64UL << 10)
#define PAGES		24
#define MAX_STEPS	300

void abort(void) __attribute__((noreturn));
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static char arena[ARENA] __attribute__((aligned(4096)));
static const uint8_t *at, *end;

static uint64_t take(unsigned int bytes)
{
	uint64_t v = 0;

	for (; bytes && at < end; bytes--)
		v = v << 8 | *at++;
	return v;
}

/* ---- guests' memory, in place of the fake architecture's ---- */

bool guest_range_ok(unsigned long va, unsigned long bytes)
{
	return va + bytes >= va && va + bytes <= HV_VIRT_START;
}

static bool reached(unsigned long va, size_t n)
{
	return va - (unsigned long)arena <= ARENA && n <= ARENA - (va - (unsigned long)arena);
}

int copy_from_guest_va(void *dst, unsigned long va, size_t bytes)
{
	if (!reached(va, bytes))
		return -EFAULT;
	memcpy(dst, (const void *)va, bytes);
	return 0;
}

int copy_to_guest_va(unsigned long va, const void *src, size_t bytes)
{
	if (!reached(va, bytes))
		return -EFAULT;
	memcpy((void *)va, src, bytes);
	return 0;
}

int clear_guest_va(unsigned long va, size_t bytes)
{
	if (!reached(va, bytes))
		return -EFAULT;
	memset((void *)va, 0, bytes);
	return 0;
}

/* Likewise: not by a look at all frames that there are. */
int arch_domain_relinquish(struct domain *d)
{
	for (unsigned int slot = 0; slot < FAKE_MAPS; slot++)
		(void)fake_map_set(d, slot, _mfn(INVALID_MFN_RAW), false);
	for (struct page_info *pg = page_list_first(&d->pages), *next; pg; pg = next) {
		next = page_list_next(pg);
		put_page_alloc_ref(pg);
	}
	return 0;
}

static uint64_t frame_of(domid_t id, unsigned long n)
{
	struct domain *d = domain_get(id);
	mfn_t mfn = d ? fake_frame(d, n) : _mfn(INVALID_MFN_RAW);

	if (d)
		domain_put(d);
	return mfn.m;
}

static uint64_t meant(uint64_t word)
{
	switch (word >> 56) {
	case 0xfe: return (unsigned long)arena + (word & (ARENA - 1));
	case 0xfd: return frame_of(word >> 8 & 3, word & 0xff);
	case 0xfc: return FAKE_MAP_VA(word & 15);
	}
	return word;
}

/* ---- steps ---- */

/* Up to 63 words from the input, at an offset from it. */
static void write_arena(void)
{
	uint64_t *word = (uint64_t *)(arena + take(1) * 64);

	for (uint64_t n = take(1) & 63; n && at < end && (char *)word < arena + ARENA; n--)
		*word++ = meant(take(8));
}

/* An entry of a grant table of which its domain has frames. */
static void write_grant(void)
{
	domid_t id = (domid_t)(take(1) & 3);
	struct domain *d = domain_get(id);
	uint8_t ref = (uint8_t)take(1), flags = (uint8_t)take(1), who = (uint8_t)take(1), frame = (uint8_t)take(1);
	mfn_t mfn;

	if (!d)
		return;
	if (!grant_table_frame(d, 0, &mfn)) {
		struct grant_entry_v1 *table = mfn_to_virt(mfn);

		table[ref].domid = who & 3;
		table[ref].frame = (uint32_t)frame_of(who & 8 ? id : who >> 4 & 3, frame);
		table[ref].flags = flags;
	}
	domain_put(d);
}

static bool ends_the_machine(unsigned int nr, const unsigned long *args)
{
	const struct xen_domctl *op = (const void *)args[0];
	struct multicall_entry *list = (void *)args[0];

	if (nr == __HYPERVISOR_multicall)
		for (unsigned long i = 0; i < args[1] && (char *)(list + i + 1) <= arena + ARENA; i++)
			if (list[i].op == __HYPERVISOR_sched_op || list[i].op >= __HYPERVISOR_sysctl)
				list[i].op = __HYPERVISOR_xen_version;

	if (nr == __HYPERVISOR_domctl)
		return !op->domain;
	if (nr == __HYPERVISOR_sysctl)
		return ((const struct xen_sysctl *)args[0])->cmd == XEN_SYSCTL_debug_keys;
	return nr == __HYPERVISOR_sched_op && args[0] == SCHEDOP_remote_shutdown;
}

/* A vCPU of domain id that runs; its turn comes. NULL if it wants to sleep or is gone. */
static struct vcpu *running_of(domid_t id)
{
	for (unsigned int tries = 0; tries < 20; tries++) {
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			if (fake_cpus[cpu].running->domain->domain_id == id)
				return fake_cpus[cpu].running;
		if (fake_next_timer() == STIME_MAX)
			break;
		fake_run_until(fake_next_timer());
	}
	return NULL;
}

/* A call of a domain's. */
static void call(void)
{
	static const struct { uint8_t nr, pointer; } calls[] = {
		{ __HYPERVISOR_memory_op, 1 }, { __HYPERVISOR_set_timer_op, 7 }, { __HYPERVISOR_event_channel_op, 1 },
		{ __HYPERVISOR_xen_version, 1 }, { __HYPERVISOR_console_io, 2 }, { __HYPERVISOR_grant_table_op, 1 },
		{ __HYPERVISOR_vm_assist, 7 }, { __HYPERVISOR_vcpu_op, 2 }, { __HYPERVISOR_sched_op, 1 },
		{ __HYPERVISOR_sysctl, 0 }, { __HYPERVISOR_domctl, 0 }, { __HYPERVISOR_multicall, 0 },
		{ __HYPERVISOR_event_channel_op_compat, 0 }, { __HYPERVISOR_sched_op_compat, 7 },
		{ __HYPERVISOR_event_channel_op, 1 }, { __HYPERVISOR_grant_table_op, 1 },
	};
	uint64_t head = take(1);
	struct vcpu *v = running_of((domid_t)((head >> 6) % 3 + 1));
	unsigned int nr = calls[head & 15].nr, pointer = calls[head & 15].pointer;
	unsigned long args[3] = { take(1), take(1), take(1) };

	if (pointer < 3)
		args[pointer] = (unsigned long)arena + args[pointer] * 64;
	if (!v || ends_the_machine(nr, args))
		return;
	if (nr == __HYPERVISOR_domctl)
		((struct xen_domctl *)args[0])->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	if (nr == __HYPERVISOR_sysctl)
		((struct xen_sysctl *)args[0])->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	/* Each call gets on however often it is asked to make room: else this would not end. */
	fake_preempt = head & 0x20;
	(void)fake_hypercall(v, nr, args[0], args[1], args[2], 0, 0);
	fake_preempt = false;
	fake_settle();
}

/* Who ends a domain is not on a processor that it runs on. */
static void stop(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		set_bit(VPF_down, &d->vcpu[i]->pause_flags);
		vcpu_sleep_nosync(d->vcpu[i]);
	}
	fake_settle();
}

static void end_all(unsigned long free)
{
	struct domain *each;

	fake_on(0);
	for_each_domain(each)
		if (each != dom0)
			stop(each);
	for (struct domain *d = domain_get_from(1); d; d = domain_get_from(1)) {
		domid_t id = d->domain_id;

		domain_put(d);
		if (!fake_kill(d)) {
			/* Kept by what another one maps: that goes, too. */
			struct domain *other = domain_get_from((domid_t)(id + 1));

			if (!other)
				panic("domain %u stays", id);
			domain_put(other);
			(void)fake_kill(other);
		}
	}
	if (heap_free_pages() != free)
		panic("%ld pages stay behind", (long)(free - heap_free_pages()));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static const struct domain_config privileged = {
		.max_vcpus = 1, .privileged = true, .max_event_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4,
	};
	static bool started;
	unsigned long free;
	struct domain *d;
	int rc;

	if (!started) {
		fake_start(CPUS);
		(void)fake_domain(0, 1, PAGES);
		set_bit(VPF_blocked, &dom0->vcpu[0]->pause_flags);
		vcpu_sleep_nosync(dom0->vcpu[0]);
		fake_settle();
		started = true;
	}
	free = heap_free_pages();
	memset(arena, 0, sizeof(arena));
	(void)fake_domain(1, 2, PAGES);
	(void)fake_domain(2, 2, PAGES);
	d = domain_create(PRIVILEGED, &privileged, &rc);
	vcpu_create(d, 0)->is_initialised = true;
	clear_bit(VPF_down, &d->vcpu[0]->pause_flags);
	vcpu_wake(d->vcpu[0]);
	fake_settle();
	at = input;
	end = input + size;
	for (unsigned int steps = 0; at < end && steps < MAX_STEPS; steps++) {
		switch (take(1) & 7) {
		case 0: fake_run_until(fake_now + (s_time_t)(take(1) << 14) + 1); break;
		case 1: write_grant(); break;
		case 2: case 3: write_arena(); break;
		default: call(); break;
		}
	}
	end_all(free);
	host_log_clear();
	return 0;
}
