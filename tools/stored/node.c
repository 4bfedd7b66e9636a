// SPDX-License-Identifier: GPL-2.0-or-later
/* The persistent tree: references, copies, and the treap of siblings. */
#include "node.h"

#include "alloc.h"
#include "siphash.h"

uint64_t node_next_gen(void)
{
	static uint64_t last;

	return ++last;
}

struct blob *blob_new(const void *data, size_t size)
{
	struct blob *blob = xmalloc(sizeof(*blob) + size + 1);

	blob->refs = 1;
	blob->size = size;
	memcpy(blob->data, data, size);
	blob->data[size] = '\0';
	return blob;
}

struct blob *blob_ref(struct blob *blob)
{
	blob->refs++;
	return blob;
}

void blob_put(struct blob *blob)
{
	if (!--blob->refs)
		free(blob);
}

static void node_sum(struct node *node)
{
	node->count = 1;
	node->bytes = node->name->size + 1;
	for (int i = 0; i < 2; i++) {
		const struct node *side = i ? node->right : node->left;

		if (side) {
			node->count += side->count;
			node->bytes += side->bytes;
		}
	}
}

struct node *node_new(const char *name, size_t name_size, struct blob *value, struct perms *perms)
{
	struct node *node = xzalloc(sizeof(*node));

	node->refs = 1;
	node->priority = hash_bytes(name, name_size);
	node->name = blob_new(name, name_size);
	node->value = value;
	node->perms = perms;
	node->value_gen = node->perms_gen = node->children_gen = node_next_gen();
	node_sum(node);
	return node;
}

struct node *node_ref(struct node *node)
{
	if (node)
		node->refs++;
	return node;
}

/* Takes a reference away; a node that nobody holds any more joins the list of the dead. */
static void node_drop(struct node *node, struct node **dead)
{
	if (!node || --node->refs)
		return;
	node->next_dead = *dead;
	*dead = node;
}

/* Without recursion: a guest chooses how deep its tree is. */
void node_put(struct node *node)
{
	struct node *dead = NULL;

	node_drop(node, &dead);
	while ((node = dead)) {
		dead = node->next_dead;
		node_drop(node->left, &dead);
		node_drop(node->right, &dead);
		node_drop(node->children, &dead);
		blob_put(node->name);
		blob_put(node->value);
		perms_put(node->perms);
		free(node);
	}
}

struct node *node_own(struct node **slot)
{
	struct node *node = *slot, *copy;

	if (node->refs == 1)
		return node;
	copy = xmemdup(node, sizeof(*node));
	copy->refs = 1;
	node_ref(copy->left);
	node_ref(copy->right);
	node_ref(copy->children);
	blob_ref(copy->name);
	blob_ref(copy->value);
	perms_ref(copy->perms);
	node->refs--;
	*slot = copy;
	return copy;
}

static int name_compare(const struct blob *name, const char *other, size_t other_size)
{
	size_t common = name->size < other_size ? name->size : other_size;
	int order = memcmp(name->data, other, common);

	return order ? order : (name->size > other_size) - (name->size < other_size);
}

struct node *node_child(const struct node *parent, const char *name, size_t name_size)
{
	struct node *node = parent->children;

	while (node) {
		int order = name_compare(node->name, name, name_size);

		if (!order)
			return node;
		node = order > 0 ? node->left : node->right;
	}
	return NULL;
}

struct node **node_own_child(struct node *parent, const char *name, size_t name_size)
{
	struct node **slot = &parent->children;

	for (;;) {
		struct node *node = node_own(slot);
		int order = name_compare(node->name, name, name_size);

		if (!order)
			return slot;
		slot = order > 0 ? &node->left : &node->right;
	}
}

/* Takes a treap apart: what stands before @name, and what stands behind it. */
static void treap_split(struct node *treap, const struct blob *name, struct node **before, struct node **behind)
{
	if (!treap) {
		*before = *behind = NULL;
		return;
	}
	node_own(&treap);
	if (name_compare(treap->name, name->data, name->size) < 0) {
		treap_split(treap->right, name, &treap->right, behind);
		*before = treap;
	} else {
		treap_split(treap->left, name, before, &treap->left);
		*behind = treap;
	}
	node_sum(treap);
}

static struct node *treap_merge(struct node *before, struct node *behind)
{
	struct node *top;

	if (!before || !behind)
		return before ? before : behind;
	if (before->priority >= behind->priority) {
		top = node_own(&before);
		top->right = treap_merge(top->right, behind);
	} else {
		top = node_own(&behind);
		top->left = treap_merge(before, top->left);
	}
	node_sum(top);
	return top;
}

void node_add_child(struct node *parent, struct node *child)
{
	struct node **slot = &parent->children;

	while (*slot && (*slot)->priority >= child->priority) {
		struct node *node = node_own(slot);

		node->count++;
		node->bytes += child->name->size + 1;
		slot = name_compare(node->name, child->name->data, child->name->size) > 0 ? &node->left : &node->right;
	}
	treap_split(*slot, child->name, &child->left, &child->right);
	node_sum(child);
	*slot = child;
	parent->children_gen = node_next_gen();
}

struct node *node_take_child(struct node *parent, const char *name, size_t name_size)
{
	struct node **slot = &parent->children, *node;

	for (;;) {
		int order;

		node = node_own(slot);
		order = name_compare(node->name, name, name_size);
		if (!order)
			break;
		node->count--;
		node->bytes -= name_size + 1;
		slot = order > 0 ? &node->left : &node->right;
	}
	*slot = treap_merge(node->left, node->right);
	node->left = node->right = NULL;
	node_sum(node);
	parent->children_gen = node_next_gen();
	return node;
}

/* A list being written. */
struct list_part {
	size_t skip;		/* bytes still to leave out */
	char *out;
	size_t room, used;
	bool full;
};

static void list_add(struct list_part *part, const struct node *node)
{
	size_t size = node->name->size + 1;

	if (part->full)
		return;
	if (part->skip >= size) {
		part->skip -= size;
		return;
	}
	part->skip = 0;
	if (size > part->room - part->used) {
		part->full = true;
		return;
	}
	memcpy(part->out + part->used, node->name->data, size);
	part->used += size;
}

static void list_walk(struct list_part *part, const struct node *treap)
{
	if (!treap || part->full)
		return;
	if (part->skip >= treap->bytes) {
		part->skip -= treap->bytes;
		return;
	}
	list_walk(part, treap->left);
	list_add(part, treap);
	list_walk(part, treap->right);
}

size_t node_list(const struct node *node, size_t offset, char *out, size_t room)
{
	struct list_part part = { .skip = offset, .out = out, .room = room };

	list_walk(&part, node->children);
	return part.used;
}

static void treap_visit(struct node *treap, void (*visit)(void *arg, struct node *child), void *arg)
{
	if (!treap)
		return;
	treap_visit(treap->left, visit, arg);
	visit(arg, treap);
	treap_visit(treap->right, visit, arg);
}

void node_for_each_child(const struct node *node, void (*visit)(void *arg, struct node *child), void *arg)
{
	treap_visit(node->children, visit, arg);
}

size_t node_weight(const struct node *node)
{
	return sizeof(*node) + node->name->size + node->value->size + node->perms->count * sizeof(node->perms->entry[0]);
}
