// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon console: this terminal becomes a domain's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"

#define ESCAPE 0x1d	/* Ctrl-] */
#define WAIT_TENTHS 50	/* of a second */

static struct termios before;
static bool changed;

static void restore(void)
{
	if (changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	changed = false;
}

static void make_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before))
		return;		/* a pipe, say */
	raw = before;
	cfmakeraw(&raw);
	atexit(restore);
	changed = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* Where it is; of a domain that has just been made the console daemon tells in a moment. To be freed; NULL: it does not. */
static char *find_tty(uint16_t domid, int tries)
{
	char path[64], *tty;

	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
	for (;;) {
		tty = tenon_store_read(need_store(), 0, path, NULL);
		if ((tty && *tty) || !tries--)
			break;
		free(tty);
		usleep(100000);
	}
	if (tty && *tty)
		return tty;
	free(tty);
	return NULL;
}

static int open_console(uint16_t domid, const char *name, int tries)
{
	char *tty = find_tty(domid, tries);
	int fd;

	if (!tty)
		fail("domain %s has no console yet: is tenon-consoled running?", name);
	/* Only a terminal: what the store says is not followed anywhere else. */
	if (strncmp(tty, "/dev/pts/", 9) || strspn(tty + 9, "0123456789") != strlen(tty + 9))
		fail("the console of domain %s is at '%s', which is no terminal", name, tty);
	fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fail("the console of domain %s, %s, cannot be opened: %s", name, tty, strerror(errno));
	free(tty);
	return fd;
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t sent = write(fd, data, size);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent < 0)
			continue;
		data += sent;
		size -= sent;
	}
	return true;
}

/* What was typed, up to the escape. Returns whether to go on. */
static bool typed(int console)
{
	char text[512], *escape;
	ssize_t got = read(STDIN_FILENO, text, sizeof(text));

	if (got <= 0)
		return false;
	escape = memchr(text, ESCAPE, got);
	return write_all(console, text, escape ? escape - text : got) && !escape;
}

static bool shown(int console)
{
	char text[4096];
	ssize_t got = read(console, text, sizeof(text));

	return got > 0 && write_all(STDOUT_FILENO, text, got);
}

static int serve(int console, const char *name)
{
	if (isatty(STDOUT_FILENO))
		fprintf(stderr, "Connected to %s; Ctrl-] ends it.\n", name);
	make_raw();
	for (;;) {
		struct pollfd both[] = { { STDIN_FILENO, POLLIN, 0 }, { console, POLLIN, 0 } };

		if (poll(both, 2, -1) < 0 && errno != EINTR)
			break;
		if (both[1].revents && !shown(console))
			break;
		if (both[0].revents && !typed(console))
			break;
	}
	close(console);
	restore();
	return STATUS_DONE;
}

int console_of(uint16_t domid, const char *name)
{
	return serve(open_console(domid, name, WAIT_TENTHS), name);
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL);

	need_arguments(argc, first, 1, 1);
	return serve(open_console(need_domain(argv[first]), argv[first], 0), argv[first]);
}

const struct command command_console = {
	.name = "console", .arguments = "DOMAIN",
	.summary = "Makes this terminal a domain's console (Ctrl-] ends it)", .run = run,
};
