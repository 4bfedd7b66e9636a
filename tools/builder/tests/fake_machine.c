// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine with a hypervisor, in this process. */
#include "fake_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sysctl.h>

#define PRESENT		1ULL
#define WRITABLE	2ULL
#define FRAME_MASK	0x000ffffffffff000ULL
#define RESERVED_FRAMES	16

/* ---- memory ---- */

static uint64_t random_number(struct fake_machine *machine)
{
	machine->next = machine->next * 6364136223846793005UL + 1442695040888963407UL;
	return machine->next >> 33;
}

static bool is_free(const struct fake_machine *machine, uint64_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (machine->frames[first + i].owner != -1)
			return false;
	return true;
}

/* A free run somewhere, aligned; 0: there is none. */
static uint64_t find_run(struct fake_machine *machine, uint64_t count)
{
	uint64_t runs = machine->nr_frames / count, start = random_number(machine) % runs;

	if (count > 1 && !machine->superpages_left)
		return 0;
	for (uint64_t i = 0; i < runs; i++) {
		uint64_t first = (start + i) % runs * count;

		if (first >= RESERVED_FRAMES && is_free(machine, first, count))
			return first;
	}
	return 0;
}

static uint64_t give(struct fake_machine *machine, int16_t owner, uint64_t pfn, unsigned int order)
{
	uint64_t count = 1ULL << order, first = find_run(machine, count);

	if (!first)
		return 0;
	machine->superpages_left -= order != 0;
	machine->free_frames -= count;
	for (uint64_t i = 0; i < count; i++)
		machine->frames[first + i] = (struct fake_frame){ .owner = owner, .pfn = pfn + i };
	if (machine->dirty)
		memset(fake_frame(machine, first), 0xa5, count * 4096);
	return first;
}

static long populate(struct fake_machine *machine, const struct xen_memory_reservation *r)
{
	xen_pfn_t *extents = (xen_pfn_t *)r->extent_start.va;
	uint64_t size = 1ULL << r->extent_order;

	if (r->extent_order > 9)
		return 0;
	for (uint64_t i = 0; i < r->nr_extents; i++) {
		uint64_t first;

		if (machine->tot_pages + size > machine->max_pages)
			return i;
		first = give(machine, FAKE_DOMID, extents[i], r->extent_order);
		if (!first)
			return i;
		machine->tot_pages += size;
		extents[i] = first;
	}
	return r->nr_extents;
}

static long memory_op(struct fake_machine *machine, uint64_t command, void *argument)
{
	const struct xen_memory_reservation *r = argument;
	const struct xen_foreign_memory_map *map = argument;

	switch (command) {
	case XENMEM_claim_pages:
		if (r->nr_extents > machine->max_pages)
			return -EINVAL;
		machine->claimed = r->nr_extents;
		return r->nr_extents > machine->free_frames + machine->tot_pages ? -ENOMEM : 0;
	case XENMEM_populate_physmap:
		return r->domid == FAKE_DOMID ? populate(machine, r) : 0;
	case XENMEM_set_memory_map:
		machine->map_bytes = ((const struct e820entry *)map->map.buffer.va)->size;
		return map->domid == FAKE_DOMID && map->map.nr_entries == 1 ? 0 : -EINVAL;
	}
	return -ENOSYS;
}

/* ---- page tables ---- */

static bool is_guests(const struct fake_machine *machine, uint64_t frame)
{
	return frame < machine->nr_frames && machine->frames[frame].owner == FAKE_DOMID;
}

/* Finds the tables below one, and their levels. */
static int collect(struct fake_machine *machine, uint64_t frame, unsigned int level)
{
	const uint64_t *table = fake_frame(machine, frame);
	struct fake_frame *info = &machine->frames[frame];

	if (!is_guests(machine, frame) || info->mapped || (info->level && info->level != level))
		return -EINVAL;
	if (info->level)
		return 0;
	info->level = level;
	for (unsigned int i = 0; i < 512 && level > 1; i++)
		if ((table[i] & PRESENT) && collect(machine, (table[i] & FRAME_MASK) >> 12, level - 1))
			return -EINVAL;
	return 0;
}

