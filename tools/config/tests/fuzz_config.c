// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer: configuration files. Every message has a place within the text, and nothing is left behind. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "device.h"

struct text {
	const uint8_t *data;
	size_t size;
};

static void check_place(void *arg, enum config_severity severity, const char *file, struct config_place place, const char *text)
{
	const struct text *whole = arg;
	size_t lines = 1;

	for (size_t i = 0; i < whole->size; i++)
		lines += whole->data[i] == '\n';
	if (place.line < 1 || (size_t)place.line > lines || place.column < 1 || (size_t)place.column > whole->size + 1 ||
	    !text[0])
		abort();
}

/* The same text as a device. A fault has a place in it. */
static void check_devices(const char *text)
{
	struct config_fault fault;
	struct config_disk disk;
	struct config_vif vif;
	struct config_vfb vfb;

	if (config_disk_parse(&disk, text, &fault)) {
		if (!disk.number || !disk.vdev || !disk.target != (disk.format == CONFIG_DISK_EMPTY))
			abort();
		config_disk_clear(&disk);
	} else if (fault.offset > strlen(text) || !fault.text[0]) {
		abort();
	}
	if (config_vif_parse(&vif, text, &fault))
		config_vif_clear(&vif);
	else if (fault.offset > strlen(text) || !fault.text[0])
		abort();
	if (config_vfb_parse(&vfb, text, &fault))
		config_vfb_clear(&vfb);
	else if (fault.offset > strlen(text) || !fault.text[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = { data, size };
	struct config *config = config_parse("fuzz", (const char *)data, size, check_place, &text);

	char *copy = strndup((const char *)data, size);

	config_check(config);
	config_free(config);
	check_devices(copy);
	free(copy);
	return 0;
}
