// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's kernel, taken out of its own disk: what stays outside the sandbox. */
#include "diskboot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"

#define TIMEOUT_MS	60000
#define LOOP_TRIES	20

struct run {
	const char *disk;		/* its name, for messages */
	char *why;
	int disk_fd;
	int kernel, ramdisk;
	int answer[2];			/* a pipe */
};

static int refuse(const struct run *run, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int refuse(const struct run *run, int error, const char *format, ...)
{
	int used = snprintf(run->why, DISKBOOT_WHY_SIZE, "%s: ", run->disk);
	va_list arguments;

	if (used < 0 || used >= DISKBOOT_WHY_SIZE)
		used = 0;
	va_start(arguments, format);
	vsnprintf(run->why + used, DISKBOOT_WHY_SIZE - used, format, arguments);
	va_end(arguments);
	return error;
}

/* ---- the disk ---- */

/* A read-only loop device over a file. It goes when the last descriptor of it is closed, whoever is killed. */
static int make_loop(int file)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), error = -EBUSY;
	struct loop_config config = { .fd = file, .info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR };

	if (control < 0)
		return -errno;
	/* Somebody else may be as quick. */
	for (unsigned int i = 0; i < LOOP_TRIES && error == -EBUSY; i++) {
		char path[32];
		int number = ioctl(control, LOOP_CTL_GET_FREE), loop;

		if (number < 0) {
			error = -errno;
			break;
		}
		snprintf(path, sizeof(path), "/dev/loop%d", number);
		loop = open(path, O_RDONLY | O_CLOEXEC);
		if (loop >= 0 && !ioctl(loop, LOOP_CONFIGURE, &config)) {
			close(control);
			return loop;
		}
		error = -errno;
		if (loop >= 0)
			close(loop);
	}
	close(control);
	return error;
}

