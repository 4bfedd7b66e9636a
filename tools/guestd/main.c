// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tenon-guestd: sees guests end, and does what their configuration wants then. What there is to do stands in the records and in
 * what the hypervisor says: a daemon that was killed is followed by one that finds it all again. Each guest is dealt with by a
 * process of its own, since a back end may take its time.
 */
#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../cli/open.h"
#include "alloc.h"
#include "daemon.h"
#include "ended.h"
#include "nodes.h"
#include "why.h"

#define LOOK_SECONDS	5	/* between looks without an event: somebody else may have let go of a record */
#define WORKERS_MAX	64

static struct {
	const char *tenon;		/* the command */
	const char *core_dir;
	unsigned int restart_delay;	/* s that a guest lives at least, if it is started again and again */
} options = { .tenon = SBINDIR "/tenon", .core_dir = "/var/lib/tenon/dump", .restart_delay = 5 };

static struct ground ground;
static struct ev_loop *loop;
static ev_io store_watcher;

/* Processes that deal with a guest each */
static struct worker {
	char uuid_text[37];
	ev_child watcher;
} workers[WORKERS_MAX];

/* ---- one guest ---- */

static void become_tenon(const char *const argv[])
{
	execv(options.tenon, (char *const *)argv);
	log_error("%s: %s", options.tenon, strerror(errno));
}

/* A guest that ends as soon as it begins does not keep the host busy. */
static void be_patient(long long since)
{
	long long lived = time(NULL) - since;

	if (lived >= 0 && lived < options.restart_delay)
		sleep(options.restart_delay - lived);
}

/* In a process of its own, with handles of its own: memory of hypercalls is not there after a fork. */
static int care_for(const char *uuid_text)
{
	struct ground own = { .tenon = open_hypervisor(), .store = tenon_store_open(store_path()) };
	struct record *record;
	char path[4096];
	long long since;

	if (!own.tenon || !own.store)
		return 1;
	record = record_open(uuid_text, RECORD_WAIT);
	if (!record)
		return 0;	/* somebody else was quicker */
	since = record->since;
	snprintf(path, sizeof(path), "%s/fresh", record->path);
	switch (guest_care(&own, record, options.core_dir)) {
	case SEQUEL_NONE:
		return 0;
	case SEQUEL_AGAIN:
		be_patient(since);
		become_tenon((const char *const[]){ options.tenon, "create", "-q", "--again", uuid_text, NULL });
		return 1;
	case SEQUEL_FRESH:
		be_patient(since);
		become_tenon((const char *const[]){ options.tenon, "create", "-q", path, NULL });
		return 1;
	}
	return 1;
}

static void worker_ended(struct ev_loop *loop_, ev_child *watcher, int revents)
{
	struct worker *worker = watcher->data;

	if (watcher->rstatus)
		log_warning("%s: what was to be done for it failed", worker->uuid_text);
	ev_child_stop(loop, watcher);
	worker->uuid_text[0] = '\0';
}

static struct worker *worker_of(const char *uuid_text)
{
	for (int i = 0; i < WORKERS_MAX; i++)
		if (!strcmp(workers[i].uuid_text, uuid_text))
			return &workers[i];
	return NULL;
}

static void start_worker(const char *uuid_text)
{
	struct worker *worker = worker_of("");
	pid_t pid;

	if (!worker)
		return;		/* at the next look */
	pid = fork();
	if (pid < 0) {
		log_error("no process: %s", strerror(errno));
		return;
	}
	if (!pid) {
		sigset_t none;

		/* Of libev. */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGCHLD, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		_exit(care_for(uuid_text));
	}
	snprintf(worker->uuid_text, sizeof(worker->uuid_text), "%s", uuid_text);
	ev_child_init(&worker->watcher, worker_ended, pid, 0);
	worker->watcher.data = worker;
	ev_child_start(loop, &worker->watcher);
}

/* ---- all guests ---- */

static bool wants_care(const char *uuid_text)
{
	struct record *record = record_open(uuid_text, RECORD_TRY);
	bool wants = record && guest_wants_care(&ground, record);

	record_close(record);
	return wants;
}

