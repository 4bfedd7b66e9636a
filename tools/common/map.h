/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash table from byte strings to pointers. Keys are copied; values are the caller's. */
#ifndef COMMON_MAP_H
#define COMMON_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	struct map_entry *next;
	void *value;
	uint32_t hash;
	uint32_t size;
	char key[];		/* and a zero behind it */
};

struct map {
	struct map_entry **slots;
	size_t slot_count;	/* a power of two, or 0 */
	size_t count;
};

/* Where the value of @key stands, or NULL. Valid until the key is removed. */
void **map_find(const struct map *map, const void *key, size_t size);

/* The same; a key that is new gets the value NULL. */
void **map_get(struct map *map, const void *key, size_t size);

/* Returns the value that the key had, or NULL. */
void *map_remove(struct map *map, const void *key, size_t size);

/* Forgets all keys and gives the memory back. */
void map_clear(struct map *map);

/* Every entry; the current one may be removed in the loop, nothing may be added. */
#define map_for_each(map, entry, next_) \
	for (size_t slot_ = 0; slot_ < (map)->slot_count; slot_++) \
		for (struct map_entry *entry = (map)->slots[slot_], *next_; \
		     entry && (next_ = entry->next, 1); entry = next_)

#endif
