/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where a request's members lie, for peers of either width (xen/io/protocols.h). All are multiples of 4. */
#ifndef PVD_BLKB_ABI_H
#define PVD_BLKB_ABI_H

#include "os.h"

#define BLKB_ENTRY_MAX	112U

struct blkb_abi {
	uint8_t entry;			/* bytes of a ring entry */
	uint8_t id;
	uint8_t sector;
	uint8_t segs;			/* of a direct request */
	uint8_t grefs;			/* of an indirect one */
	uint8_t discard_sectors;
};

extern const struct blkb_abi blkb_abi_32, blkb_abi_64;

#endif
