/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks and network interfaces of a domain: what is done on the host and in the store to give and take them. */
#ifndef GUEST_DEVICES_H
#define GUEST_DEVICES_H

#include "guest.h"
#include "record.h"
#include "tenon.h"

/*
 * Whether a device can be had, before anything is done: its file or device is there and of the right kind, nobody has it who does not
 * share it; its bridge is there. The guest's own record (@uuid_text) does not count. False: guest_why(). To be called, for
 * disks, with record_lock_all(), and the record written with the disk in it before that is let go.
 */
bool disk_check(struct tenon_store *store, const struct config_disk *disk, const char *uuid_text);
bool nic_check(const struct nic *nic);

/* Enters it into the record, which the caller writes; attaching begins with that. */
void disk_claim(struct record *record, const struct config_disk *disk);

/*
 * Gives it: the record first, then the host, then the store. What was begun when it fails (guest_why()) is in the record:
 * device_detach() undoes it. device_ready() waits for the kernel's back end, and sets up the network interface.
 */
bool disk_attach(struct tenon_store *store, struct record *record, const struct config_disk *disk);
bool nic_attach(struct tenon_store *store, struct record *record, const struct nic *nic);
bool disk_ready(struct tenon_store *store, struct record *record, const struct config_disk *disk);
bool nic_ready(struct tenon_store *store, struct record *record, const struct nic *nic);

/*
 * Takes it, and its entry in the record. @ask_ms: the guest is asked, and has so long to let go; false with guest_why() if it does
 * not, and then nothing else was done. 0: it is not asked, its domain may be gone.
 */
bool device_detach(struct tenon_store *store, struct record *record, enum device_kind kind, uint32_t devid, int ask_ms);

#endif
