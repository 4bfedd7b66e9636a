// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the system that is looked at, and words in them. */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "alloc.h"
#include "buffer.h"
#include "doctor.h"

static char *path_of(const struct doctor *doctor, const char *format, va_list args)
{
	char *under, *path;

	if (vasprintf(&under, format, args) < 0)
		log_fatal("out of memory");
	if (asprintf(&path, "%s%s", doctor->root, under) < 0)
		log_fatal("out of memory");
	free(under);
	return path;
}

char *doctor_read(const struct doctor *doctor, size_t *size, const char *format, ...)
{
	struct buffer text = { 0 };
	char part[4096];
	va_list args;
	size_t got;
	FILE *file;
	char *path;

	va_start(args, format);
	path = path_of(doctor, format, args);
	va_end(args);
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	while (text.size < DOCTOR_FILE_MAX && (got = fread(part, 1, sizeof(part), file)) > 0)
		buffer_add(&text, part, got);
	if (ferror(file)) {
		fclose(file);
		buffer_free(&text);
		return NULL;
	}
	fclose(file);
	if (size)
		*size = text.size;
	buffer_add(&text, "", 1);
	return text.data;
}

bool doctor_exists(const struct doctor *doctor, const char *format, ...)
{
	struct stat status;
	va_list args;
	char *path;
	bool there;

	va_start(args, format);
	path = path_of(doctor, format, args);
	va_end(args);
	there = !stat(path, &status);
	free(path);
	return there;
}

char **doctor_names(const struct doctor *doctor, const char *pattern)
{
	size_t skip = strlen(doctor->root), count = 0;
	char *path = xmalloc(skip + strlen(pattern) + 1), **names;
	glob_t found = { 0 };

	strcpy(stpcpy(path, doctor->root), pattern);
	if (!glob(path, 0, NULL, &found))
		count = found.gl_pathc;
	names = xzalloc((count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = xstrdup(found.gl_pathv[i] + skip);
	globfree(&found);
	free(path);
	return names;
}

void doctor_names_free(char **names)
{
	for (char **name = names; *name; name++)
		free(*name);
	free(names);
}

bool doctor_has_word(const char *text, const char *word)
{
	static const char between[] = " \t\n\"'";
	size_t size = strlen(word);
	bool prefix = size && word[size - 1] == '=';

	while (text && *(text += strspn(text, between))) {
		size_t length = strcspn(text, between);

		if ((length == size || (prefix && length > size)) && !strncmp(text, word, size))
			return true;
		text += length;
	}
	return false;
}

const char *doctor_find_line(const char *text, const char *start, const char *after)
{
	const char *line = after ? strchr(after, '\n') : text;

	while (line && *line) {
		line += line[0] == '\n';
		if (!strncmp(line + strspn(line, " \t"), start, strlen(start)))
			return line + strspn(line, " \t");
		line = strchr(line, '\n');
	}
	return NULL;
}

char *doctor_copy_line(const char *at)
{
	size_t length = strcspn(at, "\n");
	char *line = xmalloc(length + 1);

	memcpy(line, at, length);
	line[length] = '\0';
	return line;
}

long long doctor_number(const char *text, const char *key)
{
	const char *line = text ? doctor_find_line(text, key, NULL) : NULL;
	long long number;

	return line && sscanf(line + strlen(key), "%lld", &number) == 1 ? number : -1;
}
