// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guests built on a machine of this process (fake_machine.c), then looked at as their kernels would: through the page
 * tables, from the registers of vCPU 0. Each call fails once. Kernels in $TENON_KERNELS or in the boot tests' cache
 * are built, too.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/grant_table.h>

#include "../../../tests/lib/tap.h"
#include "fake_machine.h"
#include "make_kernel.h"
#include "tenon-build.h"

#define MIB		(1ULL << 20)
#define PAGE		4096ULL
#define TABLE_SPACE	(4 * MIB)
#define WINDOW		1024

static char dir[] = "/tmp/tenon-build-XXXXXX";

static const char *write_file(const char *name, struct made made)
{
	static char path[4][64];
	static unsigned int turn;
	char *this = path[turn++ % 4];
	FILE *file;

	snprintf(this, sizeof(path[0]), "%s/%s", dir, name);
	file = fopen(this, "w");
	if (!file || fwrite(made.data, 1, made.size, file) != made.size || fclose(file))
		abort();
	return this;
}

static const char *kernel_file(const char *name, const struct kernel_form *form)
{
	struct made made = make_kernel(form);
	const char *path = write_file(name, made);

	free(made.data);
	return path;
}

static const char *ramdisk_file(size_t size)
{
	struct made made = { malloc(size), size };
	const char *path;

	for (size_t i = 0; i < size; i++)
		made.data[i] = i * 7 / 3 + 1;
	path = write_file("ramdisk", made);
	free(made.data);
	return path;
}

/* ---- what a guest sees ---- */

struct guest {
	struct fake_machine *machine;
	const struct tenon_build *what;
	const struct tenon_built *built;
	const struct start_info *info;
	uint64_t v_start, v_end;
};

/* A byte at an address of the guest's; -1: nothing is mapped there. */
static int at(const struct guest *guest, uint64_t address)
{
	uint64_t frame = fake_walk(guest->machine, address, NULL);

	return frame ? ((uint8_t *)fake_frame(guest->machine, frame))[address % PAGE] : -1;
}

static uint64_t p2m(const struct guest *guest, uint64_t pfn)
{
	uint64_t address = guest->info->mfn_list + pfn * 8, frame = fake_walk(guest->machine, address, NULL);

	return frame ? *(uint64_t *)((uint8_t *)fake_frame(guest->machine, frame) + address % PAGE) : 0;
}

static bool p2m_good(const struct guest *guest)
{
	for (uint64_t pfn = 0; pfn < guest->info->nr_pages; pfn++) {
		uint64_t frame = p2m(guest, pfn);

		if (!frame || frame >= guest->machine->nr_frames || guest->machine->frames[frame].owner != FAKE_DOMID ||
		    guest->machine->frames[frame].pfn != pfn)
			return false;
	}
	return true;
}

/* Frame after frame from the base on, tables read-only, the rest writable. */
static bool mapping_good(struct guest *guest)
{
	uint64_t address = guest->v_start, frame;
	bool writable;

	while ((frame = fake_walk(guest->machine, address, &writable))) {
		if (frame != p2m(guest, (address - guest->v_start) / PAGE) ||
		    writable == !!guest->machine->frames[frame].level)
			return false;
		address += PAGE;
	}
	guest->v_end = address;
	return !(address % (4 * MIB)) && address - guest->machine->context->user_regs.rsp >= 512 << 10;
}

static bool tables_good(const struct guest *guest)
{
	unsigned int tables = 0, all = 0;

	if (fake_walk(guest->machine, guest->info->pt_base, NULL) != guest->machine->root)
		return false;
	for (unsigned int i = 0; i < guest->info->nr_pt_frames; i++)
		tables += !!guest->machine->frames[fake_walk(guest->machine, guest->info->pt_base + i * PAGE, NULL)]
				    .level;
	for (uint64_t i = 0; i < guest->info->nr_p2m_frames; i++)
		tables += !!guest->machine->frames[p2m(guest, guest->info->first_p2m_pfn + i)].level;
	for (uint64_t i = 0; i < guest->machine->nr_frames; i++)
		all += !!guest->machine->frames[i].level;
	return tables == all && all >= 4;
}

