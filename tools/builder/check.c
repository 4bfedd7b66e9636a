// SPDX-License-Identifier: LGPL-2.1-or-later
/* What can be known to be wrong before there is a domain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#define PAGE_KIB	4
#define MEMORY_KIB_MAX	(1ULL << 34)		/* 16 TiB: frame numbers of 32 bits */
#define VCPUS_MAX	8192

static int numbers_check(const struct why *why, const struct tenon_build *what)
{
	size_t length = what->command_line ? strlen(what->command_line) : 0;

	uint64_t most = what->max_memory_kib > MEMORY_KIB_MAX ? what->max_memory_kib : what->memory_kib;

	if (!what->memory_kib || most > MEMORY_KIB_MAX)
		return refuse(why, -EINVAL, "memory of %llu KiB: 1 to %llu are possible", (unsigned long long)most,
			      MEMORY_KIB_MAX);
	if (!what->vcpus || what->vcpus > VCPUS_MAX)
		return refuse(why, -EINVAL, "%u vCPUs: 1 to %u are possible", what->vcpus, VCPUS_MAX);
	if (length > TENON_COMMAND_LINE_MAX)
		return refuse(why, -EINVAL, "the command line has %zu characters; at most %u are possible", length,
			      TENON_COMMAND_LINE_MAX);
	if (!file_is_given(&what->kernel))
		return refuse(why, -EINVAL, "there is no kernel");
	return 0;
}

int builder_open(struct tenon_builder *builder, const struct tenon_build *what, char *why)
{
	struct why about_kernel = { why, what->kernel.path ? what->kernel.path : "kernel" };
	uint64_t nr_pages = (what->memory_kib + PAGE_KIB - 1) / PAGE_KIB;
	int error;

	*builder = (struct tenon_builder){ .what = what, .why = { why, NULL } };
	why[0] = '\0';
	error = numbers_check(&builder->why, what);
	if (!error)
		error = kernel_open(&builder->kernel, &what->kernel, what->cache, why);
	if (!error && file_is_given(&what->ramdisk))
		error = input_open(&builder->ramdisk, &what->ramdisk, "ramdisk", why);
	if (!error)
		error = layout_plan(&about_kernel, &builder->layout, &builder->kernel, builder->ramdisk.size, nr_pages);
	return error;
}

void builder_forget(struct tenon_builder *builder)
{
	kernel_forget(&builder->kernel);
	free(builder->p2m);
	builder->p2m = NULL;
}

void builder_close(struct tenon_builder *builder)
{
	builder_forget(builder);
	input_close(&builder->ramdisk);
	kernel_close(&builder->kernel);
}

int tenon_build_check(const struct tenon_build *what, char why[TENON_WHY_SIZE])
{
	struct tenon_builder builder;
	int error = builder_open(&builder, what, why);

	builder_close(&builder);
	return error;
}

struct tenon_builder *tenon_builder_new(const struct tenon_build *what, char why[TENON_WHY_SIZE])
{
	struct tenon_builder *builder = malloc(sizeof(*builder));
	int error;

	if (!builder) {
		errno = -refuse(&(struct why){ why, NULL }, -ENOMEM, "no memory");
		return NULL;
	}
	error = builder_open(builder, what, why);
	if (!error)
		return builder;
	tenon_builder_free(builder);
	errno = -error;
	return NULL;
}

void tenon_builder_keep(struct tenon_builder *builder)
{
	cache_keep(&builder->kernel.cache, builder->kernel.input.fd);
}

void tenon_builder_free(struct tenon_builder *builder)
{
	if (!builder)
		return;
	builder_close(builder);
	free(builder);
}
