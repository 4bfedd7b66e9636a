/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest while it is built. */
#ifndef BUILDER_BUILDER_H
#define BUILDER_BUILDER_H

#include "call.h"
#include "kernel.h"
#include "layout.h"

struct tenon_builder {
	struct tenon *tenon;
	uint16_t domid;
	const struct tenon_build *what;
	struct why why;			/* about no file */
	struct kernel kernel;
	struct input ramdisk;
	struct layout layout;
	uint64_t *p2m;			/* machine frames of the guest's, nr_pages */
	uint64_t shared_info_frame;
	struct tenon_built built;
};

/* Each step: 0, or a negative errno with a message. */

/* check.c: sizes, files, layout. builder_close() is owed afterwards, also when it fails. */
int builder_open(struct tenon_builder *builder, const struct tenon_build *what, char *why);
void builder_close(struct tenon_builder *builder);

/* Gives the memory back that a kernel takes, and the frame list: the guest has both. */
void builder_forget(struct tenon_builder *builder);

/* domain.c: limits, vCPUs, clock, ports; afterwards the registers */
int build_limits(struct tenon_builder *builder);
int build_ports(struct tenon_builder *builder);
int build_registers(struct tenon_builder *builder);

/* cpuid.c */
int build_cpuid(struct tenon_builder *builder);

/* memory.c: all the memory, by superpages as far as there are any */
int build_memory(struct tenon_builder *builder);

/* contents.c: kernel, ramdisk, p2m list, start info; pages the hypervisor shares; grants */
int build_contents(struct tenon_builder *builder);
int build_shared_info(struct tenon_builder *builder);
int build_grants(struct tenon_builder *builder);

/* tables.c: page tables, written and pinned */
int build_tables(struct tenon_builder *builder);

/*
 * window.c: guest memory from frame @pfn on, mapped a window at a time: @fill has @size bytes of memory, which lie at
 * @offset of the whole, and writes them all. What it returns, if not 0, ends it.
 */
typedef int window_fill(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg);
int window_write(struct tenon_builder *builder, uint64_t pfn, uint64_t pages, window_fill *fill, const void *arg);

/* The same for one page given by its machine frame. */
int window_write_frame(struct tenon_builder *builder, uint64_t frame, window_fill *fill, const void *arg);

/* "cannot give the domain memory: No space left" for what a call refused. */
int refused_call(struct tenon_builder *builder, long error, const char *what);

#endif
