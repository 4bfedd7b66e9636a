// SPDX-License-Identifier: GPL-2.0-or-later
/* Chained hashing; the table doubles when it holds as many entries as slots. */
#include "map.h"

#include "alloc.h"
#include "siphash.h"

static struct map_entry **map_link(const struct map *map, uint32_t hash, const void *key, size_t size)
{
	struct map_entry **link = &map->slots[hash & (map->slot_count - 1)];

	while (*link && !((*link)->hash == hash && (*link)->size == size && !memcmp((*link)->key, key, size)))
		link = &(*link)->next;
	return link;
}

static void map_grow(struct map *map)
{
	size_t count = map->slot_count ? map->slot_count * 2 : 8;
	struct map_entry **slots = xzalloc(count * sizeof(*slots));

	map_for_each(map, entry, next) {
		struct map_entry **slot = &slots[entry->hash & (count - 1)];

		entry->next = *slot;
		*slot = entry;
	}
	free(map->slots);
	map->slots = slots;
	map->slot_count = count;
}

void **map_find(const struct map *map, const void *key, size_t size)
{
	struct map_entry *entry;

	if (!map->count)
		return NULL;
	entry = *map_link(map, hash_bytes(key, size), key, size);
	return entry ? &entry->value : NULL;
}

void **map_get(struct map *map, const void *key, size_t size)
{
	uint32_t hash = hash_bytes(key, size);
	struct map_entry **link, *entry;

	if (map->count >= map->slot_count)
		map_grow(map);
	link = map_link(map, hash, key, size);
	if (*link)
		return &(*link)->value;
	entry = xmalloc(sizeof(*entry) + size + 1);
	*entry = (struct map_entry){ .hash = hash, .size = size };
	memcpy(entry->key, key, size);
	entry->key[size] = '\0';
	*link = entry;
	map->count++;
	return &entry->value;
}

void *map_remove(struct map *map, const void *key, size_t size)
{
	struct map_entry **link, *entry;
	void *value;

	if (!map->count)
		return NULL;
	link = map_link(map, hash_bytes(key, size), key, size);
	entry = *link;
	if (!entry)
		return NULL;
	value = entry->value;
	*link = entry->next;
	free(entry);
	map->count--;
	return value;
}

void map_clear(struct map *map)
{
	map_for_each(map, entry, next)
		free(entry);
	free(map->slots);
	*map = (struct map){ 0 };
}
