// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What fuzzers of front ends share: see fuzz.h. */
#include "fuzz.h"

void fuzz_poke_granted(struct fuzz_input *in)
{
	uint32_t gref = fuzz_byte(in) | fuzz_byte(in) << 8, at = fuzz_word(in) % (PVD_PAGE_SIZE - 3), value = fuzz_word(in);
	struct host_grant *grant = &host->grants[gref % HOST_FRAMES];

	if (gref % HOST_FRAMES && grant->used)
		memcpy((uint8_t *)host_frame(grant->frame) + at, &value, 4);
}

void fuzz_notify(const struct pvd_event *event)
{
	uint32_t i;

	for (i = 0; i < HOST_PORTS; i++)
		if (host->ports[i].event[0] == event)
			host_send(i, 0);
}
