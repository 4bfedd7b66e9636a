/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A fuzzer's input as a source of choices. */
#ifndef PVD_FUZZ_H
#define PVD_FUZZ_H

#include "host.h"

struct fuzz_input {
	const uint8_t *at, *end;
};

static inline uint32_t fuzz_byte(struct fuzz_input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static inline uint32_t fuzz_word(struct fuzz_input *in)
{
	uint32_t value = fuzz_byte(in);

	value |= fuzz_byte(in) << 8;
	value |= fuzz_byte(in) << 16;
	return value | fuzz_byte(in) << 24;
}

/* Numbers as they are found in the store: mostly small, at times no number. */
static inline const char *fuzz_text(struct fuzz_input *in, char text[32])
{
	uint32_t kind = fuzz_byte(in);

	if (kind < 160)
		snprintf(text, 32, "%u", kind);
	else if (kind < 200)
		snprintf(text, 32, "%u", fuzz_word(in));
	else if (kind < 210)
		return NULL;
	else if (kind < 220)
		snprintf(text, 32, "%u%010u%010u", 1 + kind % 9, fuzz_word(in), fuzz_word(in));
	else if (kind < 240)
		snprintf(text, 32, "%c%cx", fuzz_byte(in), fuzz_byte(in));
	else
		snprintf(text, 32, "%s", kind < 248 ? "x86_32-abi" : "x86_64-abi");
	return text;
}

/* One of an array's strings. */
#define fuzz_one_of(in, names)	((names)[fuzz_byte(in) % (sizeof(names) / sizeof((names)[0]))])

/* The store node `name` of one's own directory, as a hostile peer writes it. */
static inline void fuzz_node(struct fuzz_input *in, struct host_end *end, const char *name)
{
	char text[32];

	host_set(end, name, fuzz_text(in, text));
}

/* ---- a hostile back end (fuzz_back.c) ---- */

/* Writes anywhere into the pages that a front end has granted. */
void fuzz_poke_granted(struct fuzz_input *in);

/* The front end's event. */
void fuzz_notify(const struct pvd_event *event);

/* Whatever is due, up to n things. */
static inline void fuzz_steps(uint32_t n)
{
	while (n-- && host_step())
		;
}

/* ---- a hostile front end (fuzz_front.c) ---- */

#define FUZZ_FRAMES	40
#define FUZZ_PORTS	6

/* Pages, their grants, and ports of a front end that is nothing but these. */
struct fuzz_front {
	uint32_t frames[FUZZ_FRAMES], grefs[FUZZ_FRAMES], ports[FUZZ_PORTS];
};

/* Within a world (host_new()) that host_end() is to find empty. */
void fuzz_front_new(struct fuzz_front *f);
void fuzz_front_end(struct fuzz_front *f);

/* Writes anywhere into them. */
void fuzz_poke(struct fuzz_input *in, struct fuzz_front *f);

/* Perhaps takes back a grant; there is another page in its place. */
void fuzz_revoke(struct fuzz_input *in, struct fuzz_front *f, uint32_t n);

/* A number as text in the front end's directory. */
void fuzz_set_number(const char *name, uint32_t value);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
