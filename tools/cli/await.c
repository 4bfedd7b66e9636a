// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for the end of a domain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static bool has_ended(uint16_t domid)
{
	struct tenon_domain domain;
	int error = tenon_get_domain(need_hypervisor(), domid, &domain);

	if (error && error != -ESRCH)
		fail("domain %u cannot be asked for: %s", domid, strerror(-error));
	return error == -ESRCH || (domain.state & (TENON_DOMAIN_SHUTDOWN | TENON_DOMAIN_DYING));
}

void watch_ends(void)
{
	static bool watched;

	if (!watched && tenon_store_watch(need_store(), "@releaseDomain", "end"))
		fail("the end of domains cannot be watched for");
	watched = true;
}

int await_end(uint16_t domid, const char *name, int timeout, time_t since)
{
	/* The store's daemon says when a domain shuts down; now and then it is asked for all the same. */
	while (!has_ended(domid)) {
		char *path, *token;

		if (timeout >= 0 && time(NULL) >= since + timeout) {
			complain("domain %s has not shut down within %d s", name, timeout);
			return STATUS_FAILED;
		}
		if (tenon_store_event(need_store(), 500, &path, &token) > 0)
			free(path);
	}
	return STATUS_DONE;
}

int timeout_option(const char *value)
{
	char *end;
	long timeout = strtol(value, &end, 10);

	if (*end || end == value || timeout < 0 || timeout > 1000000)
		fail_usage("--timeout=%s: give a number of seconds, from 0 to 1000000", value);
	return timeout;
}
