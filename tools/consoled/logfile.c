// SPDX-License-Identifier: GPL-2.0-or-later
/* Rotated log files. */
#include "logfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

size_t logfile_limit = 1 << 20;
unsigned int logfile_keep = 4;

void logfile_init(struct logfile *log, const char *dir, const char *name)
{
	char safe[128];
	size_t i;

	for (i = 0; name[i] && i < sizeof(safe) - 1; i++)
		safe[i] = isalnum((unsigned char)name[i]) || strchr("-_.+", name[i]) ? name[i] : '_';
	safe[i] = '\0';
	*log = (struct logfile){ .fd = -1 };
	if ((size_t)snprintf(log->path, sizeof(log->path), "%s/guest-%s.log", dir, safe) >= sizeof(log->path))
		log->path[0] = '\0';
}

void logfile_close(struct logfile *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

static bool logfile_open(struct logfile *log)
{
	struct stat status;

	if (log->fd >= 0)
		return true;
	log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log->fd < 0)
		return false;
	log->size = fstat(log->fd, &status) ? 0 : status.st_size;
	return true;
}

static void logfile_rotate(struct logfile *log)
{
	char from[600], to[600];

	logfile_close(log);
	for (unsigned int i = logfile_keep; i > 0; i--) {
		snprintf(to, sizeof(to), "%s.%u", log->path, i);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%u", log->path, i - 1);
		else
			snprintf(from, sizeof(from), "%s", log->path);
		if (rename(from, to) && errno != ENOENT)
			log_warning("%s cannot be renamed to %s: %s", from, to, strerror(errno));
	}
	if (!logfile_keep)
		unlink(log->path);
}

void logfile_write(struct logfile *log, const char *data, size_t size)
{
	static bool complained;

	if (!log->path[0] || !size)
		return;
	if (logfile_open(log) && log->size && log->size + size > logfile_limit)
		logfile_rotate(log);
	if (logfile_open(log) && write(log->fd, data, size) == (ssize_t)size) {
		log->size += size;
		complained = false;
		return;
	}
	if (!complained)
		log_error("%s cannot be written: %s", log->path, strerror(errno));
	complained = true;
	logfile_close(log);
}
