// SPDX-License-Identifier: GPL-2.0-or-later
#include "qmp.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "pass.h"

#define LINE_MAX_SIZE	8192
#define LINES_MAX	64	/* before the answer: events */
#define WAIT_S		20

/* One line, which is short. NULL: it is none, or nothing came. To be put. */
static struct json_object *read_line(int fd)
{
	char line[LINE_MAX_SIZE];
	size_t used = 0;

	while (used < sizeof(line) - 1 && read(fd, &line[used], 1) == 1)
		if (line[used++] == '\n') {
			line[used] = '\0';
			return json_tokener_parse(line);
		}
	return NULL;
}

/* The command's "return", to be put; an open file goes with it, unless that is -1. NULL: there was none. */
static struct json_object *run(int fd, const char *command, int passed)
{
	struct json_object *answer, *result = NULL;
	bool over = !pass_text(fd, command, passed);

	for (int i = 0; i < LINES_MAX && !over && (answer = read_line(fd)); i++) {
		over = json_object_object_get_ex(answer, "error", NULL);
		if (json_object_object_get_ex(answer, "return", &result)) {
			json_object_get(result);
			over = true;
		}
		json_object_put(answer);
	}
	return result;
}

static bool runs(int fd, const char *command, int passed)
{
	struct json_object *result = run(fd, command, passed);
	bool good = result;

	json_object_put(result);
	return good;
}

static void limit_wait(int fd)
{
	static const struct timeval wait = { .tv_sec = WAIT_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
}

int qmp_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct json_object *greeting;
	bool able;
	int fd;

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	limit_wait(fd);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	greeting = read_line(fd);
	able = greeting && runs(fd, "{\"execute\":\"qmp_capabilities\"}\n", -1);
	json_object_put(greeting);
	if (!able) {
		close(fd);
		errno = EPROTO;
		return -1;
	}
	return fd;
}

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value) : NULL;
}

bool qmp_vnc(int fd, char address[64], unsigned int *port)
{
	struct json_object *answer = run(fd, "{\"execute\":\"query-vnc\"}\n", -1);
	const char *host = answer ? text_of(answer, "host") : NULL, *service = answer ? text_of(answer, "service") : NULL;

	snprintf(address, 64, "%s", host ? host : "");
	*port = service ? strtoul(service, NULL, 10) : 0;
	json_object_put(answer);
	return host && service;
}

int qmp_viewer(int fd)
{
	int ends[2];
	bool good;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	limit_wait(ends[0]);
	good = runs(fd, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"viewer\"}}\n", ends[1]) &&
	       runs(fd, "{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"vnc\",\"fdname\":\"viewer\",\"skipauth\":true}}\n", -1);
	close(ends[1]);
	if (good)
		return ends[0];
	close(ends[0]);
	return -1;
}
