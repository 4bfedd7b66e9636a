// SPDX-License-Identifier: GPL-2.0-or-later
/* The persistent tree against a plain list: contents, order, sums, snapshots that stay as they are, no leaks. */
#include "tap.h"

#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "tree.h"

#define NAMES 400
#define SNAPSHOTS 8

static uint64_t state = 12345;

static unsigned int chance(unsigned int limit)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (state >> 33) % limit;
}

struct model {
	int value[NAMES];	/* -1: not there */
};

static struct perms *dom0(void)
{
	static const struct perm alone;

	return perms_new(&alone, 1);
}

static void name_of(int i, char out[32])
{
	sprintf(out, "%s%d", i % 3 ? "n" : "longer-name-", i);
}

static void put(struct node **root, struct model *model, int i, int value)
{
	struct node *top = node_own(root);
	char name[32], text[16];
	struct blob *blob;

	name_of(i, name);
	sprintf(text, "%d", value);
	blob = blob_new(text, strlen(text));
	if (model->value[i] < 0) {
		node_add_child(top, node_new(name, strlen(name), blob, dom0()));
	} else {
		struct node *node = *node_own_child(top, name, strlen(name));

		blob_put(node->value);
		node->value = blob;
	}
	model->value[i] = value;
}

static void take(struct node **root, struct model *model, int i)
{
	char name[32];

	if (model->value[i] < 0)
		return;
	name_of(i, name);
	node_put(node_take_child(node_own(root), name, strlen(name)));
	model->value[i] = -1;
}

static bool same(struct node *root, const struct model *model)
{
	static char list[NAMES * 32], parts[NAMES * 32];
	size_t bytes = 0, count = 0, offset = 0, got;
	char name[32], text[16];

	for (int i = 0; i < NAMES; i++) {
		struct node *node;

		name_of(i, name);
		node = node_child(root, name, strlen(name));
		if (!node != (model->value[i] < 0))
			return false;
		if (!node)
			continue;
		sprintf(text, "%d", model->value[i]);
		if (strcmp(node->value->data, text))
			return false;
		bytes += strlen(name) + 1;
		count++;
	}
	if (node_list_size(root) != bytes || (root->children ? root->children->count : 0) != count)
		return false;
	if (node_list(root, 0, list, sizeof(list)) != bytes)
		return false;
	/* In parts, and in order. */
	while ((got = node_list(root, offset, parts + offset, 50)))
		offset += got;
	if (offset != bytes || memcmp(list, parts, bytes))
		return false;
	for (size_t at = 0; at < bytes; at += strlen(list + at) + 1) {
		size_t next = at + strlen(list + at) + 1;

		if (next < bytes && strcmp(list + at, list + next) >= 0)
			return false;
	}
	return true;
}

static int depth(const struct node *treap)
{
	int left, right;

	if (!treap)
		return 0;
	left = depth(treap->left);
	right = depth(treap->right);
	return 1 + (left > right ? left : right);
}

static void test_against_model(void)
{
	struct node *root = node_new("", 0, blob_new("", 0), dom0()), *snapshots[SNAPSHOTS] = { 0 };
	struct model now, then[SNAPSHOTS];
	bool good = true, kept = true;

	memset(&now, 0xff, sizeof(now));
	for (int step = 0; step < 40000; step++) {
		int which = chance(SNAPSHOTS);

		if (chance(3))
			put(&root, &now, chance(NAMES), chance(1000));
		else
			take(&root, &now, chance(NAMES));
		if (!chance(50)) {
			if (snapshots[which])
				kept &= same(snapshots[which], &then[which]);
			node_put(snapshots[which]);
			snapshots[which] = node_ref(root);
			then[which] = now;
		}
		if (!(step % 500))
			good &= same(root, &now);
	}
	ok(good, "40,000 random changes: contents, order, sums and lists are right");
	ok(kept, "snapshots stay as they were");
	for (int i = 0; i < SNAPSHOTS; i++)
		node_put(snapshots[i]);
	node_put(root);
}

static void test_depth(void)
{
	struct node *root = node_new("", 0, blob_new("", 0), dom0());
	char name[16];

	for (int i = 0; i < 100000; i++) {
		sprintf(name, "%06d", i);
		node_add_child(root, node_new(name, 6, blob_new("", 0), dom0()));
	}
	ok(depth(root->children) < 60, "100,000 children in order: the treap's depth is %d", depth(root->children));
	node_put(root);
}

static void test_paths(void)
{
	char path[PATH_ROOM], long_name[4000];

	ok(path_absolute("/a/b", "/home", path) && !strcmp(path, "/a/b"), "an absolute path");
	ok(path_absolute("a/b", "/home", path) && !strcmp(path, "/home/a/b"), "a relative path");
	ok(path_absolute("/", "/home", path) && !strcmp(path, "/"), "the root");
	ok(!path_absolute("", "/home", path) && !path_absolute("/a//b", "", path) && !path_absolute("/a/", "", path) &&
	   !path_absolute("/a b", "", path) && !path_absolute("@x", "", path), "what is no path");
	memset(long_name, 'x', sizeof(long_name));
	long_name[0] = '/';
	long_name[3072] = '\0';
	ok(path_absolute(long_name, "", path), "3,072 bytes are a path");
	long_name[3072] = 'x';
	long_name[3073] = '\0';
	ok(!path_absolute(long_name, "", path), "3,073 are none");
	long_name[2050] = '\0';
	ok(!path_absolute(long_name + 1, "", path), "a relative one of 2,049 is none");
	ok(path_within("/a/b", "/a") && path_within("/a", "/a") && !path_within("/ab", "/a") && path_within("/x", "/"),
	   "what is below what");
	strcpy(path, "/a/b");
	ok(path_parent(path) && !strcmp(path, "/a") && path_parent(path) && !strcmp(path, "/") && !path_parent(path),
	   "parents");
}

static void test_perms(void)
{
	static const struct actor seven = { .domid = 7, .target = DOMID_NONE }, helper = { .domid = 8, .target = 7 },
				  other = { .domid = 9, .target = DOMID_NONE }, tool = { .domid = 0, .target = DOMID_NONE },
				  reader = { .domid = 0, .target = DOMID_NONE, .read_only = true };
	char text[64];
	int error;
	struct perms *perms = perms_parse("n7\0r9\0w5", 9, &error), *without;

	ok(perms && perms->count == 3, "a list is read");
	ok(perms_format(perms, text, sizeof(text)) == 9 && !memcmp(text, "n7\0r9\0w5", 9), "and written");
	ok(perms_of(perms, &seven) == 7 && perms_of(perms, &helper) == 7, "an owner and who acts for it may everything");
	ok(perms_of(perms, &other) == PERM_READ && perms_of(perms, &tool) == 7, "another what its entry says, dom0 everything");
	ok(perms_of(perms, &reader) == (PERM_READ | PERM_OWNER), "a reader may not write");
	without = perms_without(perms, 9);
	ok(without && without->count == 2 && perms_of(without, &other) == 0, "a domain taken out may nothing");
	ok(!perms_without(perms, 100), "taking out who is not there changes nothing");
	ok(!perms_parse("n7\0x9", 6, &error) && error == EINVAL && !perms_parse("n7", 2, &error) &&
	   !perms_parse("n", 2, &error) && !perms_parse("n-1", 4, &error) && !perms_parse("", 0, &error), "what is no list");
	perms_put(without);
	perms_put(perms);
}

int main(void)
{
	test_against_model();
	test_depth();
	test_paths();
	test_perms();
	return tap_end();
}