/* Nothing maps a table so that it can be written, and all that is mapped is the guest's. */
static int check_leaves(struct fake_machine *machine, uint64_t frame)
{
	const uint64_t *table = fake_frame(machine, frame);
	struct fake_frame *info = &machine->frames[frame];

	if (info->visited)
		return 0;
	info->visited = true;
	for (unsigned int i = 0; i < 512; i++) {
		uint64_t target = (table[i] & FRAME_MASK) >> 12;

		if (!(table[i] & PRESENT))
			continue;
		if (info->level > 1 ? check_leaves(machine, target) :
		    !is_guests(machine, target) || (machine->frames[target].level && (table[i] & WRITABLE)))
			return -EINVAL;
	}
	return 0;
}

static long pin(struct fake_machine *machine, const struct mmuext_op *op, uint64_t domid)
{
	if (op->cmd != MMUEXT_PIN_L4_TABLE || domid != FAKE_DOMID)
		return -EINVAL;
	if (collect(machine, op->arg1.mfn, 4) || check_leaves(machine, op->arg1.mfn))
		return -EINVAL;
	machine->root = op->arg1.mfn;
	return 0;
}

uint64_t fake_walk(struct fake_machine *machine, uint64_t address, bool *writable)
{
	uint64_t frame = machine->root;
	bool can = true;

	for (unsigned int level = 4; level; level--) {
		const uint64_t *table = fake_frame(machine, frame);
		uint64_t entry = table[address >> (12 + 9 * (level - 1)) & 511];

		if (!(entry & PRESENT))
			return 0;
		can = can && (entry & WRITABLE);
		frame = (entry & FRAME_MASK) >> 12;
	}
	if (writable)
		*writable = can;
	return frame;
}

/* ---- the domain ---- */

static long set_context(struct fake_machine *machine, const struct xen_domctl_vcpucontext *set)
{
	const struct vcpu_guest_context *context = (void *)set->ctxt.va;
	uint64_t root = context->ctrlreg[3] >> 12;

	if (set->vcpu || !machine->vcpus || !is_guests(machine, root) || machine->frames[root].level != 4)
		return -EINVAL;
	machine->context = malloc(sizeof(*context));
	memcpy(machine->context, context, sizeof(*context));
	return 0;
}

static long set_cpu_policy(struct fake_machine *machine, const struct xen_domctl_cpu_policy *set)
{
	if (set->nr_leaves > sizeof(machine->leaves) / sizeof(machine->leaves[0]) || set->nr_msrs > 1)
		return -E2BIG;
	memcpy(machine->leaves, (void *)set->leaves.va, set->nr_leaves * sizeof(machine->leaves[0]));
	machine->nr_leaves = set->nr_leaves;
	return 0;
}

static long hypercall_page(struct fake_machine *machine, uint64_t frame)
{
	if (!is_guests(machine, frame) || machine->frames[frame].level)
		return -EINVAL;
	memset(fake_frame(machine, frame), 0xc3, 4096);
	machine->hypercall_page = frame;
	return 0;
}

