// SPDX-License-Identifier: GPL-2.0-or-later
/* Arguments that are numbers, sizes, sets of processors. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "device.h"

uint64_t need_number(const char *what, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || value < least || value > most)
		fail_usage("%s is a number from %" PRIu64 " to %" PRIu64 ", not '%s'", what, least, most, text);
	return value;
}

uint64_t need_size(const char *what, const char *text)
{
	static const char units[] = "bkmgt";
	const char *unit = "m";
	unsigned int shift;
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end && !end[1])
		unit = end;
	shift = strchr(units, tolower((unsigned char)*unit)) ? 10 * (strchr(units, tolower((unsigned char)*unit)) - units) : 64;
	if (!isdigit((unsigned char)text[0]) || errno || (*end && end[1]) || shift == 64 || value > UINT64_MAX >> 12 >> shift)
		fail_usage("%s is a size as 512, 512m or 2g (b, k, m, g, t; MiB if none), not '%s'", what, text);
	return value << shift;
}

unsigned int need_processors(void)
{
	struct tenon_host host;
	int error = tenon_get_host(need_hypervisor(), &host);

	if (error)
		fail("the machine cannot be asked for: %s", strerror(-error));
	return host.highest_processor < TENON_CPUS_MAX ? host.highest_processor + 1 : TENON_CPUS_MAX;
}

const uint8_t *need_nodes(void)
{
	static uint8_t nodes[TENON_CPUS_MAX];
	int error = tenon_get_nodes(need_hypervisor(), nodes);

	if (error)
		fail("the machine cannot be asked for its nodes: %s", strerror(-error));
	return nodes;
}

struct tenon_cpus need_cpus(const char *text, unsigned int count)
{
	struct tenon_cpus cpus = { { 0 } };
	struct config_fault fault;

	if (!config_cpus_parse(text, count, need_nodes(), cpus.bits, &fault))
		fail_usage("%s", fault.text);
	return cpus;
}

char *cpus_text(const struct tenon_cpus *cpus, unsigned int count)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned int in = 0;

	if (!out)
		fail("out of memory");
	for (unsigned int cpu = 0; cpu < count; cpu++)
		in += tenon_cpus_has(cpus, cpu);
	for (unsigned int cpu = 0; cpu < count && in < count; cpu++) {
		unsigned int first = cpu;

		if (!tenon_cpus_has(cpus, cpu))
			continue;
		while (cpu + 1 < count && tenon_cpus_has(cpus, cpu + 1))
			cpu++;
		fprintf(out, ftell(out) ? ",%u" : "%u", first);
		if (cpu > first)
			fprintf(out, "-%u", cpu);
	}
	if (in == count)
		fputs("all", out);
	else if (!in)
		fputc('-', out);
	fclose(out);
	return text;
}

struct json_object *json_cpus(const struct tenon_cpus *cpus, unsigned int count)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int cpu = 0; cpu < count; cpu++)
		if (tenon_cpus_has(cpus, cpu))
			json_object_array_add(list, json_object_new_int(cpu));
	return list;
}
