// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks. A specification is
 *	TARGET,FORMAT,VDEV,ACCESS	by position, empty ones allowed, any left out at the end, mixed with
 *	KEY=VALUE and FLAG		in any order, of which target= takes the rest of the text.
 * Prefixes of old ("phy:/dev/x,xvda,w") are understood; with one there is no FORMAT by position.
 */
#include "device.h"

#include <ctype.h>
#include <stdio.h>

#include "alloc.h"

struct parse {
	struct config_disk *disk;
	const char *whole;
	struct config_fault *fault;
	bool prefixed;			/* the format has no position */
	bool format_set, backend_set, access_set;
};

static const char *const formats[] = { "raw", "qcow", "qcow2", "qed", "vhd", "empty", NULL };
static const char *const backends[] = { "", "phy", "tap", "qdisk", "standalone", NULL };

const char *config_disk_format_name(enum config_disk_format format)
{
	return formats[format];
}

/* ---- values ---- */

static void decide(bool *set, bool *value, bool to)
{
	*set = true;
	*value = to;
}

static bool set_format(struct parse *parse, const char *text, size_t size)
{
	int format = size ? config_choose("format", formats, text, size, parse->whole, parse->fault) : CONFIG_DISK_RAW;

	if (format < 0)
		return false;
	if (parse->format_set && parse->disk->format != (enum config_disk_format)format)
		return config_fault_at(parse->fault, parse->whole, text, "the format is %s already",
				       formats[parse->disk->format]);
	parse->disk->format = format;
	parse->format_set = true;
	return true;
}

static bool set_access(struct parse *parse, const char *text, size_t size)
{
	static const char *const words[] = { "ro", "r", "rw", "w", "w!", "!", "", NULL };
	int which = config_choose("access", words, text, size, parse->whole, parse->fault);

	if (which < 0)
		return false;
	if (parse->access_set)
		return config_fault_at(parse->fault, parse->whole, text, "access comes twice");
	parse->disk->writable = which >= 2;
	parse->disk->shared = which == 4 || which == 5;
	parse->access_set = true;
	return true;
}

static bool set_backend_type(struct parse *parse, const char *text, size_t size)
{
	int which = size ? config_choose("backendtype", backends, text, size, parse->whole, parse->fault) : 0;

	if (which < 0)
		return false;
	if (!size || parse->backend_set)
		return config_fault_at(parse->fault, parse->whole, text, size ? "backendtype comes twice" :
				       "backendtype needs a value");
	parse->disk->backend_type = which;
	parse->backend_set = true;
	return true;
}

static bool set_type(struct parse *parse, const char *text, size_t size)
{
	static const char *const words[] = { "disk", "cdrom", NULL };
	int which = config_choose("devtype", words, text, size, parse->whole, parse->fault);

	if (which < 0)
		return false;
	parse->disk->cdrom = which == 1;
	return true;
}

/* "hdc:cdrom" says what kind it is. *@done is false, and nothing was done, if there is no colon. */
static bool set_vdev_and_type(struct parse *parse, const char *text, size_t size, bool *done)
{
	const char *colon = memrchr(text, ':', size);

	*done = colon != NULL;
	if (!colon)
		return true;
	return config_take(&parse->disk->vdev, "vdev", text, colon - text, parse->whole, parse->fault) &&
	       set_type(parse, colon + 1, text + size - colon - 1);
}

static bool set_vdev(struct parse *parse, const char *text, size_t size)
{
	bool done;

	if (!set_vdev_and_type(parse, text, size, &done))
		return false;
	return done || config_take(&parse->disk->vdev, "vdev", text, size, parse->whole, parse->fault);
}

/* ---- fields ---- */

static bool parse_key(struct parse *parse, const struct config_field *field)
{
	struct config_disk *disk = parse->disk;
	const char *value = field->value;
	size_t size = field->value_size;

	if (config_field_is(field, "format"))
		return set_format(parse, value, size);
	if (config_field_is(field, "vdev"))
		return config_take(&disk->vdev, "vdev", value, size, parse->whole, parse->fault);
	if (config_field_is(field, "access"))
		return set_access(parse, value, size);
	if (config_field_is(field, "devtype"))
		return set_type(parse, value, size);
	if (config_field_is(field, "backendtype"))
		return set_backend_type(parse, value, size);
	if (config_field_is(field, "backend"))
		return config_take(&disk->backend, "backend", value, size, parse->whole, parse->fault);
	if (config_field_is(field, "script"))
		return config_take(&disk->script, "script", value, size, parse->whole, parse->fault);
	if (config_field_is(field, "specification")) {
		static const char *const words[] = { "xen", NULL };	/* virtio is for guests with a device model */

		return config_choose("specification", words, value, size, parse->whole, parse->fault) >= 0;
	}
	if (config_field_is(field, "grant_usage")) {
		static const char *const words[] = { "0", "1", NULL };
		int which = config_choose("grant_usage", words, value, size, parse->whole, parse->fault);

		decide(&disk->persistent_set, &disk->persistent, which == 1);
		return which >= 0;
	}
	return config_fault_at(parse->fault, parse->whole, field->begin, "a disk has no key %.*s",
			       field->key_size < 40 ? (int)field->key_size : 40, field->begin);
}

