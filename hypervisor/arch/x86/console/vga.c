/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen: VGA text of 80 by 25 cells, or the frame buffer that the loader has set up. */
#include <asm/page.h>
#include <asm/system.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <xen/xen.h>
#include "../../../common/console/console.h"
#include "screen.h"

#define TEXT_PHYS	0xb8000
#define TEXT_COLUMNS	80
#define TEXT_ROWS	25
#define ATTRIBUTE	0x0700

bool screen_wanted(void);

/* draw is NULL while there is no screen. All under the console's lock. */
static struct screen screen;
static char cells[SCREEN_CELLS_MAX];		/* what is shown: reading the screen itself would be slow */
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

static void text_draw(unsigned int x, unsigned int y, char c)
{
	volatile uint16_t *text = maddr_to_virt(TEXT_PHYS);

	text[y * TEXT_COLUMNS + x] = ATTRIBUTE | (uint8_t)c;
}

void __init screen_init_early(void)
{
	struct screen s = { TEXT_COLUMNS, TEXT_ROWS, text_draw };

	if (!screen_wanted() || (!text_mode() && !fb_init(&s)))
		return;
	screen = s;
	memset(cells, ' ', sizeof(cells));
	for (unsigned int y = 0; y < s.rows; y++)
		for (unsigned int x = 0; x < s.columns; x++)
			s.draw(x, y, ' ');
}

void __init screen_init(void)
{
}

static void put(unsigned int x, unsigned int y, char c)
{
	char *cell = &cells[y * screen.columns + x];

	if (*cell == c)
		return;
	*cell = c;
	screen.draw(x, y, c);
}

static void next_line(void)
{
	column = 0;
	if (++row < screen.rows)
		return;
	row = screen.rows - 1;
	for (unsigned int y = 0; y < screen.rows; y++)
		for (unsigned int x = 0; x < screen.columns; x++)
			put(x, y, y < row ? cells[(y + 1) * screen.columns + x] : ' ');
}

void screen_write(const char *s, size_t n)
{
	for (size_t i = 0; screen.draw && i < n; i++) {
		if (s[i] == '\n' || column == screen.columns)
			next_line();
		if (s[i] != '\n')
			put(column++, row, s[i]);
	}
}

void console_give_screen_to_dom0(void)
{
	if (!keep)
		screen.draw = NULL;
}

static void fill_text_info(struct dom0_vga_console_info *info)
{
	info->video_type = XEN_VGATYPE_TEXT_MODE_3;
	info->u.text_mode_3.columns = TEXT_COLUMNS;
	info->u.text_mode_3.rows = TEXT_ROWS;
	info->u.text_mode_3.cursor_y = (uint16_t)row;
	info->u.text_mode_3.font_height = 16;
}

static void fill_fb_info(struct dom0_vga_console_info *info)
{
	const __typeof__(boot_info.fb) *f = &boot_info.fb;

	info->video_type = boot_info.efi_system_table ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
	info->u.vesa_lfb.width = (uint16_t)f->width;
	info->u.vesa_lfb.height = (uint16_t)f->height;
	info->u.vesa_lfb.bytes_per_line = (uint16_t)f->pitch;
	info->u.vesa_lfb.bits_per_pixel = f->bpp;
	info->u.vesa_lfb.lfb_base = (uint32_t)f->addr;
	info->u.vesa_lfb.ext_lfb_base = (uint32_t)(f->addr >> 32);
	info->u.vesa_lfb.lfb_size = (uint32_t)DIV_ROUND_UP((uint64_t)f->pitch * f->height, 65536);
	info->u.vesa_lfb.red_pos = f->red_pos;
	info->u.vesa_lfb.red_size = f->red_size;
	info->u.vesa_lfb.green_pos = f->green_pos;
	info->u.vesa_lfb.green_size = f->green_size;
	info->u.vesa_lfb.blue_pos = f->blue_pos;
	info->u.vesa_lfb.blue_size = f->blue_size;
	/* What the three colours leave over, where each of the four is a byte. */
	if (f->bpp == 32 && f->red_size == 8 && f->green_size == 8 && f->blue_size == 8) {
		info->u.vesa_lfb.rsvd_size = 8;
		info->u.vesa_lfb.rsvd_pos = (uint8_t)(0 + 8 + 16 + 24 - f->red_pos - f->green_pos - f->blue_pos);
	}
}

size_t console_fill_vga_info(struct dom0_vga_console_info *info)
{
	memset(info, 0, sizeof(*info));
	if (text_mode())
		fill_text_info(info);
	else if (boot_info.fb.type == 1 && boot_info.fb.width <= UINT16_MAX && boot_info.fb.pitch <= UINT16_MAX)
		fill_fb_info(info);
	else
		return 0;
	return sizeof(*info);
}
