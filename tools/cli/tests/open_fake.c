// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hypervisor made of a file, for tests of the command: TENON_FAKE_DOMAINS names it; each line is a domain: number, flags,
 * vCPUs, pages, and the handle of those that were made here. What calls change is written back as a whole, so that who is
 * killed leaves the old file or the new one. Its log is the file beside it, with ".log".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#include "../../guest/tests/build_fake.h"
#include "../sample.h"
#include "fake.h"

#define DOMAINS_MAX 4096

static struct {
	unsigned int domid, flags, vcpus, pages;
	uint8_t handle[16];
} domains[DOMAINS_MAX];
static size_t domain_count;

static void read_line(const char *line)
{
	char uuid[64] = "";

	if (sscanf(line, "%u %x %u %u %63s", &domains[domain_count].domid, &domains[domain_count].flags,
		   &domains[domain_count].vcpus, &domains[domain_count].pages, uuid) < 4)
		return;
	if (!uuid_parse(uuid, domains[domain_count].handle))
		memset(domains[domain_count].handle, 0, 16);
	domain_count++;
}

static void load(void)
{
	FILE *file = fopen(getenv("TENON_FAKE_DOMAINS"), "r");
	char line[256];

	domain_count = 0;
	while (file && domain_count < DOMAINS_MAX && fgets(line, sizeof(line), file))
		read_line(line);
	if (file)
		fclose(file);
}

static void save(void)
{
	char fresh[300];
	FILE *file;

	snprintf(fresh, sizeof(fresh), "%s.new", getenv("TENON_FAKE_DOMAINS"));
	file = fopen(fresh, "w");
	for (size_t i = 0; i < domain_count; i++) {
		char uuid[37];

		uuid_format(domains[i].handle, uuid);
		fprintf(file, "%u %x %u %u %s\n", domains[i].domid, domains[i].flags, domains[i].vcpus, domains[i].pages, uuid);
	}
	fclose(file);
	rename(fresh, getenv("TENON_FAKE_DOMAINS"));
}

/* Processes of one test take turns: the lock is the directory. */
static int take_turn(void)
{
	char path[300], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s", getenv("TENON_FAKE_DOMAINS"));
	slash = strrchr(path, '/');
	*slash = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	flock(fd, LOCK_EX);
	return fd;
}

static void describe(size_t i, struct xen_domctl_getdomaininfo *info)
{
	*info = (struct xen_domctl_getdomaininfo){
		.domain = domains[i].domid, .flags = domains[i].flags, .tot_pages = domains[i].pages,
		.max_pages = fake_domain_get(domains[i].domid, "max", domains[i].pages), .nr_online_vcpus = domains[i].vcpus, .max_vcpu_id = domains[i].vcpus - 1,
		.cpu_time = fake_domain_get(domains[i].domid, "cpu_ns", 1500000000),
		.cpupool = fake_domain_get(domains[i].domid, "pool", 0),
		.shared_info_frame = fake_domain_get(domains[i].domid, "shared", 0),
	};
	memcpy(info->handle, domains[i].handle, sizeof(info->handle));
}

