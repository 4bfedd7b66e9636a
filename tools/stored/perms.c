// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of permissions: text form and meaning. */
#include "perms.h"

#include <errno.h>
#include <stdio.h>

#include "alloc.h"
#include "path.h"

struct perms *perms_new(const struct perm *entries, size_t count)
{
	struct perms *perms = xmalloc(sizeof(*perms) + count * sizeof(*entries));

	perms->refs = 1;
	perms->count = count;
	memcpy(perms->entry, entries, count * sizeof(*entries));
	return perms;
}

struct perms *perms_ref(struct perms *perms)
{
	perms->refs++;
	return perms;
}

void perms_put(struct perms *perms)
{
	if (!--perms->refs)
		free(perms);
}

struct perms *perms_owned_by(struct perms *perms, uint16_t domid)
{
	struct perms *copy;

	if (perms->entry[0].domid == domid)
		return perms_ref(perms);
	copy = perms_new(perms->entry, perms->count);
	copy->entry[0].domid = domid;
	return copy;
}

struct perms *perms_without(const struct perms *perms, uint16_t domid)
{
	struct perm entries[PERMS_MAX];
	size_t count = 1;
	bool changed = perms->entry[0].domid == domid;

	entries[0] = perms->entry[0];
	if (changed)
		entries[0].domid = 0;
	for (size_t i = 1; i < perms->count; i++) {
		if (perms->entry[i].domid == domid)
			changed = true;
		else
			entries[count++] = perms->entry[i];
	}
	return changed ? perms_new(entries, count) : NULL;
}

static bool perm_parse(const char *text, struct perm *perm)
{
	static const char letters[] = "nrwb";	/* in the order of the bits */
	const char *letter = text[0] ? strchr(letters, text[0]) : NULL;
	unsigned long domid;

	if (!letter || !parse_number(text + 1, 0xffff, &domid))
		return false;
	*perm = (struct perm){ .domid = domid, .may = letter - letters };
	return true;
}

struct perms *perms_parse(const char *text, size_t size, int *error)
{
	struct perm entries[PERMS_MAX];
	size_t count = 0;
	const char *end = text + size;

	*error = EINVAL;
	if (!size || end[-1])
		return NULL;
	for (; text < end; text += strlen(text) + 1) {
		if (count == PERMS_MAX) {
			*error = ENOSPC;
			return NULL;
		}
		if (!perm_parse(text, &entries[count++]))
			return NULL;
	}
	return perms_new(entries, count);
}

size_t perms_format(const struct perms *perms, char *out, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < perms->count; i++) {
		char text[16];
		size_t size = sprintf(text, "%c%u", "nrwb"[perms->entry[i].may], perms->entry[i].domid) + 1;

		if (size > room - used)
			return 0;
		memcpy(out + used, text, size);
		used += size;
	}
	return used;
}

static bool is_actor(const struct perm *perm, const struct actor *actor)
{
	return perm->domid == actor->domid || (actor->target != DOMID_NONE && perm->domid == actor->target);
}

unsigned int perms_of(const struct perms *perms, const struct actor *actor)
{
	unsigned int allowed = PERM_READ | PERM_OWNER | (actor->read_only ? 0 : PERM_WRITE);

	if (actor_privileged(actor) || is_actor(&perms->entry[0], actor))
		return allowed;
	for (size_t i = 1; i < perms->count; i++)
		if (is_actor(&perms->entry[i], actor))
			return perms->entry[i].may & allowed;
	return perms->entry[0].may & allowed;
}
