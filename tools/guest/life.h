/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests are made and taken down. Whoever is killed in between leaves a record that says how far it was (record.h), and
 * guest_sweep() does the rest: a guest that was not complete goes.
 */
#ifndef GUEST_LIFE_H
#define GUEST_LIFE_H

#include "guest.h"
#include "record.h"
#include "tenon.h"

struct ground {
	struct tenon *tenon;
	struct tenon_store *store;
};

/* All that can be seen before anything is done. For guest_create(), which does it again while it holds names and disks. */
bool guest_check(const struct ground *ground, const struct guest *guest);

/* Where unpacked kernels are kept (tenon-build.h), if not in /var/cache/tenon; NULL: nowhere. */
void guest_kernel_cache(const char *dir);

/*
 * Makes the guest: checks, domain, memory and kernel, store, devices; lets it go unless @paused. False: guest_why(), and nothing is
 * left. @again: the record of a guest that is restarted, locked, which goes over to this; or NULL. *domid: its number.
 */
bool guest_create(const struct ground *ground, const struct guest *guest, bool paused, struct record *again, uint16_t *domid);

/*
 * Ends a guest for good: domain, devices, nodes, and its record, which must be locked and is closed. False: guest_why(), and the
 * record stays.
 */
bool guest_destroy(const struct ground *ground, struct record *record);

/* The same, but for the record. */
bool guest_take_down(const struct ground *ground, struct record *record);

/*
 * Devices of a guest whose record is locked, from now on; @spec as in disk= and vif=. Taking: @ask_ms as device_detach() has it.
 */
bool guest_give_disk(const struct ground *ground, struct record *record, const char *spec);
bool guest_give_nic(const struct ground *ground, struct record *record, const char *spec, uint32_t *handle);
bool guest_take(const struct ground *ground, struct record *record, enum device_kind kind, uint32_t devid, int ask_ms);

/* In the record, which is locked, and in /vm; the domain's own node is the caller's. */
bool guest_rename(const struct ground *ground, struct record *record, const char *name);

/* The record of a domain, opened as record_open() does. NULL: ENOENT if it has none. */
struct record *guest_record_of(const struct ground *ground, uint16_t domid, enum record_open how);

/* Its record by the guest's name, even if there is no domain: to read. */
char *guest_uuid_by_name(const char *name);

/* The number of the domain that has this UUID, or -1. */
int guest_domain(const struct ground *ground, const struct record *record);

/* Finishes or takes down what processes that were killed have left, and removes records of domains that are gone. */
void guest_sweep(const struct ground *ground);

/* The same for one record, which must be locked and is closed. */
void guest_sweep_one(const struct ground *ground, struct record *record);

#endif
