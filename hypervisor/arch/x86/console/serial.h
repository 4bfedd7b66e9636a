/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONSOLE_SERIAL_H
#define CONSOLE_SERIAL_H

#include <tenon/types.h>

/* The I/O ports of the serial line that the console uses; false if it uses none. */
bool serial_port_range(uint16_t *first, uint16_t *last);

#endif
