/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine is and shows: nothing, and no consoles. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include "../../common/console/console.h"

/* An image without a build ID. */
const char note_start[1];
extern const char note_end[1] __attribute__((alias("note_start")));

void arch_capabilities(char *buf, size_t size)
{
	strlcpy(buf, "", size);
}

uint32_t arch_version_features(const struct domain *d, unsigned int submap)
{
	return 0;
}

void serial_write(const char *s, size_t n) { }
void serial_sync(void) { }
void screen_write(const char *s, size_t n) { }
