/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_MBI_H
#define BOOT_MBI_H

#include <tenon/types.h>

/* Fills boot_info from the loader's information at machine address pa; false: the magic is no multiboot loader's. */
bool boot_info_parse(uint32_t magic, uint32_t pa);
/* Of both there may be more than boot_info has room for. */
extern unsigned int modules_ignored, memmap_ignored;
/* Sorts the map and makes it free of overlaps: the more restrictive type wins. */
void memmap_sanitise(void);
/* Modules against map and each other; panics with what is wrong. Needs a console. */
void modules_check(void);
/* Gives all usable memory that nothing occupies to the boot allocator. Chooses the trampoline's page. */
void memory_register(void);

#endif
