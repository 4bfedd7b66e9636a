// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each key that a guest's configuration may have: those of xl.cfg(5) of Xen 4.17. Their text is in tenon.cfg(5); a test compares.
 */
#include "keys.h"

/* Kinds that a value may have */
enum { N = 1 << CONFIG_NUMBER, S = 1 << CONFIG_STRING, L = 1 << CONFIG_LIST };

#define BOOL(name, otherwise)			{ name, N, 0, 1, NULL, otherwise, CONFIG_KEY_USED, NULL }
#define NUMBER(name, least, most, otherwise)	{ name, N, least, most, NULL, otherwise, CONFIG_KEY_USED, NULL }
#define TEXT(name, otherwise)			{ name, S, 0, 0, NULL, otherwise, CONFIG_KEY_USED, NULL }
#define WORD(name, words, otherwise)		{ name, S, 0, 0, words, otherwise, CONFIG_KEY_USED, NULL }
#define ACTION(name, otherwise)			WORD(name, actions, otherwise)
#define DEVICES(name)				{ name, L, 0, 0, NULL, "none", CONFIG_KEY_USED, NULL }
#define CPUS(name)				{ name, S | L, 0, 0, NULL, "all", CONFIG_KEY_USED, NULL }

/* Without effect, as long as it asks for nothing; what it asks for is refused, or only not there. */
#define LACKING(name, kinds, why)		{ name, kinds, 0, 0, NULL, NULL, CONFIG_KEY_REFUSED, why }
#define UNUSED(name, kinds, why)		{ name, kinds, 0, 0, NULL, NULL, CONFIG_KEY_UNUSED, why }
#define SCREEN(name, kinds)			UNUSED(name, kinds, "it is for guests with a device model; PV guests have it in vfb")
#define MODEL(name, kinds)			UNUSED(name, kinds, "it is for guests with a device model, not for PV guests")

static const char actions[] = "destroy restart rename-restart preserve coredump-destroy coredump-restart";

static const char no_devices[] = "devices are not assigned to guests";
static const char no_usb[] = "USB devices are not given to guests";
static const char no_other[] = "only disks, network devices, the console and a framebuffer are served";
static const char no_such_scheduler[] = "it is of a scheduler that there is not";
static const char no_security[] = "there is no security module";