/* A list apart: its frames first, in order, then its tables; all behind what is mapped, whose end Linux takes it to be. */
static bool p2m_frames_good(const struct guest *guest)
{
	uint64_t pages = (guest->info->nr_pages * 8 + PAGE - 1) / PAGE;

	if (!guest->info->nr_p2m_frames)
		return guest->info->mfn_list >= guest->v_start && guest->info->mfn_list < guest->v_end;
	if (guest->info->first_p2m_pfn < (guest->v_end - guest->v_start) / PAGE)
		return false;
	for (uint64_t i = 0; i < pages; i++)
		if (fake_walk(guest->machine, guest->info->mfn_list + i * PAGE, NULL) !=
		    p2m(guest, guest->info->first_p2m_pfn + i))
			return false;
	for (uint64_t i = pages; i < guest->info->nr_p2m_frames; i++)
		if (!guest->machine->frames[p2m(guest, guest->info->first_p2m_pfn + i)].level)
			return false;
	return guest->info->nr_p2m_frames > pages;
}

static bool kernel_good(const struct guest *guest, const struct kernel_form *form)
{
	for (uint64_t i = 0; i < DATA_AT + DATA_MEMORY; i++) {
		bool hypercall = form->hypercall_page && i >= HYPERCALL_AT && i < HYPERCALL_AT + PAGE;

		if (at(guest, form->base + KERNEL_PHYS + i) != (hypercall ? 0xc3 : kernel_byte(i)))
			return false;
	}
	return true;
}

static bool ramdisk_good(const struct guest *guest, const struct kernel_form *form)
{
	uint64_t size = guest->info->mod_len;
	bool by_frame = guest->info->flags & SIF_MOD_START_PFN;
	int fd = guest->what->ramdisk.path ? open(guest->what->ramdisk.path, O_RDONLY) : -1;
	bool good = fd < 0 ? !size && !guest->info->mod_start : by_frame == form->mod_start_pfn && size;

	for (uint64_t offset = 0; offset < size && good; offset += PAGE) {
		uint64_t frame = by_frame ? p2m(guest, guest->info->mod_start + offset / PAGE) :
					    fake_walk(guest->machine, guest->info->mod_start + offset, NULL);
		uint8_t page[PAGE] = { 0 };

		good = pread(fd, page, PAGE, offset) > 0 && frame &&
		       !memcmp(page, fake_frame(guest->machine, frame), PAGE);
	}
	close(fd);
	return good;
}

static bool start_info_good(const struct guest *guest)
{
	const struct start_info *info = guest->info;

	return !strcmp(info->magic, "xen-3.0-x86_64") && info->nr_pages == (guest->what->memory_kib + 3) / 4 &&
	       info->shared_info == guest->machine->shared_info * PAGE &&
	       !(info->flags & (SIF_PRIVILEGED | SIF_INITDOMAIN)) && (info->flags & SIF_VIRT_P2M_4TOOLS) &&
	       info->store_mfn == guest->built->store_frame && info->store_evtchn == guest->built->store_port &&
	       info->console.domU.mfn == guest->built->console_frame &&
	       info->console.domU.evtchn == guest->built->console_port &&
	       !strcmp((const char *)info->cmd_line, guest->what->command_line ? guest->what->command_line : "");
}

