/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letters on a linear frame buffer of direct colours: 8 by 16 pixels, on large screens twice that. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <tenon/init.h>
#include "screen.h"

#define LETTER_WIDTH	8
#define LETTER_ROWS	8
#define LARGE_WIDTH	2560
#define COLUMNS_MAX	256
#define PTE_2M_PAT	0x1000UL	/* SDM 3A 4.5: selects with PCD and PWT; entry 4, write-combining */
#define WINDOW		(1UL << PT_SHIFT(3))

/* Mapped for good, at an address of its own: there is no allocator yet when the first messages come. */
static pte_t fb_l2[PT_ENTRIES] __section(".bss.page_aligned") __aligned(4096);
extern pte_t hv_misc_l3[PT_ENTRIES];

static struct {
	volatile uint8_t *base;
	uint32_t pitch, colour;
	unsigned int bytes, scale;
} fb;

static volatile uint8_t *__init map(uint64_t addr, uint64_t size)
{
	uint64_t page = 1UL << PT_SHIFT(2), offset = addr & (page - 1);
	uint64_t flags = PAGE_HV_FLAGS | _PAGE_PSE | PTE_2M_PAT | (cpu_has(X86_FEATURE_NX) ? _PAGE_NX : 0);

	if (size > WINDOW - offset || addr >> boot_cpu.phys_bits || (addr + size - 1) >> boot_cpu.phys_bits)
		return NULL;
	for (uint64_t at = 0; at < offset + size; at += page)
		fb_l2[at / page] = pte_from(maddr_to_mfn(_maddr(addr - offset + at)), flags);
	hv_misc_l3[pt_index(FB_VIRT_START, 3)] = pte_from(virt_to_mfn(fb_l2), PAGE_HV_TABLE);
	return (volatile uint8_t *)FB_VIRT_START + offset;
}

static bool __init colour_good(uint8_t pos, uint8_t size)
{
	return size && size <= 16 && pos + size <= 32;
}

/* Light grey: three quarters of each colour. */
static uint32_t __init part(uint8_t pos, uint8_t size)
{
	uint32_t full = (1U << size) - 1;

	return (full - full / 4) << pos;
}

static void pixel(volatile uint8_t *p, uint32_t v)
{
	if (fb.bytes == 4) {
		*(volatile uint32_t *)p = v;
	} else if (fb.bytes == 2) {
		*(volatile uint16_t *)p = (uint16_t)v;
	} else {
		p[0] = (uint8_t)v;
		p[1] = (uint8_t)(v >> 8);
		p[2] = (uint8_t)(v >> 16);
	}
}

static void fb_draw(unsigned int column, unsigned int row, char c)
{
	const uint8_t *letter = screen_font[c >= ' ' && c <= '~' ? c - ' ' : '?' - ' '];
	unsigned int height = 2 * fb.scale, step = fb.bytes * fb.scale;

	for (unsigned int y = 0; y < LETTER_ROWS * height; y++) {
		volatile uint8_t *p = fb.base + (uint64_t)(row * LETTER_ROWS * height + y) * fb.pitch +
				      column * LETTER_WIDTH * step;

		for (unsigned int x = 0; x < LETTER_WIDTH * fb.scale; x++, p += fb.bytes)
			pixel(p, letter[y / height] << (x / fb.scale) & 0x80 ? fb.colour : 0);
	}
}

bool __init fb_init(struct screen *s)
{
	const __typeof__(boot_info.fb) *f = &boot_info.fb;

	if (f->type != 1 || (f->bpp != 15 && f->bpp != 16 && f->bpp != 24 && f->bpp != 32) ||
	    !colour_good(f->red_pos, f->red_size) || !colour_good(f->green_pos, f->green_size) ||
	    !colour_good(f->blue_pos, f->blue_size))
		return false;
	fb.bytes = (f->bpp + 7) / 8;
	fb.scale = f->width >= LARGE_WIDTH ? 2 : 1;
	fb.pitch = f->pitch;
	fb.colour = part(f->red_pos, f->red_size) | part(f->green_pos, f->green_size) | part(f->blue_pos, f->blue_size);
	s->columns = min(f->width / (LETTER_WIDTH * fb.scale), (uint32_t)COLUMNS_MAX);
	s->rows = f->height / (2 * LETTER_ROWS * fb.scale);
	if (!s->columns || !s->rows || (uint64_t)f->width * fb.bytes > f->pitch)
		return false;
	s->rows = min(s->rows, SCREEN_CELLS_MAX / s->columns);
	fb.base = map(f->addr, (uint64_t)f->pitch * f->height);
	s->draw = fb_draw;
	return fb.base != NULL;
}
