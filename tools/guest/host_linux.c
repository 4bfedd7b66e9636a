// SPDX-License-Identifier: GPL-2.0-or-later
/* The real host. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const char *host_sys(void)
{
	return "/sys";
}

const char *host_net_helper(void)
{
	return LIBEXECDIR "/tenon-net";
}

const char *host_nbd_program(void)
{
	return "/usr/bin/qemu-nbd";
}

/* Where distributions put the one that is built for Xen; Debian's comes first. */
const char *host_qemu_program(void)
{
	static const char *const paths[] = { "/usr/libexec/xen-qemu-system-i386", "/usr/lib/xen/bin/qemu-system-i386",
		"/usr/libexec/xen/bin/qemu-system-i386" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return paths[0];
}

const char *host_qemu_user(void)
{
	return "tenon-vfb";
}

bool host_user_exists(const char *name)
{
	return getpwnam(name);
}

int host_loop_free(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number;

	if (control < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0)
		number = -errno;
	close(control);
	return number;
}

/* Without udev the node may be missing. */
static int open_loop(int number, int flags)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/loop%d", number);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mknod(path, S_IFBLK | 0660, makedev(7, number)) && errno != EEXIST)
		return -1;
	return open(path, flags | O_CLOEXEC);
}

int host_loop_attach(int number, const char *file, bool read_only, const char *tag)
{
	struct loop_config config = { 0 };
	int flags = read_only ? O_RDONLY : O_RDWR, loop = open_loop(number, flags), error = 0;

	if (loop < 0)
		return -errno;
	config.fd = open(file, flags | O_CLOEXEC);
	if ((int)config.fd < 0)
		error = -errno;
	/* The kernel does without direct I/O where the file system cannot. */
	config.info.lo_flags = LO_FLAGS_DIRECT_IO | (read_only ? LO_FLAGS_READ_ONLY : 0);
	snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", tag);
	if (!error && ioctl(loop, LOOP_CONFIGURE, &config))
		error = -errno;
	if ((int)config.fd >= 0)
		close(config.fd);
	close(loop);
	return error;
}

bool host_loop_is(int number, const char *tag)
{
	struct loop_info64 info;
	int loop = open_loop(number, O_RDONLY);
	bool same;

	if (loop < 0)
		return false;
	same = !ioctl(loop, LOOP_GET_STATUS64, &info) && !strncmp((char *)info.lo_file_name, tag, sizeof(info.lo_file_name) - 1);
	close(loop);
	return same;
}

int host_loop_detach(int number)
{
	int loop = open_loop(number, O_RDONLY), error = 0;

	if (loop < 0)
		return -errno;
	if (ioctl(loop, LOOP_CLR_FD) && errno != ENXIO)
		error = -errno;
	close(loop);
	return error;
}

int host_device(const char *path, bool *is_block, unsigned int *major_, unsigned int *minor_)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	*is_block = S_ISBLK(status.st_mode);
	if (!*is_block && !S_ISREG(status.st_mode))
		return -ENOTBLK;
	*major_ = major(status.st_rdev);
	*minor_ = minor(status.st_rdev);
	return 0;
}

int host_block_usable(const char *path, bool read_only)
{
	/* Exclusive for a block device: nobody has mounted it or made it part of another. */
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_EXCL | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
