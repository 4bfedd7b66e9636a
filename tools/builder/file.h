/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of a guest, and how errors are told. */
#ifndef BUILDER_FILE_H
#define BUILDER_FILE_H

#include "tenon-build.h"

/* Where a message goes, and the file that it is about (NULL: none), whose name stands before it. */
struct why {
	char *text;		/* TENON_WHY_SIZE bytes */
	const char *about;
};

/* Sets the message and returns @error. */
int refuse(const struct why *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A file while it is read. */
struct input {
	struct why why;
	int fd;
	bool opened_here;
	uint64_t start, size;	/* where in the file it begins, and its length */
};

/* Opens a regular file; its name heads messages, or @what. 0, or a negative errno; then nothing is open. */
int input_open(struct input *input, const struct tenon_file *file, const char *what, char *why);
void input_close(struct input *input);

/* Exactly @size bytes from @offset behind its start on, or a negative errno with the message: the file may have shrunk. */
int input_read(const struct input *input, void *to, size_t size, uint64_t offset);

static inline bool file_is_given(const struct tenon_file *file)
{
	return file->is_open || file->path;
}

#endif
