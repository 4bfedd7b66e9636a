/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug keys: typed on the serial console after the escape, or sent by dom0. */
#ifndef TENON_KEYHANDLER_H
#define TENON_KEYHANDLER_H

#include <tenon/types.h>

struct cpu_user_regs;
typedef void (*keyhandler_fn)(unsigned char key);
/* The built-in keys. */
void keyhandlers_init(void);
/* Registers fn for key; desc is kept. In-hypervisor output goes through printk. */
void keyhandler_register(unsigned char key, keyhandler_fn fn, const char *desc);
/* Runs the handler at once: in a hypercall, no lock held. What is no key does nothing. */
void keyhandler_run(unsigned char key);
/* Has the handler run soon, from a tasklet: any context. */
void keyhandler_press(unsigned char key);

#endif
