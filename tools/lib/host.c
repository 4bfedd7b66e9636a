// SPDX-License-Identifier: LGPL-2.1-or-later
/* The hypervisor and the machine. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xen/version.h>

#include "call.h"

/* One text of xen_version(), at most @room bytes with its zero. */
static int version_text(struct tenon *tenon, unsigned int which, char *out, size_t room)
{
	long result;

	memset(tenon->bounce, 0, BOUNCE_SIZE);
	result = call(tenon, __HYPERVISOR_xen_version, which, (uintptr_t)tenon->bounce, 0, 0);
	if (result < 0)
		return result;
	memcpy(out, tenon->bounce, room);
	out[room - 1] = '\0';
	return 0;
}

/* The build's own number, if the hypervisor has one. */
static void read_build_id(struct tenon *tenon, char *out, size_t room)
{
	struct xen_build_id *id = memset(tenon->bounce, 0, BOUNCE_SIZE);
	long size;

	id->len = (room - 1) / 2;
	size = call(tenon, __HYPERVISOR_xen_version, XENVER_build_id, (uintptr_t)id, 0, 0);
	out[0] = '\0';
	for (long i = 0; i < size && i < (long)(room - 1) / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", id->buf[i]);
}

/* One call of xen_version(), at most @size bytes; no text. */
static int version_bytes(struct tenon *tenon, unsigned int which, void *out, size_t size)
{
	long result;

	memset(tenon->bounce, 0, BOUNCE_SIZE);
	result = call(tenon, __HYPERVISOR_xen_version, which, (uintptr_t)tenon->bounce, 0, 0);
	if (result < 0)
		return result;
	memcpy(out, tenon->bounce, size);
	return 0;
}

static int version_compiled(struct tenon *tenon, struct tenon_version *version)
{
	struct xen_compile_info info;
	int error = version_bytes(tenon, XENVER_compile_info, &info, sizeof(info));

	if (error)
		return error;
	snprintf(version->compiler, sizeof(version->compiler), "%.*s", (int)sizeof(info.compiler), info.compiler);
	snprintf(version->compile_date, sizeof(version->compile_date), "%.*s", (int)sizeof(info.compile_date) - 1, info.compile_date);
	return 0;
}

int tenon_get_version(struct tenon *tenon, struct tenon_version *version)
{
	long number = call(tenon, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
	int error;

	if (number < 0)
		return number;
	memset(version, 0, sizeof(*version));
	version->major = number >> 16;
	version->minor = number & 0xffff;
	error = version_text(tenon, XENVER_extraversion, version->extra, sizeof(version->extra));
	if (!error)
		error = version_compiled(tenon, version);
	if (!error)
		error = version_text(tenon, XENVER_changeset, version->changeset, sizeof(version->changeset));
	if (!error)
		error = version_text(tenon, XENVER_capabilities, version->capabilities, sizeof(version->capabilities));
	/* Only dom0 gets the command line. */
	if (!error && version_text(tenon, XENVER_commandline, version->command_line, sizeof(version->command_line)))
		version->command_line[0] = '\0';
	if (!error)
		error = version_bytes(tenon, XENVER_platform_parameters, &version->virtual_start, sizeof(version->virtual_start));
	if (!error)
		read_build_id(tenon, version->build_id, sizeof(version->build_id));
	return error;
}

/* Parts that a hypervisor may refuse to tell stay empty. */
static void read_scheduler(struct tenon *tenon, struct tenon_host *host)
{
	static const char *const names[] = {
		[XEN_SCHEDULER_CREDIT] = "credit", [XEN_SCHEDULER_CREDIT2] = "credit2", [XEN_SCHEDULER_ARINC653] = "arinc653",
		[XEN_SCHEDULER_RTDS] = "rtds", [XEN_SCHEDULER_NULL] = "null",
	};
	const struct xen_sysctl *op = sysctl_begin(tenon, XEN_SYSCTL_sched_id);

	if (!sysctl_run(tenon) && op->u.sched_id.sched_id < sizeof(names) / sizeof(names[0]) && names[op->u.sched_id.sched_id])
		strcpy(host->scheduler, names[op->u.sched_id.sched_id]);
}

static void count_free_processors(struct tenon *tenon, struct tenon_host *host)
{
	struct xen_sysctl_cpupool_op *op = &sysctl_begin(tenon, XEN_SYSCTL_cpupool_op)->u.cpupool_op;
	const uint8_t *bits = memset(tenon->bounce, 0, TENON_CPUS_MAX / 8);

	op->op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
	op->cpumap.nr_bits = TENON_CPUS_MAX;
	set_xen_guest_handle(op->cpumap.bitmap, tenon->bounce);
	if (sysctl_run(tenon))
		return;
	for (unsigned int i = 0; i < TENON_CPUS_MAX / 8; i++)
		host->free_processors += __builtin_popcount(bits[i]);
}

int tenon_get_host(struct tenon *tenon, struct tenon_host *host)
{
	const struct xen_sysctl_physinfo *info = &sysctl_begin(tenon, XEN_SYSCTL_physinfo)->u.physinfo;
	int error = sysctl_run(tenon);

	if (error)
		return error;
	*host = (struct tenon_host){
		.processors = info->nr_cpus, .nodes = info->nr_nodes, .threads_per_core = info->threads_per_core,
		.cores_per_socket = info->cores_per_socket, .highest_processor = info->max_cpu_id,
		.processor_khz = info->cpu_khz, .total_bytes = info->total_pages * PAGE_BYTES,
		.free_bytes = info->free_pages * PAGE_BYTES, .scrub_bytes = info->scrub_pages * PAGE_BYTES,
		.claimed_bytes = info->outstanding_pages * PAGE_BYTES, .pv = info->capabilities & XEN_SYSCTL_PHYSCAP_pv,
		.hvm = info->capabilities & XEN_SYSCTL_PHYSCAP_hvm, .iommu = info->capabilities & XEN_SYSCTL_PHYSCAP_directio,
	};
	memcpy(host->features, info->hw_cap, sizeof(host->features));
	read_scheduler(tenon, host);
	count_free_processors(tenon, host);
	return 0;
}

int tenon_get_nodes(struct tenon *tenon, uint8_t nodes[TENON_CPUS_MAX])
{
	struct xen_sysctl_cputopoinfo *info = &sysctl_begin(tenon, XEN_SYSCTL_cputopoinfo)->u.cputopoinfo;
	const struct xen_sysctl_cputopo *topology = tenon->bounce;
	int error;

	info->num_cpus = TENON_CPUS_MAX;
	set_xen_guest_handle(info->cputopo, tenon->bounce);
	error = sysctl_run(tenon);
	if (error)
		return error;
	memset(nodes, TENON_NODE_NONE, TENON_CPUS_MAX);
	for (uint32_t i = 0; i < info->num_cpus && i < TENON_CPUS_MAX; i++)
		if (topology[i].core != XEN_INVALID_CORE_ID && topology[i].node < TENON_NODE_NONE)
			nodes[i] = topology[i].node;
	return 0;
}

int tenon_read_log(struct tenon *tenon, bool clear, bool incremental, uint32_t *position, char *text, size_t room)
{
	struct xen_sysctl_readconsole *read = &sysctl_begin(tenon, XEN_SYSCTL_readconsole)->u.readconsole;
	int error;

	read->clear = clear;
	read->incremental = incremental;
	read->index = *position;
	read->count = room < BOUNCE_SIZE ? room : BOUNCE_SIZE;
	set_xen_guest_handle(read->buffer, tenon->bounce);
	error = sysctl_run(tenon);
	if (error)
		return error;
	if (read->count > room)
		return -EPROTO;
	*position = read->index;
	memcpy(text, tenon->bounce, read->count);
	return read->count;
}

int tenon_debug_keys(struct tenon *tenon, const char *keys)
{
	struct xen_sysctl_debug_keys *press = &sysctl_begin(tenon, XEN_SYSCTL_debug_keys)->u.debug_keys;

	press->nr_keys = strlen(keys);
	if (press->nr_keys > BOUNCE_SIZE)
		return -E2BIG;
	memcpy(tenon->bounce, keys, press->nr_keys);
	set_xen_guest_handle(press->keys, tenon->bounce);
	return sysctl_run(tenon);
}

int tenon_get_idle_times(struct tenon *tenon, uint64_t idle_ns[], size_t room)
{
	const xen_sysctl_cpuinfo_t *info = tenon->bounce;
	struct xen_sysctl_getcpuinfo *get = &sysctl_begin(tenon, XEN_SYSCTL_getcpuinfo)->u.getcpuinfo;
	int error;

	get->max_cpus = BOUNCE_SIZE / sizeof(*info);
	set_xen_guest_handle(get->info, tenon->bounce);
	error = sysctl_run(tenon);
	if (error)
		return error;
	if (get->nr_cpus > get->max_cpus)
		return -EPROTO;
	for (size_t i = 0; i < get->nr_cpus && i < room; i++)
		idle_ns[i] = info[i].idletime;
	return get->nr_cpus;
}
