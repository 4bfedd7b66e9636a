// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon sched: weights and caps of domains, the rate limit of a pool. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct {
	bool set, pool_named;
	uint32_t weight, cap, ratelimit, pool;
	bool weight_set, cap_set, ratelimit_set;
} wish;

static void take(int option, char *value)
{
	wish.set |= option != 'p';
	switch (option) {
	case 'w':
		wish.weight = need_number("--weight", value, 1, TENON_WEIGHT_MAX);
		wish.weight_set = true;
		break;
	case 'c':
		wish.cap = need_number("--cap", value, 0, TENON_CAP_MAX);
		wish.cap_set = true;
		break;
	case 'r':
		wish.ratelimit = need_number("--ratelimit", value, 0, TENON_RATELIMIT_MAX_US);
		if (wish.ratelimit && wish.ratelimit < TENON_RATELIMIT_MIN_US)
			fail_usage("--ratelimit is 0 or a number from %u to %u", TENON_RATELIMIT_MIN_US, TENON_RATELIMIT_MAX_US);
		wish.ratelimit_set = true;
		break;
	case 'p':
		wish.pool = need_number("--pool", value, 0, INT32_MAX);
		wish.pool_named = true;
		break;
	}
}

static const struct option more[] = {
	{ "weight", required_argument, NULL, 'w' },
	{ "cap", required_argument, NULL, 'c' },
	{ "ratelimit", required_argument, NULL, 'r' },
	{ "pool", required_argument, NULL, 'p' },
	{ 0 },
};

static void need_sched(uint16_t domid, struct tenon_sched *sched)
{
	int error = tenon_get_sched(need_hypervisor(), domid, sched);

	if (error)
		fail("domain %u's share cannot be asked for: %s", domid, strerror(-error));
}

static void change(uint16_t domid)
{
	struct tenon_sched sched;
	int error;

	need_sched(domid, &sched);
	if (wish.weight_set)
		sched.weight = wish.weight;
	if (wish.cap_set)
		sched.cap = wish.cap;
	error = tenon_set_sched(need_hypervisor(), domid, &sched);
	if (error)
		fail("domain %u's share cannot be set: %s", domid, strerror(-error));
}

static void change_pool(void)
{
	int error = tenon_set_ratelimit(need_hypervisor(), wish.pool, wish.ratelimit);

	if (error == -ESRCH)
		fail("there is no pool %u", wish.pool);
	if (error)
		fail("the rate limit cannot be set: %s", strerror(-error));
}

/* ---- what there is ---- */

/* Each pool once: they come with the domains. */
static bool is_first_of_pool(const struct tenon_domain *domains, int at)
{
	for (int i = 0; i < at; i++)
		if (domains[i].pool == domains[at].pool)
			return false;
	return true;
}

static struct json_object *json_of(const struct tenon_domain *domain, const struct tenon_sched *sched, int ratelimit)
{
	struct json_object *object = json_domain(domain->domid);

	json_object_object_add(object, "weight", json_object_new_int(sched->weight));
	json_object_object_add(object, "cap_percent", json_object_new_int(sched->cap));
	json_object_object_add(object, "pool", json_object_new_int(domain->pool));
	json_object_object_add(object, "ratelimit_us", json_object_new_int(ratelimit));
	return object;
}

static int need_ratelimit(uint32_t pool)
{
	int limit = tenon_get_ratelimit(need_hypervisor(), pool);

	if (limit < 0)
		fail("the rate limit of pool %u cannot be asked for: %s", pool, strerror(-limit));
	return limit;
}

static void show(const struct tenon_domain *domains, int count, bool json)
{
	struct json_object *list = json ? json_object_new_array() : NULL;
	struct tenon_sched sched;

	for (int i = 0; i < count && !json; i++)
		if (is_first_of_pool(domains, i))
			printf("pool %u: rate limit %d us\n", domains[i].pool, need_ratelimit(domains[i].pool));
	if (!json)
		printf("%-24s %5s %6s %7s %5s\n", "NAME", "ID", "WEIGHT", "CAP/%", "POOL");
	for (int i = 0; i < count; i++) {
		char *name;

		need_sched(domains[i].domid, &sched);
		if (json) {
			json_object_array_add(list, json_of(&domains[i], &sched, need_ratelimit(domains[i].pool)));
			continue;
		}
		name = domain_label(domains[i].domid);
		printf("%-24s %5u %6u %7u %5u\n", name, domains[i].domid, sched.weight, sched.cap, domains[i].pool);
		free(name);
	}
	if (json)
		print_json(list);
}

static int run(int argc, char **argv)
{
	struct tenon_domain *domains;
	bool json = false;
	int first = parse_options(argc, argv, &json, more, "w:c:r:p:", take), count;

	if ((wish.weight_set || wish.cap_set) && first == argc)
		fail_usage("--weight and --cap are a domain's: name it");
	if (wish.pool_named && !wish.ratelimit_set)
		fail_usage("--pool says whose --ratelimit is meant");
	if (wish.ratelimit_set && !wish.weight_set && !wish.cap_set && first < argc)
		fail_usage("--ratelimit is a pool's, not a domain's");
	if (wish.set && json)
		fail_usage("--json is for what is shown");
	if (wish.ratelimit_set)
		change_pool();
	count = wish.ratelimit_set && first == argc ? 0 : need_domains(argc, argv, first, &domains);
	for (int i = 0; i < count && wish.set; i++)
		change(domains[i].domid);
	if (!wish.set)
		show(domains, count, json);
	if (count)
		free(domains);
	return STATUS_DONE;
}

const struct command command_sched = {
	.name = "sched", .arguments = "[--json] [-w WEIGHT] [-c CAP] [-r US [-p POOL]] [DOMAIN]...",
	.summary = "Shows or sets the domains' shares of the processors' time",
	.options = "  -w, --weight=N      share against other domains, 1 to 65535 (256 is usual)\n"
		   "  -c, --cap=N         at most that many percent of one processor, to 51200; 0: no limit\n"
		   "  -r, --ratelimit=US  a pool's: microseconds that a vCPU runs at least, 100 to 500000; 0: none\n"
		   "  -p, --pool=N        that pool's [0]\n"
		   "      --json          as JSON: an array of objects\n",
	.run = run,
};