static bool rings_good(const struct guest *guest)
{
	static const uint8_t zeros[PAGE];
	const struct grant_entry_v1 *grants = fake_frame(guest->machine, guest->machine->grant_frame);
	const struct tenon_built *built = guest->built;

	return !memcmp(fake_frame(guest->machine, built->store_frame), zeros, PAGE) &&
	       !memcmp(fake_frame(guest->machine, built->console_frame), zeros, PAGE) &&
	       guest->machine->frames[built->store_frame].owner == FAKE_DOMID &&
	       guest->machine->frames[built->console_frame].owner == FAKE_DOMID &&
	       built->store_frame != built->console_frame && built->store_port && built->console_port &&
	       built->store_port != built->console_port &&
	       guest->machine->port_remote[built->store_port] == guest->what->store_domid &&
	       guest->machine->port_remote[built->console_port] == guest->what->console_domid &&
	       grants[GNTTAB_RESERVED_XENSTORE].frame == built->store_frame &&
	       grants[GNTTAB_RESERVED_XENSTORE].flags == GTF_permit_access &&
	       grants[GNTTAB_RESERVED_XENSTORE].domid == guest->what->store_domid &&
	       grants[GNTTAB_RESERVED_CONSOLE].frame == built->console_frame &&
	       grants[GNTTAB_RESERVED_CONSOLE].domid == guest->what->console_domid && !grants[2].flags;
}

static bool domain_good(const struct guest *guest)
{
	const struct fake_machine *machine = guest->machine;
	const struct shared_info *shared = fake_frame(guest->machine, machine->shared_info);
	uint64_t max_kib = guest->what->max_memory_kib > guest->what->memory_kib ? guest->what->max_memory_kib
										 : guest->what->memory_kib;
	bool good = machine->vcpus == guest->what->vcpus && machine->tsc_mode == guest->what->tsc &&
		    machine->nr_leaves == 4 && machine->leaves[1].d == (4 | 1U << 28) && machine->leaves[2].c == 1 &&
		    machine->leaves[3].d == (guest->what->invariant_tsc ? 1U << 8 : 0) &&
		    machine->map_bytes == (max_kib + 3) / 4 * PAGE && machine->tot_pages == guest->info->nr_pages &&
		    !machine->now_mapped && machine->most_mapped <= WINDOW;

	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		good = good && shared->vcpu_info[i].evtchn_upcall_mask == 1 &&
		       !shared->vcpu_info[i].evtchn_upcall_pending;
	return good;
}

static void look(const char *name, struct guest *guest, const struct kernel_form *form)
{
	const struct vcpu_guest_context *context = guest->machine->context;
	uint64_t frame = context ? fake_walk(guest->machine, context->user_regs.rsi, NULL) : 0;

	ok(frame && context->ctrlreg[3] >> 12 == guest->machine->root && (context->flags & VGCF_online) &&
	   (!form || context->user_regs.rip == form->base + KERNEL_PHYS + ENTRY_AT), "%s: registers", name);
	if (!frame)
		return;
	guest->info = fake_frame(guest->machine, frame);
	ok(start_info_good(guest), "%s: start info", name);
	ok(p2m_good(guest), "%s: frame list", name);
	ok(mapping_good(guest), "%s: initial mapping", name);
	ok(tables_good(guest), "%s: page tables", name);
	ok(p2m_frames_good(guest), "%s: frames of the list", name);
	ok(!form || kernel_good(guest, form), "%s: kernel", name);
	ok(!form || ramdisk_good(guest, form), "%s: ramdisk", name);
	ok(rings_good(guest), "%s: store and console", name);
	ok(domain_good(guest), "%s: domain", name);
}

/* ---- guests of many forms ---- */

static void build_one(const char *name, struct fake_machine *machine, const struct tenon_build *what,
		      const struct kernel_form *form)
{
	struct tenon *tenon = fake_machine_open(machine);
	struct tenon_built built = { 0 };
	struct guest guest = { machine, what, &built, NULL, form ? form->base : KERNEL_BASE, 0 };
	uint64_t before = machine->free_frames;
	char why[TENON_WHY_SIZE];
	struct tenon_builder *builder = tenon_builder_new(what, why);
	int error = builder ? tenon_builder_run(builder, tenon, FAKE_DOMID, &built, why) : -errno;

	if (builder && what->cache)
		tenon_builder_keep(builder);
	tenon_builder_free(builder);
	ok(!error && !why[0], "%s: built (%s)", name, why);
	if (!error)
		look(name, &guest, form);
	fake_machine_destroy(machine);
	ok(machine->free_frames == before, "%s: destroyed, all frames are back", name);
	tenon_close(tenon);
}

