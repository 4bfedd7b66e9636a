// SPDX-License-Identifier: GPL-2.0-or-later
/* One guest's console. */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "alloc.h"
#include "hv.h"

double console_rate = 256 << 10, console_burst = 1 << 20;

static struct ev_loop *console_loop;

/* ---- the terminal ---- */

static bool terminal_open(struct console *console, int master)
{
	struct termios raw;

	console->master = master >= 0 ? master : posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console->master < 0)
		return false;
	if (grantpt(console->master) || unlockpt(console->master) ||
	    ptsname_r(console->master, console->tty, sizeof(console->tty)))
		return false;
	console->slave = open(console->tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console->slave < 0)
		return false;
	if (master < 0 && !tcgetattr(console->slave, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(console->slave, TCSANOW, &raw);
	}
	return !fcntl(console->master, F_SETFL, fcntl(console->master, F_GETFL) | O_NONBLOCK);
}

/* The oldest bytes make room. */
static void keep(struct console *console, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		console->kept[(console->kept_start + console->kept_size) % CONSOLE_KEEP] = data[i];
		if (console->kept_size < CONSOLE_KEEP)
			console->kept_size++;
		else
			console->kept_start = (console->kept_start + 1) % CONSOLE_KEEP;
	}
}

static void terminal_send(struct console *console)
{
	while (console->kept_size) {
		size_t size = CONSOLE_KEEP - console->kept_start;
		ssize_t sent;

		if (size > console->kept_size)
			size = console->kept_size;
		sent = write(console->master, console->kept + console->kept_start, size);
		if (sent <= 0)
			break;
		console->kept_start = (console->kept_start + sent) % CONSOLE_KEEP;
		console->kept_size -= sent;
	}
	if (console->kept_size)
		ev_io_start(console_loop, &console->writer);
	else
		ev_io_stop(console_loop, &console->writer);
}

static void terminal_writable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	terminal_send(watcher->data);
}

/* ---- the ring ---- */

static void console_broken(struct console *console)
{
	if (!console->broken)
		log_warning("domain %u: impossible indices in its console ring; it is no longer served", console->domid);
	console->broken = true;
	ev_io_stop(console_loop, &console->reader);
	ev_timer_stop(console_loop, &console->more);
}

static void terminal_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct console *console = watcher->data;
	char typed[sizeof(console->ring->in)];
	int room = ring_room(console->ring), given;
	ssize_t got;

	if (room < 0) {
		console_broken(console);
		return;
	}
	if (!room) {
		/* It waits in the terminal until the guest takes some. */
		ev_io_stop(loop, watcher);
		return;
	}
	got = read(console->master, typed, room);
	if (got <= 0)
		return;
	given = ring_give(console->ring, typed, got);
	if (given < 0)
		console_broken(console);
	else
		hv_event_notify(console->port);
}

static void tokens_fill(struct console *console)
{
	ev_tstamp now = ev_now(console_loop);

	console->tokens += (now - console->tokens_at) * console_rate;
	if (console->tokens > console_burst)
		console->tokens = console_burst;
	console->tokens_at = now;
}

/* Takes what the guest wrote, as far as it may. */
static void console_take(struct console *console)
{
	char out[sizeof(console->ring->out)];
	size_t may;
	int got;

	tokens_fill(console);
	may = console->tokens < sizeof(out) ? console->tokens < 0 ? 0 : (size_t)console->tokens : sizeof(out);
	got = ring_take(console->ring, out, may);
	if (got < 0) {
		console_broken(console);
		return;
	}
	if (got) {
		console->tokens -= got;
		logfile_write(&console->log, out, got);
		keep(console, out, got);
		terminal_send(console);
		hv_event_notify(console->port);
	}
	/* A guest that wrote more than it may waits, and is looked at again soon. */
	if (ring_waiting(console->ring) > 0 && !ev_is_active(&console->more)) {
		ev_timer_set(&console->more, may < sizeof(out) ? 0.05 : 0, 0);
		ev_timer_start(console_loop, &console->more);
	}
}

static void console_more(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	console_take(watcher->data);
}

void console_event(struct console *console)
{
	if (console->broken)
		return;
	if (!ev_is_active(&console->reader) && ring_room(console->ring) > 0)
		ev_io_start(console_loop, &console->reader);
	if (!ev_is_active(&console->more))
		console_take(console);
}

/* ---- its life ---- */

struct console *console_begin(struct ev_loop *loop, uint16_t domid, struct xencons_interface *ring, int port, int master,
			      const char *log_dir, const char *name)
{
	struct console *console = xzalloc(sizeof(*console));

	console_loop = loop;
	console->domid = domid;
	console->ring = ring;
	console->port = port;
	console->master = console->slave = -1;
	if (!terminal_open(console, master)) {
		log_error("domain %u: no terminal can be had for its console: %s", domid, strerror(errno));
		if (console->master >= 0 && master < 0)
			close(console->master);
		free(console);
		return NULL;
	}
	console->kept = xmalloc(CONSOLE_KEEP);
	console->tokens = console_burst;
	console->tokens_at = ev_now(loop);
	if (log_dir)
		logfile_init(&console->log, log_dir, name);
	else
		console->log.fd = -1;
	ev_io_init(&console->reader, terminal_readable, console->master, EV_READ);
	ev_io_init(&console->writer, terminal_writable, console->master, EV_WRITE);
	ev_timer_init(&console->more, console_more, 0, 0);
	console->reader.data = console->writer.data = console->more.data = console;
	ev_io_start(loop, &console->reader);
	/* What it wrote before anybody looked. */
	console_event(console);
	return console;
}

void console_end(struct console *console)
{
	/* Its last words. */
	if (!console->broken) {
		console->tokens = console_burst;
		console_take(console);
	}
	ev_io_stop(console_loop, &console->reader);
	ev_io_stop(console_loop, &console->writer);
	ev_timer_stop(console_loop, &console->more);
	logfile_close(&console->log);
	hv_event_unbind(console->port);
	hv_page_unmap(console->ring);
	close(console->slave);
	close(console->master);
	free(console->kept);
	free(console);
}
