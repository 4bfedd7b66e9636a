/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request at work. */
#ifndef STORED_REQUEST_H
#define STORED_REQUEST_H

#include "conn.h"

struct request {
	struct conn *conn;
	struct transaction *transaction;	/* or NULL */
	struct view *view;			/* its, or the present state */
	const char *payload;			/* in the slot, followed by more bytes: use size */
	size_t size;
	char *reply;				/* in the slot: room for XENSTORE_PAYLOAD_MAX bytes */
	size_t reply_size;
	const char *special;			/* a special name whose watchers are told afterwards */
	char path[PATH_ROOM];
};

/* The string of that number in the payload, or NULL if there are not so many with their zeros. */
const char *request_string(const struct request *request, unsigned int number);
int request_domid(const struct request *request, unsigned int number, uint16_t *domid);

/* E2BIG: more than a message can have. */
int reply_add(struct request *request, const void *data, size_t size);

/* control.c: XS_CONTROL */
int do_control(struct request *request);

#endif
