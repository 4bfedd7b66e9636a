/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consoles: serial, screen, the log ring, and who gets the input. */
#ifndef TENON_CONSOLE_H
#define TENON_CONSOLE_H

#include <tenon/types.h>

/* Polled serial/VGA before anything else works; then the full drivers. */
void console_init_early(void);		/* command line is parsed; memory allocator not up */
void console_init(void);		/* interrupts and timers work */
void console_init_irq(void);		/* interrupt-driven input */
/* Raw output to all consoles and the ring. */
void console_write(const char *s, size_t n);
/* Before dom0 starts / when the machine dies: everything goes out synchronously. */
void console_start_sync(void);
/* Leave the screen to dom0, unless vga=keep. */
void console_give_screen_to_dom0(void);
struct dom0_vga_console_info;
/* Fills info for dom0's start info; returns bytes used, 0 if no screen. */
size_t console_fill_vga_info(struct dom0_vga_console_info *info);
/* May this message level be printed now? */
bool console_level_enabled(char level);

/* Copies up to count bytes from *index on (or from the oldest) and advances *index. Returns bytes copied. */
uint32_t console_ring_read(char *buf, uint32_t count, uint32_t *index, bool incremental, bool clear);

#endif
