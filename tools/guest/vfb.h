/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's framebuffer, and the keyboard and pointer that belong to it. Their back ends are a QEMU for each guest, its machine
 * "xenpv", which shows the framebuffer by VNC. It starts as root, since it needs /dev/xen; then it becomes a user of its own in an
 * empty directory. As it keeps those devices it can do to other domains what this one can.
 */
#ifndef GUEST_VFB_H
#define GUEST_VFB_H

#include "guest.h"
#include "record.h"
#include "tenon.h"

/* Its monitor, in the guest's directory. Its command line has the path, which tells whose a QEMU is. */
#define VFB_MONITOR "vfb-monitor"

/* Whether there is what it needs. False: guest_why(). */
bool vfb_check(const struct guest *guest);

/* Record and nodes, then QEMU is started; waits until it serves, and writes where. What was begun when it fails is undone by vfb_detach(). */
bool vfb_attach(struct tenon_store *store, struct record *record, const struct guest *guest);
bool vfb_ready(struct tenon_store *store, struct record *record);

/* QEMU is ended, and the entry in the record goes. False: guest_why(). */
bool vfb_detach(struct tenon_store *store, struct record *record, const struct record_device *device);

#endif
