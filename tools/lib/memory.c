// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of domains: limits, targets, mappings. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

int tenon_set_memory_max(struct tenon *tenon, uint16_t domid, uint64_t bytes)
{
	domctl_begin(tenon, XEN_DOMCTL_max_mem, domid)->u.max_mem.max_memkb = bytes / 1024;
	return domctl_run(tenon);
}

/* A node under memory/ that holds KiB. */
static int read_size(struct tenon_store *store, uint16_t domid, const char *name, uint64_t *bytes)
{
	char path[64], *text, *end;
	uint64_t kib;

	snprintf(path, sizeof(path), "/local/domain/%u/memory/%s", domid, name);
	text = tenon_store_read(store, 0, path, NULL);
	if (!text)
		return -errno;
	kib = strtoull(text, &end, 10);
	if (end == text || *end || kib > UINT64_MAX / 1024) {
		free(text);
		return -EPROTO;
	}
	free(text);
	*bytes = kib * 1024;
	return 0;
}

int tenon_get_memory_target(struct tenon_store *store, uint16_t domid, uint64_t *target, uint64_t *static_max)
{
	int error = read_size(store, domid, "target", target);

	return error ? error : read_size(store, domid, "static-max", static_max);
}

/* What the limit is to be with a new target: it follows, so that the domain keeps to it. A limit as good as none stays. */
static uint64_t limit_for(uint64_t limit, uint64_t old_target, uint64_t target)
{
	const uint64_t none = 1ULL << 52;

	if (limit >= none)
		return limit;
	return limit >= old_target ? limit - old_target + target : target;
}

int tenon_set_memory_target(struct tenon *tenon, struct tenon_store *store, uint16_t domid, uint64_t bytes)
{
	struct tenon_domain domain;
	char path[64], text[24];
	uint64_t old, most, limit;
	int error = tenon_get_domain(tenon, domid, &domain);

	if (error)
		return error;
	error = tenon_get_memory_target(store, domid, &old, &most);
	/* dom0 may have no such nodes: its limit is the hypervisor's. */
	if (error == -ENOENT)
		old = most = domain.memory_max_bytes;
	else if (error)
		return error;
	if (!bytes || bytes > most)
		return -ERANGE;
	limit = limit_for(domain.memory_max_bytes, old, bytes);
	error = limit != domain.memory_max_bytes ? tenon_set_memory_max(tenon, domid, limit) : 0;
	if (error)
		return error;
	snprintf(path, sizeof(path), "/local/domain/%u/memory/target", domid);
	snprintf(text, sizeof(text), "%" PRIu64, bytes / 1024);
	return tenon_store_write(store, 0, path, text, strlen(text));
}

void *tenon_map_frames(struct tenon *tenon, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[])
{
	if (tenon->backend->map)
		return tenon->backend->map(tenon->context, domid, frames, count, write, errors);
	errno = ENOSYS;
	return NULL;
}

void tenon_unmap_frames(struct tenon *tenon, void *memory, size_t count)
{
	if (memory)
		tenon->backend->unmap(tenon->context, memory, count);
}
