// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of processors. */
#include "device.h"

#include <ctype.h>
#include <string.h>

struct parse {
	const char *whole;
	unsigned int count;
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

static bool parse_number(struct parse *parse, const char **at, unsigned int *out)
{
	const char *begin = *at;
	unsigned int value = 0;

	for (; isdigit((unsigned char)**at); ++*at) {
		value = value * 10 + (**at - '0');
		if (value >= parse->count)
			return config_fault_at(parse->fault, parse->whole, begin, "processors are from 0 to %u", parse->count - 1);
	}
	*out = value;
	return *at != begin || config_fault_at(parse->fault, parse->whole, begin,
					       "a set of processors is as all, 3, 0-2 or 0-7,^3, not '%.40s'", parse->whole);
}

/* One part, moving *@at behind it. */
static bool parse_part(struct parse *parse, const char **at)
{
	const char *begin = *at;
	unsigned int first, last;
	bool in = **at != '^';

	*at += !in;
	if (!strncmp(*at, "node", 4))
		return config_fault_at(parse->fault, parse->whole, begin,
				       "nodes: are not known here: name the processors ('tenon info' says how many there are)");
	if (!strncmp(*at, "all", 3)) {
		*at += 3;
		put(parse, 0, parse->count - 1, in);
		return true;
	}
	if (!parse_number(parse, at, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!parse_number(parse, at, &last))
			return false;
	}
	if (last < first)
		return config_fault_at(parse->fault, parse->whole, begin, "%u-%u is the wrong way round", first, last);
	put(parse, first, last, in);
	return true;
}

bool config_cpus_parse(const char *text, unsigned int count, uint8_t bits[], struct config_fault *fault)
{
	struct parse parse = { .whole = text, .count = count, .bits = bits, .fault = fault };
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
