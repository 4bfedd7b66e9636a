// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of the checks, and what they have in common. */
#include <stdarg.h>
#include <stdio.h>

#include "alloc.h"
#include "doctor.h"

void doctor_say(struct doctor *doctor, const char *check, enum doctor_severity severity, const char *advice, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		log_fatal("out of memory");
	va_end(args);
	doctor->report(doctor->arg, check, severity, text, advice);
	free(text);
}

static void find_hypervisor(struct doctor *doctor)
{
	char *extra = doctor_read(doctor, NULL, "/sys/hypervisor/version/extra");

	doctor->on_tenon = extra && strstr(extra, "tenon");
	doctor->on_xen = !doctor->on_tenon && doctor_exists(doctor, "/sys/hypervisor/type");
	free(extra);
}

static void find_kernel(struct doctor *doctor)
{
	doctor->cmdline = doctor_read(doctor, NULL, "/proc/cmdline");
	if (!doctor->cmdline)
		doctor->cmdline = xstrdup("");
	doctor->release = doctor_read(doctor, NULL, "/proc/sys/kernel/osrelease");
	if (!doctor->release)
		doctor->release = xstrdup("");
	doctor->release[strcspn(doctor->release, "\n")] = '\0';
}

static void find_menu(struct doctor *doctor)
{
	static const char *const places[] = { "/boot/grub2/grub.cfg", "/boot/grub/grub.cfg" };

	doctor->menu = NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !doctor->menu; i++) {
		doctor->menu_path = places[i];
		doctor->menu = doctor_read(doctor, NULL, "%s", places[i]);
	}
}

void doctor_run(struct doctor *doctor)
{
	static void (*const checks[])(struct doctor *doctor) = {
		doctor_check_processor, doctor_check_firmware, doctor_check_secure_boot, doctor_check_memory, doctor_check_swap,
		doctor_check_kernels, doctor_check_modules, doctor_check_boot, doctor_check_console, doctor_check_bridge,
		doctor_check_programs, doctor_check_services, doctor_check_packages,
	};

	find_hypervisor(doctor);
	find_kernel(doctor);
	find_menu(doctor);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](doctor);
	free(doctor->cmdline);
	free(doctor->release);
	free(doctor->menu);
}
