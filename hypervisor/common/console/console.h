/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the console: what its parts offer one another. */
#ifndef COMMON_CONSOLE_H
#define COMMON_CONSOLE_H

#include <tenon/mm.h>
#include <tenon/types.h>

/* The serial line chosen by console=; text with \n, sent with \r\n. Safe before serial_init (nothing happens). */
void serial_init_early(void);
void serial_init_irq(void);
void serial_write(const char *s, size_t n);
/* No more interrupts or buffering: polled to the end of the world. */
void serial_sync(void);
/* Characters typed go to fn, in interrupt or timer context. */
void serial_set_receiver(void (*fn)(char c));

/* The screen, text or frame buffer. */
void screen_init_early(void);
void screen_init(void);
void screen_write(const char *s, size_t n);

/* More text in the ring: dom0 is told by its virtual interrupt (VIRQ_CON_RING). */
void console_notify_dom0(void);
void console_ring_init(void);

#endif
