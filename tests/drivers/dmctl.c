// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The few things that a test wants of device-mapper, where there is no dmsetup.
 *
 *	dmctl create NAME TABLE		prints dm-0 or the like; a table has lines of START LENGTH TARGET [ARGUMENTS]
 *	dmctl reload NAME TABLE		with what is under way ended before
 *	dmctl suspend NAME		what comes waits
 *	dmctl resume NAME
 *	dmctl remove NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct {
	struct dm_ioctl head;
	char data[4096];
} io;
static int control;

static int call(const char *what, unsigned long command, const char *name, uint32_t flags)
{
	io.head.version[0] = DM_VERSION_MAJOR;
	io.head.data_size = sizeof(io);
	io.head.data_start = sizeof(io.head);
	io.head.flags = flags;
	snprintf(io.head.name, sizeof(io.head.name), "%s", name);
	if (!ioctl(control, command, &io))
		return 0;
	fprintf(stderr, "dmctl: %s: %s\n", what, strerror(errno));
	return 1;
}

/* One target of a table: returns where the next is to be, or NULL. */
static char *put_target(char *at, const char *line, size_t length)
{
	struct dm_target_spec *spec = (void *)at;
	char *arguments = at + sizeof(*spec), text[256];
	unsigned long long start, sectors;
	int used = 0;

	if (length >= sizeof(text) || arguments + length + 8 > io.data + sizeof(io.data))
		return NULL;
	memcpy(text, line, length);
	text[length] = 0;
	if (sscanf(text, "%llu %llu %15s %n", &start, &sectors, spec->target_type, &used) < 3)
		return NULL;
	spec->sector_start = start;
	spec->length = sectors;
	strcpy(arguments, used ? text + used : "");
	spec->next = (sizeof(*spec) + strlen(arguments) + 8) & ~7U;
	io.head.target_count++;
	return at + spec->next;
}

static int load(const char *name, const char *table)
{
	char *at = io.data;

	memset(&io, 0, sizeof(io));
	while (*table && at) {
		size_t length = strcspn(table, "\n");

		at = put_target(at, table, length);
		table += length;
		table += *table == '\n';
	}
	if (!at) {
		fprintf(stderr, "dmctl: not a table\n");
		return 1;
	}
	return call("load", DM_TABLE_LOAD, name, 0);
}

static int suspend(const char *name, uint32_t flags)
{
	memset(&io, 0, sizeof(io));
	return call(flags ? "suspend" : "resume", DM_DEV_SUSPEND, name, flags);
}

static int create(const char *name, const char *table)
{
	memset(&io, 0, sizeof(io));
	if (call("create", DM_DEV_CREATE, name, 0))
		return 1;
	printf("dm-%u\n", minor(io.head.dev));
	return load(name, table) || suspend(name, 0);
}

static int take_away(const char *name)
{
	memset(&io, 0, sizeof(io));
	return call("remove", DM_DEV_REMOVE, name, 0);
}

int main(int argc, char **argv)
{
	control = open("/dev/mapper/control", O_RDWR);
	if (control < 0) {
		perror("dmctl: /dev/mapper/control");
		return 1;
	}
	if (argc == 4 && !strcmp(argv[1], "create"))
		return create(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "reload"))
		return load(argv[2], argv[3]) || suspend(argv[2], DM_SUSPEND_FLAG) || suspend(argv[2], 0);
	if (argc == 3 && !strcmp(argv[1], "suspend"))
		return suspend(argv[2], DM_SUSPEND_FLAG);
	if (argc == 3 && !strcmp(argv[1], "resume"))
		return suspend(argv[2], 0);
	if (argc == 3 && !strcmp(argv[1], "remove"))
		return take_away(argv[2]);
	fprintf(stderr, "usage: dmctl create|reload NAME TABLE | suspend|resume|remove NAME\n");
	return 1;
}
