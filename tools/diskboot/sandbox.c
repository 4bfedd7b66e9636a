// SPDX-License-Identifier: GPL-2.0-or-later
/* A place for a process that reads hostile data: without privileges, names, neighbours, network, and most system
 * calls. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inside.h"

#define NOBODY		65534
#define ROOT		"/tmp"			/* where the new root is put together */
#define X32_BIT		0x40000000U
#define CAPABILITIES	64

#define MEMORY_MAX	(1UL << 30)
#define FILE_MAX	(600UL << 20)		/* a kernel may have 512 MiB */
#define SECONDS_MAX	60

/* ---- the root directory ---- */

static int bind_read_only(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_BIND, NULL))
		return -errno;
	return mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) ? -errno : 0;
}

/* A top directory of the system, or the link to one that it mostly is. */
static int show_directory(const char *name)
{
	char from[32], to[32], target[256];
	struct stat status;
	ssize_t length;

	snprintf(from, sizeof(from), "/%s", name);
	snprintf(to, sizeof(to), ROOT "/%s", name);
	if (lstat(from, &status))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISLNK(status.st_mode))
		return mkdir(to, 0755) ? -errno : bind_read_only(from, to);
	length = readlink(from, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	return symlink(target, to) ? -errno : 0;
}

static int show_disk(int disk)
{
	struct stat status;

	if (fstat(disk, &status) || mknod(ROOT DISK_PATH, S_IFBLK | 0400, status.st_rdev))
		return -errno;
	return chown(ROOT DISK_PATH, NOBODY, NOBODY) ? -errno : 0;
}

static int make_root(int disk)
{
	static const char *const names[] = { "usr", "bin", "lib", "lib64" };
	int error;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", ROOT, "tmpfs", MS_NOSUID, "size=1m,mode=0755"))
		return -errno;
	error = show_disk(disk);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !error; i++)
		error = show_directory(names[i]);
	if (error)
		return error;
	/* The old root lies on the new one for a moment. */
	if (chdir(ROOT) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		return -errno;
	return mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL) ? -errno : 0;
}

/* ---- descriptors, limits, identity ---- */

/* @null replaces the standard ones. */
static int close_others(int null, const int *keep)
{
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	for (int fd = 3; fd < 1024; fd++) {
		const int *kept = keep;

		while (*kept >= 0 && *kept != fd)
			kept++;
		if (*kept < 0)
			close(fd);
	}
	return syscall(SYS_close_range, 1024U, ~0U, 0U) && errno != ENOSYS ? -errno : 0;
}

static int set_limits(void)
{
	static const struct {
		int resource;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_AS, MEMORY_MAX }, { RLIMIT_FSIZE, FILE_MAX }, { RLIMIT_CPU, SECONDS_MAX },
		{ RLIMIT_NOFILE, 64 },	   { RLIMIT_CORE, 0 },	       { RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (setrlimit(limits[i].resource, &(struct rlimit){ limits[i].most, limits[i].most }))
			return -errno;
	return 0;
}

static int become_nobody(void)
{
	for (int capability = 0; capability < CAPABILITIES; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) && errno != EINVAL)
			return -errno;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	/* After the change of users, which undoes the first. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

/* ---- system calls ---- */

static const uint16_t allowed[] = {
	SYS_read,
	SYS_write,
	SYS_close,
	SYS_fstat,
	SYS_stat,
	SYS_lstat,
	SYS_newfstatat,
	SYS_lseek,
	SYS_pread64,
	SYS_readv,
	SYS_writev,
	SYS_open,
	SYS_openat,
	SYS_access,
	SYS_faccessat,
	SYS_readlink,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_getcwd,
	SYS_statfs,
	SYS_fstatfs,
	SYS_ftruncate,
	SYS_dup,
	SYS_dup2,
	SYS_dup3,
	SYS_fcntl,
	SYS_memfd_create,
	SYS_mmap,
	SYS_mprotect,
	SYS_munmap,
	SYS_mremap,
	SYS_brk,
	SYS_madvise,
	SYS_arch_prctl,
	SYS_set_tid_address,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_prlimit64,
	SYS_getrandom,
	SYS_futex,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_fork,
	SYS_vfork,
	SYS_execve,
	SYS_wait4,
	SYS_exit,
	SYS_exit_group,
	SYS_getpid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_uname,
	SYS_clock_gettime,
	SYS_gettimeofday,
	SYS_time,
	SYS_ioctl,
};
#define ALLOWED		(sizeof(allowed) / sizeof(allowed[0]))
#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP)

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value)	BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE		RETURN(SECCOMP_RET_ERRNO | ENOSYS)

/* What is not in the list is not there: libraries know how to do without. */
static int filter_calls(void)
{
	struct sock_filter program[10 + 2 * ALLOWED + 1] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		/* A new process, but not with namespaces. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
		LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1),
		REFUSE,
		RETURN(SECCOMP_RET_ALLOW),
	};
	size_t at = 9;
	struct sock_fprog filter;

	for (size_t i = 0; i < ALLOWED; i++) {
		program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		program[at++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	}
	program[at++] = (struct sock_filter)REFUSE;
	filter = (struct sock_fprog){ .len = at, .filter = program };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) ? -errno : 0;
}

int sandbox_enter(int disk, const int *keep, const char **step)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), error = null < 0 ? -errno : 0;

	*step = "/dev/null";
	if (!error) {
		*step = "namespaces";
		error = unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) ? -errno : 0;
	}
	if (!error) {
		*step = "root directory";
		error = make_root(disk);
	}
	if (!error) {
		*step = "descriptors and limits";
		error = close_others(null, keep);
	}
	if (!error)
		error = set_limits();
	if (!error) {
		*step = "user";
		error = become_nobody();
	}
	if (!error) {
		*step = "system calls";
		error = filter_calls();
	}
	return error;
}
