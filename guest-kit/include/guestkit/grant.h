/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_GRANT_H
#define GUESTKIT_GRANT_H

#include <guestkit/kit.h>
#include <xen/grant_table.h>

/* Sets up `frames` frames of a version 1 grant table and maps them; returns 0 or -errno. */
long kit_grant_init(unsigned int frames);
/* The entries, kit_grant_entries() of them. */
extern volatile struct grant_entry_v1 *kit_grant_table;
unsigned int kit_grant_entries(void);

/* Grants access to a frame under the number `ref`. */
void kit_grant_access(grant_ref_t ref, domid_t dom, unsigned long mfn, bool readonly);
/* Takes it back; false when it is in use. */
bool kit_grant_end(grant_ref_t ref);

#endif
