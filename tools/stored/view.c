// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests on a state of the store. */
#include "view.h"

#include <errno.h>
#include <stdio.h>

static struct tally *view_tally(struct view *view)
{
	return view->base ? &view->tally : NULL;
}

/* ---- records ---- */

size_t record_size(const struct record *record)
{
	return (sizeof(*record) + record->size + 7) & ~(size_t)7;
}

struct record *record_add(struct buffer *log, enum record_kind kind, uint16_t domid, size_t payload_size)
{
	struct record head = { .size = payload_size, .kind = kind, .domid = domid };
	struct record *record = buffer_extend(log, record_size(&head));

	memset(record, 0, record_size(&head));
	*record = head;
	return record;
}

void record_add_path(struct buffer *log, enum record_kind kind, uint16_t domid, const char *path, const void *data,
		     size_t size)
{
	size_t path_size = strlen(path) + 1;
	struct record *record = record_add(log, kind, domid, path_size + size);

	memcpy(record->payload, path, path_size);
	if (size)
		memcpy(record->payload + path_size, data, size);
}

static void view_log(struct view *view, enum record_kind kind, const struct actor *actor, const char *path,
		     const void *data, size_t size)
{
	if (view->log)
		record_add_path(view->log, kind, actor->domid, path, data, size);
}

/* ---- what was seen, what was changed ---- */

static void view_see(struct view *view, const char *path, unsigned int saw)
{
	size_t size;
	void **entry;

	if (!view->base)
		return;
	tree_deepest(view->base, path, &size);
	if (path[size] && path[1]) {
		/* Its absence was seen, and the permissions of the node that would take it. */
		entry = map_get(&view->seen, path, strlen(path));
		*entry = (void *)((uintptr_t)*entry | SAW_NOTHING);
		entry = map_get(&view->seen, path, size);
		saw = SAW_PERMS;
	} else {
		entry = map_get(&view->seen, path, strlen(path));
	}
	*entry = (void *)((uintptr_t)*entry | saw);
}

static bool seen_still_true(struct node *then, struct node *now, unsigned int saw)
{
	if (saw & SAW_NOTHING)
		return !now;
	if (!then || !now)
		return false;
	return !((saw & SAW_VALUE) && then->value_gen != now->value_gen) &&
	       !((saw & SAW_PERMS) && then->perms_gen != now->perms_gen) &&
	       !((saw & SAW_CHILDREN) && then->children_gen != now->children_gen);
}

bool view_still_true(const struct view *transaction, struct node *now)
{
	if (transaction->base == now)
		return true;
	map_for_each(&transaction->seen, entry, next)
		if (!seen_still_true(tree_find(transaction->base, entry->key), tree_find(now, entry->key),
				     (uintptr_t)entry->value))
			return false;
	return true;
}

static struct change *view_changed(struct view *view, const char *path, struct node *node)
{
	struct change *change;
	char parent[PATH_ROOM];

	view->changes = xrealloc(view->changes, (view->change_count + 1) * sizeof(*change));
	change = &view->changes[view->change_count++];
	*change = (struct change){ .path = xstrdup(path), .node = node_ref(node) };
	strcpy(parent, path);
	if (path_parent(parent))
		change->parent_perms = perms_ref(tree_find(view->root, parent)->perms);
	return change;
}

void view_drop_changes(struct view *view)
{
	for (size_t i = 0; i < view->change_count; i++) {
		struct change *change = &view->changes[i];

		free(change->path);
		node_put(change->node);
		if (change->old_perms)
			perms_put(change->old_perms);
		if (change->parent_perms)
			perms_put(change->parent_perms);
	}
	free(view->changes);
	view->changes = NULL;
	view->change_count = 0;
}

void view_free(struct view *view)
{
	view_drop_changes(view);
	map_clear(&view->seen);
	tally_free(&view->tally);
	node_put(view->root);
	node_put(view->base);
}

/* ---- permissions and quotas ---- */

/* 0, or why @actor may not have @need of the node (or of what would be created there). */
static int view_check(struct view *view, const struct actor *actor, const char *path, unsigned int need,
		      struct node **node)
{
	char parent[PATH_ROOM];
	size_t size;
	struct node *deepest;

	*node = tree_find(view->root, path);
	if (*node && (perms_of((*node)->perms, actor) & need) == need)
		return 0;
	if (*node)
		return EACCES;
	strcpy(parent, path);
	path_parent(parent);
	deepest = tree_deepest(view->root, parent, &size);
	return perms_of(deepest->perms, actor) & need ? ENOENT : EACCES;
}

