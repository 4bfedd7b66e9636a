// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients on sockets. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "alloc.h"
#include "conn.h"
#include "journal.h"
#include "service.h"

#define ACCEPTS_PER_TURN 16
#define BACKLOG 256

static struct ev_loop *sock_loop;

/* Reading is watched while the slot has room, writing while something does not go. */
static void sock_update(struct conn *conn)
{
	bool room = slot_now(conn->slot)->in_end < sizeof(conn->slot->in);

	if (room && !ev_is_active(&conn->reader))
		ev_io_start(sock_loop, &conn->reader);
	else if (!room && ev_is_active(&conn->reader))
		ev_io_stop(sock_loop, &conn->reader);
	if (conn->blocked && !ev_is_active(&conn->writer))
		ev_io_start(sock_loop, &conn->writer);
	else if (!conn->blocked && ev_is_active(&conn->writer))
		ev_io_stop(sock_loop, &conn->writer);
}

static bool sock_receive(struct conn *conn, bool *more)
{
	struct slot *slot = conn->slot;
	struct slot_state next;
	size_t room;
	ssize_t got;

	if (!conn->readable || !slot_make_room_in(slot))
		return true;
	next = *slot_now(slot);
	room = sizeof(slot->in) - next.in_end;
	*(volatile uint8_t *)&slot->receiving = 1;
	got = recv(conn->fd, slot->in + next.in_end, room, MSG_DONTWAIT);
	if (got > 0) {
		next.in_end += got;
		slot_commit(slot, &next);
	}
	*(volatile uint8_t *)&slot->receiving = 0;
	if (got == 0)
		return false;
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	conn->readable = got == (ssize_t)room;
	*more = conn->readable;
	return true;
}

static bool sock_send(struct conn *conn)
{
	struct slot *slot = conn->slot;
	struct slot_state next = *slot_now(slot);
	ssize_t sent;

	*(volatile uint8_t *)&slot->sending = 1;
	sent = send(conn->fd, slot->out + next.out_start, next.out_end - next.out_start, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0) {
		next.out_start += sent;
		if (next.out_start == next.out_end)
			next.out_start = next.out_end = 0;
		slot_commit(slot, &next);
	}
	*(volatile uint8_t *)&slot->sending = 0;
	conn->blocked = conn_has_output(conn);
	return sent > 0 || errno == EAGAIN || errno == EINTR;
}

static void sock_close(struct conn *conn)
{
	char name[32];

	if (conn->fd < 0)
		return;
	ev_io_stop(sock_loop, &conn->reader);
	ev_io_stop(sock_loop, &conn->writer);
	if (conn->kept) {
		sock_kept_name(conn->index, name);
		service_forget(name);
	}
	close(conn->fd);
}

const struct transport transport_socket = {
	.name = "client", .receive = sock_receive, .send = sock_send, .end_turn = sock_update, .close = sock_close,
};
const struct transport transport_socket_read_only = {
	.name = "reader", .receive = sock_receive, .send = sock_send, .end_turn = sock_update, .close = sock_close,
};

static void sock_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct conn *conn = watcher->data;

	conn->readable = true;
	conn_kick(conn);
}

static void sock_writable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct conn *conn = watcher->data;

	conn->blocked = false;
	conn_kick(conn);
}

static void sock_attach(struct conn *conn, int fd)
{
	conn->fd = fd;
	conn->actor.read_only = conn->transport == &transport_socket_read_only;
	ev_io_init(&conn->reader, sock_readable, fd, EV_READ);
	ev_io_init(&conn->writer, sock_writable, fd, EV_WRITE);
	conn->reader.data = conn->writer.data = conn;
	sock_update(conn);
}

void sock_kept_name(unsigned int slot, char out[32])
{
	snprintf(out, 32, "client-%u", slot);
}

int sock_kept_slot(const char *name)
{
	unsigned long slot;

	if (strncmp(name, "client-", 7) || !parse_number(name + 7, SLOT_MAX - 1, &slot))
		return -1;
	return slot;
}

static void sock_open(int fd, bool read_only)
{
	int slot = (long)conn_count < quotas[QUOTA_CLIENTS].limit ? slot_take() : -1;
	struct buffer log = { 0 };
	struct conn *conn;
	char name[32];

	if (slot < 0) {
		log_warning("a client is refused: there are %u connections", conn_count);
		close(fd);
		return;
	}
	conn = conn_new(slot, read_only ? &transport_socket_read_only : &transport_socket, 0);
	conn_journal_open(conn, &log);
	journal_append(&log);
	buffer_free(&log);
	sock_attach(conn, fd);
	sock_kept_name(slot, name);
	conn->kept = service_keep(name, fd);
}

static void sock_accept(struct ev_loop *loop, ev_io *watcher, int revents)
{
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = accept4(watcher->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				log_error("a client cannot be accepted: %s", strerror(errno));
			return;
		}
		sock_open(fd, watcher->data != NULL);
	}
}

void sock_start(struct ev_loop *loop)
{
	sock_loop = loop;
}

void sock_listen(int fd, bool read_only)
{
	ev_io *watcher = xzalloc(sizeof(*watcher));

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	ev_io_init(watcher, sock_accept, fd, EV_READ);
	watcher->data = read_only ? watcher : NULL;
	ev_io_start(sock_loop, watcher);
}

int sock_make(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;

	if (strlen(path) >= sizeof(address.sun_path))
		log_fatal("%s: too long a path for a socket", path);
	strcpy(address.sun_path, path);
	/* Somebody who answers there serves the store already. */
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		log_fatal("%s is served by another daemon: stop it first", path);
	unlink(path);
	mask = umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG))
		log_fatal("%s: cannot listen: %s", path, strerror(errno));
	umask(mask);
	return fd;
}

/* ---- after a restart ---- */

/* How many bytes a call of recv() that nobody noted had brought: as far as the place was written to. */
static void sock_recover_input(struct slot *slot)
{
	struct slot_state next = *slot_now(slot);
	uint32_t end = sizeof(slot->in);

	while (end > next.in_end && (uint8_t)slot->in[end - 1] == SLOT_UNSEEN)
		end--;
	next.in_end = end;
	slot_commit(slot, &next);
	slot->receiving = 0;
}

/*
 * A call of send() was under way when the process ended: did it go? If the peer has unread bytes, or asks for the next
 * thing, it did (a small reply goes whole or not at all). Else the peer still waits for it.
 */
static void sock_recover_output(struct slot *slot, int fd)
{
	struct slot_state next = *slot_now(slot);
	struct pollfd asks = { .fd = fd, .events = POLLIN };
	int unread = 0;

	if ((!ioctl(fd, SIOCOUTQ, &unread) && unread > 0) || poll(&asks, 1, 20) > 0) {
		next.out_start = next.out_end = 0;
		slot_commit(slot, &next);
	}
	slot->sending = 0;
}

void sock_resume(struct conn *conn, int fd)
{
	struct slot *slot = conn->slot;
	uint32_t end = slot_now(slot)->in_end;

	if (slot->receiving)
		sock_recover_input(slot);
	else
		memset(slot->in + end, SLOT_UNSEEN, sizeof(slot->in) - end);
	if (slot->sending)
		sock_recover_output(slot, fd);
	conn->kept = true;
	conn->readable = true;
	sock_attach(conn, fd);
	conn_kick(conn);
}