static void test_forms(void)
{
	static const struct {
		const char *name;
		struct kernel_form form;
		uint64_t kib, max_kib;
		size_t ramdisk;
	} rows[] = {
		{ "as Linux", { KERNEL_BASE, true, true, 0x8000000000, NULL }, 16384, 65536, 100001 },
		{ "large ramdisk", { KERNEL_BASE, true, true, 0x8000000000, NULL }, 24578, 0, 5 * MIB + 3 },
		{ "no ramdisk", { KERNEL_BASE, true, true, 0x8000000000, NULL }, 16384, 0, 0 },
		{ "nothing apart", { KERNEL_BASE, false, false, 0, NULL }, 16384, 0, 70000 },
		{ "list apart", { KERNEL_BASE, false, false, 0xffff880000000000, NULL }, 16384, 0, 70000 },
		{ "list close by", { 0xffff900000000000, true, false, 0xffff900020000000, NULL }, 65536, 0, 70000 },
		{ "base 0", { 0, true, true, 0, "!writable_page_tables|pae_pgdir_above_4gb|whatever" }, 16384, 0, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_machine *machine = fake_machine_new(32768);
		struct tenon_build what = {
			.kernel.path = kernel_file("kernel", &rows[i].form),
			.memory_kib = rows[i].kib,
			.max_memory_kib = rows[i].max_kib,
			.ramdisk.path = rows[i].ramdisk ? ramdisk_file(rows[i].ramdisk) : NULL,
			.command_line = "console=hvc0 quiet",
			.vcpus = i + 1,
			.invariant_tsc = i & 1,
			.tsc = i & 1 ? TENON_TSC_NATIVE : TENON_TSC_DEFAULT,
			.console_domid = i & 1 ? 3 : 0,
		};

		machine->dirty = true;
		machine->superpages_left = i & 1 ? 3 : 1000;
		build_one(rows[i].name, machine, &what, &rows[i].form);
		fake_machine_free(machine);
	}
}

static void test_large(void)
{
	const struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct fake_machine *machine = fake_machine_new(1100000);
	char line[TENON_COMMAND_LINE_MAX + 1];
	struct tenon_build what = {
		.kernel = { "kernel", true, open(kernel_file("kernel", &form), O_RDONLY) },
		.memory_kib = 4 << 20,
		.vcpus = 4,
		.ramdisk.path = ramdisk_file(40 * MIB),
		.command_line = line,
	};

	memset(line, 'x', TENON_COMMAND_LINE_MAX);
	line[TENON_COMMAND_LINE_MAX] = '\0';
	build_one("4 GiB", machine, &what, &form);
	ok(lseek(what.kernel.fd, 0, SEEK_CUR) == 0, "4 GiB: the open kernel is where it was");
	close(what.kernel.fd);
	fake_machine_free(machine);
}

/* ---- kernels packed ---- */

static int check(const char *path, uint64_t kib, char *why)
{
	struct tenon_build what = { .kernel.path = path, .memory_kib = kib, .vcpus = 1 };

	return tenon_build_check(&what, why);
}

static void test_packings(void)
{
	static const char *const packings[] = { "gzip", "xz", "lzma", "lz4", "zstd", "none" };
	const struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct made elf = make_kernel(&form), made;
	struct fake_machine *machine = fake_machine_new(32768);
	char why[TENON_WHY_SIZE];

	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		unsigned int accepted = 0;

		made = make_bzimage(elf, packings[i]);
		build_one(packings[i], machine,
			  &(struct tenon_build){
				  .kernel.path = write_file("bzImage", made), .memory_kib = 16384, .vcpus = 1 },
			  &form);
		/* Cut off anywhere; the end is padding. */
		for (size_t size = 0; size < made.size - 100; size += size < 3000 ? 97 : 1511)
			accepted += !check(write_file("cut", (struct made){ made.data, size }), 16384, why) ||
				    !strstr(why, "/cut: ");
		ok(!accepted, "%s: what is truncated is refused", packings[i]);
		free(made.data);
	}
	made = make_gzip(elf);
	build_one("ELF in gzip", machine,
		  &(struct tenon_build){
			  .kernel.path = write_file("vmlinux.gz", made), .memory_kib = 16384, .vcpus = 1 },
		  &form);
	free(made.data);
	made = make_bzimage(elf, "bzip2");
	ok(check(write_file("bzip2", made), 16384, why) == -ENOEXEC && strstr(why, "packed with bzip2"), "bzip2: %s",
	   why);
	free(made.data);
	free(elf.data);
	fake_machine_free(machine);
}

