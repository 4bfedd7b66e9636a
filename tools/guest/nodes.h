/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's nodes in the store, laid out as the kernels' front and back ends and Xen's own tools expect them (Xen,
 * docs/misc/xenstore-paths; xen/include/public/io). Each function's nodes come and go in one transaction. False: guest_why().
 */
#ifndef GUEST_NODES_H
#define GUEST_NODES_H

#include "guest.h"
#include "record.h"
#include "tenon.h"
#include "tenon-build.h"

enum { STATE_INITIALISING = 1, STATE_INIT_WAIT = 2, STATE_CONNECTED = 4, STATE_CLOSING = 5, STATE_CLOSED = 6 };

/* Its home, before it is built; then what the builder made. */
bool nodes_make(struct tenon_store *store, uint16_t domid, const struct guest *guest);
bool nodes_built(struct tenon_store *store, uint16_t domid, const struct guest *guest, const struct tenon_built *built);

/*
 * All of them, if the home is this guest's (a number may have been given to another domain since). Back ends that are still
 * there go too.
 */
void nodes_remove(struct tenon_store *store, uint16_t domid, const char *uuid_text);

/* Both ends of a device. Of a disk @device has number and node; @params is what the back end's node of that name says. */
bool nodes_disk(struct tenon_store *store, uint16_t domid, const struct config_disk *disk, const char *params, unsigned int major,
		unsigned int minor);
bool nodes_nic(struct tenon_store *store, uint16_t domid, const struct nic *nic);

/*
 * Framebuffer and keyboard, both ends of both; then where it is seen, as Xen's tools look for it; all of that, and what QEMU wrote, goes.
 * A password is in none of them: the guest may read most.
 */
bool nodes_vfb(struct tenon_store *store, uint16_t domid, const struct config_vfb *vfb);
bool nodes_vnc(struct tenon_store *store, uint16_t domid, const char *address, unsigned int port);
void nodes_drop_vfb(struct tenon_store *store, uint16_t domid);

#define NODE_PATH_SIZE 96
const char *device_class(enum device_kind kind);	/* "vbd", "vif", "vfb", "vkbd" */
void backend_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid);
/* Where the kernel says why a back end failed. */
void error_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid);
void frontend_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid);

/* One node below @base; NULL or -1: it is not there. The text is to be freed. */
char *node_read(struct tenon_store *store, const char *base, const char *name);
long node_number(struct tenon_store *store, const char *base, const char *name);
bool node_write(struct tenon_store *store, const char *base, const char *name, const char *value);

/* Asks the kernel's back end to close; then removes both ends' nodes, whatever became of it. */
bool nodes_close(struct tenon_store *store, enum device_kind kind, uint16_t domid, uint32_t devid);
void nodes_drop(struct tenon_store *store, enum device_kind kind, uint16_t domid, uint32_t devid);

/* Waits until @wanted, of the store's present state, or @milliseconds are over. @path: what is watched meanwhile. */
bool nodes_await(struct tenon_store *store, const char *path, int milliseconds, bool (*wanted)(void *arg), void *arg);

#endif
