// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be done in the sandbox: sandbox_test BLOCK_DEVICE, as root. Prints TAP. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../tests/lib/tap.h"
#include "../inside.h"

static bool is_absent(const char *path)
{
	return open(path, O_RDONLY) < 0 && errno == ENOENT;
}

static bool root_is_bare(void)
{
	static const char expected[] = "usr bin lib lib64 disk . ..";
	DIR *root = opendir("/");
	struct dirent *entry;
	bool good = root;

	while (good && (entry = readdir(root)))
		good = strstr(expected, entry->d_name);
	if (root)
		closedir(root);
	return good;
}

static bool can_fork(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(3);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3;
}

static void look(int file)
{
	char byte;

	ok(getuid() == 65534 && geteuid() == 65534 && getgid() == 65534, "it is nobody");
	ok(root_is_bare(), "the root directory has the system's programs and the disk");
	ok(is_absent("/etc/passwd") && is_absent("/proc/self/status") && is_absent("/dev/null") && is_absent("/root"),
	   "what it could read elsewhere is not there");
	ok(open(DISK_PATH, O_RDWR) < 0 && (errno == EACCES || errno == EROFS || errno == EPERM),
	   "the disk cannot be written");
	ok(open(DISK_PATH, O_RDONLY) >= 0 && read(open(DISK_PATH, O_RDONLY), &byte, 1) == 1, "it can be read");
	ok(open("/new", O_CREAT | O_WRONLY, 0600) < 0 && open("/usr/new", O_CREAT | O_WRONLY, 0600) < 0,
	   "no file can be made");
	ok(write(file, "x", 1) == 1, "what was kept can be written");
	ok(fcntl(0, F_GETFD) >= 0 && read(0, &byte, 1) == 0, "standard input is empty");
	ok(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS, "no sockets");
	ok(mount("none", "/usr", "tmpfs", 0, NULL) < 0 && umount("/usr") < 0 && chroot("/usr") < 0 && errno == ENOSYS,
	   "no mounts");
	ok(unshare(CLONE_NEWUSER) < 0 && syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) < 0,
	   "no namespaces");
	ok(kill(1, SIGKILL) < 0 && ptrace(PTRACE_ATTACH, 1, NULL, NULL) < 0 && errno == ENOSYS,
	   "no signals, no tracing");
	ok(setuid(0) < 0 && chmod(DISK_PATH, 0666) < 0, "no way back");
	ok(can_fork(), "other processes can be started");
}

int main(int argc, char **argv)
{
	int disk = argc == 2 ? open(argv[1], O_RDONLY) : -1, file = memfd_create("kept", 0), out = dup(STDOUT_FILENO),
	    error;
	const int keep[] = { file, out, -1 };
	const char *step;

	if (disk < 0)
		return 2;
	error = sandbox_enter(disk, keep, &step);
	/* Its own standard output is nothing any more. */
	stdout = fdopen(out, "w");
	ok(!error, "the sandbox is entered (%s)", error ? step : "all steps");
	if (!error)
		look(file);
	return tap_end();
}