/* ---- unpacked kernels that are kept ---- */

static char cache_dir[PATH_MAX];

/* The number of entries, and the path of one of them. */
static unsigned int cache_entries(char path[PATH_MAX])
{
	char pattern[PATH_MAX + 10];
	unsigned int count;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*", cache_dir);
	count = glob(pattern, 0, NULL, &found) ? 0 : found.gl_pathc;
	if (count)
		snprintf(path, PATH_MAX, "%s", found.gl_pathv[0]);
	globfree(&found);
	return count;
}

static void make_old(const char *path)
{
	utimensat(AT_FDCWD, path, (struct timespec[2]){ { 1000, 0 }, { 1000, 0 } }, 0);
}

static bool is_old(const char *path)
{
	struct stat status;

	return !stat(path, &status) && status.st_mtim.tv_sec == 1000;
}

static void build_kept(const char *name, const char *kernel, const struct kernel_form *form)
{
	struct fake_machine *machine = fake_machine_new(32768);

	build_one(name, machine, &(struct tenon_build){ .kernel.path = kernel, .memory_kib = 16384, .vcpus = 1, .cache = cache_dir },
		  form);
	fake_machine_free(machine);
}

/* Changes a byte of an entry. */
static void spoil(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char byte = 0;

	ok(fd >= 0 && pread(fd, &byte, 1, at) == 1 && (byte ^= 1, pwrite(fd, &byte, 1, at)) == 1, "an entry is changed at %ld", (long)at);
	close(fd);
	make_old(path);
}

static void test_cache(void)
{
	struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct made elf = make_kernel(&form), packed = make_bzimage(elf, "zstd");
	const char *kernel = write_file("packed", packed);
	char path[PATH_MAX], name[32];
	struct stat status;

	snprintf(cache_dir, sizeof(cache_dir), "%s/cache", dir);
	build_kept("first", kernel, &form);
	ok(cache_entries(path) == 1 && !stat(path, &status) && (status.st_mode & 07777) == 0600, "what was unpacked is kept");
	make_old(path);
	build_kept("second", kernel, &form);
	ok(cache_entries(path) == 1 && !is_old(path), "and used");

	/* Another packed kernel with the same checksum. */
	spoil(path, 4096 + packed.size / 2);
	build_kept("same checksum", kernel, &form);
	ok(cache_entries(path) == 1 && !is_old(path), "an entry of another kernel is replaced");
	make_old(path);
	build_kept("replaced", kernel, &form);
	ok(!is_old(path), "by one that is used");
	spoil(path, 0);
	build_kept("no entry", kernel, &form);
	ok(!truncate(path, status.st_size - 1), "an entry is cut off");
	make_old(path);
	build_kept("cut off", kernel, &form);
	ok(!stat(path, &status) && !is_old(path), "and replaced");

	for (int i = 0; i < 6; i++) {
		struct made other;

		packed.data[0x1e0] = i;		/* of the boot sector's part that nothing reads */
		other = (struct made){ packed.data, packed.size };
		snprintf(name, sizeof(name), "other %d", i);
		build_kept(name, write_file("other", other), &form);
	}
	ok(cache_entries(path) == 4, "four are kept");

	ok(!chmod(cache_dir, 0777), "others may write to the directory");
	packed.data[0x1e0] = 99;
	cache_entries(path);
	make_old(path);
	build_kept("not ours", write_file("other", packed), &form);
	ok(cache_entries(path) == 4 && is_old(path), "then it is left alone");
	while (cache_entries(path))
		unlink(path);
	rmdir(cache_dir);
	free(packed.data);
	free(elf.data);
}

