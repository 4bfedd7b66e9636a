// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths in a tree of nodes. */
#include "tree.h"

#include <string.h>

struct node *tree_deepest(struct node *root, const char *path, size_t *size)
{
	const char *rest = path, *part;
	size_t part_size;
	struct node *node = root;

	*size = 1;
	while (path_next(&rest, &part, &part_size)) {
		struct node *child = node_child(node, part, part_size);

		if (!child)
			break;
		node = child;
		*size = rest - path;
	}
	return node;
}

struct node *tree_find(struct node *root, const char *path)
{
	size_t size;
	struct node *node = tree_deepest(root, path, &size);

	return path[size] && path[1] ? NULL : node;
}

struct node *tree_own(struct node **root, const char *path)
{
	const char *rest = path, *part;
	size_t size;
	struct node *node = node_own(root);

	while (path_next(&rest, &part, &size))
		node = *node_own_child(node, part, size);
	return node;
}

struct node *tree_take(struct node **root, const char *path)
{
	char parent[PATH_ROOM];
	const char *name = strrchr(path, '/') + 1;

	strcpy(parent, path);
	path_parent(parent);
	return node_take_child(tree_own(root, parent), name, strlen(name));
}

struct tree_walker {
	char *path;
	void (*visit)(void *arg, const char *path, struct node *node);
	void *arg;
};

static void walk_child(void *arg, struct node *child)
{
	struct tree_walker *walker = arg;
	size_t size = strlen(walker->path);
	size_t slash = walker->path[size - 1] != '/';

	if (size + slash + child->name->size >= PATH_ROOM)
		return;		/* no path of a node is that long */
	if (slash)
		walker->path[size] = '/';
	memcpy(walker->path + size + slash, child->name->data, child->name->size + 1);
	walker->visit(walker->arg, walker->path, child);
	node_for_each_child(child, walk_child, walker);
	walker->path[size] = '\0';
}

void tree_walk(struct node *top, char *path, void (*visit)(void *arg, const char *path, struct node *node), void *arg)
{
	struct tree_walker walker = { .path = path, .visit = visit, .arg = arg };

	visit(arg, path, top);
	node_for_each_child(top, walk_child, &walker);
}
