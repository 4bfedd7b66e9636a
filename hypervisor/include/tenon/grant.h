/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables. */
#ifndef TENON_GRANT_H
#define TENON_GRANT_H

#include <tenon/addr.h>
#include <xen/grant_table.h>

struct domain;

int grant_table_create(struct domain *d, unsigned int max_frames, unsigned int max_maptrack);
/* Undoes all mappings that d holds of others. -ERESTART until done. */
int grant_table_release_mappings(struct domain *d);
void grant_table_free(struct domain *d);
/* The machine frame of d's idx'th shared grant frame (XENMAPSPACE_grant_table); grows the table if allowed. */
int grant_table_frame(struct domain *d, unsigned long idx, mfn_t *mfn);
unsigned int grant_table_max_frames(const struct domain *d);
void grant_table_dump(unsigned char key);

#endif
