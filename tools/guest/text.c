// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration as text again. */
#include <stdio.h>

#include "buffer.h"
#include "guest.h"

static void add(struct buffer *out, const char *text)
{
	buffer_add(out, text, strlen(text));
}

static void add_string(struct buffer *out, const char *text)
{
	add(out, "\"");
	for (; *text; text++) {
		if (*text == '\n')
			add(out, "\\n");
		else if (*text == '\r')
			add(out, "\\r");
		else if (*text == '"' || *text == '\\')
			buffer_add(out, (char[]){ '\\', *text }, 2);
		else
			buffer_add(out, text, 1);
	}
	add(out, "\"");
}

/* Lists are no deeper than the parser allows. */
static void add_value(struct buffer *out, const struct config_value *value)
{
	char number[32];

	switch (value->kind) {
	case CONFIG_NUMBER:
		snprintf(number, sizeof(number), "%lld", value->number);
		add(out, number);
		break;
	case CONFIG_STRING:
		add_string(out, value->string);
		break;
	case CONFIG_LIST:
		add(out, "[ ");
		for (size_t i = 0; i < value->count; i++) {
			add_value(out, value->items[i]);
			add(out, ", ");
		}
		add(out, "]");
	}
}

char *config_text(const struct config *config)
{
	struct buffer out = { 0 };

	for (const struct config_setting *setting = config->settings; setting; setting = setting->next) {
		add(&out, setting->name);
		add(&out, " = ");
		add_value(&out, setting->value);
		add(&out, "\n");
	}
	buffer_add(&out, "", 1);
	return out.data;
}
