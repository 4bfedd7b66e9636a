/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest whose kernel is in its own disk: bootloader= instead of kernel=. The first disk's GRUB menu is read
 * (diskboot.h), each time the guest is made: its system may have a new kernel.
 */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include "diskboot.h"
#include "guest.h"

struct own_kernel {
	char *entry;			/* of the menu; NULL: its default */
	bool is_open;
	struct diskboot boot;		/* if it is open */
	char *command_line;		/* the menu's, then extra= */
};

/* What @config says; NULL, and *wrong (of @room bytes): it wants something that is not done here. */
struct own_kernel *own_kernel_new(const struct config *config, char *wrong, size_t room);
void own_kernel_free(struct own_kernel *own);

/* Reads it from the guest's first disk, once. False: why(). Takes up to a minute if the disk is made to last. */
bool own_kernel_open(const struct guest *guest);

#endif