static void test_distribution(void)
{
	const char *pattern = getenv("TENON_KERNELS");
	glob_t found;

	if (glob(pattern ? pattern : "cache/*/linux-image-*/boot/vmlinuz-*", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct fake_machine *machine = fake_machine_new(65536);

		machine->dirty = true;
		build_one(strrchr(found.gl_pathv[i], '/') + 1, machine,
			  &(struct tenon_build){ .kernel.path = found.gl_pathv[i], .memory_kib = 131072, .vcpus = 2 },
			  NULL);
		fake_machine_free(machine);
	}
	globfree(&found);
}

/* ---- what is refused ---- */

static void refused(struct tenon_build what, int error, const char *says)
{
	struct fake_machine *machine = fake_machine_new(32768);
	struct tenon *tenon = fake_machine_open(machine);
	struct tenon_built built;
	char why[TENON_WHY_SIZE], again[TENON_WHY_SIZE];
	int first, second;

	what.memory_kib = what.memory_kib ? what.memory_kib : 16384;
	first = tenon_build_check(&what, why);
	second = tenon_build_pv(tenon, FAKE_DOMID, &what, &built, again);
	ok(first == error && second == error && strstr(why, says) && !strcmp(why, again) && !machine->calls,
	   "refused: %s", why);
	tenon_close(tenon);
	fake_machine_free(machine);
}

static void test_refusals(void)
{
	const struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct tenon_build good = { .kernel.path = kernel_file("kernel", &form), .vcpus = 1 }, what;
	char line[TENON_COMMAND_LINE_MAX + 2];
	struct kernel_form bad;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	what = good;
	what.kernel.path = "/nowhere/kernel";
	refused(what, -ENOENT, "/nowhere/kernel: No such file");
	what = good;
	what.kernel.path = "/etc";
	refused(what, -EINVAL, "/etc: it is not a regular file");
	what = good;
	what.kernel.path = "/dev/zero";
	refused(what, -EINVAL, "/dev/zero: it is not a regular file");
	what = good;
	what.kernel.path = NULL;
	refused(what, -EINVAL, "no kernel");
	what = good;
	what.ramdisk.path = "/nowhere/disk";
	refused(what, -ENOENT, "/nowhere/disk: ");
	what = good;
	what.vcpus = 0;
	refused(what, -EINVAL, "0 vCPUs");
	what = good;
	what.command_line = line;
	refused(what, -EINVAL, "at most 1023");
	what = good;
	what.memory_kib = 3072;
	refused(what, -ENOMEM, "at least 5 MiB of memory, it has 3");
	what = good;
	what.memory_kib = 1ULL << 40;
	refused(what, -EINVAL, "memory of 1099511627776 KiB: 1 to 17179869184 are possible");
	what = good;
	what.kernel.path = "/bin/sh";
	refused(what, -ENOEXEC, "/bin/sh: it cannot be a paravirtual guest");
	bad = form;
	bad.features = "!auto_translated_physmap";
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "requires the feature auto_translated_physmap");
	bad.features = "!hover";
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "requires a feature that is not known");
	bad = form;
	bad.base = 0xffff800000000000;
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "addresses that are not a guest's");
	bad = form;
	bad.init_p2m = KERNEL_BASE + KERNEL_PHYS;
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "the same for two things");
	bad.init_p2m = 0xfffffffffffff000;
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "addresses that are not a guest's");
	bad = form;
	bad.base = 0xffffffffff800000;
	what = good;
	what.kernel.path = kernel_file("bad", &bad);
	refused(what, -ENOEXEC, "not enough addresses");
}

