// SPDX-License-Identifier: LGPL-2.1-or-later
/* vCPUs of domains, and where they run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "call.h"

int tenon_get_vcpu(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_vcpu *out)
{
	struct xen_domctl_getvcpuinfo *info = &domctl_begin(tenon, XEN_DOMCTL_getvcpuinfo, domid)->u.getvcpuinfo;
	int error;

	info->vcpu = vcpu;
	error = domctl_run(tenon);
	if (error)
		return error;
	*out = (struct tenon_vcpu){
		.vcpu = vcpu, .cpu = info->cpu, .online = info->online, .blocked = info->blocked, .running = info->running,
		.cpu_ns = info->cpu_time,
	};
	return 0;
}

/* One set to or from its half of the bounce memory, which @map then names. */
static uint8_t *share(struct tenon *tenon, struct xenctl_bitmap *map, unsigned int half, const struct tenon_cpus *cpus)
{
	uint8_t *bits = (uint8_t *)tenon->bounce + half * sizeof(cpus->bits);

	memcpy(bits, cpus->bits, sizeof(cpus->bits));
	map->nr_bits = TENON_CPUS_MAX;
	set_xen_guest_handle(map->bitmap, bits);
	return bits;
}

static int affinity(struct tenon *tenon, uint32_t command, uint32_t flags, uint16_t domid, uint32_t vcpu,
		    struct tenon_cpus *hard, struct tenon_cpus *soft)
{
	struct xen_domctl_vcpuaffinity *op = &domctl_begin(tenon, command, domid)->u.vcpuaffinity;
	uint8_t *hard_bits = hard ? share(tenon, &op->cpumap_hard, 0, hard) : NULL;
	uint8_t *soft_bits = soft ? share(tenon, &op->cpumap_soft, 1, soft) : NULL;
	int error;

	op->vcpu = vcpu;
	op->flags = flags | (hard ? XEN_VCPUAFFINITY_HARD : 0) | (soft ? XEN_VCPUAFFINITY_SOFT : 0);
	error = domctl_run(tenon);
	if (!error && hard)
		memcpy(hard->bits, hard_bits, sizeof(hard->bits));
	if (!error && soft)
		memcpy(soft->bits, soft_bits, sizeof(soft->bits));
	return error;
}

int tenon_get_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft)
{
	if (hard)
		*hard = (struct tenon_cpus){ { 0 } };
	if (soft)
		*soft = (struct tenon_cpus){ { 0 } };
	return affinity(tenon, XEN_DOMCTL_getvcpuaffinity, 0, domid, vcpu, hard, soft);
}

int tenon_set_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft)
{
	return affinity(tenon, XEN_DOMCTL_setvcpuaffinity, 0, domid, vcpu, hard, soft);
}

int tenon_force_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft)
{
	return affinity(tenon, XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_FORCE, domid, vcpu, hard, soft);
}

int tenon_set_vcpus_online(struct tenon *tenon, struct tenon_store *store, uint16_t domid, uint32_t count)
{
	struct tenon_domain domain;
	int error = tenon_get_domain(tenon, domid, &domain);

	if (error)
		return error;
	if (!count || count > domain.vcpus)
		return -ERANGE;
	for (uint32_t i = 0; i < domain.vcpus && !error; i++) {
		const char *state = i < count ? "online" : "offline";
		char path[64];

		snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", domid, i);
		error = tenon_store_write(store, 0, path, state, strlen(state));
	}
	return error;
}
