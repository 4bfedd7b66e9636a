// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine: processors, firmware, memory. */
#include "alloc.h"
#include "doctor.h"

#define MIB_OF_KIB(kib) ((kib) / 1024)

static size_t count_lines(const char *text, const char *start)
{
	size_t count = 0;

	for (const char *line = NULL; (line = doctor_find_line(text, start, line)); )
		count++;
	return count;
}

void doctor_check_processor(struct doctor *doctor)
{
	char *info = doctor_read(doctor, NULL, "/proc/cpuinfo"), *flags;
	const char *line = info ? doctor_find_line(info, "flags", NULL) : NULL;

	if (!line) {
		doctor_say(doctor, "processor", DOCTOR_WARNING, "look at whether /proc is mounted", "the processors' features cannot be read");
		free(info);
		return;
	}
	flags = doctor_copy_line(line);
	if (!doctor_has_word(flags, "lm"))
		doctor_say(doctor, "processor", DOCTOR_ERROR, "use a machine with a 64-bit processor (x86-64)",
			   "the processor has no 64-bit mode, which the hypervisor needs");
	else
		doctor_say(doctor, "processor", DOCTOR_OK, NULL, "%zu processors with a 64-bit mode", count_lines(info, "processor"));
	if (!doctor_has_word(flags, "nx"))
		doctor_say(doctor, "processor", DOCTOR_WARNING, "turn \"execute disable\" (NX, XD) on in the firmware's settings",
			   "memory cannot be protected from being executed");
	/* A first domain is told less of the processors than there is. */
	if (!doctor->on_tenon && !doctor->on_xen) {
		if (doctor_has_word(flags, "hypervisor"))
			doctor_say(doctor, "processor", DOCTOR_NOTE, NULL,
				   "this is a virtual machine: Tenon runs in it, and its guests are slower than on a machine of their own");
		if (!doctor_has_word(flags, "constant_tsc") || !doctor_has_word(flags, "nonstop_tsc"))
			doctor_say(doctor, "processor", DOCTOR_NOTE, NULL,
				   "the processors' time stamp counters are not constant: time is read from a slower timer at times");
	}
	free(flags);
	free(info);
}

void doctor_check_firmware(struct doctor *doctor)
{
	long long bits = -1;
	char *size;

	if (doctor_exists(doctor, "/sys/firmware/efi")) {
		size = doctor_read(doctor, NULL, "/sys/firmware/efi/fw_platform_size");
		bits = doctor_number(size, "");
		free(size);
		if (bits == 32)
			doctor_say(doctor, "firmware", DOCTOR_WARNING, "boot by the firmware's BIOS mode (CSM), if it has one",
				   "the UEFI firmware is a 32-bit one, with which the hypervisor has not been tried");
		else
			doctor_say(doctor, "firmware", DOCTOR_OK, NULL, "UEFI");
	} else {
		doctor_say(doctor, "firmware", DOCTOR_OK, NULL, "BIOS");
	}
	if (!doctor_exists(doctor, "/sys/firmware/acpi/tables/DSDT"))
		doctor_say(doctor, "firmware", DOCTOR_WARNING, "take acpi=off from the kernel's command line, or turn ACPI on in the firmware",
			   "there are no ACPI tables: the hypervisor would find one processor and no timers but the oldest");
}

void doctor_check_memory(struct doctor *doctor)
{
	char *info = doctor_read(doctor, NULL, "/proc/meminfo"), *hypervisor, *kernel;
	long long kib = doctor_number(info, "MemTotal:");
	bool domain = doctor->on_tenon || doctor->on_xen;

	free(info);
	if (kib < 0)
		doctor_say(doctor, "memory", DOCTOR_WARNING, "look at whether /proc is mounted", "the size of memory cannot be read");
	else if (domain && MIB_OF_KIB(kib) < 480)
		doctor_say(doctor, "memory", DOCTOR_WARNING, "tenon-grub set dom0_mem=1G, and reboot", "the first domain has %lld MiB: a distribution needs 512",
			   MIB_OF_KIB(kib));
	else if (!domain && MIB_OF_KIB(kib) < 1900)
		doctor_say(doctor, "memory", DOCTOR_WARNING, "use a machine with 2 GiB or more",
			   "the machine has %lld MiB: little is left for guests beside a distribution", MIB_OF_KIB(kib));
	else
		doctor_say(doctor, "memory", DOCTOR_OK, NULL, domain ? "the first domain has %lld MiB" : "%lld MiB", MIB_OF_KIB(kib));

	doctor_entry_options(doctor, &hypervisor, &kernel);
	if (hypervisor && !doctor_has_word(hypervisor, "dom0_mem="))
		doctor_say(doctor, "memory", DOCTOR_WARNING, "tenon-grub set dom0_mem=2G (or what the host's own programs need), and reboot",
			   "the first domain is given nearly all memory: for each guest it has to give some back first");
	free(hypervisor);
	free(kernel);
}

void doctor_check_swap(struct doctor *doctor)
{
	char *swaps = doctor_read(doctor, NULL, "/proc/swaps");
	const char *line = swaps ? strchr(swaps, '\n') : NULL;

	if (line && line[1])
		doctor_say(doctor, "swap", DOCTOR_OK, NULL, "there is swap space");
	else
		doctor_say(doctor, "swap", DOCTOR_WARNING, "make a swap file: see mkswap(8) and swapon(8)",
			   "there is no swap space: when the first domain's memory runs out, its kernel ends programs, which may be a guest's");
	free(swaps);
}
