/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB's configuration: its menu, as far as it starts Linux kernels. The text is hostile: sizes, depths and numbers
 * are bounded. There is no machine under it: tests of files and of the platform are false, commands that are not known
 * do nothing.
 */
#ifndef DISKBOOT_GRUBCFG_H
#define DISKBOOT_GRUBCFG_H

#include <stdbool.h>
#include <stddef.h>

#define GRUB_INITRDS	8

struct grub_entry {
	char *title, *id;		/* id: may be empty */
	char *path, *numbers; /* of submenus: their titles, their indices, each followed by '>'; empty in the menu
				 itself */
	unsigned int index;		/* among its siblings, submenus counted */
	char *kernel, *arguments;	/* kernel NULL: it starts something else */
	char *initrd[GRUB_INITRDS];
	unsigned int initrds;
};

struct grub_menu {
	struct grub_entry *entry;
	size_t entries;
	char *selected;			/* what "default" says */
	bool has_snippets;		/* "blscfg": there are entries in files of their own, too */
	struct grub_variable *variables;
	size_t variable_count;
};

/* @environment: the block of grubenv, or NULL. NULL: no memory, or a menu beyond all bounds. */
struct grub_menu *grub_parse(const char *text, size_t size, const char *environment, size_t environment_size);
void grub_free(struct grub_menu *menu);

/* An entry in a file of its own ("title", "linux", "initrd", "options"). False: it is none. */
bool grub_add_snippet(struct grub_menu *menu, const char *name, const char *text, size_t size);

/*
 * The entry that @wanted means: a number, a title or an id, each with submenus before it divided by '>', as GRUB's
 * variable "default". NULL or empty: the default; then, if that does not start a kernel, the first that does. NULL:
 * there is none.
 */
const struct grub_entry *grub_select(const struct grub_menu *menu, const char *wanted);

#endif
