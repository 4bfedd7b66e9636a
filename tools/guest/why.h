/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the last thing failed, for the user: one line. */
#ifndef GUEST_WHY_H
#define GUEST_WHY_H

#include <stdbool.h>

/* Remembers it; returns false. */
bool why(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *guest_why(void);

#endif
