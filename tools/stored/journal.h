/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: records of everything that changed, in a mapped file in memory (tmpfs). It survives the process, whatever
 * kills it, not the machine: after a reboot there are no domains to serve. Appending costs no system call.
 */
#ifndef STORED_JOURNAL_H
#define STORED_JOURNAL_H

#include "view.h"

/*
 * Opens DIR/journal, or makes an empty one. @dir NULL: nothing is kept. Ends the process on failure; a journal of another
 * version or with a broken head is put aside, with a message.
 */
void journal_open(const char *dir);

/* Calls @replay for each record since the journal was begun. A broken record ends the replay with a message. */
void journal_replay(void (*replay)(void *arg, const struct record *record), void *arg);

/* Appends records, all or nothing. */
void journal_append(const struct buffer *records);

/* Has the journal grown so long that it should be written anew? @live: bytes that a new one would have. */
bool journal_is_long(size_t live);

/* Writes a new journal of these records alone in its place. */
void journal_rewrite(const struct buffer *records);

size_t journal_size(void);

#endif
