// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest is made. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devices.h"
#include "kernel.h"
#include "life.h"
#include "nodes.h"
#include "tenon-build.h"
#include "vfb.h"
#include "why.h"

/* The hypervisor's own for a guest: page tables of its structures, grants, p2m's frames are in the guest's memory. */
#define OVERHEAD_KIB	1024

static const char *kernel_cache = "/var/cache/tenon";

void guest_kernel_cache(const char *dir)
{
	kernel_cache = dir;
}

/* ---- checks ---- */

static struct tenon_build build_of(const struct guest *guest)
{
	static const enum tenon_tsc modes[] = { TENON_TSC_DEFAULT, TENON_TSC_EMULATED, TENON_TSC_NATIVE, TENON_TSC_DEFAULT };

	struct tenon_build build = {
		.kernel = { .path = guest->kernel }, .ramdisk = { .path = guest->ramdisk }, .command_line = guest->command_line,
		.memory_kib = guest->memory_kib, .max_memory_kib = guest->memory_max_kib, .vcpus = guest->vcpus_max,
		.tsc = modes[guest->tsc_mode & 3], .cache = kernel_cache,
	};

	if (guest->own) {
		build.kernel = (struct tenon_file){ "the disk's kernel", true, guest->own->boot.kernel };
		build.ramdisk = (struct tenon_file){ "the disk's ramdisk", guest->own->boot.ramdisk >= 0, guest->own->boot.ramdisk };
		build.command_line = guest->own->command_line;
	}
	if (!build.ramdisk.is_open)
		build.ramdisk.path = guest->ramdisk;
	return build;
}

/* The guest's files, read and checked, until the guest is built from them. */
struct files {
	struct tenon_build what;
	struct tenon_builder *builder;
};

static bool check_files(const struct guest *guest, struct files *files)
{
	char text[TENON_WHY_SIZE];

	if (!own_kernel_open(guest))
		return false;
	files->what = build_of(guest);
	files->builder = tenon_builder_new(&files->what, text);
	return files->builder || why("%s", text);
}

static bool check_name(const struct ground *ground, const struct guest *guest)
{
	int domid = tenon_find_domain(ground->tenon, ground->store, guest->name);
	char *uuid = guest_uuid_by_name(guest->name);
	bool taken = uuid && strcmp(uuid, guest->uuid_text);
	struct record *other;

	free(uuid);
	if (domid >= 0 || domid == -ENOTUNIQ)
		return why("there is a domain with the name %s already", guest->name);
	if (taken)
		return why("another guest with the name %s is being made or taken down", guest->name);
	other = record_open(guest->uuid_text, RECORD_READ);
	if (other && other->phase != PHASE_RESTARTING) {
		why("there is a guest with the uuid %s already (%s)", guest->uuid_text, other->name ? other->name : "being made");
		record_close(other);
		return false;
	}
	record_close(other);
	return true;
}

static bool check_memory(const struct ground *ground, const struct guest *guest)
{
	struct tenon_host host;
	int error = tenon_get_host(ground->tenon, &host);
	uint64_t free_kib;

	if (error)
		return why("the host's memory cannot be asked for: %s", strerror(-error));
	free_kib = (host.free_bytes + host.scrub_bytes) / 1024;
	if (guest->memory_kib + OVERHEAD_KIB <= free_kib)
		return true;
	return why("not enough memory: the guest wants %llu MiB, %llu MiB are free", (unsigned long long)guest->memory_kib / 1024,
		   (unsigned long long)free_kib / 1024);
}

/* Pools have names in the store; where there are no nodes, numbers alone. */
static bool find_pool(const struct ground *ground, const char *name, uint32_t *pool)
{
	char **list = name ? tenon_store_list(ground->store, 0, "/local/pool") : NULL, base[64];
	bool found = !name || !strcmp(name, "Pool-0");

	*pool = 0;
	for (size_t i = 0; list && list[i] && !found; i++) {
		char *text;

		snprintf(base, sizeof(base), "/local/pool/%.32s", list[i]);
		text = node_read(ground->store, base, "name");
		found = (text && !strcmp(text, name)) || !strcmp(list[i], name);
		if (found)
			*pool = strtoul(list[i], NULL, 10);
		free(text);
	}
	free(list);
	return found || why("pool: there is no pool of processors %s", name);
}

/* What may change from one moment to the next, unless records are locked. */
static bool check_state(const struct ground *ground, const struct guest *guest)
{
	uint32_t pool;

	if (!check_name(ground, guest) || !check_memory(ground, guest) || !find_pool(ground, guest->pool, &pool))
		return false;
	for (unsigned int i = 0; i < guest->disk_count; i++)
		if (!disk_check(ground->store, &guest->disks[i], guest->uuid_text))
			return false;
	for (unsigned int i = 0; i < guest->nic_count; i++)
		if (!nic_check(&guest->nics[i]))
			return false;
	return vfb_check(guest);
}

bool guest_check(const struct ground *ground, const struct guest *guest)
{
	struct files files = { .builder = NULL };
	bool good = check_state(ground, guest) && check_files(guest, &files);

	tenon_builder_free(files.builder);
	return good;
}

/* ---- making ---- */

/* Name and disks become this guest's, by a record. NULL: guest_why(). */
static struct record *claim(const struct ground *ground, const struct guest *guest, bool paused, struct record *again)
{
	int lock = record_lock_all();
	struct record *record = again;

