// SPDX-License-Identifier: GPL-2.0-or-later
/* In the sandbox: the disk's GRUB is found, its menu read, an entry chosen, the entry's files copied out. */
#include "inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grubcfg.h"

#define CONFIG_MAX	(1U << 20)
#define SNIPPETS_MAX	64
#define DEVICES_MAX	64

/* Where distributions have it, on the root file system or on one for /boot; @snippets: entries in files of their own.
 */
static const struct home {
	const char *config, *environment, *snippets;
} homes[] = {
	{ "/boot/grub/grub.cfg", "/boot/grub/grubenv", "/boot/loader/entries/" },
	{ "/grub/grub.cfg", "/grub/grubenv", "/loader/entries/" },
	{ "/boot/grub2/grub.cfg", "/boot/grub2/grubenv", "/boot/loader/entries/" },
	{ "/grub2/grub.cfg", "/grub2/grubenv", "/loader/entries/" },
	{ "/@/boot/grub/grub.cfg", "/@/boot/grub/grubenv", "/@/boot/loader/entries/" },
};

struct search {
	char *devices[DEVICES_MAX];	/* "(loop0,gpt1)" */
	unsigned int count;
	const char *found;		/* where the configuration is */
	const struct home *home;
	struct grub_menu *menu;
};

static void say(struct answer *answer, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(struct answer *answer, int error, const char *format, ...)
{
	va_list arguments;

	answer->error = error;
	va_start(arguments, format);
	vsnprintf(answer->text, sizeof(answer->text), format, arguments);
	va_end(arguments);
}

/* A file's contents; NULL: there is none, or it is too large. */
static char *read_text(const char *device, const char *path, size_t *size)
{
	char full[1024], *text;

	if (snprintf(full, sizeof(full), "%s%s", device, path) >= (int)sizeof(full))
		return NULL;
	return fstest_text("cat", full, CONFIG_MAX, &text, size) ? NULL : text;
}

/* ---- finding it ---- */

/* Names in parentheses: partitions and volumes first, the disk itself last; GRUB's own inventions not at all. */
static int list_devices(struct search *search)
{
	char *text, *whole = NULL, *rest, *name;
	size_t size;
	int error = fstest_text("ls", NULL, CONFIG_MAX, &text, &size);

	if (error)
		return error;
	for (rest = text; (name = strsep(&rest, " \n")) && search->count < DEVICES_MAX - 1; ) {
		if (!strncmp(name, "(loop0,", 7) || !strncmp(name, "(lvm/", 5))
			search->devices[search->count++] = strdup(name);
		else if (!strcmp(name, "(loop0)"))
			whole = name;
	}
	if (whole)
		search->devices[search->count++] = strdup(whole);
	free(text);
	return search->count ? 0 : -ENOENT;
}

/* "NAME.conf NAME.conf ", the newest first, as GRUB sorts them. */
static int newer_first(const void *a, const void *b)
{
	return strverscmp(*(char *const *)b, *(char *const *)a);
}

static void add_snippet(const struct search *search, const char *file)
{
	char path[512], name[256], *text;
	size_t size, length = strlen(file);

	if (length < 6 || length >= sizeof(name) || strcmp(file + length - 5, ".conf"))
		return;
	snprintf(path, sizeof(path), "%s%s", search->home->snippets, file);
	snprintf(name, sizeof(name), "%.*s", (int)length - 5, file);
	text = read_text(search->found, path, &size);
	if (text)
		grub_add_snippet(search->menu, name, text, size);
	free(text);
}

static void read_snippets(const struct search *search)
{
	char path[256], *text, *rest, *name, *names[SNIPPETS_MAX];
	unsigned int count = 0;
	size_t size;

	snprintf(path, sizeof(path), "%s%s", search->found, search->home->snippets);
	if (fstest_text("ls", path, CONFIG_MAX, &text, &size))
		return;
	for (rest = text; (name = strsep(&rest, " \n")) && count < SNIPPETS_MAX; )
		if (*name)
			names[count++] = name;
	qsort(names, count, sizeof(names[0]), newer_first);
	for (unsigned int i = 0; i < count; i++)
		add_snippet(search, names[i]);
	free(text);
}

static int read_menu(struct search *search, const char *device, const struct home *home)
{
	size_t size, environment_size = 0;
	char *text = read_text(device, home->config, &size), *environment;

	if (!text)
		return -ENOENT;
	environment = read_text(device, home->environment, &environment_size);
	search->found = device;
	search->home = home;
	search->menu = grub_parse(text, size, environment, environment_size);
	if (search->menu && search->menu->has_snippets)
		read_snippets(search);
	free(environment);
	free(text);
	return search->menu ? 0 : -EBADMSG;
}

static int find_menu(struct search *search)
{
	int error = -ENOENT;

	for (unsigned int i = 0; i < search->count && error == -ENOENT; i++)
		for (size_t j = 0; j < sizeof(homes) / sizeof(homes[0]) && error == -ENOENT; j++)
			error = read_menu(search, search->devices[i], &homes[j]);
	return error;
}

/* ---- the entry's files ---- */

/* The first device that has it, that of the configuration before others; a device in the path is one of another
 * machine. */
static int copy_file(const struct search *search, const char *path, int out)
{
	const char *in_device = *path == '(' ? strchr(path, ')') : NULL;
	char full[1024];
	int error = -ENOENT;

	path = in_device ? in_device + 1 : path;
	if (*path != '/')
		return -ENOENT;
	for (unsigned int i = 0; i <= search->count && error == -ENOENT; i++) {
		off_t start = lseek(out, 0, SEEK_END);
		const char *device = i ? search->devices[i - 1] : search->found;

		if (snprintf(full, sizeof(full), "%s%s", device, path) >= (int)sizeof(full))
			return -ENAMETOOLONG;
		error = fstest_run("cat", full, out);
		if (error && ftruncate(out, start))
			return -errno;
	}
	return error;
}

/* Parts of a ramdisk are read one after the other; each begins at a multiple of four bytes. */
static int pad(int out)
{
	off_t size = lseek(out, 0, SEEK_END);

	return ftruncate(out, (size + 3) & ~3) ? -errno : 0;
}

static void copy_entry(const struct search *search, const struct grub_entry *entry, int kernel, int ramdisk,
		       struct answer *answer)
{
	int error = copy_file(search, entry->kernel, kernel), length;

	if (error) {
		say(answer, error, "entry '%s': its kernel %s cannot be read", entry->title, entry->kernel);
		return;
	}
	for (unsigned int i = 0; i < entry->initrds && !error; i++) {
		error = i ? pad(ramdisk) : 0;
		error = error ? error : copy_file(search, entry->initrd[i], ramdisk);
		if (error)
			say(answer, error, "entry '%s': its ramdisk %s cannot be read", entry->title, entry->initrd[i]);
	}
	if (error)
		return;
	answer->error = 0;
	length = snprintf(answer->text, sizeof(answer->text), "%s%c%s", entry->title, 0, entry->arguments);
	if (length >= (int)sizeof(answer->text))
		say(answer, -EBADMSG, "entry '%s': its command line is too long", entry->title);
}

void inside_run(const char *entry, int kernel, int ramdisk, struct answer *answer)
{
	struct search search = { .count = 0 };
	const struct grub_entry *chosen;
	int error = list_devices(&search);

	memset(answer, 0, sizeof(*answer));
	if (error == -ENOSYS) {
		say(answer, error, "grub-fstest is not installed: install the package grub-common");
		return;
	}
	if (!error)
		error = find_menu(&search);
	if (error) {
		say(answer, error, error == -ENOENT ? "there is no grub.cfg on it" : "its grub.cfg is broken");
		return;
	}
	chosen = grub_select(search.menu, entry);
	if (chosen)
		copy_entry(&search, chosen, kernel, ramdisk, answer);
	else if (entry)
		say(answer, -ENOENT, "its GRUB has no entry '%s' that starts a kernel", entry);
	else
		say(answer, -ENOENT, "its GRUB has no entry that starts a kernel");
}