/* As a block device: the sandbox's user gets a node of its own for it, whoever the file belongs to. */
static int open_disk(struct run *run)
{
	struct stat status;
	int loop;

	run->disk_fd = open(run->disk, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (run->disk_fd < 0 || fstat(run->disk_fd, &status))
		return refuse(run, -errno, "%s", strerror(errno));
	if (S_ISBLK(status.st_mode))
		return 0;
	if (!S_ISREG(status.st_mode))
		return refuse(run, -EINVAL, "it is neither a file nor a block device");
	loop = make_loop(run->disk_fd);
	if (loop < 0)
		return refuse(run, loop, "no loop device for it: %s", strerror(-loop));
	close(run->disk_fd);
	run->disk_fd = loop;
	return 0;
}

/* ---- the sandbox's process ---- */

static void write_answer(int out, const struct answer *answer)
{
	const char *at = (const char *)answer;
	size_t left = sizeof(*answer);

	while (left) {
		ssize_t done = write(out, at, left);

		if (done < 0)
			return;
		at += done;
		left -= done;
	}
}

static void inside(struct run *run, const char *entry)
{
	const int keep[] = { run->kernel, run->ramdisk, run->answer[1], -1 };
	static struct answer answer;
	const char *step;

	answer.error = sandbox_enter(run->disk_fd, keep, &step);
	if (answer.error)
		snprintf(answer.text, sizeof(answer.text), "no sandbox to read it in (%s: %s)", step,
			 strerror(-answer.error));
	else
		inside_run(entry, run->kernel, run->ramdisk, &answer);
	write_answer(run->answer[1], &answer);
}

/* The first process of a namespace of its own: all others in it end with it. Its parent waits, so that it ends with
 * that. */
static void between(struct run *run, const char *entry)
{
	pid_t child;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* Without the right to it, sandbox_enter() fails for the same reason, and says so. */
	if (unshare(CLONE_NEWPID) && errno != EPERM)
		_exit(1);
	child = fork();
	if (!child) {
		inside(run, entry);
		_exit(0);
	}
	close(run->answer[1]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	_exit(0);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* All of an answer, or a negative errno. */
static int read_answer(int in, struct answer *answer)
{
	long long end = now_ms() + TIMEOUT_MS;
	size_t have = 0;

	while (have < sizeof(*answer)) {
		struct pollfd readable = { .fd = in, .events = POLLIN };
		long long left = end - now_ms();
		ssize_t got;

		if (left <= 0 || !poll(&readable, 1, left))
			return -ETIMEDOUT;
		got = read(in, (char *)answer + have, sizeof(*answer) - have);
		if (!got)
			return -EBADMSG;
		if (got < 0 && errno != EINTR)
			return -errno;
		have += got < 0 ? 0 : got;
	}
	answer->text[sizeof(answer->text) - 1] = '\0';
	return 0;
}

/* One line of what somebody else wrote, without what a terminal or a store would stumble over. */
static char *clean(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return copy;
}

/* The reason that the sandbox gives. */
static int refuse_said(const struct run *run, const struct answer *answer)
{
	char *text = clean(answer->text);
	int error = refuse(run, answer->error < 0 ? answer->error : -EBADMSG, "%s", text ? text : "");

	free(text);
	return error;
}

static int ask(struct run *run, const char *entry, struct answer *answer)
{
	pid_t child = fork();
	int error;

	if (!child)
		between(run, entry);
	if (child < 0)
		return refuse(run, -errno, "no process to read it: %s", strerror(errno));
	close(run->answer[1]);
	run->answer[1] = -1;
	error = read_answer(run->answer[0], answer);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (error == -ETIMEDOUT)
		return refuse(run, error, "it cannot be read within a minute");
	if (error)
		return refuse(run, -EBADMSG, "what reads it has crashed");
	return answer->error ? refuse_said(run, answer) : 0;
}

/* ---- what comes out ---- */

/* Nobody can change it any more. */
static int seal(int file)
{
	return fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) ? -errno : 0;
}

static int take(struct run *run, const struct answer *answer, struct diskboot *out)
{
	size_t title = strlen(answer->text);
	struct stat ramdisk;
	int error = title + 1 < sizeof(answer->text) ? seal(run->kernel) : -EBADMSG;

	if (!error)
		error = seal(run->ramdisk);
	if (!error && fstat(run->ramdisk, &ramdisk))
		error = -errno;
	if (error)
		return refuse(run, error, "%s", strerror(-error));
	*out = (struct diskboot){
		.kernel = run->kernel, .ramdisk = ramdisk.st_size ? run->ramdisk : -1, .title = clean(answer->text),
		.command_line = clean(answer->text + title + 1),
	};
	if (ramdisk.st_size)
		run->ramdisk = -1;
	run->kernel = -1;
	if (out->title && out->command_line)
		return 0;
	diskboot_free(out);
	return refuse(run, -ENOMEM, "no memory");
}

static int prepare(struct run *run)
{
	int error = open_disk(run);

	if (error)
		return error;
	run->kernel = memfd_create("kernel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	run->ramdisk = memfd_create("ramdisk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (run->kernel < 0 || run->ramdisk < 0 || pipe2(run->answer, O_CLOEXEC))
		return refuse(run, -errno, "%s", strerror(errno));
	return 0;
}

static void close_all(struct run *run)
{
	const int all[] = { run->disk_fd, run->kernel, run->ramdisk, run->answer[0], run->answer[1] };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
}

int diskboot_read(const char *disk, const char *entry, struct diskboot *out, char why[DISKBOOT_WHY_SIZE])
{
	struct run run = { .disk = disk, .why = why, .disk_fd = -1, .kernel = -1, .ramdisk = -1, .answer = { -1, -1 } };
	struct answer *answer = malloc(sizeof(*answer));
	int error = answer ? prepare(&run) : refuse(&run, -ENOMEM, "no memory");

	why[0] = error ? why[0] : '\0';
	*out = (struct diskboot){ .kernel = -1, .ramdisk = -1 };
	if (!error)
		error = ask(&run, entry, answer);
	if (!error)
		error = take(&run, answer, out);
	close_all(&run);
	free(answer);
	return error;
}

void diskboot_free(struct diskboot *boot)
{
	close(boot->kernel);
	if (boot->ramdisk >= 0)
		close(boot->ramdisk);
	free(boot->title);
	free(boot->command_line);
}
