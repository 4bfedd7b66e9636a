// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads a guest from its configuration. Kinds and ranges of single keys were checked before (config_check()). */
#include "guest.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/random.h>

#include "alloc.h"
#include "kernel.h"

#define KIB_PER_MIB 1024
#define TSC_ALWAYS_EMULATE 1

static const struct config_place nowhere;

/* ---- values ---- */

static const char *text_of(const struct config *config, const char *key)
{
	const struct config_value *value = config_get(config, key);

	return value && value->kind == CONFIG_STRING ? value->string : NULL;
}

static long long number_of(const struct config *config, const char *key, long long otherwise)
{
	const struct config_value *value = config_get(config, key);

	return value && value->kind == CONFIG_NUMBER ? value->number : otherwise;
}

static struct config_place place_of(const struct config *config, const char *key)
{
	const struct config_value *value = config_get(config, key);

	return value ? value->place : nowhere;
}

#define wrong(config, key, ...) config_complain(config, CONFIG_ERROR, place_of(config, key), __VA_ARGS__)

/* ---- names ---- */

bool guest_name_good(const char *name)
{
	size_t size = strlen(name);

	return size && size <= GUEST_NAME_MAX && strspn(name, "0123456789") != size &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+:") == size;
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++) {
		unsigned int byte;

		if (*text == '-')
			text++;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) || sscanf(text, "%2x", &byte) != 1)
			return false;
		uuid[i] = byte;
		text += 2;
	}
	return !*text;
}

