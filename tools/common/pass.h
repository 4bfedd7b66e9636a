/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to another process, and an open file with it (unix(7), SCM_RIGHTS). */
#ifndef COMMON_PASS_H
#define COMMON_PASS_H

#include <stdbool.h>

/* @fd: stays open here; -1: there is none. False: not all of the text was sent. */
bool pass_text(int socket, const char *text, int fd);

#endif
