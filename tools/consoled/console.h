/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One guest's console: bytes from its ring go to a pseudo-terminal and a log, what is typed goes back. The guest may write
 * as fast as the rate allows; beyond it waits in its own ring. Who looks at the terminal is sent what it had written last.
 */
#ifndef CONSOLED_CONSOLE_H
#define CONSOLED_CONSOLE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "logfile.h"
#include "ring.h"

#define CONSOLE_KEEP 65536	/* bytes of output kept for a terminal that nobody reads */

struct console {
	struct console *next;
	uint16_t domid;
	struct xencons_interface *ring;
	int port;
	bool broken;			/* impossible indices: no longer served */
	struct logfile log;

	int master, slave;		/* of the terminal; the slave stays open, so that the master lives without a reader */
	char tty[64];
	ev_io reader, writer;

	char *kept;			/* CONSOLE_KEEP bytes, a ring */
	uint32_t kept_start, kept_size;

	double tokens;			/* bytes that it may write now */
	ev_tstamp tokens_at;
	ev_timer more;			/* when it may write again */
};

/* Bytes a second, and at once. */
extern double console_rate, console_burst;

/*
 * Begins to serve. @ring and @port belong to the console until console_end(), which gives them back with @give_back.
 * @master: a terminal of an earlier process, or -1. NULL: no terminal can be had.
 */
struct console *console_begin(struct ev_loop *loop, uint16_t domid, struct xencons_interface *ring, int port, int master,
			      const char *log_dir, const char *name);
void console_end(struct console *console);

/* The guest gave an event. */
void console_event(struct console *console);

#endif
