/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boot loader tells: multiboot information of both kinds, whole and damaged, and the memory map made
 * from it. The machine's first 4 GiB are a mapping here, of which little is ever touched.
 */
#include <sys/mman.h>
#include <asm/layout.h>
static unsigned long machine, image_base;
#undef DIRECTMAP_VIRT_START
#undef HV_IMAGE_VIRT
#define DIRECTMAP_VIRT_START machine
#define HV_IMAGE_VIRT image_base
#include "../../hypervisor/arch/x86/boot/mbi.c"
#include "../../hypervisor/arch/x86/boot/memmap.c"
#include "../lib/host_log.h"
#include "../lib/tap.h"

struct boot_info boot_info;
struct cpu_features boot_cpu = { .phys_bits = 40 };
uint64_t page_nx;

/* The image lies at 2 MiB, and takes 3. */
char image_start[3 << 20];
__asm__(".globl image_end\n.set image_end, image_start + 0x300000");

#define GB	(1UL << 30)
#define INFO	0x9000U

/* ---- what the sources call ---- */
static struct { uint64_t s, e; } given[64];
static unsigned int nr_given;

void boot_pages_add(uint64_t start, uint64_t end)
{
	given[nr_given].s = start;
	given[nr_given++].e = end;
}

static void *at(uint64_t pa)
{
	return (void *)(machine + pa);
}

static void reset(void)
{
	memset(&boot_info, 0, sizeof(boot_info));
	strings_used = 0;
	rsdp_is_new = false;
	modules_ignored = memmap_ignored = 0;
	nr_given = 0;
	trampoline_phys = 0;
	host_log_clear();
}

/* ---- the memory map ---- */
static void add(uint64_t start, uint64_t end, uint32_t type)
{
	add_memory(start, end - start, type);
}

static bool entry_is(unsigned int i, uint64_t start, uint64_t end, uint32_t type)
{
	const struct memmap_entry *e = &boot_info.memmap[i];

	return i < boot_info.nr_memmap && e->start == start && e->start + e->size == end && e->type == type;
}

static void test_map(void)
{
	reset();
	add(GB, 2 * GB, MEMMAP_RAM);
	add(0, 0x9fc00, MEMMAP_RAM);
	add(0x100000, GB, MEMMAP_RAM);
	memmap_sanitise();
	ok(boot_info.nr_memmap == 2 && entry_is(0, 0, 0x9fc00, 1) && entry_is(1, 0x100000, 2 * GB, 1), "sorted and merged");
	reset();
	add(0, 4 * GB, MEMMAP_RAM);
	add(GB, 2 * GB, MEMMAP_RESERVED);
	add(GB + 0x1000, GB + 0x2000, MEMMAP_UNUSABLE);
	add(GB - 0x1000, GB + 0x1000, MEMMAP_ACPI);
	memmap_sanitise();
	ok(boot_info.nr_memmap == 6 && entry_is(0, 0, GB - 0x1000, 1) && entry_is(1, GB - 0x1000, GB, 3) &&
	   entry_is(2, GB, GB + 0x1000, 2) && entry_is(3, GB + 0x1000, GB + 0x2000, 5) &&
	   entry_is(4, GB + 0x2000, 2 * GB, 2) && entry_is(5, 2 * GB, 4 * GB, 1), "the type that forbids more wins");
	reset();
	add_memory(GB, UINT64_MAX, MEMMAP_RAM);
	add_memory(1UL << 41, GB, MEMMAP_RAM);
	add_memory((1UL << 40) - GB, 2 * GB, MEMMAP_RAM);
	add_memory(-GB, GB, MEMMAP_RESERVED);
	add_memory(0, 0, MEMMAP_RAM);
	memmap_sanitise();
	ok(entry_is(0, (1UL << 40) - GB, 1UL << 40, 1) && boot_info.nr_memmap == 2, "memory that cannot be is left out");
	reset();
	memmap_sanitise();
	ok(!boot_info.nr_memmap, "no map");
	reset();
	for (unsigned int i = 0; i < 300; i++)
		add(i * 0x2000, i * 0x2000 + 0x1000, 1 + i % 2);
	memmap_sanitise();
	ok(boot_info.nr_memmap == 256 && memmap_ignored == 44, "a long map");
}

