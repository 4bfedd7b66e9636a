// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * boot-helper: what tenon-bootctl and tenon-grub need that no program of the system does.
 *
 *   settle DIR      what was written below DIR is where a boot loader finds it, which reads no journal
 *   stop-watchdog   the hypervisor is told that dom0 has come up (its option dom0_watchdog)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <xen/sched.h>
#include <xen/xen.h>

/* Linux, fs/ext4/ext4.h (since 5.14): writes the journal's contents to their places. */
#define EXT4_CHECKPOINT	_IOW('f', 43, uint32_t)
#define EXT4_MAGIC	0xef53
#define XFS_MAGIC	0x58465342

static int complain(const char *what)
{
	fprintf(stderr, "boot-helper: %s: %s\n", what, strerror(errno));
	return 1;
}

/*
 * Freezing a file system empties its log. Nobody can write until it is thawed, so nothing may come between: no page of ours that
 * would have to be read in, no signal.
 */
static int freeze_and_thaw(int fd)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return -1;
	if (ioctl(fd, FIFREEZE, 0))
		return -1;
	while (ioctl(fd, FITHAW, 0) && errno != EINVAL)
		;
	return 0;
}

static int settle(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t flags = 0;
	struct statfs fs;

	if (fd < 0 || syncfs(fd) || fstatfs(fd, &fs))
		return complain(directory);
	switch (fs.f_type) {
	case EXT4_MAGIC:
		if (!ioctl(fd, EXT4_CHECKPOINT, &flags))
			return 0;
		/* Older kernels, and ext3 and ext2, which have the same magic. */
		__attribute__((fallthrough));
	case XFS_MAGIC:
		/* It is better to have a journal than to fail: the next sync or unmount does it. */
		if (freeze_and_thaw(fd) && errno != EOPNOTSUPP && errno != EBUSY && errno != EPERM)
			return complain(directory);
	}
	return 0;
}

/* Linux, include/uapi/xen/privcmd.h. */
struct privcmd_call {
	uint64_t number;
	uint64_t argument[5];
};
#define PRIVCMD_CALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_call))

static int stop_watchdog(void)
{
	int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	struct sched_watchdog *op = mmap(NULL, sizeof(*op), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	struct privcmd_call call = { .number = __HYPERVISOR_sched_op, .argument = { SCHEDOP_watchdog, (uintptr_t)op } };

	if (fd < 0)
		return complain("/dev/xen/privcmd");
	if (op == MAP_FAILED)
		return complain("memory");
	*op = (struct sched_watchdog){ .id = 1, .timeout = 0 };
	/* EINVAL: there is none, or it was stopped before. */
	if (ioctl(fd, PRIVCMD_CALL, &call) < 0 && errno != EINVAL)
		return complain("the hypervisor's watchdog");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "settle"))
		return settle(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "stop-watchdog"))
		return stop_watchdog();
	fprintf(stderr, "Usage: boot-helper settle DIRECTORY | stop-watchdog\nA part of tenon-bootctl(8) and tenon-grub(8).\n");
	return 2;
}
