// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's own reader of partition tables and file systems, a process for each file. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inside.h"

int fstest_run(const char *verb, const char *path, int out)
{
	char *arguments[] = { "grub-fstest", DISK_PATH, (char *)verb, (char *)path, NULL };
	char *environment[] = { "LC_ALL=C", NULL };
	pid_t child = fork();
	int status;

	if (!child) {
		/* Standard error stays what it is: nothing. */
		if (dup2(out, STDOUT_FILENO) < 0)
			_exit(126);
		execve(FSTEST_PATH, arguments, environment);
		execve(FSTEST2_PATH, arguments, environment);
		_exit(127);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status))
		return -EBADMSG;
	return WEXITSTATUS(status) == 127 ? -ENOSYS : WEXITSTATUS(status) ? -ENOENT : 0;
}

int fstest_text(const char *verb, const char *path, size_t most, char **text, size_t *size)
{
	int file = memfd_create("text", MFD_CLOEXEC), error;
	struct stat status;

	if (file < 0)
		return -errno;
	error = fstest_run(verb, path, file);
	if (!error && fstat(file, &status))
		error = -errno;
	if (!error && (size_t)status.st_size > most)
		error = -EFBIG;
	*text = error ? NULL : calloc(1, status.st_size + 1);
	if (!error && !*text)
		error = -ENOMEM;
	if (!error && pread(file, *text, status.st_size, 0) != status.st_size) {
		free(*text);
		error = -EIO;
	}
	if (!error)
		*size = status.st_size;
	close(file);
	return error;
}
