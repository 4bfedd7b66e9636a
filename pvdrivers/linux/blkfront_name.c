// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkfront: the name of a virtual device. */
#include "blkfront.h"

#define EXTENDED	(1U << 28)

/* Numbering of each kind: which disk and which partition a minor number means. */
static const struct {
	u32 major, shift, first;
} kinds[] = {
	{ 202, 4, 0 },		/* xvd */
	{ 3, 6, 0 },		/* IDE */
	{ 22, 6, 2 },
	{ 33, 6, 4 },
	{ 34, 6, 6 },
	{ 8, 4, 0 },		/* SCSI */
	{ 65, 4, 16 },
	{ 66, 4, 32 },
	{ 67, 4, 48 },
};

static void make_name(u32 disk, u32 partition, char name[DISK_NAME_LEN])
{
	char letters[8];
	int n = 0, at = 3;

	for (disk++; disk; disk = (disk - 1) / 26)
		letters[n++] = 'a' + (disk - 1) % 26;
	memcpy(name, "xvd", 3);
	while (n)
		name[at++] = letters[--n];
	name[at] = 0;
	if (partition)
		snprintf(name + at, DISK_NAME_LEN - at, "%u", partition);
}

int pvl_blkf_name(u32 device, char name[DISK_NAME_LEN])
{
	u32 i;

	if (device & EXTENDED) {
		if (device >= EXTENDED << 1)
			return -EINVAL;
		make_name((device & ~EXTENDED) >> 8, device & 255, name);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		u32 minor = device & 255;

		if (device >> 8 != kinds[i].major)
			continue;
		make_name(kinds[i].first + (minor >> kinds[i].shift), minor & ((1 << kinds[i].shift) - 1), name);
		return 0;
	}
	return -EINVAL;
}
