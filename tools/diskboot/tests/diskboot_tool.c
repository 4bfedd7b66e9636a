// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests: what a disk would start: diskboot_tool DISK [ENTRY]. Prints title and command line; with KERNEL and
 * RAMDISK in the environment the files go there. diskboot_tool --menu CONFIG [GRUBENV] prints a menu without a
 * sandbox.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "../diskboot.h"
#include "../grubcfg.h"

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	struct stat status;
	char *text;

	if (!file || fstat(fileno(file), &status))
		exit(2);
	text = malloc(status.st_size + 1);
	*size = fread(text, 1, status.st_size, file);
	fclose(file);
	return text;
}

static int show_menu(const char *config, const char *environment)
{
	size_t size, environment_size = 0;
	char *text = slurp(config, &size), *env = environment ? slurp(environment, &environment_size) : NULL;
	struct grub_menu *menu = grub_parse(text, size, env, environment_size);
	const struct grub_entry *chosen = menu ? grub_select(menu, NULL) : NULL;

	free(text);
	free(env);
	if (!menu) {
		puts("broken");
		return 1;
	}
	for (size_t i = 0; i < menu->entries; i++) {
		const struct grub_entry *entry = &menu->entry[i];

		printf("%s %s%u [%s] id=%s linux=%s args=%s initrd=", entry == chosen ? "*" : " ", entry->path,
		       entry->index, entry->title, entry->id, entry->kernel ? entry->kernel : "",
		       entry->arguments ? entry->arguments : "");
		for (unsigned int j = 0; j < entry->initrds; j++)
			printf("%s ", entry->initrd[j]);
		printf("\n");
	}
	if (menu->has_snippets)
		puts("blscfg");
	grub_free(menu);
	return 0;
}

static void save(int from, const char *variable)
{
	const char *path = getenv(variable);
	FILE *file = path ? fopen(path, "w") : NULL;
	struct stat status;
	off_t at = 0;

	if (!file || from < 0 || fstat(from, &status))
		return;
	while (at < status.st_size && sendfile(fileno(file), from, &at, status.st_size - at) > 0)
		continue;
	fclose(file);
}

int main(int argc, char **argv)
{
	char why[DISKBOOT_WHY_SIZE];
	struct diskboot boot;

	if (argc > 2 && !strcmp(argv[1], "--menu"))
		return show_menu(argv[2], argv[3]);
	if (argc < 2 || diskboot_read(argv[1], argc > 2 ? argv[2] : NULL, &boot, why)) {
		printf("refused: %s\n", argc < 2 ? "usage" : why);
		return 1;
	}
	printf("title: %s\ncommand line: %s\n", boot.title, boot.command_line);
	save(boot.kernel, "KERNEL");
	save(boot.ramdisk, "RAMDISK");
	diskboot_free(&boot);
	return 0;
}
