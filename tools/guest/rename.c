// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's name stands in its record and in its configuration, so that it keeps the new one after a restart. */
#include <stdio.h>

#include "alloc.h"
#include "life.h"
#include "nodes.h"
#include "why.h"

bool guest_rename(const struct ground *ground, struct record *record, const char *name)
{
	struct config *config = record_config(record, NULL, NULL);
	struct config_value *value = config_value_new(CONFIG_STRING, (struct config_place){ 0 });
	char vm[48];
	bool good;

	value->string = xstrdup(name);
	config_override(config, xstrdup("name"), (struct config_place){ 0 }, value, false);
	good = record_save_config(record, config);
	config_free(config);
	free(record->name);
	record->name = xstrdup(name);
	snprintf(vm, sizeof(vm), "/vm/%s", record->uuid_text);
	return good && record_save(record) && node_write(ground->store, vm, "name", name);
}
