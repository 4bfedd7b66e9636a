/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the screen's console is written on. */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include <tenon/compiler.h>
#include <tenon/types.h>

#define SCREEN_CELLS_MAX	20480

struct screen {
	unsigned int columns, rows;	/* no more cells than SCREEN_CELLS_MAX */
	void (*draw)(unsigned int column, unsigned int row, char c);
};

/* Space to tilde, see font.c. */
extern const uint8_t screen_font[95][8];

/* The loader's frame buffer, mapped, if there is one that can be drawn on. Before the heap. */
bool fb_init(struct screen *s);

#endif
