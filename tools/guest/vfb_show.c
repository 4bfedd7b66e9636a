// SPDX-License-Identifier: GPL-2.0-or-later
#include "vfb_show.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes.h"
#include "process.h"
#include "qmp.h"
#include "record.h"
#include "rfb.h"
#include "vfb.h"

#define LOOK_MS		60000	/* between looks without an event: QEMU may be gone */
#define RETRY_S		1	/* where the store's daemon does not answer */
#define TRIES		5

static const uint32_t keys[] = { 0xffe3, 0xffe9, '1' };	/* Control_L, Alt_L */

struct screen {
	const char *store;		/* its socket */
	char monitor[4096];
	char back[NODE_PATH_SIZE];
	pid_t qemu;
};

/* Until something about the back end has changed. False: the store's daemon is gone. */
static bool await_event(struct tenon_store *store)
{
	char *path, *token;
	int result = tenon_store_event(store, LOOK_MS, &path, &token);

	if (result > 0)
		free(path);
	return result >= 0;
}

/* False: QEMU is gone, or the store's daemon, or the nodes, which an ending QEMU removes itself: no event would tell that it has ended. */
static bool await_connected(const struct screen *screen, struct tenon_store *store)
{
	long state;

	if (tenon_store_watch(store, screen->back, "show"))
		return false;
	while ((state = node_number(store, screen->back, "state")) != STATE_CONNECTED)
		if (state < 0 || !process_serves(screen->qemu, screen->monitor) || !await_event(store))
			return false;
	return true;
}

static bool is_connected(const struct screen *screen)
{
	struct tenon_store *store = tenon_store_open(screen->store);
	bool connected = store && await_connected(screen, store);

	if (store)
		tenon_store_close(store);
	return connected;
}

static bool show(const struct screen *screen)
{
	int monitor = qmp_open(screen->monitor), viewer = monitor < 0 ? -1 : qmp_viewer(monitor);
	bool good = viewer >= 0 && rfb_press(viewer, keys, sizeof(keys) / sizeof(keys[0]));

	if (viewer >= 0)
		close(viewer);
	if (monitor >= 0)
		close(monitor);
	return good;
}

static void wait_and_show(const struct screen *screen)
{
	int tries = 0;

	while (process_serves(screen->qemu, screen->monitor) && tries < TRIES) {
		if (is_connected(screen)) {
			if (show(screen))
				return;
			tries++;
		}
		sleep(RETRY_S);
	}
}

/* Nothing stays of whoever made the guest: neither what it holds open nor its session. */
static void go_on_alone(void)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	prctl(PR_SET_NAME, "tenon-show");
	if (chdir("/"))
		_exit(1);
}

/* A child's child: nobody has to wait for it. */
static void start(const struct screen *screen)
{
	pid_t child = fork();

	if (child > 0)
		waitpid(child, NULL, 0);
	if (child)
		return;
	if (fork())
		_exit(0);
	go_on_alone();
	wait_and_show(screen);
	_exit(0);
}

void vfb_show(const char *uuid_text, const char *store)
{
	struct record *record = record_open(uuid_text, RECORD_READ);
	struct record_device *device = record ? record_find(record, DEVICE_VFB, 0) : NULL;
	struct screen screen = { .store = store };

	if (device) {
		screen.qemu = device->pid;
		snprintf(screen.monitor, sizeof(screen.monitor), "%s/" VFB_MONITOR, record->path);
		backend_path(screen.back, DEVICE_VFB, record->domid, 0);
		start(&screen);
	}
	record_close(record);
}
