// SPDX-License-Identifier: GPL-2.0-or-later
/* sd_notify(3)'s and sd_listen_fds(3)'s protocols, and the change of user. */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "pass.h"

#define FIRST_INHERITED_FD 3

static int manager_socket(void)
{
	static int fd = -1;
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length;

	if (fd >= 0 || !path)
		return fd;
	length = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || length >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length)) {
		log_warning("the service manager's socket %s does not answer: %s", path, strerror(errno));
		close(fd);
		fd = -1;
		unsetenv("NOTIFY_SOCKET");
	}
	return fd;
}

bool service_managed(void)
{
	return manager_socket() >= 0;
}

static bool manager_send(const char *state, int keep)
{
	return manager_socket() >= 0 && pass_text(manager_socket(), state, keep);
}

void service_notify(const char *state)
{
	manager_send(state, -1);
}

bool service_keep(const char *name, int fd)
{
	char state[128];

	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s", name);
	return manager_send(state, fd);
}

void service_forget(const char *name)
{
	char state[128];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	manager_send(state, -1);
}

int service_inherited(void (*take)(void *arg, const char *name, int fd), void *arg)
{
	const char *pid = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	int count = count_text ? atoi(count_text) : 0;

	if (!pid || atoi(pid) != getpid() || count < 0)
		count = 0;
	for (int i = 0; i < count; i++) {
		int length = names ? strcspn(names, ":") : 0;
		char name[128];

		snprintf(name, sizeof(name), "%.*s", length, names ? names : "");
		if (names)
			names += length + (names[length] == ':');
		fcntl(FIRST_INHERITED_FD + i, F_SETFD, FD_CLOEXEC);
		take(arg, name, FIRST_INHERITED_FD + i);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return count;
}

static struct passwd *user_entry(const char *user)
{
	struct passwd *entry = getpwnam(user);

	if (!entry)
		log_fatal("there is no user %s to run as: create it, or choose another with --user", user);
	return entry;
}

void service_own_dir(const char *path, const char *user)
{
	struct passwd *entry = user ? user_entry(user) : NULL;

	if (mkdir(path, 0700) && errno != EEXIST)
		log_fatal("%s: %s", path, strerror(errno));
	if (entry && lchown(path, entry->pw_uid, entry->pw_gid))
		log_fatal("%s cannot be given to %s: %s", path, user, strerror(errno));
}

void service_become(const char *user)
{
	struct passwd *entry = user_entry(user);

	if (setgroups(0, NULL) || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid))
		log_fatal("cannot become user %s: %s", user, strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		log_fatal("cannot give up new privileges: %s", strerror(errno));
}

void service_pidfile(const char *path)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (path && !file)
		log_fatal("%s: %s", path, strerror(errno));
	if (!file)
		return;
	fprintf(file, "%d\n", getpid());
	fclose(file);
}

static int waiting_parent = -1;

void service_detach(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		log_fatal("cannot go to the background: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		log_fatal("cannot go to the background: %s", strerror(errno));
	if (pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ends[0]);
	waiting_parent = ends[1];
	setsid();
}

void service_detached(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (waiting_parent < 0)
		return;
	if (chdir("/"))
		log_warning("/: %s", strerror(errno));
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	/* If the first process is gone, nobody waits. */
	if (write(waiting_parent, "", 1) < 0)
		log_debug("nobody waits for the start");
	close(waiting_parent);
	waiting_parent = -1;
}
