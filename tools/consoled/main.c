// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon-consoled: follows the domains in the store and serves the console of each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "console.h"
#include "daemon.h"
#include "hv.h"
#include "service.h"
#include "tenon.h"

#define DOMAINS		"/local/domain"
#define KEPT_MAX	0x7ff0

static struct {
	const char *socket;
	const char *log_dir;		/* NULL: no logs */
} options = { .log_dir = "/var/log/tenon/console" };

static struct ev_loop *loop;
static struct tenon_store *store;
static struct console *consoles;
static ev_io store_watcher;
static ev_timer store_retry;

/* Domains whose console the store does not tell yet, and which are watched for it: others make the domain known first. */
static bool awaited[KEPT_MAX];

static int kept_masters[KEPT_MAX];	/* terminals of an earlier process, by domain; -1: none */

/* ---- domains ---- */

static struct console *console_of(uint16_t domid)
{
	struct console *console = consoles;

	while (console && console->domid != domid)
		console = console->next;
	return console;
}

static void kept_name(uint16_t domid, char out[32])
{
	snprintf(out, 32, "console-%u", domid);
}

/* A node of the domain's, to be freed; NULL if there is none. */
static char *domain_node(uint16_t domid, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), DOMAINS "/%u/%s", domid, name);
	return tenon_store_read(store, 0, path, NULL);
}

static void publish_tty(const struct console *console)
{
	char path[96], owner[16];
	const char *perms[] = { "n0", owner, NULL };

	/* The guest may read where its console is, and not say where. */
	snprintf(path, sizeof(path), DOMAINS "/%u/console/tty", console->domid);
	snprintf(owner, sizeof(owner), "r%u", console->domid);
	if (tenon_store_write(store, 0, path, console->tty, strlen(console->tty)) ||
	    tenon_store_set_perms(store, 0, path, perms))
		log_warning("domain %u: its console's terminal %s cannot be told in the store", console->domid, console->tty);
}

static int take_kept(uint16_t domid)
{
	int master = domid < KEPT_MAX ? kept_masters[domid] : -1;

	if (master >= 0)
		kept_masters[domid] = -1;
	return master;
}

static void serve(uint16_t domid, uint32_t remote_port)
{
	struct xencons_interface *ring = hv_page_map(domid, HV_PAGE_CONSOLE);
	char *name = domain_node(domid, "name"), kept[32], number[16];
	struct console *console;
	int port;

	snprintf(number, sizeof(number), "%u", domid);
	port = ring ? hv_event_bind(domid, remote_port) : -errno;
	if (port < 0) {
		log_warning("domain %u: its console cannot be had: %s", domid, strerror(-port));
		if (ring)
			hv_page_unmap(ring);
		free(name);
		return;
	}
	console = console_begin(loop, domid, ring, port, take_kept(domid), options.log_dir, name ? name : number);
	free(name);
	if (!console) {
		hv_event_unbind(port);
		hv_page_unmap(ring);
		return;
	}
	console->next = consoles;
	consoles = console;
	kept_name(domid, kept);
	service_keep(kept, console->master);
	publish_tty(console);
	log_info("domain %u: console at %s", domid, console->tty);
}

static void stop_serving(struct console *console)
{
	struct console **link = &consoles;
	char kept[32];

	while (*link != console)
		link = &(*link)->next;
	*link = console->next;
	kept_name(console->domid, kept);
	service_forget(kept);
	console_end(console);
}

static void await_console(uint16_t domid, bool wanted)
{
	char path[96];

	if (awaited[domid] == wanted)
		return;
	snprintf(path, sizeof(path), DOMAINS "/%u/console", domid);
	if (wanted ? tenon_store_watch(store, path, "console") : tenon_store_unwatch(store, path, "console"))
		return;
	awaited[domid] = wanted;
}

static void consider(uint16_t domid)
{
	char *port_text = domain_node(domid, "console/port"), *type = domain_node(domid, "console/type");

	bool told = port_text && atol(port_text) > 0;

	await_console(domid, !told);
	/* Another program may serve it (the device model): its type says so. */
	if (told && (!type || !strcmp(type, "xenconsoled")) && !console_of(domid))
		serve(domid, atol(port_text));
	free(port_text);
	free(type);
}

/* Compares what is served with what there is. */
static void look_around(void)
{
	char **list = tenon_store_list(store, 0, DOMAINS);
	struct console *next;

	for (struct console *console = consoles; console; console = next) {
		next = console->next;
		if (hv_domain_state(console->domid) == HV_DOMAIN_GONE ||
		    tenon_store_is_introduced(store, console->domid) == 0)
			stop_serving(console);
	}
	for (size_t i = 0; list && list[i]; i++) {
		unsigned long domid = strtoul(list[i], NULL, 10);

		if (domid && domid < KEPT_MAX && tenon_store_is_introduced(store, domid) > 0 &&
		    hv_domain_state(domid) != HV_DOMAIN_GONE)
			consider(domid);
	}
	free(list);
	for (int domid = 0; domid < KEPT_MAX; domid++)
		if (awaited[domid] && hv_domain_state(domid) == HV_DOMAIN_GONE)
			await_console(domid, false);
}

/* ---- the store ---- */

static void store_lost(void);

/* True if there was one. */
static bool take_events(void)
{
	char *path, *token;
	bool news = false;
	int result;

	while ((result = tenon_store_event(store, 0, &path, &token)) > 0) {
		news = true;
		free(path);
	}
	if (result < 0)
		store_lost();
	return news && result == 0;
}

