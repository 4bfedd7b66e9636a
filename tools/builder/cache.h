/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernels as they come out of their packing, kept in a directory for the next guest that has the same: to unpack one takes as long
 * as the rest of making a guest, and longer.
 *
 * An entry is one file: a header, the packed kernel, the ELF file. It is found by a checksum, but taken only if the packed
 * kernels are equal byte by byte: guests bring kernels of their own, and none may choose what another one gets. It has a name
 * only when it is whole and on the disk. The directory, and what is taken from it, must be this user's alone. Whatever is wrong
 * with all this is no error: the kernel is unpacked then.
 */
#ifndef BUILDER_CACHE_H
#define BUILDER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache {
	bool is_open;
	int dir;
	bool fresh;		/* the entry has no name yet */
	char name[48];
};

/* An entry's file; the caller's to close. fd is -1: there is none. */
struct cache_entry {
	int fd;
	uint64_t start, size;	/* where in it the ELF file is */
};

/* Opens the directory, made if it is missing; @path may be NULL. cache_close() is owed. */
void cache_open(struct cache *cache, const char *path);
void cache_close(struct cache *cache);

struct cache_entry cache_find(struct cache *cache, const void *packed, size_t size);

/* A new entry, in two steps since the second block takes the first one's place in memory. */
struct cache_entry cache_begin(struct cache *cache, const void *packed, size_t size);
bool cache_add(struct cache *cache, struct cache_entry *entry, const void *elf, size_t size);

/* Gives a new entry its name, once it is on the disk, and removes those not used for longest. */
void cache_keep(struct cache *cache, int fd);

#endif
