// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the hypervisor made of a file: vCPUs, where they run, shares, limits. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers that stay ---- */

static FILE *open_more(const char *mode)
{
	char path[300];

	snprintf(path, sizeof(path), "%s.more", getenv("TENON_FAKE_DOMAINS"));
	return fopen(path, mode);
}

/* The last one counts. */
unsigned long fake_get(const char *name, unsigned long otherwise)
{
	FILE *file = open_more("r");
	unsigned long value;
	char this[64];

	while (file && fscanf(file, "%63s %lu", this, &value) == 2)
		if (!strcmp(this, name))
			otherwise = value;
	if (file)
		fclose(file);
	return otherwise;
}

void fake_set(const char *name, unsigned long value)
{
	FILE *file = open_more("a");

	fprintf(file, "%s %lu\n", name, value);
	fclose(file);
}

unsigned long fake_domain_get(unsigned int domid, const char *name, unsigned long otherwise)
{
	char full[64];

	snprintf(full, sizeof(full), "%u.%s", domid, name);
	return fake_get(full, otherwise);
}

void fake_domain_set(unsigned int domid, const char *name, unsigned long value)
{
	char full[64];

	snprintf(full, sizeof(full), "%u.%s", domid, name);
	fake_set(full, value);
}

/* ---- vCPUs ---- */

static long vcpu_info(unsigned int domid, struct xen_domctl_getvcpuinfo *info, unsigned int vcpus)
{
	if (info->vcpu >= vcpus)
		return -EINVAL;
	info->online = info->vcpu != 3;
	info->running = info->vcpu == 0;
	info->blocked = info->vcpu == 1;
	info->cpu = info->vcpu % FAKE_CPUS;
	info->cpu_time = 1000000000ull * (domid + 1) + 100000000ull * info->vcpu;
	return 0;
}

/* One map: in, unless it is only asked for, and out as it is in force. */
static long affinity(struct xen_domctl *op, const char *kind, struct xenctl_bitmap *map)
{
	unsigned char *bits = (unsigned char *)map->bitmap.va;
	char name[32];

	snprintf(name, sizeof(name), "%s.%u", kind, op->u.vcpuaffinity.vcpu);
	if (op->cmd == XEN_DOMCTL_setvcpuaffinity) {
		if (!(bits[0] & ((1 << FAKE_CPUS) - 1)))
			return -EINVAL;
		fake_domain_set(op->domain, name, bits[0]);
	}
	memset(bits, 0, map->nr_bits / 8);
	bits[0] = fake_domain_get(op->domain, name, 0xff) & ((1 << FAKE_CPUS) - 1);
	return 0;
}

static long vcpu_affinity(struct xen_domctl *op, unsigned int vcpus)
{
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	long error = 0;

	if (a->vcpu >= vcpus)
		return -EINVAL;
	if (fake_domain_get(op->domain, "held", 0) && op->cmd == XEN_DOMCTL_setvcpuaffinity && !(a->flags & XEN_VCPUAFFINITY_FORCE))
		return -EBUSY;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		error = affinity(op, "hard", &a->cpumap_hard);
	if (!error && (a->flags & XEN_VCPUAFFINITY_SOFT))
		error = affinity(op, "soft", &a->cpumap_soft);
	return error;
}

/* ---- shares ---- */

static long share(struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

	if (s->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	if (s->cmd == XEN_DOMCTL_SCHEDOP_putinfo) {
		fake_domain_set(op->domain, "weight", s->u.credit2.weight);
		fake_domain_set(op->domain, "cap", s->u.credit2.cap);
	}
	s->u.credit2.weight = fake_domain_get(op->domain, "weight", 256);
	s->u.credit2.cap = fake_domain_get(op->domain, "cap", 0);
	return 0;
}

long fake_sched_domctl(struct xen_domctl *op, unsigned int vcpus)
{
	switch (op->cmd) {
	case XEN_DOMCTL_getvcpuinfo:
		return vcpu_info(op->domain, &op->u.getvcpuinfo, vcpus);
	case XEN_DOMCTL_getvcpuaffinity:
	case XEN_DOMCTL_setvcpuaffinity:
		return vcpu_affinity(op, vcpus);
	case XEN_DOMCTL_scheduler_op:
		return share(op);
	case XEN_DOMCTL_max_mem:
		fake_domain_set(op->domain, "max", op->u.max_mem.max_memkb / 4);
		return 0;
	}
	return -ENOSYS;
}

static long idle_times(struct xen_sysctl_getcpuinfo *get)
{
	xen_sysctl_cpuinfo_t *info = (xen_sysctl_cpuinfo_t *)get->info.va;

	for (get->nr_cpus = 0; get->nr_cpus < FAKE_CPUS && get->nr_cpus < get->max_cpus; get->nr_cpus++)
		info[get->nr_cpus].idletime = 1000000000ull * (get->nr_cpus + 1);
	return 0;
}

long fake_sched_sysctl(struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;

	switch (op->cmd) {
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
		return 0;
	case XEN_SYSCTL_getcpuinfo:
		return idle_times(&op->u.getcpuinfo);
	case XEN_SYSCTL_scheduler_op:
		if (s->cpupool_id)
			return -ESRCH;
		if (s->cmd == XEN_SYSCTL_SCHEDOP_putinfo)
			fake_set("ratelimit", s->u.sched_credit2.ratelimit_us);
		s->u.sched_credit2.ratelimit_us = fake_get("ratelimit", 1000);
		return 0;
	}
	return -ENOSYS;
}
