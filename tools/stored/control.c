// SPDX-License-Identifier: GPL-2.0-or-later
/* XS_CONTROL: what an administrator asks of the daemon itself. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "journal.h"
#include "log.h"
#include "request.h"
#include "store.h"

static int say(struct request *request, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int say(struct request *request, const char *format, ...)
{
	char line[256];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return reply_add(request, line, size < (int)sizeof(line) ? size : (int)sizeof(line) - 1);
}

static int end(struct request *request)
{
	return reply_add(request, "", 1);
}

static int control_print(struct request *request)
{
	const char *text = request_string(request, 1);

	if (!text)
		return EINVAL;
	log_info("control: %.200s", text);
	return reply_add(request, "OK", 3);
}

/* Counts the tree anew. */
struct recount {
	struct tally tally;
};

static void recount_node(void *arg, const char *path, struct node *node)
{
	struct recount *recount = arg;

	tally_add(&recount->tally, node->perms->entry[0].domid, 1, 0);
}

static int control_check(struct request *request)
{
	struct recount recount = { 0 };
	char path[PATH_ROOM] = "/";
	int error = 0;

	tree_walk(store.root, path, recount_node, &recount);
	for (size_t i = 0; i < recount.tally.count; i++) {
		const struct tally_entry *entry = &recount.tally.entries[i];

		if (entry->change.nodes != account_of(entry->domid)->nodes)
			error = say(request, "domain %u: %ld nodes counted, %ld found\n", entry->domid,
				    account_of(entry->domid)->nodes, entry->change.nodes);
	}
	tally_free(&recount.tally);
	if (!request->reply_size)
		return reply_add(request, "OK", 3);
	return error ? error : end(request);
}

static void count_node(void *arg, const char *path, struct node *node)
{
	++*(size_t *)arg;
}

static int control_memreport(struct request *request)
{
	char path[PATH_ROOM] = "/";
	size_t nodes = 0;

	tree_walk(store.root, path, count_node, &nodes);
	say(request, "nodes: %zu\nconnections: %u\njournal: %zu bytes\n", nodes, conn_count, journal_size());
	for (const struct domain *domain = domains; domain; domain = domain->next)
		say(request, "domain %u: %ld nodes, %ld bytes\n", domain->domid, account_of(domain->domid)->nodes,
		    account_of(domain->domid)->bytes);
	return end(request);
}

static int quota_show(struct request *request, const char *domid_text)
{
	const struct account *account;
	unsigned long domid;

	if (domid_text) {
		if (!parse_number(domid_text, DOMID_LIMIT - 1, &domid))
			return EINVAL;
		account = account_of(domid);
		say(request, "Domain %lu:\nnodes: %ld\nmemory: %ld\n", domid, account->nodes, account->bytes);
		return end(request);
	}
	for (int i = 0; i < QUOTA_COUNT; i++)
		say(request, "%-13s: %8ld %s\n", quotas[i].name, quotas[i].limit, quotas[i].help);
	return end(request);
}

/* quota; quota DOMID; quota set NAME LIMIT */
static int control_quota(struct request *request)
{
	const char *first = request_string(request, 1), *name = request_string(request, 2);
	const char *limit_text = request_string(request, 3);
	unsigned long limit;

	if (!first || strcmp(first, "set"))
		return quota_show(request, first);
	if (!name || !limit_text || !parse_number(limit_text, INT32_MAX, &limit) || !quota_set(name, limit))
		return EINVAL;
	return reply_add(request, "OK", 3);
}

static int control_help(struct request *request);

static const struct {
	const char *name;
	int (*run)(struct request *request);
	const char *help;
} commands[] = {
	{ "check", control_check, "compares accounts with the tree" },
	{ "help", control_help, "this list" },
	{ "memreport", control_memreport, "what is held, by domain" },
	{ "print", control_print, "TEXT: writes to the daemon's log" },
	{ "quota", control_quota, "[DOMID | set NAME LIMIT]: limits, or what a domain holds" },
};

static int control_help(struct request *request)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		say(request, "%s: %s\n", commands[i].name, commands[i].help);
	return end(request);
}

int do_control(struct request *request)
{
	const char *name = request_string(request, 0);

	if (!name)
		return EINVAL;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(request);
	return EINVAL;
}
