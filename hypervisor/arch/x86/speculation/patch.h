/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef X86_SPECULATION_PATCH_H
#define X86_SPECULATION_PATCH_H

#include <tenon/types.h>

/* Boot processor alone, interrupts off, the image writable: entry and exit from now on as isolation_init() was told. */
void isolation_patch(bool isolate, bool clear);

#endif
