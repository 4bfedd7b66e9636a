// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration files: reading, values, settings. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "alloc.h"

void config_complain(struct config *config, enum config_severity severity, struct config_place place, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (severity == CONFIG_ERROR)
		config->errors++;
	if (config->report)
		config->report(config->report_arg, severity, config->file, place, text);
}

struct config_value *config_value_new(enum config_kind kind, struct config_place place)
{
	struct config_value *value = xzalloc(sizeof(*value));

	value->kind = kind;
	value->place = place;
	return value;
}

void config_value_free(struct config_value *value)
{
	if (!value)
		return;
	for (size_t i = 0; i < value->count; i++)
		config_value_free(value->items[i]);
	free(value->items);
	free(value->string);
	free(value);
}

void config_list_add(struct config_value *list, struct config_value *item)
{
	list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count++] = item;
}

static struct config_setting *config_find(const struct config *config, const char *name)
{
	struct config_setting *setting = config->settings;

	while (setting && strcmp(setting->name, name))
		setting = setting->next;
	return setting;
}

const struct config_value *config_get(const struct config *config, const char *name)
{
	const struct config_setting *setting = config_find(config, name);

	return setting ? setting->value : NULL;
}

/* Strings and lists grow; the appended value is given up. */
static void value_append(struct config *config, struct config_value *value, struct config_value *more)
{
	if (value->kind != more->kind || value->kind == CONFIG_NUMBER) {
		config_complain(config, CONFIG_ERROR, more->place, "+= joins two strings or two lists");
	} else if (value->kind == CONFIG_STRING) {
		size_t size = strlen(value->string);

		value->string = xrealloc(value->string, size + strlen(more->string) + 1);
		strcpy(value->string + size, more->string);
	} else {
		for (size_t i = 0; i < more->count; i++)
			config_list_add(value, more->items[i]);
		more->count = 0;
	}
	config_value_free(more);
}

void config_set(struct config *config, char *name, struct config_place place, struct config_value *value, bool append)
{
	struct config_setting *setting = config_find(config, name), **end = &config->settings;

	if (!setting) {
		setting = xzalloc(sizeof(*setting));
		setting->name = name;
		setting->place = place;
		setting->value = value;
		while (*end)
			end = &(*end)->next;
		*end = setting;
		return;
	}
	free(name);
	if (append) {
		value_append(config, setting->value, value);
		return;
	}
	config_complain(config, CONFIG_WARNING, place, "%s was set before, in line %d: this value counts", setting->name,
			setting->place.line);
	config_value_free(setting->value);
	setting->value = value;
	setting->place = place;
}

void config_override(struct config *config, char *name, struct config_place place, struct config_value *value, bool append)
{
	struct config_setting *setting = config_find(config, name);

	if (!setting || append) {
		config_set(config, name, place, value, append);
		return;
	}
	free(name);
	config_value_free(setting->value);
	setting->value = value;
	setting->place = place;
}

void config_free(struct config *config)
{
	while (config->settings) {
		struct config_setting *setting = config->settings;

		config->settings = setting->next;
		free(setting->name);
		config_value_free(setting->value);
		free(setting);
	}
	free(config->file);
	free(config);
}

struct config *config_read(const char *name, config_report *report, void *arg)
{
	FILE *file = fopen(name, "r");
	char *text = xmalloc(CONFIG_SIZE_MAX + 1);
	size_t size = file ? fread(text, 1, CONFIG_SIZE_MAX + 1, file) : 0;
	bool good = file && !ferror(file);
	int error = errno;
	struct config *config = config_parse(name, text, good && size <= CONFIG_SIZE_MAX ? size : 0, report, arg);

	if (!good)
		config_complain(config, CONFIG_ERROR, (struct config_place){ 0 }, "cannot be read: %s", strerror(error));
	else if (size > CONFIG_SIZE_MAX)
		config_complain(config, CONFIG_ERROR, (struct config_place){ 0 }, "is longer than %d bytes", CONFIG_SIZE_MAX);
	if (file)
		fclose(file);
	free(text);
	return config;
}
