/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VNC viewer that sees nothing: what it takes to press keys (RFC 6143, the protocol's version 3.8). */
#ifndef GUEST_RFB_H
#define GUEST_RFB_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Presses @count keys (X's key symbols) one after the other, then lets go of them in the opposite order, at the server behind @fd, which
 * is to ask for no password and has other viewers as well. True: the server has dealt with them.
 */
bool rfb_press(int fd, const uint32_t keys[], unsigned int count);

#endif
