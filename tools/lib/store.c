// SPDX-License-Identifier: LGPL-2.1-or-later
/* A client of the store daemon's socket. */
#include "tenon.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

#define DEFAULT_PATH "/run/xenstored/socket"

struct event {
	struct event *next;
	char *strings;		/* path, token: a block of its own, which the caller gets */
};

struct tenon_store {
	int fd;
	uint32_t last_request;
	struct event *events, **events_end;
	size_t held;		/* bytes in message */
	struct {
		struct xsd_sockmsg head;
		char payload[XENSTORE_PAYLOAD_MAX + 1];
	} message;
};

struct tenon_store *tenon_store_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct tenon_store *store;

	if (!path)
		path = DEFAULT_PATH;
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	strcpy(address.sun_path, path);
	store = calloc(1, sizeof(*store));
	if (!store)
		return NULL;
	store->events_end = &store->events;
	store->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (store->fd >= 0 && !connect(store->fd, (struct sockaddr *)&address, sizeof(address)))
		return store;
	if (store->fd >= 0)
		close(store->fd);
	free(store);
	return NULL;
}

void tenon_store_close(struct tenon_store *store)
{
	if (!store)
		return;
	while (store->events) {
		struct event *event = store->events;

		store->events = event->next;
		free(event->strings);
		free(event);
	}
	close(store->fd);
	free(store);
}

int tenon_store_fd(struct tenon_store *store)
{
	return store->fd;
}

/* ---- messages ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* One whole message in store->message. 1, or 0 if none came in time, or a negative errno. @deadline -1: for ever. */
static int store_receive(struct tenon_store *store, int64_t deadline)
{
	for (;;) {
		size_t want = sizeof(store->message.head);
		struct pollfd readable = { .fd = store->fd, .events = POLLIN };
		int64_t left = deadline < 0 ? -1 : deadline - now_ms();
		ssize_t got;

		if (store->held >= want)
			want += store->message.head.len;
		if (want > sizeof(store->message.head) + XENSTORE_PAYLOAD_MAX)
			return -EPROTO;
		if (store->held >= sizeof(store->message.head) && store->held == want) {
			store->held = 0;
			return 1;
		}
		if (deadline >= 0 && poll(&readable, 1, left < 0 ? 0 : left) <= 0)
			return 0;
		got = recv(store->fd, (char *)&store->message + store->held, want - store->held, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EPIPE;
		store->held += got;
	}
}

static int error_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "EACCES", EACCES }, { "EEXIST", EEXIST }, { "EISDIR", EISDIR }, { "ENOENT", ENOENT }, { "ENOMEM", ENOMEM },
		{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "ENOTEMPTY", ENOTEMPTY }, { "ENOSYS", ENOSYS }, { "EROFS", EROFS },
		{ "EBUSY", EBUSY }, { "EAGAIN", EAGAIN }, { "EISCONN", EISCONN }, { "E2BIG", E2BIG }, { "EPERM", EPERM },
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(name, errors[i].name))
			return errors[i].number;
	return EINVAL;
}

static int store_put_aside(struct tenon_store *store)
{
	size_t size = store->message.head.len;
	struct event *event = calloc(1, sizeof(*event));
	char *strings = calloc(1, size + 2);	/* with two zeros, whatever the daemon sent */

	if (!event || !strings) {
		free(event);
		free(strings);
		return -ENOMEM;
	}
	event->strings = memcpy(strings, store->message.payload, size);
	*store->events_end = event;
	store->events_end = &event->next;
	return 0;
}

/*
 * Asks and waits for the reply, which is in store->message.payload, with a zero behind it. Returns its size.
 * @first: a string, sent with its zero; @rest: bytes that follow.
 */