/* Against a map of bytes. */
static void test_random_maps(void)
{
	uint32_t x = 1;
	bool good = true;

	for (unsigned int round = 0; round < 2000; round++) {
		uint8_t want[256] = { 0 };

		reset();
		for (unsigned int i = 0; i < 12; i++) {
			unsigned int s, n, type;

			x = x * 1664525 + 1013904223;
			s = x >> 24, n = x >> 18 & 63, type = 1 + (x >> 8) % 5;
			if (s + n > 256)
				n = 256 - s;
			add_memory((uint64_t)s << 20, (uint64_t)n << 20, type);
			for (unsigned int k = s; k < s + n; k++)
				if (!want[k] || rank(type) > rank(want[k]))
					want[k] = (uint8_t)type;
		}
		memmap_sanitise();
		for (unsigned int i = 1; i < boot_info.nr_memmap; i++)
			good &= boot_info.memmap[i].start >= entry_end(&boot_info.memmap[i - 1]);
		for (unsigned int k = 0; k < 256; k++)
			good &= type_at((uint64_t)k << 20) == want[k] && type_at(((k + 1UL) << 20) - 1) == want[k];
	}
	ok(good, "random maps");
}

/* ---- modules ---- */
static uint64_t image_s, image_e;

static const char *check(void)
{
	host_log_clear();
	host_panic_wanted = true;
	if (!setjmp(host_panic))
		modules_check();
	host_panic_wanted = false;
	return host_log;
}

static void machine_with_modules(uint64_t s0, uint64_t e0, uint64_t s1, uint64_t e1)
{
	reset();
	add(0, 0xa0000, MEMMAP_RAM);
	add(0x100000, GB, MEMMAP_RAM);
	memmap_sanitise();
	add_module(s0, e0, "");
	if (e1)
		add_module(s1, e1, "");
}

static void test_modules(void)
{
	uint64_t all = 0;
	bool clash = false;

	machine_with_modules(0x2000000, 0x2800123, 0x2801000, 0x3000456);
	ok(!*check(), "two modules (%s)", host_log);
	memory_register();
	for (unsigned int i = 0; i < nr_given; i++) {
		all += given[i].e - given[i].s;
		clash |= ranges_overlap(given[i].s, given[i].e, 0x2000000, 0x3001000) ||
			 ranges_overlap(given[i].s, given[i].e, image_s, image_e) || given[i].s < 0x100000;
	}
	ok(!clash && all == GB - 0x100000 - 0x1001000 - (image_e - image_s), "all but modules and image is given away");
	ok(trampoline_phys == 0x9e000, "a page for the trampoline (%#x)", trampoline_phys);
	machine_with_modules(0x2000000, 0x2800000, 0, 0);
	ok(strstr(check(), "No initrd"), "no initrd");
	machine_with_modules(0x2000000, 0x2800000, 0x27ff000, 0x3000000);
	ok(strstr(check(), "overlap"), "modules overlap");
	machine_with_modules(0x2000000, 0x2000000, 0, 0);
	ok(strstr(check(), "empty"), "an empty module");
	machine_with_modules(0x2000000, GB + 1, 0, 0);
	ok(strstr(check(), "usable memory"), "a module behind memory's end");
	machine_with_modules(image_e - 1, image_e + 0x100000, 0, 0);
	ok(strstr(check(), "hypervisor's image"), "a module in the image");
	reset();
	add(0, GB, MEMMAP_RAM);
	ok(strstr(check(), "No dom0 kernel"), "no modules");
}

