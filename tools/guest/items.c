// SPDX-License-Identifier: GPL-2.0-or-later
/* Items of disk= and vif=: what is served here, and what is chosen where they leave something open. */
#include <stdio.h>

#include "alloc.h"
#include "guest.h"

#define DEFAULT_BRIDGE	"xenbr0"
#define SCRIPTS		"/etc/xen/scripts/"

static bool wrong(char *why, const char *format, const char *value)
{
	snprintf(why, SPEC_WHY_SIZE, format, value);
	return false;
}

static bool backend_served(const char *backend, char *why)
{
	return !backend || !strcmp(backend, "0") || !strcmp(backend, "Domain-0") ||
	       wrong(why, "backend=%.100s: devices are served by domain 0 alone", backend);
}

/* A script's path: names are those of Xen's directory. */
static char *script_path(const char *script)
{
	char *path = xmalloc(sizeof(SCRIPTS) + strlen(script));

	sprintf(path, "%s%s", *script == '/' ? "" : SCRIPTS, script);
	return path;
}

bool disk_read(struct config_disk *disk, const char *spec, char why[SPEC_WHY_SIZE])
{
	struct config_fault fault;
	char *script;

	if (!config_disk_parse(disk, spec, &fault))
		return wrong(why, "%s", fault.text);
	if (!backend_served(disk->backend, why)) {
		config_disk_clear(disk);
		return false;
	}
	/* What Xen's own script does for a file or a device is done without it. */
	script = disk->script;
	disk->script = script && strcmp(script, "block") && strcmp(script, SCRIPTS "block") ? script_path(script) : NULL;
	free(script);
	return true;
}

/* In the range that guests of Xen have. FNV-1a: guests and handles that differ have other addresses. */
static void mac_make(uint8_t mac[6], const uint8_t uuid[16], uint32_t handle)
{
	uint32_t hash = 2166136261u;

	for (int i = 0; i < 16; i++)
		hash = (hash ^ uuid[i]) * 16777619u;
	hash = (hash ^ (handle & 0xff)) * 16777619u;
	hash ^= hash >> 24;
	memcpy(mac, (uint8_t[]){ 0x00, 0x16, 0x3e, hash >> 16 & 0x7f, hash >> 8 & 0xff, hash & 0xff }, 6);
}

/* The kinds of network are known by the names of Xen's scripts. */
static void choose_mode(struct nic *nic)
{
	const char *script = nic->spec.script;
	static const struct {
		const char *name;
		enum nic_mode mode;
	} own[] = { { "vif-bridge", NIC_BRIDGE }, { "vif-route", NIC_ROUTE }, { "vif-nat", NIC_NAT } };

	if (script && !strncmp(script, SCRIPTS, strlen(SCRIPTS)))
		script += strlen(SCRIPTS);
	nic->mode = script ? NIC_SCRIPT : NIC_BRIDGE;
	for (size_t i = 0; script && i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(script, own[i].name))
			nic->mode = own[i].mode;
	if (nic->mode == NIC_SCRIPT)
		nic->script = script_path(nic->spec.script);
	nic->bridge = nic->spec.bridge ? nic->spec.bridge : nic->mode == NIC_BRIDGE ? DEFAULT_BRIDGE : NULL;
}

bool nic_read(struct nic *nic, const char *spec, uint32_t handle, const uint8_t uuid[16], char why[SPEC_WHY_SIZE])
{
	struct config_fault fault;
	const uint8_t *mac;
	bool good;

	*nic = (struct nic){ 0 };
	if (!config_vif_parse(&nic->spec, spec, &fault))
		return wrong(why, "%s", fault.text);
	nic->handle = nic->spec.devid >= 0 ? (uint32_t)nic->spec.devid : handle;
	if (!nic->spec.mac_set)
		mac_make(nic->spec.mac, uuid, nic->handle);
	mac = nic->spec.mac;
	snprintf(nic->mac, sizeof(nic->mac), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	choose_mode(nic);
	good = backend_served(nic->spec.backend, why);
	if (good && (nic->mode == NIC_ROUTE || nic->mode == NIC_NAT) && !nic->spec.address_count)
		good = wrong(why, "script=%s needs the guest's address (ip=)", nic->mode == NIC_NAT ? "vif-nat" : "vif-route");
	if (!good)
		nic_clear(nic);
	return good;
}

void nic_clear(struct nic *nic)
{
	config_vif_clear(&nic->spec);
	free(nic->script);
	*nic = (struct nic){ 0 };
}
