/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots: what of each connection must outlive the process, in a file that stays mapped: the bytes of a request that has
 * not come in whole, those of a reply that has not gone out whole, and how far each stream is. A process that is killed
 * leaves them as they are; its successor goes on there (doc/store.md).
 *
 * A slot's numbers change together: the new ones are written beside the old ones, then one store makes them valid.
 */
#ifndef STORED_SLOT_H
#define STORED_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#define MESSAGE_MAX	(sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)
#define SLOT_AREA	(2 * MESSAGE_MAX)	/* what is whole can be moved to the start in one step, without overlap */
#define SLOT_MAX	8192
#define SLOT_UNSEEN	0xff			/* fills the place where bytes are received: no request begins with four */

struct slot_state {
	uint32_t in_start, in_end;	/* in slot.in: received, not yet worked on */
	uint32_t out_start, out_end;	/* in slot.out: to be sent */
	uint32_t ring_consumed;		/* a ring's req_cons and rsp_prod as they must become */
	uint32_t ring_produced;
	uint64_t requests;		/* done so far, counted from a number that no earlier user of the slot reached */
};

struct slot {
	uint32_t current;		/* which of the two states is valid */
	uint8_t receiving, sending;	/* a socket's call is under way: what it did is not noted yet */
	uint8_t pad[2];
	struct slot_state state[2];
	char in[SLOT_AREA];
	char out[SLOT_AREA];
} __attribute__((aligned(4096)));

/* Maps the file, which is made if it is missing. NULL @path: memory of this process alone. Ends the process on failure. */
void slots_open(const char *path);

struct slot *slot_at(unsigned int index);

/* A free slot, emptied and marked as taken; -1: there is none. */
int slot_take(void);
void slot_mark_taken(unsigned int index);
void slot_release(unsigned int index);

static inline const struct slot_state *slot_now(const struct slot *slot)
{
	return &slot->state[slot->current & 1];
}

void slot_commit(struct slot *slot, const struct slot_state *next);

/* Room for a whole message at the end of the area, after moving what is there if that is possible. */
bool slot_make_room_in(struct slot *slot);
bool slot_make_room_out(struct slot *slot);

#endif
