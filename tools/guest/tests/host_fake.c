// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host made of files, for tests. In the directory TENON_FAKE_HOST: sys is sysfs, loopN a loop device in use (its tag, and its
 * file), "block" a list of files that count as block devices: path, major, minor, "busy" or "free". Helpers are scripts there.
 */
#include "../host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOPS 64

static const char *in_dir(const char *name)
{
	static char paths[4][4096];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, 4096, "%s/%s", getenv("TENON_FAKE_HOST") ? getenv("TENON_FAKE_HOST") : "/nonexistent", name);
	return path;
}

const char *host_sys(void)
{
	return in_dir("sys");
}

const char *host_net_helper(void)
{
	return in_dir("tenon-net");
}

const char *host_nbd_program(void)
{
	return in_dir("qemu-nbd");
}

const char *host_qemu_program(void)
{
	return in_dir("qemu-xen");
}

const char *host_qemu_user(void)
{
	return "tenon-vfb";
}

bool host_user_exists(const char *name)
{
	return access(in_dir("no-user"), F_OK);
}

static const char *loop_path(int number)
{
	char name[32];

	snprintf(name, sizeof(name), "loop%d", number);
	return in_dir(name);
}

int host_loop_free(void)
{
	for (int i = 0; i < LOOPS; i++)
		if (access(loop_path(i), F_OK))
			return i;
	return -ENOSPC;
}

int host_loop_attach(int number, const char *file, bool read_only, const char *tag)
{
	int fd = open(loop_path(number), O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return errno == EEXIST ? -EBUSY : -errno;
	dprintf(fd, "%s\n%s\n", tag, file);
	close(fd);
	return 0;
}

bool host_loop_is(int number, const char *tag)
{
	FILE *file = fopen(loop_path(number), "r");
	char line[128] = "";

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, tag);
}

int host_loop_detach(int number)
{
	return unlink(loop_path(number)) ? -errno : 0;
}

/* The line of a block device. */
static bool find_block(const char *path, unsigned int *major, unsigned int *minor, bool *busy)
{
	FILE *file = fopen(in_dir("block"), "r");
	char name[1024], state[16];
	bool found = false;

	while (file && !found && fscanf(file, "%1023s %u %u %15s", name, major, minor, state) == 4) {
		found = !strcmp(name, path);
		*busy = !strcmp(state, "busy");
	}
	if (file)
		fclose(file);
	return found;
}

int host_device(const char *path, bool *is_block, unsigned int *major, unsigned int *minor)
{
	struct stat status;
	bool busy;

	if (sscanf(path, "/dev/loop%u", minor) == 1 || sscanf(path, "/dev/nbd%u", minor) == 1) {
		*major = path[5] == 'l' ? 7 : 43;
		*is_block = true;
		return 0;
	}
	*is_block = find_block(path, major, minor, &busy);
	if (*is_block)
		return 0;
	if (stat(path, &status))
		return -errno;
	return S_ISREG(status.st_mode) ? 0 : -ENOTBLK;
}

int host_block_usable(const char *path, bool read_only)
{
	unsigned int major, minor;
	bool busy;

	return find_block(path, &major, &minor, &busy) && busy ? -EBUSY : 0;
}
