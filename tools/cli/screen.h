/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal of top. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "view.h"

struct screen {
	enum view view;
	int sort[VIEW_COUNT];		/* column */
	bool reverse;
	int first_row;
	double delay;			/* in seconds */
	bool help;
};

/* Takes the terminal; False: it cannot be used. screen_end() gives it back, and is called when the program ends. */
bool screen_begin(void);
void screen_end(void);

void screen_draw(struct screen *screen, const struct sample *before, const struct sample *now);

/* Waits for the delay, or for keys, which change what is shown. */
enum screen_wish { SCREEN_SAMPLE, SCREEN_DRAW, SCREEN_QUIT };
enum screen_wish screen_wait(struct screen *screen);

#endif
