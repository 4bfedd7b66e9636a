/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of nodes, persistent in the sense of data structures: a reference to a root is a snapshot that nothing changes
 * any more. A change copies the nodes on the way from the root to it, as far as others hold them; what only one root
 * holds is changed in place. The children of a node form a treap, ordered by name, with random priorities: finding,
 * adding and removing a child among n, with its copies, takes O(log n).
 */
#ifndef STORED_NODE_H
#define STORED_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "perms.h"

/* Bytes, shared by the versions of a node. */
struct blob {
	uint32_t refs;
	uint32_t size;
	char data[];
};

struct node {
	uint32_t refs;
	uint32_t priority;
	uint32_t count;			/* siblings in this part of the treap, itself included */
	uint32_t bytes;			/* of their names, each with its zero */
	struct node *left, *right;	/* siblings before and behind */
	struct node *children;		/* the treap of the level below */
	struct blob *name;		/* with its zero, which size does not count */
	struct blob *value;
	struct perms *perms;
	/* Each change gives a number never used before: equal numbers in two snapshots mean that nothing happened. */
	union {
		uint64_t value_gen;
		struct node *next_dead;	/* while it is being freed */
	};
	uint64_t perms_gen, children_gen;
};

uint64_t node_next_gen(void);

struct blob *blob_new(const void *data, size_t size);
struct blob *blob_ref(struct blob *blob);
void blob_put(struct blob *blob);

/* A node without children or siblings; takes over the references to value and perms. */
struct node *node_new(const char *name, size_t name_size, struct blob *value, struct perms *perms);
struct node *node_ref(struct node *node);
void node_put(struct node *node);

/* Makes *@slot the only reference to its node, by a copy if others hold it; what holds the slot must be so already. */
struct node *node_own(struct node **slot);

/* The child of that name, or NULL. */
struct node *node_child(const struct node *parent, const char *name, size_t name_size);

/* The slot of an existing child, owned, ready to be changed. @parent is owned. */
struct node **node_own_child(struct node *parent, const char *name, size_t name_size);

/* Adds a child of a name that is not there yet; takes over the reference. @parent is owned. */
void node_add_child(struct node *parent, struct node *child);

/* Takes out a child, which exists. @parent is owned. Returns the reference (children included, siblings not). */
struct node *node_take_child(struct node *parent, const char *name, size_t name_size);

/* The names of the children as one list of strings. */
static inline size_t node_list_size(const struct node *node)
{
	return node->children ? node->children->bytes : 0;
}

/*
 * Copies whole names from byte @offset of that list on, as many as fit into @room bytes. An offset inside a name is taken
 * as that name's start. Returns the bytes copied.
 */
size_t node_list(const struct node *node, size_t offset, char *out, size_t room);

/* Calls @visit for each child in order. @visit must not change the tree that it walks. */
void node_for_each_child(const struct node *node, void (*visit)(void *arg, struct node *child), void *arg);

/* Bytes that a node counts for in its owner's account. */
size_t node_weight(const struct node *node);

#endif