static int store_call(struct tenon_store *store, uint32_t type, uint32_t transaction, const char *first, const void *rest,
		      size_t rest_size)
{
	struct xsd_sockmsg head = { .type = type, .req_id = ++store->last_request, .tx_id = transaction };
	struct iovec parts[] = {
		{ &head, sizeof(head) }, { (char *)first, strlen(first) + 1 }, { (void *)rest, rest_size },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
	int error;

	if (parts[1].iov_len + rest_size > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	head.len = parts[1].iov_len + rest_size;
	if (sendmsg(store->fd, &message, MSG_NOSIGNAL) != (ssize_t)(sizeof(head) + head.len))
		return -EPIPE;
	for (;;) {
		error = store_receive(store, -1);
		if (error < 0)
			return error;
		store->message.payload[store->message.head.len] = '\0';
		if (store->message.head.type == XS_WATCH_EVENT) {
			error = store_put_aside(store);
			if (error)
				return error;
			continue;
		}
		if (store->message.head.req_id != head.req_id)
			return -EPROTO;
		return store->message.head.type == XS_ERROR ? -error_number(store->message.payload)
							    : (int)store->message.head.len;
	}
}

static int store_done(int result)
{
	return result < 0 ? result : 0;
}

/* ---- nodes ---- */

char *tenon_store_read(struct tenon_store *store, uint32_t transaction, const char *path, size_t *size)
{
	int result = store_call(store, XS_READ, transaction, path, NULL, 0);
	char *value;

	if (result < 0) {
		errno = -result;
		return NULL;
	}
	value = malloc(result + 1);
	if (!value)
		return NULL;
	memcpy(value, store->message.payload, result + 1);
	if (size)
		*size = result;
	return value;
}

static char **list_of(const char *names, size_t size)
{
	size_t count = 0, at;
	char **list, *copy;

	for (at = 0; at < size; at += strlen(names + at) + 1)
		count++;
	list = malloc((count + 1) * sizeof(*list) + size + 1);
	if (!list)
		return NULL;
	copy = memcpy(&list[count + 1], names, size);
	for (at = 0, count = 0; at < size; at += strlen(copy + at) + 1)
		list[count++] = copy + at;
	list[count] = NULL;
	return list;
}

/* A list that does not fit into one reply comes in parts; it begins anew if it changes meanwhile. */
static char **list_in_parts(struct tenon_store *store, uint32_t transaction, const char *path)
{
	char generation[32] = "", offset[32], *names = NULL, **list;
	size_t size = 0;

	for (;;) {
		int result;
		size_t head;
		char *more;

		snprintf(offset, sizeof(offset), "%zu", size);
		result = store_call(store, XS_DIRECTORY_PART, transaction, path, offset, strlen(offset) + 1);
		if (result < 0) {
			free(names);
			errno = -result;
			return NULL;
		}
		head = strlen(store->message.payload) + 1;
		if (size && strcmp(generation, store->message.payload)) {
			size = 0;
			continue;
		}
		snprintf(generation, sizeof(generation), "%.31s", store->message.payload);
		more = realloc(names, size + result - head + 1);
		if (!more) {
			free(names);
			return NULL;
		}
		names = more;
		memcpy(names + size, store->message.payload + head, result - head);
		size += result - head;
		/* The last part ends with an empty name. */
		if (result - (int)head < 2 || !names[size - 2])
			break;
	}
	list = list_of(names, size - 1);
	free(names);
	return list;
}

char **tenon_store_list(struct tenon_store *store, uint32_t transaction, const char *path)
{
	int result = store_call(store, XS_DIRECTORY, transaction, path, NULL, 0);

	if (result == -E2BIG)
		return list_in_parts(store, transaction, path);
	if (result < 0) {
		errno = -result;
		return NULL;
	}
	return list_of(store->message.payload, result);
}

int tenon_store_write(struct tenon_store *store, uint32_t transaction, const char *path, const void *value, size_t size)
{
	return store_done(store_call(store, XS_WRITE, transaction, path, value, size));
}

int tenon_store_mkdir(struct tenon_store *store, uint32_t transaction, const char *path)
{
	return store_done(store_call(store, XS_MKDIR, transaction, path, NULL, 0));
}

int tenon_store_remove(struct tenon_store *store, uint32_t transaction, const char *path)
{
	return store_done(store_call(store, XS_RM, transaction, path, NULL, 0));
}

int tenon_store_set_perms(struct tenon_store *store, uint32_t transaction, const char *path, const char *const perms[])
{
	char text[XENSTORE_PAYLOAD_MAX];
	size_t used = 0;

	for (size_t i = 0; perms[i]; i++) {
		size_t size = strlen(perms[i]) + 1;

		if (size > sizeof(text) - used)
			return -E2BIG;
		memcpy(text + used, perms[i], size);
		used += size;
	}
	return store_done(store_call(store, XS_SET_PERMS, transaction, path, text, used));
}

/* ---- transactions ---- */

uint32_t tenon_store_begin(struct tenon_store *store)
{
	int result = store_call(store, XS_TRANSACTION_START, 0, "", NULL, 0);

	if (result >= 0)
		return strtoul(store->message.payload, NULL, 10);
	errno = -result;
	return 0;
}

int tenon_store_end(struct tenon_store *store, uint32_t transaction, bool commit)
{
	return store_done(store_call(store, XS_TRANSACTION_END, transaction, commit ? "T" : "F", NULL, 0));
}

/* ---- watches ---- */

int tenon_store_watch(struct tenon_store *store, const char *path, const char *token)
{
	return store_done(store_call(store, XS_WATCH, 0, path, token, strlen(token) + 1));
}

int tenon_store_unwatch(struct tenon_store *store, const char *path, const char *token)
{
	return store_done(store_call(store, XS_UNWATCH, 0, path, token, strlen(token) + 1));
}

int tenon_store_event(struct tenon_store *store, int milliseconds, char **path, char **token)
{
	int64_t deadline = milliseconds < 0 ? -1 : now_ms() + milliseconds;
	struct event *event;

	while (!store->events) {
		int result = store_receive(store, deadline);

		if (result <= 0)
			return result;
		if (store->message.head.type != XS_WATCH_EVENT)
			return -EPROTO;
		result = store_put_aside(store);
		if (result)
			return result;
	}
	event = store->events;
	store->events = event->next;
	if (!store->events)
		store->events_end = &store->events;
	*path = event->strings;
	*token = event->strings + strlen(event->strings) + 1;
	free(event);
	return 1;
}

/* ---- domains ---- */

int tenon_store_introduce(struct tenon_store *store, uint16_t domid, uint64_t frame, uint32_t port)
{
	char number[16], rest[64];
	int size;

	snprintf(number, sizeof(number), "%u", domid);
	size = snprintf(rest, sizeof(rest), "%llu%c%u", (unsigned long long)frame, 0, port) + 1;
	return store_done(store_call(store, XS_INTRODUCE, 0, number, rest, size));
}

static int store_domain_call(struct tenon_store *store, uint32_t type, uint16_t domid)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", domid);
	return store_call(store, type, 0, number, NULL, 0);
}

int tenon_store_release(struct tenon_store *store, uint16_t domid)
{
	return store_done(store_domain_call(store, XS_RELEASE, domid));
}

int tenon_store_is_introduced(struct tenon_store *store, uint16_t domid)
{
	int result = store_domain_call(store, XS_IS_DOMAIN_INTRODUCED, domid);

	return result < 0 ? result : store->message.payload[0] == 'T';
}
