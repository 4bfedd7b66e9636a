/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boot loader left: multiboot 1 (specification 0.6.96) and 2 (2.0) information is
 * copied into boot_info, so that nothing of it is needed later. All of it is below 4 GiB and read through the
 * direct map; its lengths and counts are not believed beyond that.
 */
#include <asm/page.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include "mbi.h"

#define MB1_LOADER_MAGIC	0x2badb002
#define MB2_LOADER_MAGIC	0x36d76289
#define INFO_END		(1UL << 32)

struct fb_colours {
	uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
	uint32_t syms[4], mmap_length, mmap_addr, drives_length, drives_addr, config_table;
	uint32_t loader_name, apm_table, vbe[4];
	uint64_t fb_addr;
	uint32_t fb_pitch, fb_width, fb_height;
	uint8_t fb_bpp, fb_type;
	struct fb_colours fb_colours;
} __packed;
#define MB1_MEMORY	0x001
#define MB1_CMDLINE	0x004
#define MB1_MODS	0x008
#define MB1_MMAP	0x040
#define MB1_LOADER	0x200
#define MB1_FB		0x1000

struct mb1_module { uint32_t start, end, cmdline, pad; };
struct mb1_mmap { uint32_t size; uint64_t addr, len; uint32_t type; } __packed;

struct mb2_tag { uint32_t type, size; };
struct mb2_module { struct mb2_tag tag; uint32_t start, end; };
struct mb2_mmap { struct mb2_tag tag; uint32_t entry_size, version; };
struct mb2_mmap_entry { uint64_t addr, len; uint32_t type, zero; } __packed;
struct mb2_address { struct mb2_tag tag; uint64_t addr; } __packed;
struct mb2_fb {
	struct mb2_tag tag;
	uint64_t addr;
	uint32_t pitch, width, height;
	uint8_t bpp, type;
	uint16_t reserved;
	struct fb_colours colours;
} __packed;
enum { MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3, MB2_MMAP = 6, MB2_FB = 8, MB2_EFI64 = 12,
       MB2_ACPI_OLD = 14, MB2_ACPI_NEW = 15 };

#define STRINGS_SIZE	16384
static char strings[STRINGS_SIZE] __initdata;
static size_t strings_used __initdata;
static bool rsdp_is_new __initdata;

unsigned int modules_ignored __initdata, memmap_ignored __initdata;

/* n bytes of the loader's at pa; NULL where no loader leaves anything. */
static const void *__init loader_data(uint64_t pa, uint64_t n)
{
	return pa && n <= INFO_END && pa <= INFO_END - n ? maddr_to_virt(pa) : NULL;
}

/* Space for n more characters and the end, as far as there is any. */
static char *__init strings_take(size_t *n)
{
	char *p = strings + strings_used;

	if (strings_used == STRINGS_SIZE)
		return NULL;
	*n = min(*n, STRINGS_SIZE - strings_used - 1);
	p[*n] = '\0';
	strings_used += *n + 1;
	return p;
}

/* A copy of at most max characters. */
static const char *__init keep_string(const char *s, size_t max)
{
	size_t n = strnlen(s, min(max, (size_t)BOOT_CMDLINE_SIZE - 1));
	char *p = strings_take(&n);

	if (!p)
		return "";
	memcpy(p, s, n);
	return p;
}

static const char *__init keep_string_at(uint32_t pa)
{
	return pa ? keep_string(maddr_to_virt(pa), INFO_END - pa) : "";
}

static void __init add_memory(uint64_t start, uint64_t size, uint32_t type)
{
	if (!size)
		return;
	if (boot_info.nr_memmap == BOOT_MAX_MEMMAP)
		memmap_ignored++;
	else
		boot_info.memmap[boot_info.nr_memmap++] = (struct memmap_entry){ start, size, type };
}

static void __init add_module(uint64_t start, uint64_t end, const char *cmdline)
{
	if (boot_info.nr_modules == BOOT_MAX_MODULES)
		modules_ignored++;
	else
		boot_info.modules[boot_info.nr_modules++] = (struct boot_module){ start, end, cmdline };
}

static void __init set_fb(uint64_t addr, uint32_t pitch, uint32_t width, uint32_t height, uint8_t bpp, uint8_t type,
			  const struct fb_colours *c)
{
	boot_info.fb = (__typeof__(boot_info.fb)){
		addr, pitch, width, height, bpp, type,
		c->red_pos, c->red_size, c->green_pos, c->green_size, c->blue_pos, c->blue_size,
	};
}

static void __init mb1_memory_map(const struct mb1_info *mbi)
{
	uint64_t off = 0;

	while (mbi->flags & MB1_MMAP && off + sizeof(struct mb1_mmap) <= mbi->mmap_length) {
		const struct mb1_mmap *e = loader_data(mbi->mmap_addr + off, sizeof(*e));

		if (!e || e->size < sizeof(*e) - sizeof(e->size))
			break;
		add_memory(e->addr, e->len, e->type);
		off += (uint64_t)e->size + sizeof(e->size);
	}
	if (boot_info.nr_memmap || !(mbi->flags & MB1_MEMORY))
		return;
	add_memory(0, (uint64_t)mbi->mem_lower << 10, MEMMAP_RAM);
	add_memory(1UL << 20, (uint64_t)mbi->mem_upper << 10, MEMMAP_RAM);
}

