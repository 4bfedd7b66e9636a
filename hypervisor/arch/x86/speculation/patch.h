/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef X86_SPECULATION_PATCH_H
#define X86_SPECULATION_PATCH_H

#include <tenon/types.h>

/*
 * Boot processor alone, the image writable: guests are entered and left by way of their views from now on (isolation_init() comes first), the
 * processor keeps what it remembers of their roots and views by their PCIDs, its buffers are cleared (VERW) on each way to a guest, indirect
 * jumps are made as returns.
 */
void speculation_patch(bool isolate, bool pcid, bool clear, bool retpoline);

#endif