static int quota_check(struct view *view, const struct actor *actor, size_t new_nodes, size_t new_bytes)
{
	struct account held;

	if (actor_privileged(actor))
		return 0;
	held = tally_look(view_tally(view), actor->domid);
	if (held.nodes + (long)new_nodes > quotas[QUOTA_NODES].limit)
		return ENOSPC;
	return held.bytes + (long)new_bytes > quotas[QUOTA_MEMORY].limit ? ENOSPC : 0;
}

/* ---- changes ---- */

static size_t path_missing_parts(const char *rest)
{
	const char *part;
	size_t count = 0, size;

	while (path_next(&rest, &part, &size))
		count++;
	return count;
}

/* Creates the node and the ones above it that are missing. New nodes are as their parent, but the actor's own. */
static struct node *view_create(struct view *view, const struct actor *actor, const char *path, struct blob *value)
{
	size_t have;
	struct node *node = tree_deepest(view->root, path, &have);
	char top[PATH_ROOM];
	const char *rest = path + (have == 1 ? 0 : have), *part;
	size_t size;

	memcpy(top, path, have);
	top[have] = '\0';
	node = tree_own(&view->root, top);
	while (path_next(&rest, &part, &size)) {
		struct perms *perms = actor_privileged(actor) ? perms_ref(node->perms)
							      : perms_owned_by(node->perms, actor->domid);
		struct node *child = node_new(part, size, *rest ? blob_new("", 0) : value, perms);

		tally_node(view_tally(view), child, 1);
		node_add_child(node, child);
		node = child;
	}
	return node;
}

static void view_set_value(struct view *view, const char *path, struct blob *value)
{
	struct node *node = tree_own(&view->root, path);

	tally_add(view_tally(view), node->perms->entry[0].domid, 0, (long)value->size - (long)node->value->size);
	blob_put(node->value);
	node->value = value;
	node->value_gen = node_next_gen();
}

int view_get(struct view *view, const struct actor *actor, const char *path, unsigned int saw, struct node **node)
{
	view_see(view, path, saw | SAW_PERMS);
	return view_check(view, actor, path, PERM_READ, node);
}

static int view_may_create(struct view *view, const struct actor *actor, const char *path, size_t size)
{
	size_t have, missing, own;

	if (actor_privileged(actor))
		return 0;
	if (strlen(path) > quotas[QUOTA_PATH].limit || size > quotas[QUOTA_NODE_SIZE].limit)
		return ENOSPC;
	tree_deepest(view->root, path, &have);
	missing = path_missing_parts(path + (have == 1 ? 0 : have));
	own = missing * sizeof(struct node) + strlen(path) + size;
	return quota_check(view, actor, missing, own);
}

int view_write(struct view *view, const struct actor *actor, const char *path, const void *data, size_t size)
{
	struct node *node;
	struct blob *value;
	int error;

	view_see(view, path, SAW_VALUE | SAW_PERMS);
	error = view_check(view, actor, path, PERM_WRITE, &node);
	if (error && error != ENOENT)
		return error;
	error = view_may_create(view, actor, path, size);
	if (error)
		return error;
	value = blob_new(data, size);
	if (node)
		view_set_value(view, path, value);
	else
		view_create(view, actor, path, value);
	view_changed(view, path, tree_find(view->root, path));
	view_log(view, RECORD_WRITE, actor, path, data, size);
	return 0;
}

int view_mkdir(struct view *view, const struct actor *actor, const char *path)
{
	struct node *node;
	int error;

	view_see(view, path, SAW_PERMS);
	error = view_check(view, actor, path, PERM_WRITE, &node);
	if (error != ENOENT)
		return error;		/* what exists is well */
	error = view_may_create(view, actor, path, 0);
	if (error)
		return error;
	node = view_create(view, actor, path, blob_new("", 0));
	view_changed(view, path, node);
	view_log(view, RECORD_WRITE, actor, path, NULL, 0);
	return 0;
}

struct tally_walk {
	struct tally *tally;
	int sign;
};

static void tally_visit(void *arg, const char *path, struct node *node)
{
	struct tally_walk *walk = arg;

	tally_node(walk->tally, node, walk->sign);
}

static void view_remove(struct view *view, const char *path)
{
	struct tally_walk walk = { .tally = view_tally(view), .sign = -1 };
	struct node *node = tree_take(&view->root, path);
	char walked[PATH_ROOM];

	strcpy(walked, path);
	tree_walk(node, walked, tally_visit, &walk);
	view_changed(view, path, node)->removed = true;
	node_put(node);
}

