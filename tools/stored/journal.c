// SPDX-License-Identifier: GPL-2.0-or-later
/* The mapped file of records. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

#define JOURNAL_MAGIC	0x316c6e6a6f747374	/* "tstojnl1" */
#define JOURNAL_STEP	(1 << 20)
#define JOURNAL_SHORT	(4 << 20)	/* not worth writing anew */

struct journal_head {
	uint64_t magic;
	uint64_t size;		/* bytes that are valid, this head included */
};

static const char *journal_dir;
static struct journal_head *journal;
static size_t journal_room;
static int journal_fd = -1;

static void journal_path(char *out, size_t room, const char *suffix)
{
	if ((size_t)snprintf(out, room, "%s/journal%s", journal_dir, suffix) >= room)
		log_fatal("%s: too long a path", journal_dir);
}

static void journal_map(size_t room)
{
	void *mapped;

	/* Memory is taken now, so that it cannot be missing in the middle of an append. */
	int error = posix_fallocate(journal_fd, 0, room);

	if (error)
		log_fatal("the journal in %s cannot grow to %zu bytes: %s", journal_dir, room, strerror(error));
	if (journal)
		mapped = mremap(journal, journal_room, room, MREMAP_MAYMOVE);
	else
		mapped = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, journal_fd, 0);
	if (mapped == MAP_FAILED)
		log_fatal("the journal in %s cannot be mapped: %s", journal_dir, strerror(errno));
	journal = mapped;
	journal_room = room;
}

static void journal_unmap(void)
{
	munmap(journal, journal_room);
	close(journal_fd);
	journal = NULL;
	journal_fd = -1;
}

static bool journal_take_up(const char *path)
{
	struct stat status;

	journal_fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (journal_fd < 0)
		return false;
	if (!fstat(journal_fd, &status) && status.st_size >= (off_t)sizeof(*journal)) {
		journal_map(status.st_size);
		if (journal->magic == JOURNAL_MAGIC && journal->size >= sizeof(*journal) && journal->size <= journal_room)
			return true;
		journal_unmap();
	} else {
		close(journal_fd);
	}
	return false;
}

static void journal_make(const char *path)
{
	journal_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (journal_fd < 0)
		log_fatal("%s: %s", path, strerror(errno));
	journal_map(JOURNAL_STEP);
	journal->size = sizeof(*journal);
	journal->magic = JOURNAL_MAGIC;
}

void journal_open(const char *dir)
{
	char path[4096], aside[4096];

	journal_dir = dir;
	if (!dir)
		return;
	journal_path(path, sizeof(path), "");
	journal_path(aside, sizeof(aside), ".broken");
	if (journal_take_up(path))
		return;
	if (!access(path, F_OK)) {
		log_error("%s is not a journal of this version: moved to %s; the store begins empty", path, aside);
		rename(path, aside);
	}
	journal_make(path);
}

void journal_replay(void (*replay)(void *arg, const struct record *record), void *arg)
{
	size_t at = sizeof(*journal);

	if (!journal)
		return;
	while (at < journal->size) {
		const struct record *record = (void *)((char *)journal + at);
		size_t left = journal->size - at;

		if (left < sizeof(*record) || record->size > left || record_size(record) > left) {
			log_error("the journal is broken at byte %zu of %zu: what follows is lost", at,
				  (size_t)journal->size);
			journal->size = at;
			return;
		}
		replay(arg, record);
		at += record_size(record);
	}
}

void journal_append(const struct buffer *records)
{
	size_t end;

	if (!journal || !records->size)
		return;
	end = journal->size + records->size;
	if (end > journal_room)
		journal_map((end / JOURNAL_STEP + 1) * JOURNAL_STEP);
	memcpy((char *)journal + journal->size, records->data, records->size);
	atomic_signal_fence(memory_order_seq_cst);
	*(volatile uint64_t *)&journal->size = end;
	atomic_signal_fence(memory_order_seq_cst);
}

size_t journal_size(void)
{
	return journal ? journal->size : 0;
}

bool journal_is_long(size_t live)
{
	return journal_size() > JOURNAL_SHORT && journal_size() > 4 * live;
}

void journal_rewrite(const struct buffer *records)
{
	char path[4096], fresh[4096];

	if (!journal)
		return;
	journal_path(path, sizeof(path), "");
	journal_path(fresh, sizeof(fresh), ".new");
	journal_unmap();
	journal_make(fresh);
	journal_append(records);
	if (rename(fresh, path))
		log_fatal("%s cannot be put in the place of %s: %s", fresh, path, strerror(errno));
}