static long domctl(struct fake_machine *machine, struct xen_domctl *op)
{
	if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (op->domain != FAKE_DOMID || !machine->exists)
		return -ESRCH;
	switch (op->cmd) {
	case XEN_DOMCTL_max_vcpus:
		machine->vcpus = op->u.max_vcpus.max;
		return machine->vcpus > 64 ? -EINVAL : 0;
	case XEN_DOMCTL_max_mem:
		machine->max_pages = op->u.max_mem.max_memkb / 4;
		return 0;
	case XEN_DOMCTL_settscinfo:
		machine->tsc_mode = op->u.tsc_info.tsc_mode;
		return 0;
	case XEN_DOMCTL_getdomaininfo:
		op->u.getdomaininfo.shared_info_frame = machine->shared_info;
		return 0;
	case XEN_DOMCTL_set_cpu_policy:
		return set_cpu_policy(machine, &op->u.cpu_policy);
	case XEN_DOMCTL_hypercall_init:
		return hypercall_page(machine, op->u.hypercall_init.gmfn);
	case XEN_DOMCTL_setvcpucontext:
		return set_context(machine, &op->u.vcpucontext);
	}
	return -ENOSYS;
}

/* Leaves with a bit of each kind that the builder changes. */
static long read_cpu_policy(struct xen_sysctl_cpu_policy *get)
{
	static const xen_cpuid_leaf_t leaves[] = {
		{ 0, XEN_CPUID_NO_SUBLEAF, 0xd, 1, 2, 3 }, { 1, XEN_CPUID_NO_SUBLEAF, 1, 2, 3, 4 },
		{ 0x80000001, XEN_CPUID_NO_SUBLEAF, 0, 0, 3, 0 }, { 0x80000007, XEN_CPUID_NO_SUBLEAF, 0, 0, 0, 0 },
	};

	if (get->index != XEN_SYSCTL_cpu_policy_pv_default || get->nr_leaves < 4 || !get->nr_msrs)
		return -EINVAL;
	memcpy((void *)get->leaves.va, leaves, sizeof(leaves));
	get->nr_leaves = 4;
	get->nr_msrs = 1;
	return 0;
}

static long sysctl(struct xen_sysctl *op)
{
	static const uint32_t host[] = { 1U << 28, 0, 0, 0 };

	if (op->cmd == XEN_SYSCTL_get_cpu_policy)
		return read_cpu_policy(&op->u.cpu_policy);
	if (op->cmd != XEN_SYSCTL_get_cpu_featureset || op->u.cpu_featureset.index != XEN_SYSCTL_cpu_featureset_host)
		return -ENOSYS;
	memcpy((void *)op->u.cpu_featureset.features.va, host, sizeof(host));
	op->u.cpu_featureset.nr_features = 4;
	return 0;
}

static long offer_port(struct fake_machine *machine, struct evtchn_alloc_unbound *op)
{
	if (op->dom != FAKE_DOMID || machine->ports == 7)
		return -ENOSPC;
	op->port = ++machine->ports;
	machine->port_remote[op->port] = op->remote_dom;
	return 0;
}

static long grant_table(struct fake_machine *machine, struct gnttab_setup_table *op)
{
	op->status = op->dom == FAKE_DOMID && op->nr_frames == 1 ? GNTST_okay : GNTST_general_error;
	*(xen_pfn_t *)op->frame_list.va = machine->grant_frame;
	return 0;
}

/* ---- the backend ---- */

static bool must_fail(struct fake_machine *machine)
{
	return ++machine->calls == machine->fail_at;
}

static long hypercall(void *context, unsigned int number, const uint64_t argument[5])
{
	struct fake_machine *machine = context;
	void *pointer = (void *)argument[0];

	if (must_fail(machine))
		return -machine->error;
	switch (number) {
	case __HYPERVISOR_domctl:
		return domctl(machine, pointer);
	case __HYPERVISOR_sysctl:
		return sysctl(pointer);
	case __HYPERVISOR_memory_op:
		return memory_op(machine, argument[0], (void *)argument[1]);
	case __HYPERVISOR_event_channel_op:
		return argument[0] == EVTCHNOP_alloc_unbound ? offer_port(machine, (void *)argument[1]) : -ENOSYS;
	case __HYPERVISOR_grant_table_op:
		return argument[0] == GNTTABOP_setup_table && argument[2] == 1
			       ? grant_table(machine, (void *)argument[1])
			       : -ENOSYS;
	case __HYPERVISOR_mmuext_op:
		return argument[1] == 1 ? pin(machine, pointer, argument[3]) : -ENOSYS;
	}
	return -ENOSYS;
}

