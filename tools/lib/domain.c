// SPDX-License-Identifier: LGPL-2.1-or-later
/* Domains. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

static uint32_t state_of(uint32_t flags)
{
	static const struct {
		uint32_t theirs, ours;
	} bits[] = {
		{ XEN_DOMINF_dying, TENON_DOMAIN_DYING }, { XEN_DOMINF_shutdown, TENON_DOMAIN_SHUTDOWN },
		{ XEN_DOMINF_paused, TENON_DOMAIN_PAUSED }, { XEN_DOMINF_blocked, TENON_DOMAIN_BLOCKED },
		{ XEN_DOMINF_running, TENON_DOMAIN_RUNNING },
	};
	uint32_t state = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (flags & bits[i].theirs)
			state |= bits[i].ours;
	return state;
}

static struct tenon_domain domain_of(const struct xen_domctl_getdomaininfo *info)
{
	struct tenon_domain domain = {
		.domid = info->domain, .state = state_of(info->flags), .vcpus_online = info->nr_online_vcpus,
		.shutdown_reason = (info->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask,
		.vcpus = info->max_vcpu_id + 1, .pool = info->cpupool, .memory_bytes = info->tot_pages * PAGE_BYTES,
		.memory_max_bytes = info->max_pages * PAGE_BYTES, .cpu_ns = info->cpu_time,
	};

	memcpy(domain.uuid, info->handle, sizeof(domain.uuid));
	return domain;
}

int tenon_list_domains(struct tenon *tenon, uint16_t first, struct tenon_domain *domains, size_t room)
{
	const size_t most = BOUNCE_SIZE / sizeof(struct xen_domctl_getdomaininfo);
	const struct xen_domctl_getdomaininfo *info = tenon->bounce;
	size_t count = 0;

	while (count < room) {
		struct xen_sysctl_getdomaininfolist *list = &sysctl_begin(tenon, XEN_SYSCTL_getdomaininfolist)->u.getdomaininfolist;
		int error;

		list->first_domain = first;
		list->max_domains = room - count < most ? room - count : most;
		set_xen_guest_handle(list->buffer, tenon->bounce);
		error = sysctl_run(tenon);
		if (error)
			return error;
		if (list->num_domains > list->max_domains)
			return -EPROTO;
		for (size_t i = 0; i < list->num_domains; i++)
			domains[count++] = domain_of(&info[i]);
		if (list->num_domains < list->max_domains)
			break;
		first = domains[count - 1].domid + 1;
	}
	return count;
}

int tenon_get_domain(struct tenon *tenon, uint16_t domid, struct tenon_domain *domain)
{
	const struct xen_domctl *domctl = domctl_begin(tenon, XEN_DOMCTL_getdomaininfo, domid);
	int error = domctl_run(tenon);

	if (error)
		return error;
	/* The call gives the next domain if there is none of that number. */
	if (domctl->u.getdomaininfo.domain != domid)
		return -ESRCH;
	*domain = domain_of(&domctl->u.getdomaininfo);
	return 0;
}

static int simple(struct tenon *tenon, uint32_t command, uint16_t domid)
{
	domctl_begin(tenon, command, domid);
	return domctl_run(tenon);
}

int tenon_pause_domain(struct tenon *tenon, uint16_t domid)
{
	return simple(tenon, XEN_DOMCTL_pausedomain, domid);
}

int tenon_unpause_domain(struct tenon *tenon, uint16_t domid)
{
	return simple(tenon, XEN_DOMCTL_unpausedomain, domid);
}

int tenon_destroy_domain(struct tenon *tenon, uint16_t domid)
{
	int error;

	/* A hypervisor may ask to be called again while there is memory left to give back. */
	do {
		error = simple(tenon, XEN_DOMCTL_destroydomain, domid);
	} while (error == -EAGAIN || error == -ERESTART);
	return error;
}

/* ---- with the store ---- */

char *tenon_domain_name(struct tenon_store *store, uint16_t domid)
{
	char path[48];

	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	return tenon_store_read(store, 0, path, NULL);
}

static int find_by_name(struct tenon *tenon, struct tenon_store *store, const char *name)
{
	char **list = tenon_store_list(store, 0, "/local/domain");
	int found = list ? -ESRCH : errno == ENOENT ? -ESRCH : -errno;
	struct tenon_domain domain;

	for (size_t i = 0; list && list[i]; i++) {
		uint16_t domid = atoi(list[i]);
		char *this = tenon_domain_name(store, domid);
		bool same = this && !strcmp(this, name);

		free(this);
		if (!same || tenon_get_domain(tenon, domid, &domain))
			continue;
		if (found >= 0) {
			found = -ENOTUNIQ;
			break;
		}
		found = domid;
	}
	free(list);
	return found;
}

int tenon_find_domain(struct tenon *tenon, struct tenon_store *store, const char *name)
{
	struct tenon_domain domain;
	char *end;
	unsigned long domid = strtoul(name, &end, 10);
	int error;

	if (!*name || *end || end == name)
		return store ? find_by_name(tenon, store, name) : -ESRCH;
	if (domid > UINT16_MAX)
		return -ESRCH;
	error = tenon_get_domain(tenon, domid, &domain);
	return error ? error : (int)domid;
}

int tenon_ask_shutdown(struct tenon_store *store, uint16_t domid, const char *how)
{
	char path[64], *there;

	/* The node is the domain's to watch: it is not made for one that has none. */
	snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
	there = tenon_store_read(store, 0, path, NULL);
	if (!there)
		return -errno;
	free(there);
	return tenon_store_write(store, 0, path, how, strlen(how));
}
