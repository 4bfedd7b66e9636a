/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PVL_PAGE_H
#define PVL_PAGE_H

#include "pvl.h"

int pvl_pages_init(void);
void pvl_pages_exit(void);

void pvl_stats_init(void);
void pvl_stats_exit(void);

/* The queue's thread, which then exists until pvos_quiesce(). */
int pvl_worker_start(struct pvl_queue *q);

#endif
