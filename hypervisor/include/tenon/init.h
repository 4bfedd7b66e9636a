/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ordered start-up: see common/init/setup.c. */
#ifndef TENON_INIT_H
#define TENON_INIT_H

#include <tenon/compiler.h>
#include <tenon/types.h>

/* A boot module as the loader left it; both addresses are machine addresses. */
struct boot_module {
	uint64_t start, end;		/* bytes; end is exclusive */
	const char *cmdline;		/* in hypervisor memory, never NULL */
};

#define BOOT_MAX_MODULES	8
#define BOOT_MAX_MEMMAP		256
#define BOOT_CMDLINE_SIZE	4096

enum memmap_type {	/* the values of the firmware's E820 table */
	MEMMAP_RAM = 1, MEMMAP_RESERVED = 2, MEMMAP_ACPI = 3, MEMMAP_NVS = 4, MEMMAP_UNUSABLE = 5,
};

struct memmap_entry {
	uint64_t start, size;
	uint32_t type;
};

/* What the loader told, sanitised: sorted, no overlaps. Filled by the architecture's boot code. */
struct boot_info {
	const char *loader;
	char cmdline[BOOT_CMDLINE_SIZE];
	unsigned int nr_modules, nr_memmap;
	struct boot_module modules[BOOT_MAX_MODULES];	/* [0] dom0 kernel, [1] its initrd */
	struct memmap_entry memmap[BOOT_MAX_MEMMAP];
	uint64_t rsdp;			/* machine address of the ACPI RSDP, or 0 if unknown */
	uint64_t efi_system_table;	/* machine address, or 0 if not started by UEFI */
	struct {			/* linear frame buffer, if type != 0 */
		uint64_t addr;
		uint32_t pitch, width, height;
		uint8_t bpp, type;	/* type 1: direct colour; 2: text */
		uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
	} fb;
};

extern struct boot_info boot_info;

enum system_state { SYS_EARLY, SYS_BOOT, SYS_ACTIVE, SYS_SHUTDOWN };
extern enum system_state system_state;
extern bool opt_noreboot;	/* after a crash of the machine or of dom0: halt */

/* Image bounds, from the linker script. */
extern char image_start[], image_end[], text_start[], text_end[];
extern char init_start[], init_end[];

/* Common start-up, called once by the architecture's boot code on the boot CPU's stack. */
void setup_common(void) __noreturn;

#endif
