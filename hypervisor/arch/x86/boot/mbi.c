/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boot loader left: multiboot 1 (specification 0.6.96) and 2 (2.0)
 * information is copied into boot_info, so that nothing of it is needed later. All of it is
 * below 4 GiB and read through the direct map.
 */
#include <asm/page.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include "mbi.h"

#define MB1_LOADER_MAGIC	0x2badb002
#define MB2_LOADER_MAGIC	0x36d76289

struct boot_info boot_info __section(".data");

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
	uint32_t syms[4], mmap_length, mmap_addr, drives_length, drives_addr, config_table;
	uint32_t loader_name, apm_table, vbe[4];
	uint64_t fb_addr;
	uint32_t fb_pitch, fb_width, fb_height;
	uint8_t fb_bpp, fb_type, red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
} __packed;
#define MB1_CMDLINE	0x004
#define MB1_MODS	0x008
#define MB1_MMAP	0x040
#define MB1_LOADER	0x200
#define MB1_FB		0x1000

struct mb1_module { uint32_t start, end, cmdline, pad; };
struct mb1_mmap { uint32_t size; uint64_t addr, len; uint32_t type; } __packed;

struct mb2_tag { uint32_t type, size; };
struct mb2_mmap_entry { uint64_t addr, len; uint32_t type, zero; };
struct mb2_fb {
	struct mb2_tag tag;
	uint64_t addr;
	uint32_t pitch, width, height;
	uint8_t bpp, type;
	uint16_t reserved;
	uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
} __packed;

#define STRINGS_SIZE	16384
static char strings[STRINGS_SIZE];
static size_t strings_used;

static void *phys(uint32_t pa)
{
	return maddr_to_virt(pa);
}

/* A copy in the image, cut if the buffer is full. */
static const char *__init keep_string(const char *s)
{
	size_t n = strnlen(s, BOOT_CMDLINE_SIZE - 1), room = STRINGS_SIZE - strings_used;
	char *p = strings + strings_used;

	if (room <= 1)
		return "";
	if (n > room - 1)
		n = room - 1;
	memcpy(p, s, n);
	p[n] = 0;
	strings_used += n + 1;
	return p;
}

static void __init set_cmdline(const char *s)
{
	/* Loaders differ in whether the image's own name comes first. */
	while (*s == ' ')
		s++;
	if (*s == '/' || *s == '(' || !strncmp(s, "tenon", 5)) {
		while (*s && *s != ' ')
			s++;
	} else {
		const char *e = s;

		/* QEMU gives the file's name as it was typed: a first word with a slash and no '='. */
		while (*e && *e != ' ' && *e != '=' && *e != '/')
			e++;
		if (*e == '/')
			while (*s && *s != ' ')
				s++;
	}
	while (*s == ' ')
		s++;
	strlcpy(boot_info.cmdline, s, sizeof(boot_info.cmdline));
}

static void __init add_memory(uint64_t start, uint64_t size, uint32_t type)
{
	if (boot_info.nr_memmap < BOOT_MAX_MEMMAP && size)
		boot_info.memmap[boot_info.nr_memmap++] = (struct memmap_entry){ start, size, type };
}

static void __init add_module(uint64_t start, uint64_t end, const char *cmdline)
{
	if (boot_info.nr_modules < BOOT_MAX_MODULES)
		boot_info.modules[boot_info.nr_modules++] =
			(struct boot_module){ start, end, keep_string(cmdline) };
}

static void __init parse_mb1(uint32_t pa)
{
	const struct mb1_info *mbi = phys(pa);

	if (mbi->flags & MB1_LOADER)
		boot_info.loader = keep_string(phys(mbi->loader_name));
	if (mbi->flags & MB1_CMDLINE)
		set_cmdline(phys(mbi->cmdline));
	if (mbi->flags & MB1_MODS) {
		const struct mb1_module *m = phys(mbi->mods_addr);

		for (uint32_t i = 0; i < mbi->mods_count; i++)
			add_module(m[i].start, m[i].end, m[i].cmdline ? phys(m[i].cmdline) : "");
	}
	if (mbi->flags & MB1_MMAP)
		for (uint32_t off = 0; off < mbi->mmap_length; ) {
			const struct mb1_mmap *e = phys(mbi->mmap_addr + off);

			add_memory(e->addr, e->len, e->type);
			off += e->size + sizeof(e->size);
		}
	if (mbi->flags & MB1_FB) {
		boot_info.fb.addr = mbi->fb_addr;
		boot_info.fb.pitch = mbi->fb_pitch;
		boot_info.fb.width = mbi->fb_width;
		boot_info.fb.height = mbi->fb_height;
		boot_info.fb.bpp = mbi->fb_bpp;
		boot_info.fb.type = mbi->fb_type;
		memcpy(&boot_info.fb.red_pos, &mbi->red_pos, 6);
	}
}

static void __init parse_mb2_tag(const struct mb2_tag *t)
{
	const char *body = (const char *)(t + 1);

	switch (t->type) {
	case 1:
		set_cmdline(body);
		break;
	case 2:
		boot_info.loader = keep_string(body);
		break;
	case 3: {
		const uint32_t *m = (const uint32_t *)body;

		add_module(m[0], m[1], (const char *)&m[2]);
		break;
	}
	case 6: {
		uint32_t entry_size = *(const uint32_t *)body;

		if (entry_size < sizeof(struct mb2_mmap_entry))
			break;
		for (const char *p = body + 8; p + entry_size <= (const char *)t + t->size; p += entry_size) {
			const struct mb2_mmap_entry *e = (const struct mb2_mmap_entry *)p;

			add_memory(e->addr, e->len, e->type);
		}
		break;
	}
	case 8: {
		const struct mb2_fb *f = (const struct mb2_fb *)t;

		boot_info.fb.addr = f->addr;
		boot_info.fb.pitch = f->pitch;
		boot_info.fb.width = f->width;
		boot_info.fb.height = f->height;
		boot_info.fb.bpp = f->bpp;
		boot_info.fb.type = f->type;
		memcpy(&boot_info.fb.red_pos, &f->red_pos, 6);
		break;
	}
	case 14:	/* a copy of the RSDP: the old one is overridden by the new */
		if (!boot_info.rsdp)
			boot_info.rsdp = virt_to_maddr(keep_rsdp(body, t->size - sizeof(*t)));
		break;
	case 15:
		boot_info.rsdp = virt_to_maddr(keep_rsdp(body, t->size - sizeof(*t)));
		break;
	}
}

const void *__init keep_rsdp(const void *p, size_t n)
{
	static char rsdp[64] __aligned(16);

	memcpy(rsdp, p, n < sizeof(rsdp) ? n : sizeof(rsdp));
	return rsdp;
}

static void __init parse_mb2(uint32_t pa)
{
	const char *base = phys(pa);
	uint32_t total = *(const uint32_t *)base, off = 8;

	while (off + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *t = (const struct mb2_tag *)(base + off);

		if (t->type == 0 || t->size < sizeof(*t))
			break;
		parse_mb2_tag(t);
		off = ROUNDUP(off + t->size, 8U);
	}
}

bool __init boot_info_parse(uint32_t magic, uint32_t pa)
{
	boot_info.loader = "unknown";
	switch (magic) {
	case MB1_LOADER_MAGIC:
		parse_mb1(pa);
		return true;
	case MB2_LOADER_MAGIC:
		parse_mb2(pa);
		return true;
	}
	return false;
}