static bool may_map(const struct fake_machine *machine, uint64_t frame)
{
	return frame == machine->shared_info || frame == machine->grant_frame ||
	       (is_guests(machine, frame) && !machine->frames[frame].level);
}

static void *map(void *context, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[])
{
	struct fake_machine *machine = context;
	uint8_t *memory;

	errno = must_fail(machine) ? machine->error : EINVAL;
	if (errno != EINVAL || domid != FAKE_DOMID || !write || errors)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!may_map(machine, frames[i]))
			return NULL;
	memory = mmap(NULL, count * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0, run; i < count; i += run) {
		for (run = 1; i + run < count && frames[i + run] == frames[i] + run; )
			run++;
		if (mmap(memory + i * 4096, run * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, machine->fd,
			 frames[i] * 4096) == MAP_FAILED)
			abort();
	}
	/* Whose frames these are is only known here. */
	for (size_t i = 0; i < count; i++)
		machine->frames[frames[i]].mapped++;
	machine->now_mapped += count;
	if (machine->now_mapped > machine->most_mapped)
		machine->most_mapped = machine->now_mapped;
	return memory;
}

/* One window at a time: all that is mapped goes. */
static void unmap(void *context, void *memory, size_t count)
{
	struct fake_machine *machine = context;

	munmap(memory, count * 4096);
	machine->now_mapped -= count;
	for (uint64_t i = 0; i < machine->nr_frames && !machine->now_mapped; i++)
		machine->frames[i].mapped = 0;
}

static void *buffer_new(void *context, size_t size)
{
	return calloc(1, size);
}

static void buffer_free(void *context, void *buffer, size_t size)
{
	free(buffer);
}

static void close_nothing(void *context)
{
}

struct tenon *fake_machine_open(struct fake_machine *machine)
{
	static const struct tenon_backend backend = {
		.hypercall = hypercall, .buffer_new = buffer_new, .buffer_free = buffer_free, .close = close_nothing,
		.map = map, .unmap = unmap,
	};

	return tenon_open_backend(&backend, machine);
}

struct fake_machine *fake_machine_new(uint64_t nr_frames)
{
	struct fake_machine *machine = calloc(1, sizeof(*machine));

	machine->nr_frames = nr_frames;
	machine->fd = memfd_create("machine", MFD_CLOEXEC);
	machine->frames = calloc(nr_frames, sizeof(*machine->frames));
	if (machine->fd < 0 || ftruncate(machine->fd, nr_frames * 4096))
		abort();
	machine->memory =
		mmap(NULL, nr_frames * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, machine->fd, 0);
	if (machine->memory == MAP_FAILED)
		abort();
	for (uint64_t i = RESERVED_FRAMES; i < nr_frames; i++)
		machine->frames[i].owner = -1;
	machine->free_frames = nr_frames - RESERVED_FRAMES;
	machine->superpages_left = nr_frames;
	machine->next = 1;
	machine->exists = true;
	machine->shared_info = 3;
	machine->grant_frame = 4;
	return machine;
}

void fake_machine_destroy(struct fake_machine *machine)
{
	for (uint64_t i = 0; i < machine->nr_frames; i++)
		if (machine->frames[i].owner == FAKE_DOMID && !machine->frames[i].mapped) {
			machine->frames[i] = (struct fake_frame){ .owner = -1 };
			machine->free_frames++;
		}
	free(machine->context);
	machine->context = NULL;
	machine->tot_pages = machine->claimed = machine->ports = 0;
}

void fake_machine_free(struct fake_machine *machine)
{
	free(machine->context);
	munmap(machine->memory, machine->nr_frames * 4096);
	close(machine->fd);
	free(machine->frames);
	free(machine);
}
