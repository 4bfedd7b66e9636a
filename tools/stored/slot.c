// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of slots. */
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static struct slot *slots;
static bool slot_taken[SLOT_MAX];
static unsigned int slot_hint;
static bool slots_in_file;

void slots_open(const char *path)
{
	size_t size = SLOT_MAX * sizeof(*slots);
	int fd = -1;

	slots_in_file = path != NULL;
	if (path) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || ftruncate(fd, size))
			log_fatal("%s: %s", path, strerror(errno));
	}
	slots = mmap(NULL, size, PROT_READ | PROT_WRITE, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED,
		     fd, 0);
	if (slots == MAP_FAILED)
		log_fatal("%s: cannot be mapped: %s", path ? path : "slots", strerror(errno));
	if (fd >= 0)
		close(fd);
}

struct slot *slot_at(unsigned int index)
{
	return &slots[index];
}

void slot_mark_taken(unsigned int index)
{
	slot_taken[index] = true;
}

int slot_take(void)
{
	struct timespec now;

	for (unsigned int i = 0; i < SLOT_MAX; i++) {
		unsigned int index = (slot_hint + i) % SLOT_MAX;
		struct slot *slot = &slots[index];

		if (slot_taken[index])
			continue;
		slot_taken[index] = true;
		slot_hint = index + 1;
		memset(slot, 0, offsetof(struct slot, in));
		memset(slot->in, SLOT_UNSEEN, sizeof(slot->in));
		clock_gettime(CLOCK_MONOTONIC, &now);
		slot->state[0].requests = now.tv_sec * 1000000000ULL + now.tv_nsec;
		return index;
	}
	return -1;
}

void slot_release(unsigned int index)
{
	slot_taken[index] = false;
	if (index < slot_hint)
		slot_hint = index;
	/* Gives the memory back, whether it lies in a file or not. */
	madvise(&slots[index], sizeof(*slots), slots_in_file ? MADV_REMOVE : MADV_DONTNEED);
}

void slot_commit(struct slot *slot, const struct slot_state *next)
{
	uint32_t other = !(slot->current & 1);

	slot->state[other] = *next;
	atomic_signal_fence(memory_order_seq_cst);
	*(volatile uint32_t *)&slot->current = other;
	atomic_signal_fence(memory_order_seq_cst);
}

bool slot_make_room_in(struct slot *slot)
{
	struct slot_state next = *slot_now(slot);
	uint32_t held = next.in_end - next.in_start, old_end = next.in_end;

	if (next.in_start && (!held || next.in_start >= MESSAGE_MAX) && held <= next.in_start) {
		memcpy(slot->in, slot->in + next.in_start, held);
		next.in_start = 0;
		next.in_end = held;
		slot_commit(slot, &next);
		memset(slot->in + held, SLOT_UNSEEN, old_end - held);
	}
	return next.in_end < sizeof(slot->in);
}

bool slot_make_room_out(struct slot *slot)
{
	struct slot_state next = *slot_now(slot);
	uint32_t held = next.out_end - next.out_start;

	if (sizeof(slot->out) - next.out_end >= MESSAGE_MAX)
		return true;
	if (held > next.out_start)
		return false;
	memcpy(slot->out, slot->out + next.out_start, held);
	next.out_start = 0;
	next.out_end = held;
	slot_commit(slot, &next);
	return sizeof(slot->out) - next.out_end >= MESSAGE_MAX;
}