/* Words without a value that mean something wherever they stand. */
static bool parse_flag(struct parse *parse, const struct config_field *field)
{
	struct config_disk *disk = parse->disk;

	if (config_field_is(field, "cdrom"))
		disk->cdrom = true;
	else if (config_field_is(field, "direct-io-safe"))
		disk->direct_io_safe = true;
	else if (config_field_is(field, "discard"))
		decide(&disk->discard_set, &disk->discard, true);
	else if (config_field_is(field, "no-discard"))
		decide(&disk->discard_set, &disk->discard, false);
	else if (config_field_is(field, "trusted"))
		decide(&disk->trusted_set, &disk->trusted, true);
	else if (config_field_is(field, "untrusted"))
		decide(&disk->trusted_set, &disk->trusted, false);
	else
		return false;
	return true;
}

static bool parse_positional(struct parse *parse, const struct config_field *field)
{
	struct config_disk *disk = parse->disk;
	bool done;

	if (!disk->target)
		return config_take(&disk->target, "target", field->begin, field->size, parse->whole, parse->fault);
	if (!parse->prefixed && !parse->format_set) {
		/* ",hdc:cdrom": a drive that is empty needs no format. */
		if (disk->target[0])
			return set_format(parse, field->begin, field->size);
		if (!set_vdev_and_type(parse, field->begin, field->size, &done))
			return false;
		return done ? set_format(parse, formats[CONFIG_DISK_EMPTY], 5) : set_format(parse, field->begin, field->size);
	}
	if (!disk->vdev)
		return set_vdev(parse, field->begin, field->size);
	if (!parse->access_set)
		return set_access(parse, field->begin, field->size);
	return config_fault_at(parse->fault, parse->whole, field->begin,
			       "too many values: the order is TARGET,FORMAT,VDEV,ACCESS");
}

/* Prefixes of old at *@at are passed over; they say how, in terms of today. */
static bool parse_prefixes(struct parse *parse, const char **at)
{
	static const char *const ignored[] = { "tapdisk", "tap", "tap2", "aio", "ioemu", "file", "phy", NULL };
	static const char *const scripts[] = { "iscsi", "nbd", "enbd", "drbd", NULL };
	struct config_fault none;

	for (;;) {
		const char *begin = *at + strspn(*at, " \t\n");
		size_t size = strspn(begin, "abcdefghijklmnopqrstuvwxyz0123456789");
		char script[32];

		if (!size || begin[size] != ':')
			return true;
		if (config_choose("", formats, begin, size, begin, &none) >= 0) {
			if (!set_format(parse, begin, size))
				return false;
		} else if (config_choose("", scripts, begin, size, begin, &none) >= 0) {
			snprintf(script, sizeof(script), "block-%.*s", (int)size, begin);
			if (!config_take(&parse->disk->script, "script", script, strlen(script), script, &none))
				return config_fault_at(parse->fault, parse->whole, begin, "a script is named twice");
		} else if (config_choose("", ignored, begin, size, begin, &none) < 0) {
			/* "host:volume" is what a script understands. */
			if (isalnum((unsigned char)begin[size + 1]))
				return true;
			return config_fault_at(parse->fault, parse->whole, begin, "no kind of disk has the name %.*s",
					       size < 40 ? (int)size : 40, begin);
		}
		parse->prefixed = true;
		*at = begin + size + 1;
	}
}

static bool parse_fields(struct parse *parse, const char *at)
{
	struct config_field field;

	for (;;) {
		const char *begin;

		if (!parse->disk->target && !parse_prefixes(parse, &at))
			return false;
		begin = at + strspn(at, " \t\n");
		if (!strncmp(begin, "target=", 7))
			return config_take(&parse->disk->target, "target", begin + 7, strlen(begin + 7), parse->whole,
					   parse->fault);
		if (!config_field_next(&at, &field))
			return true;
		if (field.value) {
			if (!parse_key(parse, &field))
				return false;
		} else if (!parse_flag(parse, &field) && !parse_positional(parse, &field)) {
			return false;
		}
	}
}

/* ---- the whole ---- */

static bool complete(struct parse *parse)
{
	struct config_disk *disk = parse->disk;
	const char *end = parse->whole + strlen(parse->whole);

	if (!disk->vdev || !disk->vdev[0])
		return config_fault_at(parse->fault, parse->whole, end, "there is no vdev: how the guest calls the disk");
	disk->number = config_vdev_number(disk->vdev);
	if (!disk->number)
		return config_fault_at(parse->fault, parse->whole, parse->whole,
				       "vdev is a name as xvda, xvda1, sdb, hdc, d0p1 or a number, not '%.40s'", disk->vdev);
	if (disk->target && !disk->target[0]) {
		free(disk->target);
		disk->target = NULL;
	}
	if (disk->format == CONFIG_DISK_EMPTY && disk->target)
		return config_fault_at(parse->fault, parse->whole, parse->whole, "an empty drive has no target");
	if (!disk->target && !disk->cdrom)
		return config_fault_at(parse->fault, parse->whole, end, "there is no target: what is to be the disk");
	if (!disk->target)
		disk->format = CONFIG_DISK_EMPTY;
	if (!parse->access_set)
		disk->writable = !disk->cdrom;
	return true;
}

bool config_disk_parse(struct config_disk *disk, const char *text, struct config_fault *fault)
{
	struct parse parse = { .disk = disk, .whole = text, .fault = fault };

	*disk = (struct config_disk){ 0 };
	if (parse_fields(&parse, text) && complete(&parse))
		return true;
	config_disk_clear(disk);
	return false;
}

void config_disk_clear(struct config_disk *disk)
{
	free(disk->target);
	free(disk->backend);
	free(disk->script);
	free(disk->vdev);
	*disk = (struct config_disk){ 0 };
}
