// SPDX-License-Identifier: GPL-2.0-or-later
/* What the hypervisor does against side channels of processors that guess ahead, as it told its log when it started. */
#include <string.h>

#include "cli.h"
#include "speculation.h"

#define MARK "Speculation: "

struct json_object *speculation_lines(void)
{
	struct json_object *lines = json_object_new_array();
	char text[16384], *line, *next;
	uint32_t position = 0;
	size_t kept = 0;
	int got;

	/* A line that a piece ends in goes on in the next. */
	for (bool more = false; (got = tenon_read_log(need_hypervisor(), false, more, &position, text + kept, sizeof(text) - 1 - kept)) > 0;
	     more = true) {
		text[kept + got] = '\0';
		for (line = text; (next = strchr(line, '\n')); line = next + 1) {
			char *mark;

			*next = '\0';
			mark = strstr(line, MARK);
			if (mark)
				json_object_array_add(lines, json_object_new_string(mark + strlen(MARK)));
		}
		kept = strlen(line);
		if (kept == sizeof(text) - 1)
			kept = 0;
		memmove(text, line, kept);
	}
	return lines;
}