int view_rm(struct view *view, const struct actor *actor, const char *path)
{
	struct node *node;
	char parent[PATH_ROOM];
	int error;

	view_see(view, path, SAW_PERMS);
	error = view_check(view, actor, path, PERM_WRITE, &node);
	if (error == ENOENT) {
		/* Nothing there is as good as removed, but only where something could be. */
		strcpy(parent, path);
		path_parent(parent);
		view_see(view, parent, SAW_PERMS);
		return tree_find(view->root, parent) ? 0 : ENOENT;
	}
	if (error)
		return error;
	if (!path[1])
		return EINVAL;
	view_remove(view, path);
	view_log(view, RECORD_RM, actor, path, NULL, 0);
	return 0;
}

static void view_replace_perms(struct view *view, const char *path, struct perms *perms)
{
	struct node *node = tree_own(&view->root, path);
	struct change *change;

	tally_node(view_tally(view), node, -1);
	change = view_changed(view, path, node);
	change->old_perms = node->perms;
	node->perms = perms;
	node->perms_gen = node_next_gen();
	tally_node(view_tally(view), node, 1);
}

int view_set_perms(struct view *view, const struct actor *actor, const char *path, const char *text, size_t size)
{
	struct node *node;
	struct perms *perms;
	int error;

	view_see(view, path, SAW_PERMS);
	error = view_check(view, actor, path, PERM_WRITE | PERM_OWNER, &node);
	if (error)
		return error;
	perms = perms_parse(text, size, &error);
	if (!perms)
		return error;
	error = 0;
	if (!actor_privileged(actor) && perms->count > quotas[QUOTA_PERMS].limit)
		error = ENOSPC;
	else if (!actor_privileged(actor) && perms->entry[0].domid != node->perms->entry[0].domid)
		error = EPERM;
	else
		error = quota_check(view, actor, 0, perms->count * sizeof(perms->entry[0]));
	if (error) {
		perms_put(perms);
		return error;
	}
	view_replace_perms(view, path, perms);
	view_log(view, RECORD_PERMS, actor, path, text, size);
	return 0;
}

int view_redo(struct view *view, const struct actor *actor, const struct record *record)
{
	/* As it was: dom0 may do everything, but what is new belongs to whoever did it. */
	struct actor was = { .domid = record->domid, .target = DOMID_NONE };
	const char *path = record->payload;
	size_t path_size = strnlen(path, record->size) + 1;
	const char *data = path + path_size;
	struct perms *perms;
	int error;

	if (path_size > record->size)
		return EINVAL;
	if (actor) {
		switch (record->kind) {
		case RECORD_WRITE:
			return view_write(view, actor, path, data, record->size - path_size);
		case RECORD_RM:
			return view_rm(view, actor, path);
		case RECORD_PERMS:
			return view_set_perms(view, actor, path, data, record->size - path_size);
		}
		return EINVAL;
	}
	switch (record->kind) {
	case RECORD_WRITE:
		if (tree_find(view->root, path))
			view_set_value(view, path, blob_new(data, record->size - path_size));
		else
			view_create(view, &was, path, blob_new(data, record->size - path_size));
		return 0;
	case RECORD_RM:
		if (tree_find(view->root, path) && path[1])
			view_remove(view, path);
		return 0;
	case RECORD_PERMS:
		perms = perms_parse(data, record->size - path_size, &error);
		if (!perms || !tree_find(view->root, path))
			return EINVAL;
		view_replace_perms(view, path, perms);
		return 0;
	}
	return EINVAL;
}

/* ---- the end of a domain ---- */

struct purge {
	uint16_t domid;
	struct buffer rm, perms;	/* paths, each with its zero */
	size_t last_rm;			/* where in rm the last one begins: what is below it is gone with it */
};

static void purge_visit(void *arg, const char *path, struct node *node)
{
	struct purge *purge = arg;
	struct perms *without;

	if (purge->rm.size && path_within(path, purge->rm.data + purge->last_rm))
		return;
	if (node->perms->entry[0].domid == purge->domid && path[1]) {
		purge->last_rm = purge->rm.size;
		buffer_add(&purge->rm, path, strlen(path) + 1);
		return;
	}
	without = perms_without(node->perms, purge->domid);
	if (!without)
		return;
	perms_put(without);
	buffer_add(&purge->perms, path, strlen(path) + 1);
}

void view_purge_domain(struct view *view, uint16_t domid)
{
	struct purge purge = { .domid = domid };
	char path[PATH_ROOM] = "/";

	tree_walk(view->root, path, purge_visit, &purge);
	for (size_t at = 0; at < purge.perms.size; at += strlen(purge.perms.data + at) + 1) {
		struct node *node = tree_find(view->root, purge.perms.data + at);

		view_replace_perms(view, purge.perms.data + at, perms_without(node->perms, domid));
	}
	for (size_t at = 0; at < purge.rm.size; at += strlen(purge.rm.data + at) + 1)
		view_remove(view, purge.rm.data + at);
	buffer_free(&purge.rm);
	buffer_free(&purge.perms);
}
