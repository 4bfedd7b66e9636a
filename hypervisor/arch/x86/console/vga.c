/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen in VGA text mode: 80 by 25 cells at 0xb8000. */
#include <asm/page.h>
#include <asm/system.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <xen/xen.h>
#include "../../../common/console/console.h"

#define TEXT_PHYS	0xb8000
#define COLUMNS		80
#define LINES		25
#define ATTRIBUTE	0x0700
#define VIDEO_TEXT	0x03		/* XEN_VGATYPE_TEXT_MODE_3 */

bool screen_wanted(void);

static volatile uint16_t *cells;
static unsigned int column, row;
static bool keep;

static int __init parse_vga(const char *s)
{
	/* Modes are set by the boot loader; what is left to choose is whether messages go on once dom0 runs. */
	size_t n = strlen(s);

	keep = n >= 4 && !strcmp(s + n - 4, "keep");
	return 0;
}
BOOT_OPTION_CUSTOM("vga", parse_vga, "keep: go on writing to the screen after dom0 was started");

static bool text_mode(void)
{
	return boot_info.fb.type == 0 || boot_info.fb.type == 2;
}

void __init screen_init_early(void)
{
	if (!screen_wanted() || !text_mode())
		return;
	cells = maddr_to_virt(TEXT_PHYS);
	for (unsigned int i = 0; i < COLUMNS * LINES; i++)
		cells[i] = ATTRIBUTE | ' ';
}

void __init screen_init(void)
{
}

static void scroll(void)
{
	for (unsigned int i = 0; i < COLUMNS * (LINES - 1); i++)
		cells[i] = cells[i + COLUMNS];
	for (unsigned int i = 0; i < COLUMNS; i++)
		cells[COLUMNS * (LINES - 1) + i] = ATTRIBUTE | ' ';
	row = LINES - 1;
}

void screen_write(const char *s, size_t n)
{
	if (!cells)
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n' || column == COLUMNS) {
			column = 0;
			if (++row == LINES)
				scroll();
			if (s[i] == '\n')
				continue;
		}
		cells[row * COLUMNS + column++] = ATTRIBUTE | (uint8_t)s[i];
	}
}

void console_give_screen_to_dom0(void)
{
	if (!keep)
		cells = NULL;
}

size_t console_fill_vga_info(struct dom0_vga_console_info *info)
{
	memset(info, 0, sizeof(*info));
	if (!text_mode())
		return 0;
	info->video_type = VIDEO_TEXT;
	info->u.text_mode_3.columns = COLUMNS;
	info->u.text_mode_3.rows = LINES;
	info->u.text_mode_3.cursor_x = 0;
	info->u.text_mode_3.cursor_y = row;
	info->u.text_mode_3.font_height = 16;
	return sizeof(*info);
}
