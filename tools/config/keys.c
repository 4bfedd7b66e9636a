// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of each key of a guest's configuration: its kind, and the range of a number. */
#include "config.h"

#include <string.h>

#include "device.h"

/* Kinds that a value may have */
enum { N = 1 << CONFIG_NUMBER, S = 1 << CONFIG_STRING, L = 1 << CONFIG_LIST };

struct key {
	const char *name;
	unsigned int kinds;
	long long least, most;		/* of a number */
	const char *words;		/* that a string may be, separated by blanks; NULL: any */
};

#define BOOL(name)	{ name, N, 0, 1, NULL }
#define TEXT(name)	{ name, S, 0, 0, NULL }
#define LIST(name)	{ name, L, 0, 0, NULL }
#define EVENT(name)	{ name, S, 0, 0, "destroy restart rename-restart preserve coredump-destroy coredump-restart soft-reset" }

static const struct key keys[] = {
	TEXT("name"), TEXT("uuid"), { "type", S, 0, 0, "pv pvh hvm" }, TEXT("builder"), TEXT("pool"),
	{ "memory", N, 4, 1 << 24, NULL }, { "maxmem", N, 4, 1 << 24, NULL },
	{ "vcpus", N, 1, 512, NULL }, { "maxvcpus", N, 1, 512, NULL },
	{ "cpus", S | L, 0, 0, NULL }, { "cpus_soft", S | L, 0, 0, NULL },
	{ "cpu_weight", N, 1, 65535, NULL }, { "cap", N, 0, 51200, NULL },
	TEXT("kernel"), TEXT("ramdisk"), TEXT("cmdline"), TEXT("root"), TEXT("extra"),
	TEXT("bootloader"), { "bootloader_args", S | L, 0, 0, NULL },
	EVENT("on_poweroff"), EVENT("on_reboot"), EVENT("on_watchdog"), EVENT("on_crash"), EVENT("on_soft_reset"),
	LIST("disk"), LIST("vif"), LIST("vtpm"), LIST("p9"), LIST("pvcalls"), LIST("vfb"), LIST("channel"), LIST("pci"),
	LIST("vkb"), LIST("vsnd"), LIST("vdispl"), LIST("usbctrl"), LIST("usbdev"), LIST("rdm"), LIST("dtdev"), LIST("vnuma"),
	LIST("ioports"), LIST("irqs"), LIST("iomem"), LIST("virtio"),
	{ "max_event_channels", N, 31, 131071, NULL }, { "max_grant_frames", N, 1, 65536, NULL },
	{ "max_maptrack_frames", N, 0, 65536, NULL }, { "max_grant_version", N, 0, 2, NULL },
	{ "vmtrace_buf_kb", N, 0, 65536, NULL }, { "rtc_timeoffset", N, -86400 * 366, 86400 * 366, NULL },
	BOOL("localtime"), BOOL("nomigrate"), BOOL("driver_domain"), BOOL("pci_msitranslate"), BOOL("pci_permissive"),
	BOOL("pci_power_mgmt"), BOOL("pci_seize"), BOOL("claim_mode"), BOOL("e820_host"), BOOL("vpci"),
	{ "passthrough", S, 0, 0, NULL }, { "tsc_mode", S | N, 0, 3, NULL }, { "cpuid", S | L, 0, 0, NULL },
	{ "seclabel", S, 0, 0, NULL }, { "init_seclabel", S, 0, 0, NULL }, { "shadow_memory", N, 0, 1 << 24, NULL },
	{ "device_tree", S, 0, 0, NULL }, { "gic_version", S, 0, 0, NULL }, { "vuart", S, 0, 0, NULL },
	/* of HVM guests, which need a device model */
	{ "boot", S, 0, 0, NULL }, BOOL("hap"), BOOL("oos"), BOOL("pae"), BOOL("acpi"), BOOL("acpi_s3"), BOOL("acpi_s4"),
	BOOL("acpi_laptop_slate"), BOOL("apic"), BOOL("nx"), BOOL("nestedhvm"), { "altp2m", S | N, 0, 3, NULL },
	BOOL("hpet"), { "timer_mode", S | N, 0, 3, NULL }, { "viridian", N | L, 0, 1, NULL }, { "serial", S | L, 0, 0, NULL },
	{ "vnc", N, 0, 1, NULL }, TEXT("vnclisten"), { "vncdisplay", N, 0, 65535, NULL }, BOOL("vncunused"), TEXT("vncpasswd"),
	TEXT("keymap"), BOOL("sdl"), BOOL("opengl"), BOOL("nographic"), BOOL("spice"), { "spiceport", N, 0, 65535, NULL },
	TEXT("spicehost"), BOOL("spicedisable_ticketing"), TEXT("spicepasswd"), { "vga", S, 0, 0, "none stdvga cirrus qxl" },
	{ "videoram", N, 0, 1 << 20, NULL }, BOOL("stdvga"), { "usb", N, 0, 1, NULL }, { "usbversion", N, 1, 3, NULL },
	{ "usbdevice", S | L, 0, 0, NULL }, TEXT("soundhw"), BOOL("xen_platform_pci"), TEXT("bios"),
	TEXT("bios_path_override"), TEXT("firmware_override"), TEXT("device_model_version"), TEXT("device_model_override"),
	{ "device_model_args", S | L, 0, 0, NULL }, LIST("device_model_args_pv"), LIST("device_model_args_hvm"),
	TEXT("device_model_user"), BOOL("device_model_stubdomain_override"), { "mmio_hole", N, 256, 3840, NULL },
	{ "gfx_passthru", S | N, 0, 1, NULL }, { "rdm_mem_boundary", N, 0, 1 << 20, NULL }, TEXT("ms_vm_genid"),
	TEXT("smbios_firmware"), TEXT("acpi_firmware"), LIST("smbios"), { "parallel", S, 0, 0, NULL },
	{ "bootloader_restrict", N, 0, 1, NULL }, { "suppress_spurious_page_faults", N, 0, 1, NULL },
};

