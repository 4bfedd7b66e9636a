/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes jumps over the places where guests are entered and left, and over indirect ones: sites.h. */
#include <asm/system.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include "patch.h"
#include "pcid.h"
#include "sites.h"

#define INSN_JMP	0xe9	/* and the distance from behind it, 32 bits */

struct patch_site {
	int32_t at, to;		/* relative to their own places */
	uint32_t kind;		/* PATCH_* */
};
extern const struct patch_site patch_sites_start[], patch_sites_end[];
extern uint8_t leave_isolated, leave_clears;
extern uint64_t leave_keep;

static void __init write_jump(uint8_t *at, const uint8_t *to)
{
	int32_t distance = (int32_t)(to - (at + PATCH_SIZE));

	at[0] = INSN_JMP;
	memcpy(at + 1, &distance, sizeof(distance));
}

void __init speculation_patch(bool isolate, bool pcid, bool clear, bool retpoline)
{
	bool wanted[] = { [PATCH_ENTRY] = isolate, [PATCH_EXIT] = isolate || clear, [PATCH_INDIRECT] = retpoline };

	leave_isolated = isolate;
	leave_clears = clear;
	leave_keep = pcid ? CR3_KEEP : 0;
	for (const struct patch_site *s = patch_sites_start; s < patch_sites_end; s++)
		if (wanted[s->kind])
			write_jump((uint8_t *)&s->at + s->at, (const uint8_t *)&s->to + s->to);
}
