// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest is taken down; what killed processes left is tidied. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices.h"
#include "life.h"
#include "nodes.h"
#include "why.h"

#define LIST_STEP	256
#define GONE_STEPS	500	/* of 10 ms: until a dead domain's last frames were let go */

int guest_domain(const struct ground *ground, const struct record *record)
{
	struct tenon_domain list[LIST_STEP];
	uint16_t first = 1;
	int count;

	if (record->domid > 0 && !tenon_get_domain(ground->tenon, record->domid, &list[0]) &&
	    !memcmp(list[0].uuid, record->uuid, sizeof(record->uuid)))
		return record->domid;
	do {
		count = tenon_list_domains(ground->tenon, first, list, LIST_STEP);
		for (int i = 0; i < count; i++) {
			first = list[i].domid + 1;
			if (!memcmp(list[i].uuid, record->uuid, sizeof(record->uuid)))
				return list[i].domid;
		}
	} while (count == LIST_STEP);
	return -1;
}

struct record *guest_record_of(const struct ground *ground, uint16_t domid, enum record_open how)
{
	struct tenon_domain domain;
	char uuid_text[37];

	if (tenon_get_domain(ground->tenon, domid, &domain)) {
		errno = ENOENT;
		return NULL;
	}
	uuid_format(domain.uuid, uuid_text);
	return record_open(uuid_text, how);
}

char *guest_uuid_by_name(const char *name)
{
	char **list = record_list(), *found = NULL;

	for (size_t i = 0; list[i]; i++) {
		struct record *record = found ? NULL : record_open(list[i], RECORD_READ);

		if (record && record->name && !strcmp(record->name, name))
			found = strdup(list[i]);
		record_close(record);
		free(list[i]);
	}
	free(list);
	return found;
}

static bool end_domain(const struct ground *ground, struct record *record)
{
	int domid = guest_domain(ground, record), error;

	if (domid < 0)
		return true;
	/* Of a maker that was killed before it could write the number down. */
	if (record->domid != domid) {
		record->domid = domid;
		record_save(record);
	}
	error = tenon_destroy_domain(ground->tenon, domid);
	return !error || error == -ESRCH || why("domain %d cannot be destroyed: %s", domid, strerror(-error));
}

static void await_domain_gone(const struct ground *ground, const struct record *record)
{
	for (int i = 0; i < GONE_STEPS && guest_domain(ground, record) >= 0; i++)
		usleep(10000);
}

bool guest_take_down(const struct ground *ground, struct record *record)
{
	if (!end_domain(ground, record))
		return false;
	while (record->device_count) {
		struct record_device *device = &record->devices[record->device_count - 1];

		if (!device_detach(ground->store, record, device->kind, device->devid, 0))
			return false;
	}
	if (record->domid >= 0) {
		tenon_store_release(ground->store, record->domid);
		nodes_remove(ground->store, record->domid, record->uuid_text);
	}
	await_domain_gone(ground, record);
	return true;
}

bool guest_destroy(const struct ground *ground, struct record *record)
{
	record->phase = PHASE_ENDING;
	if (record_save(record) && guest_take_down(ground, record)) {
		record_remove(record);
		return true;
	}
	record_close(record);
	return false;
}

/* ---- tidying ---- */

static void finish_start(const struct ground *ground, struct record *record)
{
	/* It may have been let go already: that is an error of no interest. */
	if (!record->start_paused)
		tenon_unpause_domain(ground->tenon, record->domid);
	record->phase = PHASE_MADE;
	record_save(record);
	record_close(record);
}

void guest_sweep_one(const struct ground *ground, struct record *record)
{
	switch (record->phase) {
	case PHASE_MAKING:
	case PHASE_ENDING:
		guest_destroy(ground, record);
		return;
	case PHASE_STARTING:
		finish_start(ground, record);
		return;
	case PHASE_MADE:
	case PHASE_KEPT:
		if (guest_domain(ground, record) < 0) {
			guest_destroy(ground, record);
			return;
		}
		break;
	case PHASE_RESTARTING:		/* tenon-guestd's */
		break;
	}
	record_close(record);
}

/* A directory without a lock: its maker was killed at once. Nobody makes one now. */
static void sweep_empty(const char *uuid_text)
{
	int lock = record_lock_all();

	if (lock < 0)
		return;
	record_remove_empty(uuid_text);
	record_unlock_all(lock);
}

void guest_sweep(const struct ground *ground)
{
	char **list = record_list();

	for (size_t i = 0; list[i]; i++) {
		struct record *record = record_open(list[i], RECORD_TRY);

		if (record)
			guest_sweep_one(ground, record);
		else if (errno == ENOENT)
			sweep_empty(list[i]);
		free(list[i]);
	}
	free(list);
}
