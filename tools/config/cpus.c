// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of processors. */
#include "device.h"

#include <ctype.h>
#include <string.h>

struct parse {
	const char *whole;
	unsigned int count;
	const uint8_t *nodes;
	uint8_t *bits;
	struct config_fault *fault;
};

static void put(struct parse *parse, unsigned int first, unsigned int last, bool in)
{
	for (unsigned int cpu = first; cpu <= last; cpu++)
		if (in)
			parse->bits[cpu / 8] |= 1 << cpu % 8;
		else
			parse->bits[cpu / 8] &= ~(1 << cpu % 8);
}

/* The processors of some nodes. Where nobody knows of nodes the machine is one. */
static bool put_nodes(struct parse *parse, const char *begin, unsigned int first, unsigned int last, bool in)
{
	bool found = !parse->nodes;

	for (unsigned int cpu = 0; cpu < parse->count; cpu++) {
		if (parse->nodes && (parse->nodes[cpu] < first || parse->nodes[cpu] > last))
			continue;
		put(parse, cpu, cpu, in);
		found = true;
	}
	return found || config_fault_at(parse->fault, parse->whole, begin, "no processor is of that node");
}

static bool parse_number(struct parse *parse, const char **at, const char *what, unsigned int count, unsigned int *out)
{
	const char *begin = *at;
	unsigned int value = 0;

	for (; isdigit((unsigned char)**at); ++*at) {
		value = value * 10 + (**at - '0');
		if (value >= count)
			return config_fault_at(parse->fault, parse->whole, begin, "%s are from 0 to %u", what, count - 1);
	}
	*out = value;
	return *at != begin || config_fault_at(parse->fault, parse->whole, begin,
					       "a set of processors is as all, 3, 0-2, 0-7,^3 or nodes:0-1, not '%.40s'",
					       parse->whole);
}

static bool skip(const char **at, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(*at, word, size) != 0)
		return false;
	*at += size;
	return true;
}

/* One part, moving *@at behind it. */
static bool parse_part(struct parse *parse, const char **at)
{
	const char *begin = *at, *what = "processors";
	bool in = !skip(at, "^"), nodes = skip(at, "nodes:") || skip(at, "node:");
	unsigned int first = 0, last, count = parse->count;

	if (nodes) {
		what = "nodes";
		count = CONFIG_NODES_MAX;
	}
	if (skip(at, "all")) {
		put(parse, 0, parse->count - 1, in);
		return true;
	}
	if (!parse_number(parse, at, what, count, &first))
		return false;
	last = first;
	if (skip(at, "-") && !parse_number(parse, at, what, count, &last))
		return false;
	if (last < first)
		return config_fault_at(parse->fault, parse->whole, begin, "%u-%u is the wrong way round", first, last);
	if (nodes)
		return put_nodes(parse, begin, first, last, in);
	put(parse, first, last, in);
	return true;
}

bool config_cpus_parse(const char *text, unsigned int count, const uint8_t nodes[], uint8_t bits[], struct config_fault *fault)
{
	struct parse parse = { .whole = text, .count = count, .nodes = nodes, .bits = bits, .fault = fault };
	const char *at = text;

	memset(bits, 0, (count + 7) / 8);
	for (;;) {
		at += strspn(at, " \t");
		if (!parse_part(&parse, &at))
			return false;
		at += strspn(at, " \t");
		if (!*at)
			break;
		if (*at++ != ',')
			return config_fault_at(fault, text, at - 1, "parts of a set of processors have commas between them");
	}
	for (unsigned int i = 0; i < (count + 7) / 8; i++)
		if (bits[i])
			return true;
	return config_fault_at(fault, text, text, "no processor is left");
}
