// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "grants.h"

#define TRIM_BATCH	32

static uint16_t *set_of(struct pvd_grants *g, uint32_t gref)
{
	uint32_t hash = gref * 0x9e3779b1U;	/* 2^32 by the golden ratio: neighbours land far apart */

	return g->table + (size_t)(g->set_bits ? hash >> (32 - g->set_bits) : 0) * PVD_GRANTS_WAYS;
}

int pvd_grants_init(struct pvd_grants *g, struct pvd_dev *dev, uint32_t keep_limit, uint32_t temporary)
{
	uint32_t count = keep_limit + temporary, i;

	memset(g, 0, sizeof(*g));
	g->dev = dev;
	g->keep_limit = keep_limit;
	/* As many sets as pages: one that fills while there is room elsewhere is rare, whatever grants a peer happens to have. */
	while ((1U << g->set_bits) < keep_limit)
		g->set_bits++;
	g->maps = pvos_alloc(count * sizeof(*g->maps));
	g->idle = pvos_alloc(count * sizeof(*g->idle));
	g->table = pvos_alloc(((size_t)PVD_GRANTS_WAYS << g->set_bits) * sizeof(*g->table));
	if (!g->maps || !g->idle || !g->table) {
		pvd_grants_free(g);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		g->idle[i] = count - 1 - i;
	g->nr_idle = count;
	return 0;
}

/* Empties slot `way` of a set, which the last one in use moves to. */
static void forget(uint16_t *set, uint32_t way)
{
	uint32_t last = way;

	while (last + 1 < PVD_GRANTS_WAYS && set[last + 1])
		last++;
	set[way] = set[last];
	set[last] = 0;
}

static void release(struct pvd_grants *g, struct pvd_map *map)
{
	map->addr = NULL;
	g->idle[g->nr_idle++] = map - g->maps;
}

struct pvd_map *pvd_grants_find(struct pvd_grants *g, uint32_t gref)
{
	uint16_t *set = set_of(g, gref);
	uint32_t way;

	for (way = 0; way < PVD_GRANTS_WAYS && set[way]; way++) {
		struct pvd_map *map = &g->maps[set[way] - 1];

		if (map->gref == gref) {
			map->recent = true;
			return map;
		}
	}
	return NULL;
}

bool pvd_grants_keep(struct pvd_grants *g, struct pvd_map *map)
{
	uint16_t *set = set_of(g, map->gref);
	uint32_t way = 0;

	while (way < PVD_GRANTS_WAYS && set[way])
		way++;
	if (way == PVD_GRANTS_WAYS || g->kept == g->keep_limit) {
		g->refused++;
		return false;
	}
	set[way] = map - g->maps + 1;
	g->kept++;
	map->kept = true;
	return true;
}

void pvd_grants_unkeep(struct pvd_grants *g, struct pvd_map *map)
{
	uint16_t *set = set_of(g, map->gref);
	uint32_t way = 0;

	while (set[way] != map - g->maps + 1)
		way++;
	forget(set, way);
	g->kept--;
	map->kept = false;
}

struct pvd_map *pvd_grants_new(struct pvd_grants *g, uint32_t gref, bool readonly, bool keep)
{
	struct pvd_map *map;

	if (!g->nr_idle)
		return NULL;
	map = &g->maps[g->idle[--g->nr_idle]];
	map->gref = gref;
	map->addr = NULL;
	map->status = 0;
	map->recent = true;
	map->kept = false;
	if (keep)
		pvd_grants_keep(g, map);
	map->readonly = readonly && !map->kept;
	return map;
}

void pvd_grants_put(struct pvd_grants *g, struct pvd_map *map)
{
	if (map->kept)
		pvd_grants_unkeep(g, map);
	release(g, map);
}

/* Unmaps the kept mappings of the table that `which` names, at most `most`. */
static void unmap_kept(struct pvd_grants *g, bool all, uint32_t most)
{
	struct pvd_map *batch[TRIM_BATCH];
	uint32_t sets = 1U << g->set_bits, n = 0, i, way;

	for (i = 0; i < sets && most; i++) {
		uint16_t *set = g->table + (size_t)i * PVD_GRANTS_WAYS;

		for (way = 0; way < PVD_GRANTS_WAYS && set[way] && most;) {
			struct pvd_map *map = &g->maps[set[way] - 1];

			if (map->recent && !all) {
				map->recent = false;
				way++;
				continue;
			}
			forget(set, way);
			g->kept--;
			most--;
			batch[n++] = map;
			if (n < TRIM_BATCH)
				continue;
			pvos_unmap(g->dev, batch, n);
			while (n)
				release(g, batch[--n]);
		}
	}
	if (n)
		pvos_unmap(g->dev, batch, n);
	while (n)
		release(g, batch[--n]);
}

void pvd_grants_trim(struct pvd_grants *g)
{
	unmap_kept(g, false, g->keep_limit / 4 + 1);
	g->refused = 0;
}

void pvd_grants_free(struct pvd_grants *g)
{
	if (g->table && g->maps)
		unmap_kept(g, true, UINT32_MAX);
	pvos_free(g->table);
	pvos_free(g->idle);
	pvos_free(g->maps);
	memset(g, 0, sizeof(*g));
}