static void look_around(void)
{
	char **list = record_list();

	for (size_t i = 0; list[i]; i++) {
		if (!worker_of(list[i]) && wants_care(list[i]))
			start_worker(list[i]);
		free(list[i]);
	}
	free(list);
}

/* ---- the store ---- */

static void store_event(struct ev_loop *loop_, ev_io *watcher, int revents)
{
	char *path, *token;
	int result;

	while ((result = tenon_store_event(ground.store, 0, &path, &token)) > 0)
		free(path);
	if (result < 0) {
		log_warning("the store's daemon is gone: trying again");
		ev_io_stop(loop, &store_watcher);
		tenon_store_close(ground.store);
		ground.store = NULL;
		return;
	}
	look_around();
}

static void write_if_missing(const char *base, const char *name, const char *value)
{
	char *there = node_read(ground.store, base, name);

	if (!there && !node_write(ground.store, base, name, value))
		log_warning("%s", guest_why());
	free(there);
}

/* What tools expect of the host itself. */
static void describe_host(void)
{
	write_if_missing("/local/domain/0", "domid", "0");
	write_if_missing("/local/domain/0", "name", "Domain-0");
	write_if_missing("/local/pool/0", "name", "Pool-0");
}

static bool store_connect(void)
{
	ground.store = tenon_store_open(store_path());
	if (!ground.store)
		return false;
	if (tenon_store_watch(ground.store, "@releaseDomain", "end")) {
		tenon_store_close(ground.store);
		ground.store = NULL;
		return false;
	}
	describe_host();
	ev_io_init(&store_watcher, store_event, tenon_store_fd(ground.store), EV_READ);
	ev_io_start(loop, &store_watcher);
	ev_feed_event(loop, &store_watcher, EV_READ);
	return true;
}

static void on_timer(struct ev_loop *loop_, ev_timer *watcher, int revents)
{
	if (ground.store || store_connect())
		look_around();
}

/* ---- the start ---- */

static const char usage[] =
	"Usage: tenon-guestd [OPTION]...\n"
	"Sees guests end, and does what their on_poweroff, on_reboot, on_crash and on_watchdog say.\n"
	"\n"
	"      --tenon=FILE      the tenon command [" SBINDIR "/tenon]\n"
	"      --core-dir=DIR    where core files are written [/var/lib/tenon/dump]\n"
	"      --restart-delay=N seconds that a guest has at least between two starts [5]\n"
	DAEMON_USAGE;

enum { OPT_TENON = 256, OPT_CORE_DIR, OPT_RESTART_DELAY };

static const struct option long_options[] = {
	{ "tenon", required_argument, NULL, OPT_TENON },
	{ "core-dir", required_argument, NULL, OPT_CORE_DIR },
	{ "restart-delay", required_argument, NULL, OPT_RESTART_DELAY },
	DAEMON_OPTIONS,
	{ 0 },
};

static void delay_option(void)
{
	char *end;
	unsigned long delay = strtoul(optarg, &end, 10);

	if (*end || end == optarg || delay > 3600)
		log_fatal("--restart-delay=%s: give a number from 0 to 3600", optarg);
	options.restart_delay = delay;
}

static void take_option(int option)
{
	switch (option) {
	case OPT_TENON: options.tenon = optarg; break;
	case OPT_CORE_DIR: options.core_dir = optarg; break;
	case OPT_RESTART_DELAY: delay_option(); break;
	}
}

int main(int argc, char **argv)
{
	static struct daemon daemon = { .name = "tenon-guestd", .usage = usage };
	static ev_timer timer;

	daemon_options(&daemon, argc, argv, long_options, take_option);
	daemon_begin(&daemon, 0077);
	if (record_dir())
		record_place(record_dir());
	loop = daemon_loop();
	ground.tenon = open_hypervisor();
	if (!ground.tenon)
		log_fatal("no hypervisor: there are no guests to look after (%s)", strerror(errno));
	if (!store_connect())
		log_fatal("the store's daemon does not answer: %s", strerror(errno));
	ev_timer_init(&timer, on_timer, LOOK_SECONDS, LOOK_SECONDS);
	ev_timer_start(loop, &timer);
	daemon_serve(&daemon, loop);
	return 0;
}