/* Numbers are not used again at once, as the hypervisor does it: the last one is kept in the directory. */
static unsigned int next_number(void)
{
	char path[300], *slash;
	unsigned int number = 0;
	FILE *file;

	snprintf(path, sizeof(path) - 16, "%s", getenv("TENON_FAKE_DOMAINS"));
	slash = strrchr(path, '/');
	strcpy(slash + 1, ".last-number");
	file = fopen(path, "r");
	if (file && fscanf(file, "%u", &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	if (domain_count && number < domains[domain_count - 1].domid)
		number = domains[domain_count - 1].domid;
	file = fopen(path, "w");
	fprintf(file, "%u", ++number);
	fclose(file);
	return number;
}

static long create(struct xen_domctl *op)
{
	if (domain_count == DOMAINS_MAX)
		return -ENOMEM;
	domains[domain_count].domid = next_number();
	domains[domain_count].flags = XEN_DOMINF_paused;
	domains[domain_count].vcpus = op->u.createdomain.max_vcpus;
	domains[domain_count].pages = 0;
	memcpy(domains[domain_count].handle, op->u.createdomain.handle, 16);
	op->domain = domains[domain_count++].domid;
	if (op->u.createdomain.cpupool_id)
		fake_domain_set(op->domain, "pool", op->u.createdomain.cpupool_id);
	/* Who is killed in between leaves a domain without files, not files without a domain. */
	save();
	fake_guest_begins(op->domain);
	return 0;
}

void fake_set_pages(uint16_t domid, unsigned int pages)
{
	int turn = take_turn();

	load();
	for (size_t i = 0; i < domain_count; i++)
		if (domains[i].domid == domid)
			domains[i].pages = pages;
	save();
	close(turn);
}

static long do_domctl(struct xen_domctl *op)
{
	size_t i = 0;

	if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (op->cmd == XEN_DOMCTL_createdomain)
		return create(op);
	while (i < domain_count && domains[i].domid < op->domain)
		i++;
	if (i == domain_count || (op->cmd != XEN_DOMCTL_getdomaininfo && domains[i].domid != op->domain))
		return -ESRCH;
	switch (op->cmd) {
	case XEN_DOMCTL_getdomaininfo:
		describe(i, &op->u.getdomaininfo);
		return 0;
	case XEN_DOMCTL_pausedomain:
		domains[i].flags |= XEN_DOMINF_paused;
		break;
	case XEN_DOMCTL_unpausedomain:
		if (!(domains[i].flags & XEN_DOMINF_paused))
			return -EINVAL;
		domains[i].flags &= ~XEN_DOMINF_paused;
		break;
	case XEN_DOMCTL_destroydomain:
		fake_guest_ends(op->domain);
		memmove(&domains[i], &domains[i + 1], (--domain_count - i) * sizeof(domains[0]));
		break;
	case XEN_DOMCTL_getvcpucontext:
		return fake_vcpu_context(op, domains[i].vcpus);
	default:
		return fake_sched_domctl(op, domains[i].vcpus);
	}
	save();
	return 0;
}

static long read_log(struct xen_sysctl_readconsole *read)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s.log", getenv("TENON_FAKE_DOMAINS"));
	file = fopen(path, "r");
	if (!file)
		return -EIO;
	fseek(file, read->incremental ? read->index : 0, SEEK_SET);
	read->count = fread((char *)read->buffer.va, 1, read->count, file);
	read->index = (read->incremental ? read->index : 0) + read->count;
	fclose(file);
	return 0;
}

/* Two processors in each node. */
static long tell_topology(struct xen_sysctl_cputopoinfo *info)
{
	for (uint32_t cpu = 0; cpu < 4; cpu++)
		((struct xen_sysctl_cputopo *)info->cputopo.va)[cpu] = (struct xen_sysctl_cputopo){ .core = cpu, .node = cpu / 2 };
	info->num_cpus = 4;
	return 0;
}

static long do_sysctl(struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
	FILE *file;
	char path[300];

	switch (op->cmd) {
	case XEN_SYSCTL_physinfo:
		op->u.physinfo = (struct xen_sysctl_physinfo){
			.threads_per_core = 1, .cores_per_socket = 4, .nr_cpus = 4, .max_cpu_id = 3, .nr_nodes = 2,
			.cpu_khz = 3000000, .total_pages = 1 << 20, .free_pages = 1 << 19,
		};
		return 0;
	case XEN_SYSCTL_cputopoinfo:
		return tell_topology(&op->u.cputopoinfo);
	case XEN_SYSCTL_getdomaininfolist:
		list->num_domains = 0;
		for (size_t i = 0; i < domain_count && list->num_domains < list->max_domains; i++)
			if (domains[i].domid >= list->first_domain)
				describe(i, (struct xen_domctl_getdomaininfo *)list->buffer.va + list->num_domains++);
		return 0;
	case XEN_SYSCTL_readconsole:
		return read_log(&op->u.readconsole);
	case XEN_SYSCTL_debug_keys:
		snprintf(path, sizeof(path), "%s.log", getenv("TENON_FAKE_DOMAINS"));
		file = fopen(path, "a");
		fprintf(file, "pressed %.*s\n", (int)op->u.debug_keys.nr_keys, (char *)op->u.debug_keys.keys.va);
		fclose(file);
		return 0;
	}
	return fake_sched_sysctl(op);
}

static long do_version(uint64_t which, char *out)
{
	switch (which) {
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_extraversion:
		strcpy(out, "-fake");
		return 0;
	default:
		strcpy(out, "text");
		return 0;
	}
}

static long handle_call(unsigned int number, const uint64_t argument[5])
{
	load();		/* the test may have changed it */
	switch (number) {
	case __HYPERVISOR_domctl:
		return do_domctl((void *)argument[0]);
	case __HYPERVISOR_sysctl:
		return do_sysctl((void *)argument[0]);
	case __HYPERVISOR_xen_version:
		return do_version(argument[0], (void *)argument[1]);
	}
	return -ENOSYS;
}

static long fake_hypercall(void *context, unsigned int number, const uint64_t argument[5])
{
	int turn = take_turn();
	long result = handle_call(number, argument);

	close(turn);
	return result;
}

static void *fake_buffer_new(void *context, size_t size)
{
	return calloc(1, size);
}

static void fake_buffer_free(void *context, void *buffer, size_t size)
{
	free(buffer);
}

static void fake_close(void *context)
{
}

struct tenon *open_hypervisor(void)
{
	static const struct tenon_backend backend = {
		.hypercall = fake_hypercall, .buffer_new = fake_buffer_new, .buffer_free = fake_buffer_free,
		.close = fake_close, .map = fake_map, .unmap = fake_unmap,
	};

	if (!getenv("TENON_FAKE_DOMAINS")) {
		errno = ENOENT;
		return NULL;
	}
	return tenon_open_backend(&backend, NULL);
}

const char *record_dir(void)
{
	return getenv("TENON_FAKE_RECORDS");
}

const char *store_path(void)
{
	return getenv("TENON_FAKE_STORE");
}

const char *sysfs_path(void)
{
	return getenv("TENON_FAKE_SYS") ? getenv("TENON_FAKE_SYS") : "/nonexistent";
}
