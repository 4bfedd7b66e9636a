/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Permissions of a node: a list of domains with what they may do. The first entry names the owner, and what those not in
 * the list may do. Dom0 may do everything.
 */
#ifndef STORED_PERMS_H
#define STORED_PERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERM_READ	1
#define PERM_WRITE	2
#define PERM_OWNER	4	/* asked for, never written in a list */

#define PERMS_MAX	128	/* entries in a list that anyone may set; a guest's quota is smaller */

struct perm {
	uint16_t domid;
	uint8_t may;		/* PERM_READ | PERM_WRITE */
};

/* Immutable but for the count of references. */
struct perms {
	uint32_t refs;
	uint32_t count;		/* at least 1 */
	struct perm entry[];
};

/* Who asks. */
struct actor {
	uint16_t domid;
	uint16_t target;	/* the domain that this one acts for, or DOMID_NONE */
	bool read_only;
};

#define DOMID_NONE	0x7ff4	/* DOMID_INVALID of the hypervisor's interface */
#define DOMID_LIMIT	0x7ff0	/* domains' numbers are below; this one means whoever asks */

struct perms *perms_new(const struct perm *entries, size_t count);
struct perms *perms_ref(struct perms *perms);
void perms_put(struct perms *perms);

/* The same list with another owner. A new reference. */
struct perms *perms_owned_by(struct perms *perms, uint16_t domid);

/* The list without @domid: NULL if nothing changes. An owner's place is dom0's afterwards. */
struct perms *perms_without(const struct perms *perms, uint16_t domid);

/*
 * From the wire's form, strings such as "n3", "r5", "w7", "b0", in @size bytes. Returns NULL and sets *@error to a positive
 * errno: EINVAL for what is no such list, ENOSPC for more than PERMS_MAX.
 */
struct perms *perms_parse(const char *text, size_t size, int *error);

/* The wire's form. Returns its bytes, or 0 if @room is too small. */
size_t perms_format(const struct perms *perms, char *out, size_t room);

/* What of PERM_* @actor has. */
unsigned int perms_of(const struct perms *perms, const struct actor *actor);

static inline bool actor_privileged(const struct actor *actor)
{
	return actor->domid == 0;
}

#endif