static void __init parse_mb1(uint32_t pa, const char **cmdline)
{
	const struct mb1_info *mbi = loader_data(pa, sizeof(*mbi));

	if (!mbi)
		return;
	if (mbi->flags & MB1_LOADER)
		boot_info.loader = keep_string_at(mbi->loader_name);
	if (mbi->flags & MB1_CMDLINE)
		*cmdline = keep_string_at(mbi->cmdline);
	for (uint32_t i = 0; mbi->flags & MB1_MODS && i < mbi->mods_count; i++) {
		const struct mb1_module *m = loader_data(mbi->mods_addr + (uint64_t)i * sizeof(*m), sizeof(*m));

		if (!m)
			break;
		add_module(m->start, m->end, keep_string_at(m->cmdline));
	}
	mb1_memory_map(mbi);
	if (mbi->flags & MB1_FB)
		set_fb(mbi->fb_addr, mbi->fb_pitch, mbi->fb_width, mbi->fb_height, mbi->fb_bpp, mbi->fb_type, &mbi->fb_colours);
}

static void __init mb2_memory_map(const struct mb2_mmap *m)
{
	const char *p = (const char *)(m + 1);
	uint32_t left = m->tag.size - sizeof(*m);

	if (m->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (; left >= m->entry_size; left -= m->entry_size, p += m->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)p;

		add_memory(e->addr, e->len, e->type);
	}
}

/* The loader's copy of the RSDP goes with its information; the newer form is preferred. */
static void __init keep_rsdp(const struct mb2_tag *t)
{
	static char rsdp[48] __aligned(16);
	bool new = t->type == MB2_ACPI_NEW;

	if (rsdp_is_new && !new)
		return;
	rsdp_is_new = new;
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, t + 1, min(t->size - sizeof(*t), sizeof(rsdp)));
	boot_info.rsdp = virt_to_maddr(rsdp);
}

/* The whole tag can be read. */
static void __init parse_mb2_tag(const struct mb2_tag *t, const char **cmdline)
{
	static const uint8_t size[] __initconst = {
		[MB2_MODULE] = sizeof(struct mb2_module), [MB2_MMAP] = sizeof(struct mb2_mmap),
		[MB2_FB] = sizeof(struct mb2_fb), [MB2_EFI64] = sizeof(struct mb2_address),
	};
	const struct mb2_module *m = (const void *)t;
	const struct mb2_fb *f = (const void *)t;
	const char *text = (const char *)(t + 1);

	if (t->type < ARRAY_SIZE(size) && t->size < size[t->type])
		return;
	switch (t->type) {
	case MB2_CMDLINE:
		*cmdline = keep_string(text, t->size - sizeof(*t));
		break;
	case MB2_LOADER:
		boot_info.loader = keep_string(text, t->size - sizeof(*t));
		break;
	case MB2_MODULE:
		add_module(m->start, m->end, keep_string((const char *)(m + 1), t->size - sizeof(*m)));
		break;
	case MB2_MMAP:
		mb2_memory_map((const void *)t);
		break;
	case MB2_FB:
		set_fb(f->addr, f->pitch, f->width, f->height, f->bpp, f->type, &f->colours);
		break;
	case MB2_EFI64:
		boot_info.efi_system_table = ((const struct mb2_address *)t)->addr;
		break;
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:
		keep_rsdp(t);
		break;
	}
}

static void __init parse_mb2(uint32_t pa, const char **cmdline)
{
	const uint32_t *head = loader_data(pa, 2 * sizeof(*head));
	uint64_t off = 2 * sizeof(*head);
	uint32_t total = head ? *head : 0;

	if (!loader_data(pa, total))
		return;
	while (off + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *t = (const void *)((const char *)head + off);

		if (t->type == MB2_END || t->size < sizeof(*t) || t->size > total - off)
			break;
		parse_mb2_tag(t, cmdline);
		off = ROUNDUP(off + t->size, 8UL);
	}
}

/* Loaders other than GRUB 2 write the file's name before its arguments. */
static const char *__init without_name(const char *s)
{
	size_t n;

	while (*s == ' ')
		s++;
	n = strchr(s, ' ') ? (size_t)(strchr(s, ' ') - s) : strlen(s);
	if (!strncmp(boot_info.loader, "GRUB 2.", 7) || memchr(s, '=', n))
		return s;
	for (s += n; *s == ' '; )
		s++;
	return s;
}

/* What follows " -- " on our command line goes to the end of dom0's. */
static void __init dom0_arguments(struct boot_module *kernel)
{
	const char *more = strstr(boot_info.cmdline, " -- ");
	size_t n, given = strlen(kernel->cmdline);
	char *p;

	if (!more)
		return;
	more += 3;
	n = given + strlen(more);
	p = strings_take(&n);
	if (!p)
		return;
	strlcpy(p, kernel->cmdline, n + 1);
	strlcat(p, more + !given, n + 1);
	kernel->cmdline = p;
}

bool __init boot_info_parse(uint32_t magic, uint32_t pa)
{
	const char *cmdline = "";

	boot_info.loader = "unknown";
	if (magic == MB1_LOADER_MAGIC)
		parse_mb1(pa, &cmdline);
	else if (magic == MB2_LOADER_MAGIC)
		parse_mb2(pa, &cmdline);
	else
		return false;
	strlcpy(boot_info.cmdline, without_name(cmdline), sizeof(boot_info.cmdline));
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		boot_info.modules[i].cmdline = without_name(boot_info.modules[i].cmdline);
	if (boot_info.nr_modules)
		dom0_arguments(&boot_info.modules[0]);
	return true;
}