/* Events that come with the replies to what looking around asks do not make the descriptor readable again. */
static void store_event(struct ev_loop *loop_, ev_io *watcher, int revents)
{
	while (take_events())
		look_around();
}

static bool store_connect(void)
{
	store = tenon_store_open(options.socket);
	if (!store)
		return false;
	if (tenon_store_watch(store, "@introduceDomain", "domains") || tenon_store_watch(store, "@releaseDomain", "domains")) {
		tenon_store_close(store);
		store = NULL;
		return false;
	}
	memset(awaited, 0, sizeof(awaited));
	ev_io_init(&store_watcher, store_event, tenon_store_fd(store), EV_READ);
	ev_io_start(loop, &store_watcher);
	look_around();
	/* Events may have come with the replies. */
	ev_feed_event(loop, &store_watcher, EV_READ);
	return true;
}

static void store_try(struct ev_loop *loop_, ev_timer *watcher, int revents)
{
	if (!store_connect())
		return;
	log_info("connected to the store again");
	ev_timer_stop(loop, watcher);
	for (struct console *console = consoles; console; console = console->next)
		publish_tty(console);
}

/* Consoles go on; new domains wait until the store is back. */
static void store_lost(void)
{
	log_warning("the store's daemon is gone: trying again every second");
	ev_io_stop(loop, &store_watcher);
	tenon_store_close(store);
	store = NULL;
	ev_timer_init(&store_retry, store_try, 1, 1);
	ev_timer_start(loop, &store_retry);
}

/* ---- events ---- */

static void hv_event(struct ev_loop *loop_, ev_io *watcher, int revents)
{
	int port;

	while ((port = hv_event_next()) >= 0) {
		for (struct console *console = consoles; console; console = console->next)
			if (console->port == port)
				console_event(console);
		hv_event_done(port);
	}
}

/* ---- the start ---- */

static const char usage[] =
	"Usage: tenon-consoled [OPTION]...\n"
	"The console daemon: gives each guest's console a terminal and a log.\n"
	"\n"
	"      --socket=PATH     the store's socket [/run/xenstored/socket]\n"
	"      --log-dir=DIR     keep logs there [/var/log/tenon/console]; none: keep none\n"
	"      --log-size=N      bytes after which a log is rotated [1048576]\n"
	"      --log-keep=N      how many old logs of a guest are kept [4]\n"
	"      --rate=N          bytes a second that a guest may write for long [262144]\n"
	"      --burst=N         bytes that it may write at once [1048576]\n"
	DAEMON_USAGE;

enum { OPT_SOCKET = 256, OPT_LOG_DIR, OPT_LOG_SIZE, OPT_LOG_KEEP, OPT_RATE, OPT_BURST };

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "log-dir", required_argument, NULL, OPT_LOG_DIR },
	{ "log-size", required_argument, NULL, OPT_LOG_SIZE },
	{ "log-keep", required_argument, NULL, OPT_LOG_KEEP },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "burst", required_argument, NULL, OPT_BURST },
	DAEMON_OPTIONS,
	{ 0 },
};

static void take_option(int option)
{
	switch (option) {
	case OPT_SOCKET: options.socket = optarg; break;
	case OPT_LOG_DIR: options.log_dir = strcmp(optarg, "none") ? optarg : NULL; break;
	case OPT_LOG_SIZE: logfile_limit = daemon_number("log-size", 4096); break;
	case OPT_LOG_KEEP: logfile_keep = daemon_number("log-keep", 0); break;
	case OPT_RATE: console_rate = daemon_number("rate", 1); break;
	case OPT_BURST: console_burst = daemon_number("burst", 1); break;
	}
}

static void take_inherited(void *arg, const char *name, int fd)
{
	unsigned int domid;
	char end;

	if (sscanf(name, "console-%u%c", &domid, &end) == 1 && domid < KEPT_MAX && kept_masters[domid] < 0)
		kept_masters[domid] = fd;
	else
		close(fd);
}

/* Terminals of domains that ended in the meantime. */
static void drop_kept(void)
{
	char name[32];

	for (int domid = 0; domid < KEPT_MAX; domid++) {
		if (kept_masters[domid] < 0)
			continue;
		close(kept_masters[domid]);
		kept_masters[domid] = -1;
		kept_name(domid, name);
		service_forget(name);
	}
}

int main(int argc, char **argv)
{
	static struct daemon daemon = { .name = "tenon-consoled", .usage = usage };
	static ev_io event_watcher;

	daemon_options(&daemon, argc, argv, long_options, take_option);
	memset(kept_masters, 0xff, sizeof(kept_masters));
	service_inherited(take_inherited, NULL);
	if (options.log_dir && mkdir(options.log_dir, 0750) && errno != EEXIST)
		log_fatal("%s: %s", options.log_dir, strerror(errno));
	daemon_begin(&daemon, 0027);
	if (!hv_open())
		log_fatal("no hypervisor: there are no consoles to serve");
	loop = daemon_loop();
	ev_io_init(&event_watcher, hv_event, hv_event_fd(), EV_READ);
	ev_io_start(loop, &event_watcher);
	if (!store_connect())
		log_fatal("the store's daemon does not answer at %s: %s", options.socket ? options.socket : "its socket",
			  strerror(errno));
	drop_kept();
	daemon_serve(&daemon, loop);
	return 0;
}