/* ---- multiboot 1 ---- */
static struct mb1_info *mb1_make(void)
{
	struct mb1_info *i = at(INFO);
	static const struct mb1_mmap map[] = { { 20, 0, 0x9fc00, 1 }, { 20, 0x100000, GB, 1 }, { 20, 0xf0000, 0x10000, 2 } };
	const struct mb1_module mods[2] = { { 0x800000, 0x900000, 0x500, 0 }, { 0xa00000, 0xb00000, 0x600, 0 } };

	reset();
	memset(i, 0, sizeof(*i));
	i->flags = MB1_CMDLINE | MB1_MODS | MB1_MMAP | MB1_LOADER | MB1_FB;
	i->loader_name = 0x400;
	i->cmdline = 0x700;
	i->mods_count = 2;
	i->mods_addr = 0x1000;
	i->mmap_addr = 0x2000;
	i->mmap_length = sizeof(map);
	i->fb_addr = 0xfd000000;
	i->fb_width = 1024;
	i->fb_type = 1;
	i->fb_colours.blue_size = 8;
	strcpy(at(0x400), "qemu");
	strcpy(at(0x500), "vmlinuz console=hvc0");
	strcpy(at(0x600), "initrd.img");
	strcpy(at(0x700), " ../some/tenon  dom0_mem=1G loglvl=all");
	memcpy(at(0x1000), mods, sizeof(mods));
	memcpy(at(0x2000), map, sizeof(map));
	return i;
}

static void test_mb1(void)
{
	struct mb1_info *i = mb1_make();

	ok(boot_info_parse(MB1_LOADER_MAGIC, INFO), "multiboot 1");
	ok(!strcmp(boot_info.loader, "qemu") && !strcmp(boot_info.cmdline, "dom0_mem=1G loglvl=all"), "command line");
	ok(boot_info.nr_modules == 2 && boot_info.modules[1].end == 0xb00000 &&
	   !strcmp(boot_info.modules[0].cmdline, "console=hvc0") && !*boot_info.modules[1].cmdline, "modules");
	ok(boot_info.nr_memmap == 3 && boot_info.memmap[2].type == 2, "memory map");
	ok(boot_info.fb.addr == 0xfd000000 && boot_info.fb.width == 1024 && boot_info.fb.blue_size == 8, "frame buffer");
	mb1_make();
	strcpy(at(0x400), "GRUB 2.06");
	strcpy(at(0x700), "placeholder noreboot -- quiet splash");
	boot_info_parse(MB1_LOADER_MAGIC, INFO);
	ok(!strcmp(boot_info.modules[0].cmdline, "vmlinuz console=hvc0 quiet splash"), "arguments for dom0 on our line");
	mb1_make();
	i->flags = MB1_MEMORY;
	i->mem_lower = 640;
	i->mem_upper = 1 << 20;
	boot_info_parse(MB1_LOADER_MAGIC, INFO);
	ok(boot_info.nr_memmap == 2 && entry_is(1, 1 << 20, (1 << 20) + GB, 1), "sizes alone");
	mb1_make();
	i->mods_count = UINT32_MAX;
	boot_info_parse(MB1_LOADER_MAGIC, INFO);
	ok(boot_info.nr_modules == 8 && modules_ignored > 1000, "more modules than there is room for");
	mb1_make();
	((struct mb1_mmap *)at(0x2000))[1].size = UINT32_MAX;
	i->mmap_length = UINT32_MAX;
	boot_info_parse(MB1_LOADER_MAGIC, INFO);
	ok(boot_info.nr_memmap == 2, "a map entry of impossible size");
	mb1_make();
	i->cmdline = i->loader_name = i->mods_addr = i->mmap_addr = 0xfffffffc;
	memset(at(0xfffffff0), 'x', 16);
	boot_info_parse(MB1_LOADER_MAGIC, INFO);
	ok(!strcmp(boot_info.loader, "xxxx") && !boot_info.nr_modules && !boot_info.nr_memmap, "pointers to the end of memory");
	memset(at(0xfffffff0), 0, 16);
	reset();
	ok(!boot_info_parse(0x12345678, INFO), "another magic number");
}

