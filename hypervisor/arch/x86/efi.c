/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What dom0's kernel is told of UEFI firmware: where its configuration tables lie (ACPI and SMBIOS among them), which
 * the kernel then maps itself. The loader has ended the boot services; the runtime services are nobody's.
 */
#include <asm/efi.h>
#include <asm/mm.h>
#include <tenon/guest_access.h>
#include <tenon/init.h>

#define SYSTEM_TABLE_SIGNATURE	0x5453595320494249UL	/* "IBI SYST" */
#define MAX_TABLES		256
#define VENDOR_CHARS		64

/* UEFI specification 2.9, section 4.3. */
struct efi_system_table {
	uint64_t signature;
	uint32_t revision, header_size, crc, reserved;
	uint64_t vendor;		/* UTF-16, ends with 0 */
	uint32_t firmware_revision, pad;
	uint64_t handles[6], runtime, boot;
	uint64_t nr_tables, tables;
};

static struct {
	bool present;
	uint32_t revision, firmware_revision, nr_tables;
	uint64_t tables;
	uint16_t vendor[VENDOR_CHARS];
} efi;

static void __init copy_vendor(uint64_t maddr)
{
	const uint16_t *s = ioremap(maddr, sizeof(efi.vendor), PAGE_HV_RO);

	if (!s)
		return;
	for (unsigned int i = 0; i < VENDOR_CHARS - 1 && s[i]; i++)
		efi.vendor[i] = s[i];
	iounmap((void *)s);
}

void __init efi_init(void)
{
	const struct efi_system_table *t;

	if (!boot_info.efi_system_table)
		return;
	t = ioremap(boot_info.efi_system_table, sizeof(*t), PAGE_HV_RO);
	if (!t)
		return;
	if (t->signature == SYSTEM_TABLE_SIGNATURE && t->nr_tables <= MAX_TABLES) {
		efi.present = true;
		efi.revision = t->revision;
		efi.firmware_revision = t->firmware_revision;
		efi.nr_tables = (uint32_t)t->nr_tables;
		efi.tables = t->tables;
		copy_vendor(t->vendor);
		printk("UEFI %u.%u firmware with %u configuration tables\n", efi.revision >> 16,
		       (efi.revision & 0xffff) / 10, efi.nr_tables);
	}
	iounmap((void *)t);
}

static long give_vendor(union xenpf_efi_info *info)
{
	uint32_t chars = info->vendor.bufsz / sizeof(efi.vendor[0]);

	if (!chars)
		return -EINVAL;
	info->vendor.revision = efi.firmware_revision;
	chars = min(chars, (uint32_t)VENDOR_CHARS);
	return copy_to_guest_va(info->vendor.name.va, efi.vendor, chars * sizeof(efi.vendor[0])) ? -EFAULT : 0;
}

long efi_firmware_info(uint32_t index, union xenpf_efi_info *info)
{
	if (!efi.present)
		return -ENOSYS;
	switch (index) {
	case XEN_FW_EFI_VERSION:
		info->version = efi.revision;
		return 0;
	case XEN_FW_EFI_RT_VERSION:
		info->version = 0;
		return 0;
	case XEN_FW_EFI_CONFIG_TABLE:
		info->cfg.addr = efi.tables;
		info->cfg.nent = efi.nr_tables;
		return 0;
	case XEN_FW_EFI_VENDOR:
		return give_vendor(info);
	case XEN_FW_EFI_MEM_INFO:
		return -ESRCH;
	}
	return -EINVAL;
}