static const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* The known key that differs in one place or by a missing or additional character: what may have been meant. */
static bool is_near(const char *a, const char *b)
{
	size_t same = 0, tail = 0, a_size = strlen(a), b_size = strlen(b), longer = a_size > b_size ? a_size : b_size;

	while (a[same] && a[same] == b[same])
		same++;
	while (tail < a_size - same && tail < b_size - same && a[a_size - 1 - tail] == b[b_size - 1 - tail])
		tail++;
	return longer > 2 && same + tail + 1 >= longer;
}

static void check_unknown(struct config *config, const struct config_setting *setting)
{
	const char *meant = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !meant; i++)
		if (is_near(keys[i].name, setting->name))
			meant = keys[i].name;
	if (meant)
		config_complain(config, CONFIG_WARNING, setting->place, "no key has the name %s: is %s meant?", setting->name,
				meant);
	else
		config_complain(config, CONFIG_WARNING, setting->place, "no key has the name %s: it is not used", setting->name);
}

static bool is_word(const char *words, const char *word)
{
	size_t size = strlen(word);
	const char *at = words;

	while (size && (at = strstr(at, word))) {
		if ((at == words || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
		at += size;
	}
	return false;
}

static void check_known(struct config *config, const struct config_setting *setting, const struct key *key)
{
	const struct config_value *value = setting->value;

	if (!(key->kinds & 1 << value->kind))
		config_complain(config, CONFIG_ERROR, value->place, "%s is %s%s%s%s%s", key->name, key->kinds & N ? "a number" : "",
				(key->kinds & N) && (key->kinds & (S | L)) ? " or " : "", key->kinds & S ? "a string" : "",
				(key->kinds & S) && (key->kinds & L) ? " or " : "", key->kinds & L ? "a list" : "");
	else if (value->kind == CONFIG_NUMBER && (value->number < key->least || value->number > key->most))
		config_complain(config, CONFIG_ERROR, value->place, "%s is a number from %lld to %lld, not %lld", key->name,
				key->least, key->most, value->number);
	else if (value->kind == CONFIG_STRING && key->words && !is_word(key->words, value->string))
		config_complain(config, CONFIG_ERROR, value->place, "%s is one of %s, not '%.40s'", key->name, key->words,
				value->string);
}

/* A fault in an item's text stands behind its quote; escapes in front of it would shift it, and hardly anybody has any. */
static void check_device(struct config *config, const struct config_value *item, const char *key)
{
	struct config_place place = item->place;
	struct config_fault fault;
	struct config_disk disk;
	struct config_vif vif;

	if (item->kind != CONFIG_STRING) {
		config_complain(config, CONFIG_ERROR, place, "an item of %s is a string", key);
		return;
	}
	if (!strcmp(key, "disk") ? config_disk_parse(&disk, item->string, &fault) : config_vif_parse(&vif, item->string, &fault)) {
		if (!strcmp(key, "disk"))
			config_disk_clear(&disk);
		else
			config_vif_clear(&vif);
		return;
	}
	place.column += fault.offset + 1;
	config_complain(config, CONFIG_ERROR, place, "%s", fault.text);
}

static void check_devices(struct config *config, const char *key)
{
	const struct config_value *list = config_get(config, key);

	for (size_t i = 0; list && list->kind == CONFIG_LIST && i < list->count; i++)
		check_device(config, list->items[i], key);
}

void config_check(struct config *config)
{
	for (const struct config_setting *setting = config->settings; setting; setting = setting->next) {
		const struct key *key = key_find(setting->name);

		if (key)
			check_known(config, setting, key);
		else
			check_unknown(config, setting);
	}
	check_devices(config, "disk");
	check_devices(config, "vif");
}
