// SPDX-License-Identifier: GPL-2.0-or-later
/* How the host is booted: GRUB's menu, Secure Boot, consoles. */
#include <stdio.h>

#include "alloc.h"
#include "doctor.h"

static const char no_quotes[] = "'\"";

static bool hypervisor_installed(const struct doctor *doctor)
{
	char **packaged = doctor_names(doctor, "/usr/lib/tenon/hypervisor/tenon-*-x86_64.gz");
	char **in_boot = doctor_names(doctor, "/boot/tenon-*-x86_64*");
	bool installed = *packaged || *in_boot;

	doctor_names_free(packaged);
	doctor_names_free(in_boot);
	return installed;
}

static void say_no_menu(struct doctor *doctor)
{
	if (doctor_exists(doctor, "/boot/loader/loader.conf") || doctor_exists(doctor, "/boot/efi/loader/loader.conf") ||
	    doctor_exists(doctor, "/efi/loader/loader.conf"))
		doctor_say(doctor, "boot-entry", DOCTOR_ERROR, "install GRUB (Debian: grub-efi-amd64) and make its menu: update-grub",
			   "this system is started by systemd-boot, which loads no hypervisor");
	else
		doctor_say(doctor, "boot-entry", DOCTOR_ERROR, "install GRUB (Debian: grub-pc or grub-efi-amd64) and make its menu: update-grub, or grub2-mkconfig",
			   "there is no menu of GRUB in /boot");
}

/* A line "#tenon-pair ID VERSION FILE VERSION FILE PLACE": are its files there? */
static bool pair_is_whole(const struct doctor *doctor, const char *line)
{
	char hypervisor[256], kernel[256];

	return sscanf(line, "#tenon-pair %*s %*s %255s %*s %255s", hypervisor, kernel) == 2 && doctor_exists(doctor, "%s", hypervisor) &&
	       doctor_exists(doctor, "%s", kernel);
}

static size_t check_pairs(struct doctor *doctor)
{
	size_t count = 0;
	char id[256];

	for (const char *line = NULL; (line = doctor_find_line(doctor->menu, "#tenon-pair ", line)); count++)
		if (!pair_is_whole(doctor, line) && sscanf(line, "#tenon-pair %255s", id) == 1)
			doctor_say(doctor, "boot-entry", DOCTOR_ERROR, "tenon-grub update", "the files of the entry %s are not in /boot", id);
	return count;
}

static void check_trials(struct doctor *doctor)
{
	char *block = doctor_read(doctor, NULL, "%.*s/tenon.env", (int)(strrchr(doctor->menu_path, '/') - doctor->menu_path), doctor->menu_path);
	const char *tried = block ? doctor_find_line(block, "tenon_tried=", NULL) : NULL;
	char *id = tried ? doctor_copy_line(tried + strlen("tenon_tried=")) : NULL, running[300];

	if (id && *id && snprintf(running, sizeof(running), "tenon.boot=%s", id) < (int)sizeof(running) &&
	    !doctor_has_word(doctor->cmdline, running))
		doctor_say(doctor, "boot-entry", DOCTOR_WARNING, "look for the reason, then: tenon-bootctl try", "the trial of %s failed", id);
	free(id);
	free(block);
}

void doctor_check_boot(struct doctor *doctor)
{
	size_t count;

	if (!doctor->menu) {
		say_no_menu(doctor);
		return;
	}
	count = check_pairs(doctor);
	if (!count && hypervisor_installed(doctor))
		doctor_say(doctor, "boot-entry", DOCTOR_ERROR, "tenon-grub update", "GRUB's menu has no entry that starts Tenon");
	else if (!count)
		doctor_say(doctor, "boot-entry", DOCTOR_ERROR, "install the package tenon-hypervisor, or run make install and tenon-grub update",
			   "no hypervisor is installed, and GRUB's menu has no entry for one");
	else
		doctor_say(doctor, "boot-entry", DOCTOR_OK, NULL, "GRUB's menu has %zu pair%s of hypervisor and kernel", count, count == 1 ? "" : "s");
	check_trials(doctor);
	if (doctor->on_tenon)
		doctor_say(doctor, "boot-entry", DOCTOR_OK, NULL, "Tenon runs beneath this kernel");
	else if (doctor->on_xen)
		doctor_say(doctor, "boot-entry", DOCTOR_NOTE, "choose an entry of Tenon's in GRUB's menu", "another hypervisor than Tenon runs beneath this kernel");
	else if (count)
		doctor_say(doctor, "boot-entry", DOCTOR_NOTE, "reboot; tenon-bootctl status says what is started next", "Tenon does not run now");
}

