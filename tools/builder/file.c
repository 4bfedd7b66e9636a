// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files of a guest. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int refuse(const struct why *why, int error, const char *format, ...)
{
	va_list arguments;
	int used = 0;

	if (why->about)
		used = snprintf(why->text, TENON_WHY_SIZE, "%s: ", why->about);
	if (used < 0 || used >= TENON_WHY_SIZE)
		used = 0;
	va_start(arguments, format);
	vsnprintf(why->text + used, TENON_WHY_SIZE - used, format, arguments);
	va_end(arguments);
	return error;
}

int input_open(struct input *input, const struct tenon_file *file, const char *what, char *why)
{
	struct stat status;
	int error = 0;

	*input = (struct input){ .why = { why, file->path ? file->path : what }, .fd = file->fd };
	if (!file->is_open) {
		/* Without waiting: it may be a FIFO. */
		input->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (input->fd < 0)
			return refuse(&input->why, -errno, "%s", strerror(errno));
		input->opened_here = true;
	}
	if (fstat(input->fd, &status))
		error = refuse(&input->why, -errno, "%s", strerror(errno));
	else if (!S_ISREG(status.st_mode))
		error = refuse(&input->why, -EINVAL, "it is not a regular file");
	if (error)
		input_close(input);
	else
		input->size = status.st_size;
	return error;
}

void input_close(struct input *input)
{
	if (input->opened_here)
		close(input->fd);
	input->opened_here = false;
}

int input_read(const struct input *input, void *to, size_t size, uint64_t offset)
{
	while (size) {
		ssize_t got = pread(input->fd, to, size, input->start + offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return refuse(&input->why, -errno, "%s", strerror(errno));
		if (!got)
			return refuse(&input->why, -EIO, "it became shorter while it was read");
		to = (char *)to + got;
		offset += got;
		size -= got;
	}
	return 0;
}
