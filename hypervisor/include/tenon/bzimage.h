/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a dom0 kernel: an ELF image, or a Linux bzImage that holds a compressed one. */
#ifndef TENON_BZIMAGE_H
#define TENON_BZIMAGE_H

#include <tenon/types.h>

/* Larger kernels are refused: what the file claims decides how much memory is set aside. */
#define KERNEL_SIZE_MAX	(512UL << 20)

/*
 * How many bytes unpacking takes: *out is 0 when the file itself is the ELF image. 0, or
 * -ENOEXEC with *why telling the user what is wrong.
 */
int kernel_image_size(const void *data, size_t size, size_t *out, const char **why);

/*
 * Unpacks to dest, which has *out bytes, as kernel_image_size() said; exactly so many must come out.
 * 0, -ENOEXEC, or -ENOMEM, with *why. The heap must be up and the processor's vector registers usable.
 */
int kernel_image_decode(const void *data, size_t size, void *dest, size_t *out, const char **why);

#endif
