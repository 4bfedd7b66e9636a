// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon-stored: options, the order of the start, the loop. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon.h"
#include "domain.h"
#include "hv.h"
#include "journal.h"
#include "log.h"
#include "path.h"
#include "priority.h"
#include "service.h"
#include "store.h"
#include "transaction.h"

static struct {
	const char *socket, *socket_read_only;
	const char *state;		/* directory of journal and slots */
	const char *user;
} options = {
	.socket = "/run/xenstored/socket", .socket_read_only = "/run/xenstored/socket_ro",
	.state = "/run/tenon-stored",
};

static const char usage[] =
	"Usage: tenon-stored [OPTION]...\n"
	"The store daemon: serves the store's protocol to guests and to programs of dom0.\n"
	"\n"
	"      --socket=PATH     listen there [/run/xenstored/socket]\n"
	"      --socket-ro=PATH  and there for clients that only read [/run/xenstored/socket_ro]\n"
	"      --state=DIR       keep what must survive a restart there, in memory [/run/tenon-stored];\n"
	"                        none: keep nothing\n"
	"      --quota=NAME=N    set a limit for each domain; --quota=help lists them\n"
	"      --user=NAME       run as that user once everything is open\n"
	DAEMON_USAGE;

enum { OPT_SOCKET = 256, OPT_SOCKET_RO, OPT_STATE, OPT_QUOTA, OPT_USER };

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "socket-ro", required_argument, NULL, OPT_SOCKET_RO },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "quota", required_argument, NULL, OPT_QUOTA },
	{ "user", required_argument, NULL, OPT_USER },
	DAEMON_OPTIONS,
	{ 0 },
};

static void quota_list(void)
{
	for (int i = 0; i < QUOTA_COUNT; i++)
		printf("%-13s %8ld  %s\n", quotas[i].name, quotas[i].limit, quotas[i].help);
	exit(0);
}

static void quota_option(char *text)
{
	char *limit_text = strchr(text, '=');
	unsigned long limit;

	if (!strcmp(text, "help"))
		quota_list();
	if (!limit_text || !parse_number(limit_text + 1, INT32_MAX, &limit))
		log_fatal("--quota=%s: give NAME=NUMBER", text);
	*limit_text = '\0';
	if (!quota_set(text, limit))
		log_fatal("--quota=%s: no such limit; --quota=help lists them", text);
}

static void take_option(int option)
{
	switch (option) {
	case OPT_SOCKET: options.socket = optarg; break;
	case OPT_SOCKET_RO: options.socket_read_only = optarg; break;
	case OPT_STATE: options.state = strcmp(optarg, "none") ? optarg : NULL; break;
	case OPT_QUOTA: quota_option(optarg); break;
	case OPT_USER: options.user = optarg; break;
	}
}

/* ---- what a predecessor or the service manager left ---- */

static int kept_fds[SLOT_MAX];
static bool listening, listening_read_only;

static void take_inherited(void *arg, const char *name, int fd)
{
	int slot = sock_kept_slot(name);

	if (slot >= 0) {
		kept_fds[slot] = fd;
	} else if (!strcmp(name, "reader")) {
		sock_listen(fd, true);
		listening_read_only = true;
	} else {
		sock_listen(fd, false);
		listening = true;
	}
}

static void make_dir_of(const char *path)
{
	char dir[4096];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return;
	*slash = '\0';
	if (mkdir(dir, 0755) && errno != EEXIST)
		log_fatal("%s: %s", dir, strerror(errno));
}

static void listen_all(void)
{
	if (!listening) {
		make_dir_of(options.socket);
		sock_listen(sock_make(options.socket), false);
	}
	if (!listening_read_only && options.socket_read_only[0]) {
		make_dir_of(options.socket_read_only);
		sock_listen(sock_make(options.socket_read_only), true);
	}
}

static void open_state(void)
{
	char path[4096];

	if (!options.state) {
		slots_open(NULL);
		journal_open(NULL);
		return;
	}
	snprintf(path, sizeof(path), "%s/slots", options.state);
	slots_open(path);
	journal_open(options.state);
}

/* As many descriptors as are allowed, and no more clients than that. */
static void limit_clients(void)
{
	const long others = 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && (long)limit.rlim_cur < quotas[QUOTA_CLIENTS].limit + others)
		quotas[QUOTA_CLIENTS].limit = (long)limit.rlim_cur - others;
}

static void on_second(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	transaction_expire(ev_now(loop));
}

int main(int argc, char **argv)
{
	static struct daemon daemon = { .name = "tenon-stored", .usage = usage };
	static ev_timer second;
	struct ev_loop *loop;

	daemon_options(&daemon, argc, argv, long_options, take_option);
	limit_clients();
	daemon_begin(&daemon, 0077);
	loop = daemon_loop();
	conn_start(loop);
	sock_start(loop);
	memset(kept_fds, 0xff, sizeof(kept_fds));
	service_inherited(take_inherited, NULL);

	if (hv_open())
		hv_open_own();
	else
		log_warning("no hypervisor: clients on sockets are served, guests are not");
	domain_start(loop);
	listen_all();
	priority_start();
	if (options.state)
		service_own_dir(options.state, options.user);
	if (options.user)
		service_become(options.user);
	open_state();
	store_resume(kept_fds);
	store_init();
	domain_introduce_own();

	ev_timer_init(&second, on_second, 1, 1);
	ev_timer_start(loop, &second);
	daemon_serve(&daemon, loop);
	return 0;
}