	if (lock < 0)
		return NULL;
	if (!check_state(ground, guest) || (!record && !(record = record_new(guest->uuid_text, guest->name)))) {
		if (again)
			record_remove(again);
		record_unlock_all(lock);
		return NULL;
	}
	record->phase = PHASE_MAKING;
	record->domid = -1;
	record->start_paused = paused;
	for (unsigned int i = 0; i < guest->disk_count; i++)
		disk_claim(record, &guest->disks[i]);
	if (!record_save_config(record, guest->config) || !record_save(record)) {
		record_remove(record);
		record = NULL;
	}
	record_unlock_all(lock);
	return record;
}

static bool make_domain(const struct ground *ground, const struct guest *guest, struct record *record)
{
	struct tenon_new new = {
		.vcpus = guest->vcpus_max, .event_channels = guest->event_channels, .grant_frames = guest->grant_frames,
		.maptrack_frames = guest->maptrack_frames, .grant_version = guest->grant_version,
	};
	uint16_t domid;
	int error;

	memcpy(new.uuid, guest->uuid, sizeof(new.uuid));
	if (!find_pool(ground, guest->pool, &new.pool))
		return false;
	error = tenon_create_domain(ground->tenon, &new, &domid);
	if (error == -ENODEV)
		return why("pool: %s has no processor", guest->pool ? guest->pool : "Pool-0");
	if (error)
		return why("the domain cannot be made: %s", strerror(-error));
	record->domid = domid;
	return record_save(record);
}

static bool build(const struct ground *ground, const struct guest *guest, struct files *files, uint16_t domid)
{
	struct tenon_built built;
	char text[TENON_WHY_SIZE];
	int error;

	if (tenon_builder_run(files->builder, ground->tenon, domid, &built, text))
		return why("%s", text);
	if (!nodes_built(ground->store, domid, guest, &built))
		return false;
	error = tenon_store_introduce(ground->store, domid, built.store_frame, built.store_port);
	return !error || why("the store's daemon does not take the domain: %s", strerror(-error));
}

/* Where its vCPUs run, and their share of the processors. */
static bool place_vcpus(const struct ground *ground, const struct guest *guest, uint16_t domid)
{
	struct tenon_sched sched;
	int error = 0;

	for (uint32_t i = 0; i < guest->vcpus_max && !error; i++) {
		struct tenon_cpus *hard = guest->cpus && guest->cpus[i].given ? &guest->cpus[i].cpus : NULL;
		struct tenon_cpus *soft = guest->cpus_soft && guest->cpus_soft[i].given ? &guest->cpus_soft[i].cpus : NULL;

		if (hard || soft)
			error = tenon_set_affinity(ground->tenon, domid, i, hard, soft);
	}
	if (error == -EINVAL)
		return why("cpus: none of the processors that a vCPU is to run on is there");
	if (error)
		return why("cpus: the vCPUs cannot be placed: %s", strerror(-error));
	if (!guest->weight && !guest->cap)
		return true;
	error = tenon_get_sched(ground->tenon, domid, &sched);
	if (guest->weight)
		sched.weight = guest->weight;
	if (guest->cap)
		sched.cap = guest->cap;
	if (!error)
		error = tenon_set_sched(ground->tenon, domid, &sched);
	return !error || why("cpu_weight, cap: the scheduler refuses them: %s", strerror(-error));
}

/* All are begun before the first is waited for: the kernel's back ends work side by side. */
static bool give_devices(const struct ground *ground, const struct guest *guest, struct record *record)
{
	if (!vfb_attach(ground->store, record, guest))
		return false;
	for (unsigned int i = 0; i < guest->disk_count; i++)
		if (!disk_attach(ground->store, record, &guest->disks[i]))
			return false;
	for (unsigned int i = 0; i < guest->nic_count; i++)
		if (!nic_attach(ground->store, record, &guest->nics[i]))
			return false;
	for (unsigned int i = 0; i < guest->disk_count; i++)
		if (!disk_ready(ground->store, record, &guest->disks[i]))
			return false;
	for (unsigned int i = 0; i < guest->nic_count; i++)
		if (!nic_ready(ground->store, record, &guest->nics[i]))
			return false;
	return vfb_ready(ground->store, record);
}

static bool let_go(const struct ground *ground, struct record *record)
{
	int error;

	record->phase = PHASE_STARTING;
	record->since = time(NULL);
	if (!record_save(record))
		return false;
	error = record->start_paused ? 0 : tenon_unpause_domain(ground->tenon, record->domid);
	if (error)
		return why("the domain cannot be let go: %s", strerror(-error));
	record->phase = PHASE_MADE;
	return record_save(record);
}

bool guest_create(const struct ground *ground, const struct guest *guest, bool paused, struct record *again, uint16_t *domid)
{
	struct files files = { .builder = NULL };
	struct record *record;
	char reason[1024];
	bool made;

	/* The files take their time, in which others shall not wait. */
	if (!check_state(ground, guest) || !check_files(guest, &files)) {
		if (again)
			record_remove(again);
		return false;
	}
	record = claim(ground, guest, paused, again);
	made = record && make_domain(ground, guest, record) && nodes_make(ground->store, record->domid, guest) &&
	       build(ground, guest, &files, record->domid) && place_vcpus(ground, guest, record->domid) &&
	       give_devices(ground, guest, record) && let_go(ground, record);
	if (made) {
		*domid = record->domid;
		record_close(record);
		tenon_builder_keep(files.builder);
	}
	tenon_builder_free(files.builder);
	if (made || !record)
		return made;
	snprintf(reason, sizeof(reason), "%s", guest_why());
	guest_destroy(ground, record);
	return why("%s", reason);
}
