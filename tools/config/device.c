// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parsers of devices share: fields between commas, words, what is wrong. */
#include "device.h"

#include <stdarg.h>
#include <stdio.h>

#include "alloc.h"

bool config_field_next(const char **at, struct config_field *field)
{
	const char *begin = *at + strspn(*at, " \t\n"), *equals;

	if (!*begin)
		return false;
	*field = (struct config_field){ .begin = begin, .size = strcspn(begin, ",") };
	equals = memchr(begin, '=', field->size);
	field->key_size = equals ? (size_t)(equals - begin) : field->size;
	if (equals) {
		field->value = equals + 1;
		field->value_size = begin + field->size - field->value;
	}
	*at = begin + field->size + (begin[field->size] == ',');
	return true;
}

bool config_field_is(const struct config_field *field, const char *key)
{
	return strlen(key) == field->key_size && !memcmp(field->begin, key, field->key_size);
}

bool config_fault_at(struct config_fault *fault, const char *whole, const char *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	fault->offset = at - whole;
	return false;
}

bool config_take(char **place, const char *what, const char *text, size_t size, const char *whole, struct config_fault *fault)
{
	if (*place)
		return config_fault_at(fault, whole, text, "%s comes twice", what);
	*place = xmalloc(size + 1);
	memcpy(*place, text, size);
	(*place)[size] = '\0';
	return true;
}

int config_choose(const char *key, const char *const words[], const char *text, size_t size, const char *whole,
		  struct config_fault *fault)
{
	char all[120] = "";
	size_t used = 0;

	for (int i = 0; words[i]; i++) {
		if (strlen(words[i]) == size && !memcmp(words[i], text, size))
			return i;
		if (words[i][0])
			used += snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", words[i]);
	}
	config_fault_at(fault, whole, text, "%s is one of %s, not '%.*s'", key, all, size < 40 ? (int)size : 40, text);
	return -1;
}
