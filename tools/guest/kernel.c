// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's kernel out of its own disk. */
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "why.h"

#define ENTRY_OPTION "--entry="

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* bootloader_args: an entry of the menu, nothing else. */
static bool read_argument(struct own_kernel *own, const char *argument, char *wrong, size_t room)
{
	if (strncmp(argument, ENTRY_OPTION, strlen(ENTRY_OPTION))) {
		snprintf(wrong, room, "bootloader_args: only --entry=NAME is known, not '%.60s'", argument);
		return false;
	}
	free(own->entry);
	own->entry = xstrdup(argument + strlen(ENTRY_OPTION));
	return true;
}

static bool read_arguments(struct own_kernel *own, const struct config_value *value, char *wrong, size_t room)
{
	if (!value)
		return true;
	if (value->kind == CONFIG_STRING)
		return !*value->string || read_argument(own, value->string, wrong, room);
	for (size_t i = 0; i < value->count; i++)
		if (!read_argument(own, value->items[i]->kind == CONFIG_STRING ? value->items[i]->string : "", wrong, room))
			return false;
	return true;
}

struct own_kernel *own_kernel_new(const struct config *config, char *wrong, size_t room)
{
	const struct config_value *loader = config_get(config, "bootloader");
	struct own_kernel *own;

	/* What they do is done here; none of them is run. */
	if (strncmp(name_of(loader->string), "pygrub", 6) && strcmp(name_of(loader->string), "grub")) {
		snprintf(wrong, room, "bootloader is pygrub, which reads the disk's GRUB menu, not '%.60s'", loader->string);
		return NULL;
	}
	own = xzalloc(sizeof(*own));
	if (read_arguments(own, config_get(config, "bootloader_args"), wrong, room))
		return own;
	own_kernel_free(own);
	return NULL;
}

void own_kernel_free(struct own_kernel *own)
{
	if (!own)
		return;
	if (own->is_open)
		diskboot_free(&own->boot);
	free(own->entry);
	free(own->command_line);
	free(own);
}

static bool can_be_read(const struct guest *guest)
{
	const struct config_disk *disk = guest->disks;

	if (!guest->disk_count)
		return why("bootloader: the guest has no disk to read a kernel from");
	if (disk->format == CONFIG_DISK_RAW && !disk->script && !disk->backend)
		return true;
	return why("bootloader: a kernel can be read from a raw disk of this host, which %s is not", disk->vdev);
}

bool own_kernel_open(const struct guest *guest)
{
	struct own_kernel *own = guest->own;
	char text[DISKBOOT_WHY_SIZE];
	size_t size;

	if (!own || own->is_open)
		return true;
	if (!can_be_read(guest))
		return false;
	if (diskboot_read(guest->disks[0].target, own->entry, &own->boot, text))
		return why("%s", text);
	own->is_open = true;
	size = strlen(own->boot.command_line) + strlen(guest->command_line) + 2;
	own->command_line = xmalloc(size);
	snprintf(own->command_line, size, "%s%s%s", own->boot.command_line, *guest->command_line ? " " : "", guest->command_line);
	return true;
}
