/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's monitor: JSON in lines over a socket (QEMU, docs/interop/qmp-spec). */
#ifndef GUEST_QMP_H
#define GUEST_QMP_H

#include <stdbool.h>

/* A connection, greeted; -1: nobody listens there, errno. Closed by close(). */
int qmp_open(const char *path);

/* Where its VNC server listens: the address, without brackets, and the port. False: it does not say. */
bool qmp_vnc(int fd, char address[64], unsigned int *port);

/* A connection to its VNC server, which asks for no password; -1: there is none. Closed by close(). */
int qmp_viewer(int fd);

#endif
