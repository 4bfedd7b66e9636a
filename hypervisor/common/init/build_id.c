/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <tenon/compiler.h>
#include <tenon/lib.h>
#include <tenon/version.h>

/* An ELF note: sizes of name and contents, type, "GNU", contents. From the linker script. */
struct note {
	uint32_t name_size, size, type;
	char name[4];
	uint8_t id[];
};
extern const struct note note_start[], note_end[];

#define NT_GNU_BUILD_ID	3

const uint8_t *build_id(size_t *size)
{
	const struct note *n = note_start;

	*size = 0;
	if (n >= note_end || n->type != NT_GNU_BUILD_ID || n->name_size != 4 || memcmp(n->name, "GNU", 4))
		return NULL;
	*size = n->size;
	return n->id;
}