/* A variable of the firmware: four bytes of attributes, then its value. Its first byte, or -1. */
static int firmware_byte(const struct doctor *doctor, const char *name)
{
	size_t size = 0;
	char *value = doctor_read(doctor, &size, "/sys/firmware/efi/efivars/%s", name);
	int byte = value && size > 4 ? (unsigned char)value[4] : -1;

	free(value);
	return byte;
}

void doctor_check_secure_boot(struct doctor *doctor)
{
	char *lockdown = doctor_read(doctor, NULL, "/sys/kernel/security/lockdown");

	/* Shim can be told not to enforce it (MokSBState). */
	if (firmware_byte(doctor, "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c") == 1 &&
	    firmware_byte(doctor, "MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23") != 1)
		doctor_say(doctor, "secure-boot", DOCTOR_ERROR, "turn it off in the firmware's settings, or: mokutil --disable-validation",
			   "Secure Boot is on: GRUB loads no hypervisor, since none can be signed for it");
	else
		doctor_say(doctor, "secure-boot", DOCTOR_OK, NULL, "Secure Boot is not enforced");
	if (lockdown && (strstr(lockdown, "[integrity]") || strstr(lockdown, "[confidentiality]")))
		doctor_say(doctor, "secure-boot", DOCTOR_WARNING, "take lockdown= from the kernel's command line",
			   "the kernel is locked down: the first domain could not reach the hypervisor's controls");
	free(lockdown);
}

/* The rest of a menu's line behind the command and the file that it loads, which may be in quotes. */
static char *options_behind(const char *line)
{
	char *copy = doctor_copy_line(line), *at = copy + strcspn(copy, " \t"), *options;

	at += strspn(at, " \t");
	if (*at && strchr(no_quotes, *at)) {
		char *end = strchr(at + 1, *at);

		at = end ? end + 1 : at;
	}
	at += strcspn(at, " \t");
	options = xstrdup(at);
	free(copy);
	return options;
}

void doctor_entry_options(const struct doctor *doctor, char **hypervisor, char **kernel)
{
	const char *line = NULL, *module;

	*hypervisor = *kernel = NULL;
	while (doctor->menu && (line = doctor_find_line(doctor->menu, "multiboot", line))) {
		const char *image = strstr(line, "/tenon-");

		if (!image || image > line + strcspn(line, "\n"))
			continue;
		*hypervisor = options_behind(line);
		module = doctor_find_line(doctor->menu, "module", line);
		if (module)
			*kernel = options_behind(module);
		return;
	}
}

static bool option_names(const char *options, const char *name, const char *value)
{
	const char *at = options;
	size_t size = strlen(name);

	for (; (at = strstr(at, name)); at += size) {
		const char *found = strstr(at, value);

		if (found && found < at + strcspn(at, " \t"))
			return true;
	}
	return false;
}

void doctor_check_console(struct doctor *doctor)
{
	char *hypervisor, *kernel;
	bool owned = false;

	doctor_entry_options(doctor, &hypervisor, &kernel);
	for (int port = 0; hypervisor && kernel && port < 2; port++) {
		char com[8], tty[8];

		snprintf(com, sizeof(com), "com%d", port + 1);
		snprintf(tty, sizeof(tty), "ttyS%d", port);
		if (option_names(hypervisor, "console=", com)) {
			owned = true;
			if (option_names(kernel, "console=", tty))
				doctor_say(doctor, "console", DOCTOR_WARNING, "leave console=ttyS... to tenon-grub (TENON_GRUB_CONSOLE=auto), or take it away",
					   "both the hypervisor and the first domain's kernel are told to use the serial port %s", tty);
		} else if (option_names(kernel, "console=", tty)) {
			doctor_say(doctor, "console", DOCTOR_WARNING, "tenon-grub set TENON_GRUB_CONSOLE=auto, and take console= from TENON_CMDLINE",
				   "the first domain's kernel has a console on %s, and the hypervisor has none there: its messages are not seen", tty);
		}
	}
	if (!hypervisor)
		doctor_say(doctor, "console", DOCTOR_NOTE, NULL, "consoles are looked at when there is an entry that starts Tenon");
	else if (!owned)
		doctor_say(doctor, "console", DOCTOR_NOTE, "with a serial port: tenon-grub set console=com1,vga com1=115200,8n1",
			   "the hypervisor has no serial console: its last words can be read on the screen alone");
	else if (doctor->on_tenon && !doctor_exists(doctor, "/dev/hvc0"))
		doctor_say(doctor, "console", DOCTOR_WARNING, "take a kernel with CONFIG_HVC_XEN", "the hypervisor's console (hvc0) is not there");
	else
		doctor_say(doctor, "console", DOCTOR_OK, NULL, "the hypervisor has a serial console");
	free(hypervisor);
	free(kernel);
}
