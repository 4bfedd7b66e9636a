// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that come and go while the guest is there. Its recorded configuration follows, so that it has them after a restart. */
#include <stdio.h>

#include "alloc.h"
#include "devices.h"
#include "life.h"
#include "why.h"

static const struct config_place nowhere;

static const char *list_key(enum device_kind kind)
{
	return kind == DEVICE_DISK ? "disk" : "vif";
}

/* ---- the configuration ---- */

static bool remember(struct record *record, enum device_kind kind, const char *spec)
{
	struct config *config = record_config(record, NULL, NULL);
	struct config_value *list = config_value_new(CONFIG_LIST, nowhere), *item = config_value_new(CONFIG_STRING, nowhere);
	bool good;

	item->string = xstrdup(spec);
	config_list_add(list, item);
	config_set(config, xstrdup(list_key(kind)), nowhere, list, true);
	good = record_save_config(record, config);
	config_free(config);
	return good;
}

/* The number of the device that an item is, which for networks may be its place in the list. */
static uint32_t item_number(const struct record *record, enum device_kind kind, const char *spec, uint32_t place)
{
	char text[SPEC_WHY_SIZE];
	struct config_disk disk;
	struct nic nic;
	uint32_t number = UINT32_MAX;

	if (kind == DEVICE_DISK && disk_read(&disk, spec, text)) {
		number = disk.number;
		config_disk_clear(&disk);
	} else if (kind == DEVICE_NIC && nic_read(&nic, spec, place, record->uuid, text)) {
		number = nic.handle;
		nic_clear(&nic);
	}
	return number;
}

/* Those behind the one that goes keep their numbers. */
static void forget_item(const struct record *record, enum device_kind kind, struct config_value *list, uint32_t devid)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct config_value *item = list->items[i];
		uint32_t number = item->kind == CONFIG_STRING ? item_number(record, kind, item->string, i) : UINT32_MAX;

		if (number == devid) {
			config_value_free(item);
			continue;
		}
		if (kind == DEVICE_NIC && kept != i && number != UINT32_MAX && !strstr(item->string, "devid=")) {
			size_t size = strlen(item->string) + 24;

			item->string = xrealloc(item->string, size);
			snprintf(item->string + strlen(item->string), 24, "%sdevid=%u", *item->string ? "," : "", number);
		}
		list->items[kept++] = item;
	}
	list->count = kept;
}

static bool forget(struct record *record, enum device_kind kind, uint32_t devid)
{
	struct config *config = record_config(record, NULL, NULL);
	bool good = true;

	for (struct config_setting *setting = config->settings; setting; setting = setting->next) {
		if (strcmp(setting->name, list_key(kind)) || setting->value->kind != CONFIG_LIST)
			continue;
		forget_item(record, kind, setting->value, devid);
		good = record_save_config(record, config);
	}
	config_free(config);
	return good;
}

/* ---- giving and taking ---- */

/* What was begun is undone; the reason stays. */
static bool undo(const struct ground *ground, struct record *record, enum device_kind kind, uint32_t devid)
{
	char reason[1024];

	snprintf(reason, sizeof(reason), "%s", guest_why());
	device_detach(ground->store, record, kind, devid, 0);
	return why("%s", reason);
}

static bool claim_disk(const struct ground *ground, struct record *record, const struct config_disk *disk)
{
	int lock = record_lock_all();
	bool good;

	if (lock < 0)
		return false;
	good = disk_check(ground->store, disk, record->uuid_text);
	/* The guest's own disks count here. */
	for (unsigned int i = 0; good && i < record->device_count; i++)
		if (record->devices[i].kind == DEVICE_DISK && record->devices[i].devid == disk->number)
			good = why("the guest has a disk %s already", disk->vdev);
	if (good) {
		disk_claim(record, disk);
		good = record_save(record);
	}
	record_unlock_all(lock);
	return good;
}

bool guest_give_disk(const struct ground *ground, struct record *record, const char *spec)
{
	char text[SPEC_WHY_SIZE];
	struct config_disk disk;
	bool good;

	if (!disk_read(&disk, spec, text))
		return why("%s", text);
	good = claim_disk(ground, record, &disk);
	if (good && !(disk_attach(ground->store, record, &disk) && disk_ready(ground->store, record, &disk)))
		good = undo(ground, record, DEVICE_DISK, disk.number);
	config_disk_clear(&disk);
	return good && remember(record, DEVICE_DISK, spec);
}

bool guest_give_nic(const struct ground *ground, struct record *record, const char *spec, uint32_t *handle)
{
	char text[SPEC_WHY_SIZE], *numbered;
	uint32_t lowest = 0;
	struct nic nic;
	bool good;

	while (record_find(record, DEVICE_NIC, lowest))
		lowest++;
	if (!nic_read(&nic, spec, lowest, record->uuid, text))
		return why("%s", text);
	*handle = nic.handle;
	good = record_find(record, DEVICE_NIC, nic.handle) ? why("the guest has a network interface %u already", nic.handle) :
							     nic_check(&nic);
	if (good && !(nic_attach(ground->store, record, &nic) && nic_ready(ground->store, record, &nic)))
		good = undo(ground, record, DEVICE_NIC, nic.handle);
	numbered = xmalloc(strlen(spec) + 24);
	sprintf(numbered, nic.spec.devid >= 0 ? "%s" : *spec ? "%s,devid=%u" : "%sdevid=%u", spec, nic.handle);
	good = good && remember(record, DEVICE_NIC, numbered);
	free(numbered);
	nic_clear(&nic);
	return good;
}

bool guest_take(const struct ground *ground, struct record *record, enum device_kind kind, uint32_t devid, int ask_ms)
{
	return device_detach(ground->store, record, kind, devid, ask_ms) && forget(record, kind, devid);
}
