/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a program finds hypervisor, store, records and sysfs: open.c, or for tests tests/open_fake.c. NULL: in the usual places. */
#ifndef CLI_OPEN_H
#define CLI_OPEN_H

struct tenon;

struct tenon *open_hypervisor(void);
const char *store_path(void);
const char *record_dir(void);
const char *sysfs_path(void);

#endif