/* ---- multiboot 2 ---- */
static uint32_t mb2_size;

static void tag(uint32_t type, const void *body, uint32_t n)
{
	uint32_t head[2] = { type, 8 + n };

	memcpy(at(INFO + mb2_size), head, 8);
	memcpy(at(INFO + mb2_size + 8), body, n);
	mb2_size = (mb2_size + 8 + n + 7) & ~7U;
	*(uint32_t *)at(INFO) = mb2_size;
}

static void mb2_make(void)
{
	const struct { uint32_t start, end; char text[24]; } module = { 0x800000, 0x900000, "root=/dev/sda1 ro" };
	const struct { uint32_t size, version; struct mb2_mmap_entry e[2]; } map = {
		24, 0, { { 0, 0xa0000, 1, 0 }, { 0x100000, GB, 1, 0 } }
	};
	struct mb2_fb f = { .addr = 0x4000000000, .pitch = 4096, .width = 1000, .height = 700, .bpp = 32, .type = 1,
			    .colours.red_pos = 16 };
	uint64_t efi = 0x7ff00000;

	reset();
	mb2_size = 8;
	tag(MB2_CMDLINE, "noreboot vga=keep", 18);
	tag(MB2_LOADER, "GRUB 2.06", 10);
	tag(MB2_MODULE, &module, 8 + 18);
	tag(MB2_MMAP, &map, sizeof(map));
	tag(MB2_FB, &f.addr, sizeof(f) - 8);
	tag(MB2_EFI64, &efi, 8);
	tag(MB2_ACPI_NEW, "RSD PTR new.........................", 36);
	tag(MB2_ACPI_OLD, "RSD PTR old.........", 20);
	tag(77, "?", 1);
	tag(MB2_END, "", 0);
}

static void test_mb2(void)
{
	mb2_make();
	ok(boot_info_parse(MB2_LOADER_MAGIC, INFO), "multiboot 2");
	ok(!strcmp(boot_info.loader, "GRUB 2.06") && !strcmp(boot_info.cmdline, "noreboot vga=keep"), "command line");
	ok(boot_info.nr_modules == 1 && boot_info.modules[0].start == 0x800000 &&
	   !strcmp(boot_info.modules[0].cmdline, "root=/dev/sda1 ro"), "module");
	ok(boot_info.nr_memmap == 2 && boot_info.memmap[1].size == GB, "memory map");
	ok(boot_info.fb.addr == 0x4000000000 && boot_info.fb.height == 700 && boot_info.fb.red_pos == 16, "frame buffer");
	ok(boot_info.efi_system_table == 0x7ff00000, "EFI");
	ok(boot_info.rsdp && !memcmp((void *)(boot_info.rsdp + image_base), "RSD PTR new", 11), "the newer RSDP");
}

static void test_mb2_damage(void)
{
	uint32_t x = 7;

	for (unsigned int round = 0; round < 20000; round++) {
		mb2_make();
		for (unsigned int k = 0; k < 1 + round % 4; k++) {
			x = x * 1664525 + 1013904223;
			((uint8_t *)at(INFO))[(x >> 8) % mb2_size] = round & 1 ? 0xff : (uint8_t)(x >> 24);
		}
		boot_info_parse(MB2_LOADER_MAGIC, round % 50 ? INFO : 0xfffffff0U);
		memmap_sanitise();
		check();
	}
	ok(true, "thousands of damaged ones are survived");
}

int main(void)
{
	machine = (unsigned long)mmap(NULL, 4 * GB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	image_base = (unsigned long)image_start - 0x200000;
	image_s = virt_to_maddr(image_start);
	image_e = virt_to_maddr(image_end);
	test_map();
	test_random_maps();
	test_modules();
	test_mb1();
	test_mb2();
	test_mb2_damage();
	return tap_end();
}