/* ---- failures ---- */

static unsigned int open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(fds))
		count++;
	closedir(fds);
	return count;
}

/* Every call fails once; the domain's end gives everything back. */
static void test_failures(void)
{
	const struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct tenon_build what = {
		.kernel.path = kernel_file("kernel", &form),
		.ramdisk.path = ramdisk_file(9 * MIB),
		.memory_kib = 32768,
		.vcpus = 2,
	};
	struct fake_machine *machine = fake_machine_new(16384);
	struct tenon *tenon = fake_machine_open(machine);
	uint64_t before = machine->free_frames;
	unsigned int files = open_files(), silent = 0, leaks = 0, wrong = 0;
	struct tenon_built built;
	char why[TENON_WHY_SIZE];
	int error = -1;

	machine->error = EIO;
	for (long call = 1; error; call++) {
		machine->calls = 0;
		machine->fail_at = call;
		error = tenon_build_pv(tenon, FAKE_DOMID, &what, &built, why);
		silent += error && !why[0];
		wrong += error && error != -EIO;
		fake_machine_destroy(machine);
		leaks += machine->free_frames != before || machine->now_mapped || open_files() != files;
	}
	ok(machine->calls > 20 && !silent && !wrong && !leaks, "any of %ld calls fails: it is told, nothing is left",
	   machine->calls);
	machine->fail_at = 0;
	what.memory_kib = 65536;
	error = tenon_build_pv(tenon, FAKE_DOMID, &what, &built, why);
	ok(error == -ENOMEM && strstr(why, "no 64 MiB of memory free"), "too little memory in the machine: %s", why);
	fake_machine_destroy(machine);
	tenon_close(tenon);
	fake_machine_free(machine);
}

/* An ELF file is read when the guest is built: what was checked of it counts, whatever became of it since. */
static void test_changed(void)
{
	const struct kernel_form form = { KERNEL_BASE, true, true, 0x8000000000, NULL };
	struct tenon_build what = { .kernel.path = kernel_file("kernel", &form), .memory_kib = 16384, .vcpus = 1 };
	struct fake_machine *machine = fake_machine_new(16384);
	struct tenon *tenon = fake_machine_open(machine);
	uint64_t before = machine->free_frames;
	char why[TENON_WHY_SIZE], noise[512];
	struct tenon_built built;

	memset(noise, 0xff, sizeof(noise));
	for (int shorter = 0; shorter < 2; shorter++) {
		struct tenon_builder *builder = tenon_builder_new(&what, why);
		int fd = open(what.kernel.path, O_WRONLY), error;

		if (!builder || fd < 0 || pwrite(fd, noise, sizeof(noise), 0) != sizeof(noise) || (shorter && ftruncate(fd, 600)))
			abort();
		error = tenon_builder_run(builder, tenon, FAKE_DOMID, &built, why);
		tenon_builder_free(builder);
		if (shorter)
			ok(error == -EIO && strstr(why, "became shorter"), "a kernel that became shorter: %s", why);
		else
			ok(!error, "a kernel whose headers changed is what it was when it was checked");
		fake_machine_destroy(machine);
		ok(machine->free_frames == before && !machine->now_mapped, "nothing is left of it");
		close(fd);
		what.kernel.path = kernel_file("kernel", &form);
	}
	tenon_close(tenon);
	fake_machine_free(machine);
}

static void clean_up(void)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;

	while ((entry = readdir(listing)))
		unlinkat(dirfd(listing), entry->d_name, 0);
	closedir(listing);
	rmdir(dir);
}

int main(void)
{
	if (!mkdtemp(dir))
		abort();
	test_forms();
	test_large();
	test_packings();
	test_cache();
	test_distribution();
	test_refusals();
	test_failures();
	test_changed();
	clean_up();
	return tap_end();
}
