// SPDX-License-Identifier: GPL-2.0-or-later
#include "rfb.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define VERSION_SIZE	12
#define NAME_MAX_SIZE	1024

enum { SECURITY_NONE = 1, MESSAGE_UPDATE_REQUEST = 3, MESSAGE_KEY = 4 };

struct server_init {
	uint16_t width, height;
	uint8_t format[16];
	uint32_t name_size;
};

struct key_event {
	uint8_t type, down;
	uint16_t padding;
	uint32_t key;
};

static bool get(int fd, void *to, size_t size)
{
	return recv(fd, to, size, MSG_WAITALL) == (ssize_t)size;
}

static bool put(int fd, const void *from, size_t size)
{
	return send(fd, from, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool agree_on_security(int fd)
{
	uint8_t count, kinds[255], none = SECURITY_NONE;
	uint32_t result;

	return get(fd, &count, 1) && count && get(fd, kinds, count) && memchr(kinds, none, count) && put(fd, &none, 1) &&
	       get(fd, &result, sizeof(result)) && !result;
}

static bool join(int fd)
{
	char version[VERSION_SIZE], name[NAME_MAX_SIZE];
	struct server_init init;
	uint8_t shared = 1;

	if (!get(fd, version, sizeof(version)) || !put(fd, "RFB 003.008\n", VERSION_SIZE) || !agree_on_security(fd))
		return false;
	if (!put(fd, &shared, 1) || !get(fd, &init, sizeof(init)))
		return false;
	return ntohl(init.name_size) <= sizeof(name) && get(fd, name, ntohl(init.name_size));
}

static bool send_key(int fd, uint32_t key, bool down)
{
	struct key_event event = { .type = MESSAGE_KEY, .down = down, .key = htonl(key) };

	return put(fd, &event, sizeof(event));
}

/* Messages are dealt with in their order: once a pixel has come, all before were. */
static bool await_answer(int fd)
{
	static const uint8_t request[10] = { MESSAGE_UPDATE_REQUEST, [7] = 1, [9] = 1 };
	uint8_t type;

	return put(fd, request, sizeof(request)) && get(fd, &type, 1);
}

bool rfb_press(int fd, const uint32_t keys[], unsigned int count)
{
	bool good = join(fd);

	for (unsigned int i = 0; good && i < count; i++)
		good = send_key(fd, keys[i], true);
	for (unsigned int i = count; good && i-- > 0;)
		good = send_key(fd, keys[i], false);
	return good && await_answer(fd);
}
