// SPDX-License-Identifier: GPL-2.0-or-later
/* Watches by path: a change looks up its own path and those above it, whatever the number of watches. */
#include "watch.h"

#include <errno.h>

#include "alloc.h"
#include "store.h"

#define SPECIAL_COUNT 2

static struct map watches_of_path;

static const char *const special_names[SPECIAL_COUNT] = { "@introduceDomain", "@releaseDomain" };
static struct perms *special_perms[SPECIAL_COUNT];

struct perms **watch_special_perms(const char *name)
{
	static const struct perm dom0_alone = { 0 };

	for (int i = 0; i < SPECIAL_COUNT; i++) {
		if (strcmp(name, special_names[i]))
			continue;
		if (!special_perms[i])
			special_perms[i] = perms_new(&dom0_alone, 1);
		return &special_perms[i];
	}
	return NULL;
}

static long watch_weight(const struct watch *watch)
{
	return sizeof(*watch) + strlen(watch->path) + strlen(watch->token);
}

static void watch_tell(struct watch *watch, const char *path)
{
	size_t home = watch->relative ? strlen(watch->conn->home) + 1 : 0;
	const char *own = watch->path;

	/* "/home" itself is told as "" would be nonsense: nobody can watch it relatively, names are never empty. */
	conn_event(watch->conn, path + home, watch->token, own + home);
}

int watch_add(struct conn *conn, const char *path, const char *token, bool relative)
{
	struct watch *watch;
	void **same;

	for (watch = conn->watches; watch; watch = watch->next)
		if (!strcmp(watch->path, path) && !strcmp(watch->token, token))
			return EEXIST;
	if (!actor_privileged(&conn->actor) && conn->watch_count >= quotas[QUOTA_WATCHES].limit)
		return E2BIG;
	watch = xmalloc(sizeof(*watch));
	same = map_get(&watches_of_path, path, strlen(path));
	*watch = (struct watch){
		.next = conn->watches, .next_same = *same, .conn = conn,
		.path = xstrdup(path), .token = xstrdup(token), .relative = relative,
	};
	*same = watch;
	conn->watches = watch;
	conn->watch_count++;
	tally_add(NULL, conn->actor.domid, 0, watch_weight(watch));
	watch_tell(watch, path);
	return 0;
}

static void watch_free(struct watch *watch)
{
	void **same = map_find(&watches_of_path, watch->path, strlen(watch->path));
	struct watch **link = (struct watch **)same;

	while (*link != watch)
		link = &(*link)->next_same;
	*link = watch->next_same;
	if (!*same)
		map_remove(&watches_of_path, watch->path, strlen(watch->path));
	tally_add(NULL, watch->conn->actor.domid, 0, -watch_weight(watch));
	watch->conn->watch_count--;
	free(watch->path);
	free(watch->token);
	free(watch);
}

int watch_remove(struct conn *conn, const char *path, const char *token)
{
	for (struct watch **link = &conn->watches; *link; link = &(*link)->next) {
		struct watch *watch = *link;

		if (strcmp(watch->path, path) || strcmp(watch->token, token))
			continue;
		*link = watch->next;
		watch_free(watch);
		return 0;
	}
	return ENOENT;
}

void watch_remove_all(struct conn *conn)
{
	while (conn->watches) {
		struct watch *watch = conn->watches;

		conn->watches = watch->next;
		watch_free(watch);
	}
}

/* ---- telling ---- */

static bool watch_permitted(const struct watch *watch, const struct perms *const perms[], int count)
{
	for (int i = 0; i < count; i++)
		if (perms[i] && perms_of(perms[i], &watch->conn->actor) & PERM_READ)
			return true;
	return false;
}

/* Those that watch @watched learn that @path changed. */
static void watch_tell_path(const char *watched, size_t size, const char *path, const struct perms *const perms[], int count)
{
	void **same = map_find(&watches_of_path, watched, size);

	for (struct watch *watch = same ? *same : NULL; watch; watch = watch->next_same)
		if (watch_permitted(watch, perms, count))
			watch_tell(watch, path);
}

static void watch_visit_removed(void *arg, const char *path, struct node *node)
{
	const struct perms *perms[] = { node->perms };

	if (strcmp(path, arg))
		watch_tell_path(path, strlen(path), path, perms, 1);
}

static void watch_fire_change(const struct change *change)
{
	const struct perms *perms[] = { change->node->perms, change->old_perms, change->parent_perms };
	const char *path = change->path;
	char walked[PATH_ROOM];

	watch_tell_path("/", 1, path, perms, 3);
	for (size_t size = 1; path[size - 1] && path[1]; size++)
		if (path[size] == '/' || !path[size])
			watch_tell_path(path, size, path, perms, 3);
	if (!change->removed || !change->node->children)
		return;
	strcpy(walked, path);
	tree_walk(change->node, walked, watch_visit_removed, (void *)path);
}

void watch_fire(struct view *view)
{
	if (watches_of_path.count)
		for (size_t i = 0; i < view->change_count; i++)
			watch_fire_change(&view->changes[i]);
	view_drop_changes(view);
}

void watch_fire_special(const char *name)
{
	const struct perms *perms[] = { *watch_special_perms(name) };

	watch_tell_path(name, strlen(name), name, perms, 1);
}

void watch_fire_all(void)
{
	for_each_conn(conn)
		for (struct watch *watch = conn->watches; watch; watch = watch->next)
			watch_tell(watch, watch->path);
}

/* ---- the journal ---- */

void watch_dump(const struct conn *conn, struct buffer *log)
{
	for (const struct watch *watch = conn->watches; watch; watch = watch->next) {
		char tail[XENSTORE_PAYLOAD_MAX + 2];
		size_t size = strlen(watch->token) + 1;

		tail[0] = watch->relative;
		memcpy(tail + 1, watch->token, size);
		record_add_path(log, RECORD_WATCH, conn->index, watch->path, tail, size + 1);
	}
}

void watch_special_dump(struct buffer *log)
{
	for (int i = 0; i < SPECIAL_COUNT; i++) {
		char text[PERMS_MAX * 8];
		size_t size = perms_format(*watch_special_perms(special_names[i]), text, sizeof(text));

		record_add_path(log, RECORD_SPECIAL, 0, special_names[i], text, size);
	}
}
