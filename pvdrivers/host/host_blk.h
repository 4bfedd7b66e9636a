/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PVD_HOST_BLK_H
#define PVD_HOST_BLK_H

#include "host.h"

void host_blk_new(void);
void host_blk_end(void);
void host_blk_event(struct pvd_event *event);
bool host_blk_work(void);	/* runs a worker that was kicked */
bool host_blk_disk(void);	/* ends a disk operation */

#endif
