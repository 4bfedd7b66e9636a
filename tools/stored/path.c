// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of nodes: validity and parts. */
#include "path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool parse_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoul(text, &end, 10);
	return !*end && !errno && *value <= max;
}

static bool path_valid(const char *path)
{
	size_t size = strlen(path);

	if (path[0] != '/' || size > XENSTORE_ABS_PATH_MAX)
		return false;
	if (size > 1 && (path[size - 1] == '/' || strstr(path, "//")))
		return false;
	return strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_@") == size;
}

bool path_absolute(const char *name, const char *home, char *out)
{
	int size;

	if (name[0] == '@')
		return false;	/* a special name, none of a node */
	if (name[0] == '/')
		size = snprintf(out, PATH_ROOM, "%s", name);
	else if (strlen(name) > XENSTORE_REL_PATH_MAX)
		return false;
	else
		size = snprintf(out, PATH_ROOM, "%s/%s", home, name);
	return size > 0 && size < PATH_ROOM && path_valid(out);
}

bool path_within(const char *path, const char *top)
{
	size_t size = strlen(top);

	if (size == 1 && top[0] == '/')
		return path[0] == '/';
	return !strncmp(path, top, size) && (!path[size] || path[size] == '/');
}

bool path_next(const char **rest, const char **part, size_t *size)
{
	const char *start = *rest + (**rest == '/');

	*size = strcspn(start, "/");
	*part = start;
	*rest = start + *size;
	return *size != 0;
}

bool path_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	if (slash == path)
		slash++;
	*slash = '\0';
	return true;
}