const struct config_key config_keys[] = {
	TEXT("name", "must be given"), TEXT("uuid", "a random one"), WORD("type", "pv pvh hvm", "pv"),
	NUMBER("memory", 4, 1 << 24, "must be given"), NUMBER("maxmem", 4, 1 << 24, "memory"),
	NUMBER("vcpus", 1, 512, "maxvcpus, or 1"), NUMBER("maxvcpus", 1, 512, "vcpus"),
	CPUS("cpus"), CPUS("cpus_soft"), TEXT("pool", "Pool-0"),
	NUMBER("cpu_weight", 1, 65535, "256"), NUMBER("cap", 0, 51200, "0"),
	TEXT("kernel", "must be given, or bootloader"), TEXT("ramdisk", "none"), TEXT("cmdline", "root and extra"), TEXT("root", "none"),
	TEXT("extra", "none"),
	TEXT("bootloader", "none"), { "bootloader_args", S | L, 0, 0, NULL, "none", CONFIG_KEY_USED, NULL },
	ACTION("on_poweroff", "destroy"), ACTION("on_reboot", "restart"), ACTION("on_watchdog", "destroy"),
	ACTION("on_crash", "destroy"),
	DEVICES("disk"), DEVICES("vif"), DEVICES("vfb"),
	{ "tsc_mode", S | N, 0, 3, "default always_emulate native native_paravirt", "default", CONFIG_KEY_USED, NULL },
	NUMBER("max_event_channels", 31, 131071, "1023"), NUMBER("max_grant_frames", 1, 65536, "the hypervisor's"),
	NUMBER("max_maptrack_frames", 0, 65536, "the hypervisor's"), NUMBER("max_grant_version", 0, 2, "1"),

	UNUSED("builder", S, "type says the same"),
	UNUSED("period", N, no_such_scheduler), UNUSED("slice", N, no_such_scheduler), UNUSED("latency", N, no_such_scheduler),
	UNUSED("extratime", N, no_such_scheduler),
	UNUSED("on_soft_reset", S, "it is for guests with a device model"),
	UNUSED("nomigrate", N, "guests do not move to other hosts"), UNUSED("driver_domain", N, "domain 0 serves all devices"),
	UNUSED("localtime", N, "the clock of guests is UTC"),
	UNUSED("rtc_timeoffset", N, "the clock of guests is UTC"), UNUSED("vmtrace_buf_kb", N, "it is for HVM guests"),
	UNUSED("vpmu", N, "guests do not see performance counters"), UNUSED("cpuid", S | L, "guests see what the hypervisor's policy allows"),
	UNUSED("seclabel", S, no_security), UNUSED("init_seclabel", S, no_security), UNUSED("device_model_stubdomain_seclabel", S, no_security),
	UNUSED("suppress_spurious_page_faults", N, "it is for old Windows"), UNUSED("xend_suspend_evtchn_compat", N, "there is no suspend"),
	UNUSED("bootloader_restrict", N, "the boot loader's helper is always confined"),
	UNUSED("bootloader_user", S, "the boot loader's helper is always confined"), UNUSED("pvshim", N, "it is for PV guests within HVM ones"),
	UNUSED("pvshim_path", S, "it is for PV guests within HVM ones"), UNUSED("pvshim_cmdline", S, "it is for PV guests within HVM ones"),
	UNUSED("pvshim_extra", S, "it is for PV guests within HVM ones"),
	UNUSED("device_tree", S, "it is for ARM"), UNUSED("gic_version", S, "it is for ARM"), UNUSED("vuart", S, "it is for ARM"),
	UNUSED("tee", S, "it is for ARM"), UNUSED("nestedhvm", N, "it is for HVM guests"),

	LACKING("pci", L, no_devices), LACKING("dtdev", L, no_devices), LACKING("ioports", L, no_devices),
	LACKING("irqs", L, no_devices), LACKING("iomem", L, no_devices), LACKING("rdm", S | L, no_devices),
	LACKING("e820_host", N, no_devices), LACKING("passthrough", S, no_devices),
	UNUSED("pci_msitranslate", N, no_devices), UNUSED("pci_permissive", N, no_devices), UNUSED("pci_power_mgmt", N, no_devices),
	UNUSED("pci_seize", N, no_devices), UNUSED("rdm_mem_boundary", N, no_devices), UNUSED("vpci", N, no_devices),
	LACKING("usbctrl", L, no_usb), LACKING("usbdev", L, no_usb),
	LACKING("vtpm", L, no_other), LACKING("p9", L, no_other), LACKING("pvcalls", L, no_other),
	LACKING("channel", L, no_other), LACKING("vkb", L, no_other), LACKING("vsnd", L, no_other), LACKING("vdispl", L, no_other),
	LACKING("virtio", L, no_other), LACKING("vnuma", L, "guests have one node of memory"),

	MODEL("boot", S), MODEL("hap", N), MODEL("oos", N), MODEL("pae", N), MODEL("acpi", N), MODEL("acpi_s3", N), MODEL("acpi_s4", N),
	MODEL("acpi_laptop_slate", N), MODEL("apic", N), MODEL("nx", N), MODEL("altp2m", S | N), MODEL("altp2mhvm", N), MODEL("hpet", N),
	MODEL("hdtype", S), MODEL("timer_mode", S | N), MODEL("vpt_align", N), MODEL("viridian", N | L | S), MODEL("serial", S | L),
	MODEL("shadow_memory", N), SCREEN("vnc", N), SCREEN("vnclisten", S), SCREEN("vncdisplay", N), SCREEN("vncunused", N),
	SCREEN("vncpasswd", S), SCREEN("keymap", S), SCREEN("sdl", N), SCREEN("opengl", N), MODEL("nographic", N), MODEL("spice", N),
	MODEL("spiceport", N), MODEL("spicetls_port", N), MODEL("spicehost", S), MODEL("spicedisable_ticketing", N),
	MODEL("spicepasswd", S), MODEL("spiceagent_mouse", N), MODEL("spicevdagent", N), MODEL("spice_clipboard_sharing", N),
	MODEL("spiceusbredirection", N), MODEL("spice_image_compression", S), MODEL("spice_streaming_video", S), MODEL("vga", S),
	MODEL("videoram", N), MODEL("stdvga", N), MODEL("usb", N), MODEL("usbversion", N), MODEL("usbdevice", S | L),
	MODEL("vkb_device", N), MODEL("vendor_device", S), MODEL("soundhw", S), MODEL("xen_platform_pci", N), MODEL("bios", S),
	MODEL("bios_path_override", S), MODEL("firmware", S), MODEL("firmware_override", S), MODEL("device_model", S), MODEL("device_model_version", S),
	MODEL("device_model_override", S), MODEL("device_model_args", S | L), MODEL("device_model_args_pv", L),
	MODEL("device_model_args_hvm", L), MODEL("device_model_user", S), MODEL("device_model_stubdomain_override", N),
	MODEL("stubdomain_kernel", S), MODEL("stubdomain_ramdisk", S), MODEL("stubdomain_cmdline", S), MODEL("stubdomain_memory", N),
	MODEL("dm_restrict", N), MODEL("mmio_hole", N), MODEL("gfx_passthru", S | N), MODEL("ms_vm_genid", S), MODEL("smbios_firmware", S),
	MODEL("acpi_firmware", S), MODEL("smbios", L), MODEL("parallel", S | L), MODEL("msr_relaxed", N), MODEL("mca_caps", L),
	
	{ 0 },
};
