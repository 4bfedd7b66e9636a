// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of GRUB's configuration over whatever the fuzzer makes of it. A zero byte divides configuration, grubenv,
 * snippet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../grubcfg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct grub_entry *entry)
{
	if (!entry->title || !entry->id || !entry->path || !entry->numbers || entry->initrds > GRUB_INITRDS ||
	    !entry->kernel || !entry->arguments)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *part[3] = { (const char *)data, NULL, NULL };
	size_t length[3] = { size };
	const struct grub_entry *entry;
	struct grub_menu *menu;

	for (unsigned int i = 0; i < 2; i++) {
		const char *zero = part[i] ? memchr(part[i], 0, length[i]) : NULL;

		if (!zero)
			break;
		part[i + 1] = zero + 1;
		length[i + 1] = length[i] - (zero + 1 - part[i]);
		length[i] = zero - part[i];
	}
	menu = grub_parse(part[0], length[0], part[1], length[1]);
	if (!menu)
		return 0;
	if (part[2])
		grub_add_snippet(menu, "snippet", part[2], length[2]);
	entry = grub_select(menu, NULL);
	if (entry)
		check_entry(entry);
	entry = grub_select(menu, "1>0");
	if (entry)
		check_entry(entry);
	grub_free(menu);
	return 0;
}
