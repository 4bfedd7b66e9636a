// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What fuzzers of back ends share: see fuzz.h. */
#include "fuzz.h"

void fuzz_front_new(struct fuzz_front *f)
{
	uint32_t i;

	for (i = 0; i < FUZZ_FRAMES; i++) {
		f->frames[i] = host_frame_alloc();
		f->grefs[i] = host_grant(f->frames[i]);
	}
	for (i = 0; i < FUZZ_PORTS; i++)
		f->ports[i] = host_port_alloc();
}

void fuzz_front_end(struct fuzz_front *f)
{
	uint32_t i;

	for (i = 0; i < FUZZ_FRAMES; i++)
		host_revoke(f->grefs[i]);
	for (i = 0; i < FUZZ_PORTS; i++)
		host->ports[f->ports[i]].event[0] = NULL;
}

void fuzz_poke(struct fuzz_input *in, struct fuzz_front *f)
{
	uint8_t *page = host_frame(f->frames[fuzz_byte(in) % FUZZ_FRAMES]);
	uint32_t at = fuzz_word(in) % (PVD_PAGE_SIZE - 3), value = fuzz_word(in);

	memcpy(page + at, &value, 4);
}

void fuzz_revoke(struct fuzz_input *in, struct fuzz_front *f, uint32_t n)
{
	if (n >= FUZZ_FRAMES || fuzz_byte(in) <= 128 || host->grants[f->grefs[n]].revoked)
		return;
	host_revoke(f->grefs[n]);
	f->frames[n] = host_frame_alloc();
	f->grefs[n] = host_grant(f->frames[n]);
}

void fuzz_set_number(const char *name, uint32_t value)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", value);
	host_set(&host->front, name, text);
}
