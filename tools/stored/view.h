/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state of the store that requests work on: the present one, or a transaction's own. Here are the permissions, the
 * accounts of domains, the note of what a transaction has seen, and the record of what was done.
 */
#ifndef STORED_VIEW_H
#define STORED_VIEW_H

#include "account.h"
#include "buffer.h"
#include "map.h"
#include "tree.h"

/* Something that watchers are told of, and that holds what decides who may know. */
struct change {
	char *path;
	struct node *node;		/* as it is now, or, if removed, as it was with all below it */
	struct perms *old_perms;	/* before a change of permissions; or NULL */
	struct perms *parent_perms;	/* or NULL for the root */
	bool removed;
};

/* What a transaction saw of a node: a set of SAW_*. */
#define SAW_VALUE	1
#define SAW_PERMS	2
#define SAW_CHILDREN	4
#define SAW_NOTHING	8		/* it was not there */

struct view {
	struct node *root;
	struct node *base;		/* a transaction: the state it began with; the present state: NULL */
	struct map seen;		/* a transaction: path -> SAW_* */
	struct tally tally;		/* a transaction: changes of accounts, not yet made */
	struct buffer *log;		/* records of what is done */
	struct change *changes;
	size_t change_count;
};

/* Records: what the journal and a transaction's log consist of. Payload: strings and bytes, padded to 8. */
enum record_kind {
	RECORD_WRITE = 1,		/* path, value */
	RECORD_RM,			/* path */
	RECORD_PERMS,			/* path, permissions in text */
	RECORD_LAST_OF_TREE = RECORD_PERMS,
	RECORD_REQUEST,			/* struct record_request: what precedes was one request, done */
	RECORD_CONNECT, RECORD_DISCONNECT,
	RECORD_INTRODUCE, RECORD_RELEASE, RECORD_TARGET, RECORD_SHUTDOWN,
	RECORD_WATCH, RECORD_UNWATCH, RECORD_RESET,
	RECORD_BEGIN, RECORD_END,	/* transactions */
	RECORD_SPECIAL,			/* permissions of a special name */
};

struct record {
	uint32_t size;			/* of the payload, without padding */
	uint8_t kind;
	uint8_t pad;
	uint16_t domid;			/* tree: who did it, owner of what is new; else per kind */
	char payload[];
};

struct record *record_add(struct buffer *log, enum record_kind kind, uint16_t domid, size_t payload_size);
size_t record_size(const struct record *record);

/* Adds a record of strings and bytes: @path with its zero, then @data. */
void record_add_path(struct buffer *log, enum record_kind kind, uint16_t domid, const char *path, const void *data,
		     size_t size);

/*
 * What requests ask for. Paths are valid and absolute. Results are 0 or a positive errno, as the protocol has them: a
 * client that may not know whether a node exists gets EACCES.
 */
int view_get(struct view *view, const struct actor *actor, const char *path, unsigned int saw, struct node **node);
int view_write(struct view *view, const struct actor *actor, const char *path, const void *data, size_t size);
int view_mkdir(struct view *view, const struct actor *actor, const char *path);
int view_rm(struct view *view, const struct actor *actor, const char *path);
int view_set_perms(struct view *view, const struct actor *actor, const char *path, const char *text, size_t size);

/* Does a record's work again: with @actor's permissions and quotas, or, without one, as it was. Errors as above. */
int view_redo(struct view *view, const struct actor *actor, const struct record *record);

/* Does what the transaction saw still hold in @now? */
bool view_still_true(const struct view *transaction, struct node *now);

/* All nodes of a domain that is gone, with what is below them, and its name in other nodes' permissions. */
void view_purge_domain(struct view *view, uint16_t domid);

/* Forgets the changes, or all of a transaction's view. */
void view_drop_changes(struct view *view);
void view_free(struct view *view);

#endif