void uuid_format(const uint8_t uuid[16], char out[37])
{
	for (int i = 0; i < 16; i++)
		out += sprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

static void read_uuid(struct guest *guest)
{
	struct config *config = guest->config;
	const char *text = text_of(config, "uuid");
	struct config_value *value;

	if (text && !uuid_parse(text, guest->uuid))
		wrong(config, "uuid", "'%.60s' is no UUID", text);
	if (!text) {
		if (getrandom(guest->uuid, sizeof(guest->uuid), 0) != sizeof(guest->uuid))
			log_fatal("no random numbers from the kernel");
		guest->uuid[6] = (guest->uuid[6] & 0x0f) | 0x40;	/* RFC 4122: version 4, variant 1 */
		guest->uuid[8] = (guest->uuid[8] & 0x3f) | 0x80;
	}
	uuid_format(guest->uuid, guest->uuid_text);
	if (text)
		return;
	value = config_value_new(CONFIG_STRING, nowhere);
	value->string = xstrdup(guest->uuid_text);
	config_set(config, xstrdup("uuid"), nowhere, value, false);
}

static void read_kind(struct guest *guest)
{
	struct config *config = guest->config;
	const char *type = text_of(config, "type"), *builder = text_of(config, "builder");

	guest->name = text_of(config, "name");
	if (!guest->name)
		wrong(config, "name", "the guest has no name (name=)");
	else if (!guest_name_good(guest->name))
		wrong(config, "name", "'%.140s' is no name for a guest: letters, digits and -_.+:, not digits alone", guest->name);
	if (type && strcmp(type, "pv"))
		wrong(config, "type", "guests of type %s are not made: only those of type pv are", type);
	else if (!type && builder && strcmp(builder, "generic") && strcmp(builder, "linux"))
		wrong(config, "builder", "guests made by builder=%s are not made: only those of type pv are", builder);
}

/* ---- memory and processors ---- */

static void read_sizes(struct guest *guest)
{
	struct config *config = guest->config;
	long long memory = number_of(config, "memory", 0), most = number_of(config, "maxmem", memory);

	if (!config_get(config, "memory"))
		wrong(config, "memory", "the guest has no memory (memory=, in MiB)");
	if (most < memory)
		wrong(config, "maxmem", "maxmem is %lld MiB, less than memory (%lld MiB)", most, memory);
	guest->memory_kib = memory * KIB_PER_MIB;
	guest->memory_max_kib = most * KIB_PER_MIB;
	guest->vcpus = number_of(config, "vcpus", number_of(config, "maxvcpus", 1));
	guest->vcpus_max = number_of(config, "maxvcpus", guest->vcpus);
	if (guest->vcpus > guest->vcpus_max)
		wrong(config, "vcpus", "vcpus is %u, more than maxvcpus (%u)", guest->vcpus, guest->vcpus_max);
	guest->pool = text_of(config, "pool");
	guest->weight = number_of(config, "cpu_weight", 0);
	guest->cap = number_of(config, "cap", 0);
	guest->event_channels = number_of(config, "max_event_channels", 1023);
	guest->grant_frames = number_of(config, "max_grant_frames", -1);
	guest->maptrack_frames = number_of(config, "max_maptrack_frames", -1);
	/* The hypervisor has no second version; who allows it takes the first. */
	guest->grant_version = number_of(config, "max_grant_version", 1) ? 1 : 0;
}

static void read_cpu_item(struct config *config, struct cpu_set *set, const struct config_value *value, const uint8_t nodes[])
{
	struct config_fault fault;
	char number[24];
	const char *text = value->string;

	if (value->kind == CONFIG_NUMBER) {
		snprintf(number, sizeof(number), "%lld", value->number);
		text = number;
	}
	set->given = config_cpus_parse(text, TENON_CPUS_MAX, nodes, set->cpus.bits, &fault);
	if (!set->given)
		config_complain(config, CONFIG_ERROR, value->place, "%s", fault.text);
}

/* A string holds for all vCPUs; a list has one entry for each. */
static struct cpu_set *read_cpus(struct guest *guest, const char *key, const uint8_t nodes[])
{
	const struct config_value *value = config_get(guest->config, key);
	struct cpu_set *sets;

	if (!value || guest->vcpus_max > GUEST_VCPUS_MAX)
		return NULL;
	sets = xzalloc(guest->vcpus_max * sizeof(*sets));
	if (value->kind == CONFIG_STRING)
		read_cpu_item(guest->config, &sets[0], value, nodes);
	for (uint32_t i = 1; value->kind == CONFIG_STRING && i < guest->vcpus_max; i++)
		sets[i] = sets[0];
	for (uint32_t i = 0; value->kind == CONFIG_LIST && i < guest->vcpus_max && i < value->count; i++)
		read_cpu_item(guest->config, &sets[i], value->items[i], nodes);
	return sets;
}

/* ---- what it runs ---- */

static void read_kernel(struct guest *guest)
{
	struct config *config = guest->config;
	const char *root = text_of(config, "root"), *extra = text_of(config, "extra"), *line = text_of(config, "cmdline");
	size_t size = 16 + (root ? strlen(root) : 0) + (extra ? strlen(extra) : 0);
	char text[200];

	guest->kernel = text_of(config, "kernel");
	guest->ramdisk = text_of(config, "ramdisk");
	if (config_get(config, "bootloader") && !guest->kernel) {
		guest->own = own_kernel_new(config, text, sizeof(text));
		if (!guest->own)
			wrong(config, "bootloader", "%s", text);
	} else if (!guest->kernel)
		wrong(config, "kernel", "the guest has no kernel (kernel=)");
	if (line) {
		guest->command_line = xstrdup(line);
		return;
	}
	guest->command_line = xmalloc(size);
	snprintf(guest->command_line, size, "%s%s%s%s", root ? "root=" : "", root ? root : "", root && extra ? " " : "",
		 extra ? extra : "");
}

static void read_tsc_mode(struct guest *guest)
{
	static const char *const modes[] = { "default", "always_emulate", "native", "native_paravirt" };
	const char *text = text_of(guest->config, "tsc_mode");

	guest->tsc_mode = number_of(guest->config, "tsc_mode", 0);
	for (unsigned int i = 0; text && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(text, modes[i]))
			guest->tsc_mode = i;
	if (guest->tsc_mode == TSC_ALWAYS_EMULATE)
		wrong(guest->config, "tsc_mode", "tsc_mode=always_emulate is not supported: the time stamp counter is always the machine's own");
}

static enum guest_action read_action(const struct config *config, const char *key, enum guest_action otherwise)
{
	static const char *const names[] = {
		[ACTION_DESTROY] = "destroy", [ACTION_RESTART] = "restart", [ACTION_RENAME_RESTART] = "rename-restart",
		[ACTION_PRESERVE] = "preserve", [ACTION_COREDUMP_DESTROY] = "coredump-destroy",
		[ACTION_COREDUMP_RESTART] = "coredump-restart",
	};
	const char *text = text_of(config, key);

	for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i]))
			return i;
	return otherwise;
}

/* ---- devices ---- */

