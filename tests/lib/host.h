/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Force-included where the hypervisor's sources are compiled for a host program: the usual visibility (the C library
 * is shared), and other names for the functions that are not quite the C library's.
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

/* First, under their own names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../hypervisor/include/tenon/compiler.h"
#pragma GCC visibility push(default)

#define strtoul hv_strtoul
#define strlcpy hv_strlcpy
#define strlcat hv_strlcat
#define sort hv_sort
#define select hv_select

#ifdef __clang__
/* No red zones: the tables made by the linker must stay tables. */
#undef __used
#define __used __attribute__((used, no_sanitize("address")))
#endif

#endif
