/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UEFI firmware, if the machine was started by it. */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#include <xen/platform.h>

/* Reads the system table that the boot loader told of. The heap is up. */
void efi_init(void);
/* XEN_FW_EFI_INFO of platform_op: 0, or -ENOSYS without UEFI, -EINVAL, -ESRCH, -EFAULT. */
long efi_firmware_info(uint32_t index, union xenpf_efi_info *info);

#endif