static const char *item_text(struct config *config, const struct config_value *value, const char *key)
{
	if (value->kind == CONFIG_STRING)
		return value->string;
	config_complain(config, CONFIG_ERROR, value->place, "%s is a list of strings", key);
	return NULL;
}

static void read_disks(struct guest *guest)
{
	const struct config_value *list = config_get(guest->config, "disk");
	char why[SPEC_WHY_SIZE];

	for (size_t i = 0; list && i < list->count; i++) {
		const char *spec = item_text(guest->config, list->items[i], "disk");
		struct config_disk *disk = &guest->disks[guest->disk_count];

		if (!spec)
			continue;
		if (guest->disk_count == GUEST_DISKS_MAX) {
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "more than %d disks", GUEST_DISKS_MAX);
			return;
		}
		if (!disk_read(disk, spec, why)) {
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "disk: %s", why);
			continue;
		}
		for (unsigned int other = 0; other < guest->disk_count; other++)
			if (guest->disks[other].number == disk->number)
				config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "disk: there are two %s", disk->vdev);
		guest->disk_count++;
	}
}

static void read_nics(struct guest *guest)
{
	const struct config_value *list = config_get(guest->config, "vif");
	char why[SPEC_WHY_SIZE];

	for (size_t i = 0; list && i < list->count; i++) {
		const char *spec = item_text(guest->config, list->items[i], "vif");
		struct nic *nic = &guest->nics[guest->nic_count];

		if (!spec)
			continue;
		if (guest->nic_count == GUEST_NICS_MAX) {
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "more than %d network interfaces",
					GUEST_NICS_MAX);
			return;
		}
		if (!nic_read(nic, spec, i, guest->uuid, why)) {
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "vif: %s", why);
			continue;
		}
		for (unsigned int other = 0; other < guest->nic_count; other++)
			if (guest->nics[other].handle == nic->handle || !strcmp(guest->nics[other].mac, nic->mac))
				config_complain(guest->config, CONFIG_ERROR, list->items[i]->place,
						"vif: two with the same devid or MAC address");
		guest->nic_count++;
	}
}

static void read_vfb(struct guest *guest)
{
	const struct config_value *list = config_get(guest->config, "vfb");
	struct config_fault fault;

	for (size_t i = 0; list && i < list->count; i++) {
		const char *spec = item_text(guest->config, list->items[i], "vfb");

		if (!spec)
			continue;
		if (guest->vfb_given) {
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "vfb: a guest has one framebuffer, not more");
			return;
		}
		guest->vfb_given = config_vfb_parse(&guest->vfb, spec, &fault);
		if (!guest->vfb_given)
			config_complain(guest->config, CONFIG_ERROR, list->items[i]->place, "vfb: %s", fault.text);
	}
}

struct guest *guest_read(struct config *config, const uint8_t nodes[])
{
	struct guest *guest = xzalloc(sizeof(*guest));

	guest->config = config;
	read_uuid(guest);
	read_kind(guest);
	read_sizes(guest);
	read_kernel(guest);
	read_tsc_mode(guest);
	guest->cpus = read_cpus(guest, "cpus", nodes);
	guest->cpus_soft = read_cpus(guest, "cpus_soft", nodes);
	guest->on_poweroff = read_action(config, "on_poweroff", ACTION_DESTROY);
	guest->on_reboot = read_action(config, "on_reboot", ACTION_RESTART);
	guest->on_crash = read_action(config, "on_crash", ACTION_DESTROY);
	guest->on_watchdog = read_action(config, "on_watchdog", ACTION_DESTROY);
	read_disks(guest);
	read_nics(guest);
	read_vfb(guest);
	if (!config->errors)
		return guest;
	guest->config = NULL;	/* the caller's still */
	guest_free(guest);
	return NULL;
}

void guest_free(struct guest *guest)
{
	if (!guest)
		return;
	for (unsigned int i = 0; i < guest->disk_count; i++)
		config_disk_clear(&guest->disks[i]);
	for (unsigned int i = 0; i < guest->nic_count; i++)
		nic_clear(&guest->nics[i]);
	config_vfb_clear(&guest->vfb);
	free(guest->cpus);
	free(guest->cpus_soft);
	free(guest->command_line);
	own_kernel_free(guest->own);
	if (guest->config)
		config_free(guest->config);
	free(guest);
}
