/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ELF images are kernels for this machine. */
#ifndef ASM_ELF_H
#define ASM_ELF_H

#define ELF_ARCH_MACHINE	62		/* EM_X86_64 */
#define ELF_ARCH_NAME		"64-bit x86"

#endif
