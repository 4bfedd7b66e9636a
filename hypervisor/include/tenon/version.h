/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our name and number, and the release whose interface we speak. The build may give the strings. */
#ifndef TENON_VERSION_H
#define TENON_VERSION_H

#include <tenon/types.h>

#define TENON_COMPAT_MAJOR	4
#define TENON_COMPAT_MINOR	17
#ifndef TENON_VERSION
#define TENON_VERSION		"0.1"
#endif
#ifndef TENON_EXTRAVERSION
#define TENON_EXTRAVERSION	"-tenon" TENON_VERSION
#endif
#ifndef TENON_CHANGESET
#define TENON_CHANGESET		"tenon " TENON_VERSION
#endif
#ifndef TENON_DATE
#define TENON_DATE		"reproducible build"
#endif

/* The image's own identity, made by the linker; *size is 0 when there is none. */
const uint8_t *build_id(size_t *size);

#endif
