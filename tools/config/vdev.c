// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers of virtual disks (docs/man/xen-vbd-interface of Xen). */
#include "device.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTENDED	(1u << 28)
#define DISKS_MAX	(1u << 20)
#define PARTITIONS_MAX	256u

/* Decimal digits, none in front that say nothing. False: not that, or @limit and more. */
static bool parse_index(const char **at, unsigned int limit, unsigned int *out)
{
	unsigned int value = 0;

	if (!isdigit((unsigned char)**at) || (**at == '0' && isdigit((unsigned char)(*at)[1])))
		return false;
	while (isdigit((unsigned char)**at)) {
		value = value * 10 + *(*at)++ - '0';
		if (value >= limit)
			return false;
	}
	*out = value;
	return true;
}

/* a, b ... z, aa, ab: from 0 on. */
static bool parse_letters(const char **at, unsigned int *out)
{
	unsigned int value = 0;

	if (!islower((unsigned char)**at))
		return false;
	while (islower((unsigned char)**at)) {
		value = value * 26 + *(*at)++ - 'a' + 1;
		if (value > DISKS_MAX)
			return false;
	}
	*out = value - 1;
	return true;
}

/* @at: behind the letters. A partition comes from 1 on. */
static bool parse_partition(const char *at, unsigned int *out)
{
	*out = 0;
	return !*at || (parse_index(&at, PARTITIONS_MAX, out) && *out && !*at);
}

static uint32_t number_of(unsigned int disk, unsigned int partition)
{
	if (disk < 16 && partition < 16)
		return 202u << 8 | disk << 4 | partition;
	return EXTENDED | disk << 8 | partition;
}

static uint32_t number_text(const char *name)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(name, &end, 0);
	return *end || errno || number > UINT32_MAX >> 3 ? 0 : number;
}

/* d2p1: the disk by number. */
static uint32_t number_plain(const char *at)
{
	unsigned int disk, partition;

	if (!parse_index(&at, DISKS_MAX, &disk) || *at++ != 'p' || !parse_index(&at, PARTITIONS_MAX, &partition) || *at)
		return 0;
	return number_of(disk, partition);
}

uint32_t config_vdev_number(const char *name)
{
	const char *at = name + 2;
	unsigned int disk, partition;

	if (isdigit((unsigned char)name[0]))
		return number_text(name);
	if (name[0] == 'd' && isdigit((unsigned char)name[1]))
		return number_plain(name + 1);
	if (!strncmp(name, "xvd", 3)) {
		at++;
		return parse_letters(&at, &disk) && disk < DISKS_MAX && parse_partition(at, &partition) ?
			       number_of(disk, partition) : 0;
	}
	if (strncmp(name, "sd", 2) && strncmp(name, "hd", 2))
		return 0;
	if (!parse_letters(&at, &disk) || !parse_partition(at, &partition))
		return 0;
	if (name[0] == 's')
		return disk < 16 && partition < 16 ? 8u << 8 | disk << 4 | partition : 0;
	return disk < 4 && partition < 64 ? (disk & 2 ? 22u : 3u) << 8 | (disk & 1) << 6 | partition : 0;
}

bool config_vdev_name(uint32_t number, char out[16])
{
	unsigned int disk, partition;
	char letters[8], *at = letters + sizeof(letters) - 1;

	if (number >> 28 == 1) {
		disk = number >> 8 & (DISKS_MAX - 1);
		partition = number & 0xff;
	} else if (number >> 8 == 202) {
		disk = number >> 4 & 0xf;
		partition = number & 0xf;
	} else {
		return false;
	}
	*at = '\0';
	for (unsigned int rest = disk + 1; rest; rest = (rest - 1) / 26)
		*--at = 'a' + (rest - 1) % 26;
	if (partition)
		snprintf(out, 16, "xvd%s%u", at, partition);
	else
		snprintf(out, 16, "xvd%s", at);
	return true;
}
