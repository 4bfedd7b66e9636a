/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths in a tree of nodes. */
#ifndef STORED_TREE_H
#define STORED_TREE_H

#include "node.h"
#include "path.h"

struct node *tree_find(struct node *root, const char *path);

/* The last node on the way to @path that exists; *@size is the length of its own path (1 for the root). */
struct node *tree_deepest(struct node *root, const char *path, size_t *size);

/* The node of an existing path, ready to be changed. *@root may become another node. */
struct node *tree_own(struct node **root, const char *path);

/* Takes out a node that exists and is not the root. Returns the reference to it and what is below it. */
struct node *tree_take(struct node **root, const char *path);

/*
 * Calls @visit for @top and everything below it, parents first, with each node's path. @path is @top's, in a buffer of
 * PATH_ROOM bytes that the walk uses. The tree must not change in the meantime.
 */
void tree_walk(struct node *top, char *path, void (*visit)(void *arg, const char *path, struct node *node), void *arg);

#endif
