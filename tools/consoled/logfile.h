/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log files that are rotated by size: FILE, FILE.1, FILE.2 ... */
#ifndef CONSOLED_LOGFILE_H
#define CONSOLED_LOGFILE_H

#include <stddef.h>

struct logfile {
	char path[512];
	int fd;			/* -1: closed, opened at the next write */
	size_t size;
};

/* How large a file may become, and how many old ones are kept. */
extern size_t logfile_limit;
extern unsigned int logfile_keep;

/* The file DIR/guest-NAME.log; characters of @name that do not belong into a file's name become '_'. */
void logfile_init(struct logfile *log, const char *dir, const char *name);

/* Appends. What cannot be written is lost, with one message until it works again. */
void logfile_write(struct logfile *log, const char *data, size_t size);
void logfile_close(struct logfile *log);

#endif
