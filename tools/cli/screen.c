// SPDX-License-Identifier: GPL-2.0-or-later
/* top on a terminal, by ncurses. */
#include "screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DELAY_MIN	0.1
#define DELAY_MAX	60.0
#define HEAD_LINES	3

bool screen_begin(void)
{
	if (!newterm(NULL, stdout, stdin))
		return false;
	atexit(screen_end);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void screen_end(void)
{
	if (!isendwin())
		endwin();
}

static const char *const help_lines[] = {
	"d v i       domains, vCPUs, devices",
	"left right  sort by another column (also < >)",
	"r           sort the other way round",
	"up down     scroll (also page up, page down, home)",
	"+ -         sample more often, less often",
	"h ?         this help",
	"q           quit",
	NULL,
};

static void draw_help(void)
{
	for (int i = 0; help_lines[i]; i++)
		mvaddstr(HEAD_LINES + i, 2, help_lines[i]);
}

static void draw_rows(struct screen *screen, const struct table *table)
{
	int room = LINES - HEAD_LINES, last = (int)table->row_count - room;
	char line[TABLE_LINE_MAX];

	if (screen->first_row > last)
		screen->first_row = last;
	if (screen->first_row < 0)
		screen->first_row = 0;
	for (int i = 0; i < room && (size_t)(screen->first_row + i) < table->row_count; i++) {
		table_line(table, screen->first_row + i, line);
		mvaddnstr(HEAD_LINES + i, 0, line, COLS);
	}
}

static void draw_head(const struct screen *screen, const struct table *table)
{
	int at, width, sort = screen->sort[screen->view];
	char line[TABLE_LINE_MAX];

	table_head(table, line);
	attron(A_REVERSE);
	mvprintw(HEAD_LINES - 1, 0, "%-*.*s", COLS, COLS, line);
	attroff(A_REVERSE);
	table_column_place(table, sort, &at, &width);
	if (at + width <= COLS)
		mvchgat(HEAD_LINES - 1, at, width, A_BOLD, 0, NULL);
}

void screen_draw(struct screen *screen, const struct sample *before, const struct sample *now)
{
	time_t clock = time(NULL);
	char line[TABLE_LINE_MAX];
	struct table table;

	view_fill(&table, screen->view, before, now);
	table_sort(&table, screen->sort[screen->view], screen->reverse);
	erase();
	strftime(line, sizeof(line), "tenon top  %H:%M:%S", localtime(&clock));
	mvprintw(0, 0, "%s  every %.1f s  (h: help)", line, screen->delay);
	view_summary(before, now, line);
	mvaddnstr(1, 0, line, COLS);
	draw_head(screen, &table);
	if (screen->help)
		draw_help();
	else
		draw_rows(screen, &table);
	refresh();
	table_clear(&table);
}

/* ---- keys ---- */

static void move_sort(struct screen *screen, int by)
{
	const struct column *columns = view_columns(screen->view);
	int count = 0, *sort = &screen->sort[screen->view];

	while (columns[count].title)
		count++;
	*sort = (*sort + by + count) % count;
}

static void change_delay(struct screen *screen, double factor)
{
	screen->delay *= factor;
	if (screen->delay < DELAY_MIN)
		screen->delay = DELAY_MIN;
	if (screen->delay > DELAY_MAX)
		screen->delay = DELAY_MAX;
}

static void set_view(struct screen *screen, enum view view)
{
	screen->view = view;
	screen->first_row = 0;
}

static enum screen_wish key(struct screen *screen, int pressed)
{
	if (screen->help && pressed != 'q') {
		screen->help = false;
		return SCREEN_DRAW;
	}
	switch (pressed) {
	case 'q': return SCREEN_QUIT;
	case 'h': case '?': screen->help = true; break;
	case 'd': set_view(screen, VIEW_DOMAINS); break;
	case 'v': set_view(screen, VIEW_VCPUS); break;
	case 'i': set_view(screen, VIEW_DEVICES); break;
	case 'r': screen->reverse = !screen->reverse; break;
	case '<': case KEY_LEFT: move_sort(screen, -1); break;
	case '>': case KEY_RIGHT: move_sort(screen, 1); break;
	case '+': change_delay(screen, 0.5); break;
	case '-': change_delay(screen, 2); break;
	case KEY_UP: screen->first_row--; break;
	case KEY_DOWN: screen->first_row++; break;
	case KEY_PPAGE: screen->first_row -= LINES - HEAD_LINES; break;
	case KEY_NPAGE: screen->first_row += LINES - HEAD_LINES; break;
	case KEY_HOME: screen->first_row = 0; break;
	}
	return SCREEN_DRAW;
}

enum screen_wish screen_wait(struct screen *screen)
{
	int pressed;

	timeout((int)(screen->delay * 1000));
	pressed = getch();
	return pressed == ERR ? SCREEN_SAMPLE : key(screen, pressed);
}
