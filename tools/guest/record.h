/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was done to the host for a guest, so that whoever comes after a process that was killed can take it down or finish
 * it: a directory for each guest, DIR/UUID, with
 *
 *	lock	held (flock) by whoever is changing the guest;
 *	record	JSON, replaced as a whole: phase, domain, devices;
 *	config	the configuration it was made of.
 *
 * The rule: a device is in the record before the first thing is done for it, and leaves it after the last was undone. The
 * domain is found by its handle, which is the UUID.
 */
#ifndef GUEST_RECORD_H
#define GUEST_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "guest.h"

enum record_phase {
	PHASE_MAKING,		/* not complete: without its maker it is taken down */
	PHASE_STARTING,		/* complete; what remains is to let it go */
	PHASE_MADE,
	PHASE_KEPT,		/* it has ended, and stays as it is, to be looked at */
	PHASE_ENDING,		/* being taken down, for good */
	PHASE_RESTARTING,	/* being taken down, then made again of the same configuration */
};

/* The keyboard comes with the framebuffer, and is in no record. */
enum device_kind { DEVICE_DISK, DEVICE_NIC, DEVICE_VFB, DEVICE_KEYBOARD };
enum device_how { HOW_PLAIN, HOW_LOOP, HOW_NBD, HOW_SCRIPT, HOW_BRIDGE, HOW_ROUTE, HOW_NAT, HOW_QEMU };

struct record_device {
	enum device_kind kind;
	enum device_how how;
	uint32_t devid;
	bool shared, read_only;
	char *label;		/* "xvda"; of a network interface: dom0's end */
	char *target;		/* as the configuration has it; of a framebuffer: where it is seen, ADDRESS:PORT */
	char *identity;		/* of a disk: equal for two that are the same file or device */
	char *node;		/* /dev/loop3; NULL while there is none */
	char *script;
	pid_t pid;		/* of the process that serves it */
};

struct record {
	char *path;
	int lock;
	char uuid_text[37];
	uint8_t uuid[16];
	char *name;
	enum record_phase phase;
	int domid;		/* -1: none yet */
	bool start_paused;	/* -p was given */
	long long since;	/* when the domain was last started, s */
	struct record_device *devices;
	unsigned int device_count;
};

/* Where records are kept. Must be set before anything else here is used. */
void record_place(const char *dir);

/* Held while names and disks are looked at and claimed. -1: it cannot be had, guest_why() tells. */
int record_lock_all(void);
void record_unlock_all(int lock);

/* A new record, locked, not yet written. NULL: guest_why(). */
struct record *record_new(const char *uuid_text, const char *name);

enum record_open { RECORD_READ, RECORD_TRY, RECORD_WAIT };

/*
 * Opens one: only to read; locked, or NULL with EWOULDBLOCK if somebody else holds it; locked, after waiting up to 30 s. NULL:
 * errno, ENOENT if there is none.
 */
struct record *record_open(const char *uuid_text, enum record_open how);
void record_close(struct record *record);

/* Replaces what is written. False: guest_why(). */
bool record_save(struct record *record);
bool record_save_config(struct record *record, const struct config *config);
struct config *record_config(const struct record *record, config_report *report, void *arg);

/* Removes a locked one, and closes it. */
void record_remove(struct record *record);

/* With record_lock_all(): one that never got its lock. */
void record_remove_empty(const char *uuid_text);

/* A device more, all of it zero but these; valid until the next one comes. */
struct record_device *record_add(struct record *record, enum device_kind kind, uint32_t devid, const char *label);
void record_drop(struct record *record, const struct record_device *device);
struct record_device *record_find(struct record *record, enum device_kind kind, uint32_t devid);

/* UUIDs of all records; ends with NULL; each and the list are to be freed. */
char **record_list(void);

#endif
