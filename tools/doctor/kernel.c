// SPDX-License-Identifier: GPL-2.0-or-later
/* Linux kernels: which can be dom0, and what they bring. */
#include <stdio.h>

#include "alloc.h"
#include "doctor.h"

/* Without these a kernel that is dom0 starts no guest, or starts it without something. */
static const struct {
	const char *option, *what;
} wanted[] = {
	{ "CONFIG_XEN_PRIVCMD", "the hypervisor's controls" }, { "CONFIG_XEN_DEV_EVTCHN", "event channels for daemons" },
	{ "CONFIG_XEN_GNTDEV", "grants for daemons" }, { "CONFIG_XEN_BACKEND", "back ends" },
	{ "CONFIG_XEN_BLKDEV_BACKEND", "guests' disks" }, { "CONFIG_XEN_NETDEV_BACKEND", "guests' network" },
	{ "CONFIG_XEN_BALLOON", "giving back memory" }, { "CONFIG_HVC_XEN", "the hypervisor's console" },
	{ "CONFIG_XEN_ACPI_PROCESSOR", "power management of the processors" }, { "CONFIG_BRIDGE", "bridges" },
};

static const char *const modules[] = {
	"xen-privcmd", "xen-evtchn", "xen-gntdev", "xen-blkback", "xen-netback", "bridge", "loop", "tun",
};

/* The value of an option, y or m; or 0. */
static char config_value(const char *config, const char *option)
{
	size_t size = strlen(option);

	for (const char *line = NULL; (line = doctor_find_line(config, option, line)); )
		if (line[size] == '=')
			return line[size + 1] == 'y' || line[size + 1] == 'm' ? line[size + 1] : 0;
	return 0;
}

static bool is_fit(const char *config)
{
	return config_value(config, "CONFIG_X86_64") && config_value(config, "CONFIG_XEN_PV") &&
	       (config_value(config, "CONFIG_XEN_DOM0") || config_value(config, "CONFIG_XEN_PRIVILEGED_GUEST"));
}

static char *missing_from(const char *config)
{
	char *list = NULL;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char *longer;

		if (config_value(config, wanted[i].option))
			continue;
		if (asprintf(&longer, "%s%s%s (%s)", list ? list : "", list ? ", " : "", wanted[i].option, wanted[i].what) < 0)
			log_fatal("out of memory");
		free(list);
		list = longer;
	}
	return list;
}

static char *config_of(const struct doctor *doctor, const char *version)
{
	char *config = doctor_read(doctor, NULL, "/boot/config-%s", version);

	return config ? config : doctor_read(doctor, NULL, "/lib/modules/%s/config", version);
}

/* Returns whether the kernel can be dom0. */
static bool check_kernel(struct doctor *doctor, const char *version)
{
	char *config = config_of(doctor, version), *missing;
	bool fit;

	if (!config) {
		doctor_say(doctor, "kernel", DOCTOR_NOTE, NULL, "Linux %s has no configuration in /boot: it cannot be judged", version);
		return false;
	}
	fit = is_fit(config);
	missing = fit ? missing_from(config) : NULL;
	if (!fit)
		doctor_say(doctor, "kernel", DOCTOR_NOTE, NULL, "Linux %s cannot be the first domain's (CONFIG_X86_64, CONFIG_XEN_PV, CONFIG_XEN_DOM0)", version);
	else if (missing)
		doctor_say(doctor, "kernel", DOCTOR_WARNING, "use a kernel of the distribution's (Debian: linux-image-amd64)", "Linux %s lacks %s", version, missing);
	else
		doctor_say(doctor, "kernel", DOCTOR_OK, NULL, "Linux %s can be the first domain's", version);
	free(missing);
	free(config);
	return fit;
}

void doctor_check_kernels(struct doctor *doctor)
{
	static const char *const patterns[] = { "/boot/vmlinuz-*", "/boot/vmlinux-*", "/boot/kernel-*" };
	size_t fit = 0;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		char **names = doctor_names(doctor, patterns[i]);

		for (char **name = names; *name; name++)
			fit += check_kernel(doctor, *name + strlen(patterns[i]) - 1);
		doctor_names_free(names);
	}
	if (!fit)
		doctor_say(doctor, "kernel", DOCTOR_ERROR, "install a kernel of the distribution's (Debian: linux-image-amd64)",
			   "no kernel in /boot is known to be fit for the first domain");
}

/* Is the module among the files in modules.dep or modules.builtin? Their names may have "_" for "-", and something behind ".ko". */
static bool lists_module(const char *list, const char *module)
{
	char name[64];

	for (int pass = 0; list && pass < 2; pass++) {
		snprintf(name, sizeof(name), "/%s.ko", module);
		for (char *at = name; pass && *at; at++)
			*at = *at == '-' ? '_' : *at;
		if (strstr(list, name))
			return true;
	}
	return false;
}

static void check_devices(struct doctor *doctor)
{
	static const char *const devices[] = { "privcmd", "evtchn", "gntdev" };

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (!doctor_exists(doctor, "/dev/xen/%s", devices[i]))
			doctor_say(doctor, "modules", DOCTOR_ERROR, "modprobe -a xen-privcmd xen-evtchn xen-gntdev",
				   "/dev/xen/%s is not there: its module is not loaded", devices[i]);
}

void doctor_check_modules(struct doctor *doctor)
{
	char *files = doctor_read(doctor, NULL, "/lib/modules/%s/modules.dep", doctor->release);
	char *builtin = doctor_read(doctor, NULL, "/lib/modules/%s/modules.builtin", doctor->release);
	bool whole = true;

	if (!files && !builtin) {
		doctor_say(doctor, "modules", DOCTOR_WARNING, "reboot into a kernel that is installed", "the modules of the running kernel (%s) are not installed",
			   doctor->release);
		whole = false;
	}
	for (size_t i = 0; (files || builtin) && i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (lists_module(files, modules[i]) || lists_module(builtin, modules[i]))
			continue;
		whole = false;
		doctor_say(doctor, "modules", DOCTOR_WARNING, "install the kernel's other modules (Fedora: kernel-modules-extra), or another kernel",
			   "the running kernel has no module %s", modules[i]);
	}
	if (whole)
		doctor_say(doctor, "modules", DOCTOR_OK, NULL, "the running kernel has the modules for guests");
	if (doctor->on_tenon)
		check_devices(doctor);
	free(files);
	free(builtin);
}
