/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ELF images are kernels: none that anyone builds. */
#ifndef ASM_ELF_H
#define ASM_ELF_H

#define ELF_ARCH_MACHINE	0		/* EM_NONE */
#define ELF_ARCH_NAME		"fake"

#endif
