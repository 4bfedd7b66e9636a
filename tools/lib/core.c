// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Core files of paravirtual guests: ELF without program headers, what there is in sections (docs/misc/dump-core-format.txt of
 * Xen). How many pages can be read is known only when they were: room is left for all, and headers and tables are written last.
 * Pages of zeros become holes of the file.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/elfnote.h>
#include <xen/version.h>

#include "p2m.h"

#define MAGIC_PV	0xF00FEBEDULL
#define BATCH		1024		/* pages mapped at a time */

/* ---- layout ---- */

enum section { NONE, NAMES, NOTES, VCPUS, SHARED_INFO, P2M, PAGES, SECTIONS };

static const char names[] = "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_shared_info\0.xen_p2m\0.xen_pages";

struct note {
	uint32_t name_size, size, type;
	char name[4];
};

struct notes {
	struct note none;
	struct note header_note;
	struct {
		uint64_t magic, vcpus, pages, page_size;
	} header;
	struct note version_note;
	struct {
		uint64_t major, minor;
		xen_extraversion_t extra;
		struct xen_compile_info compile;
		xen_capabilities_info_t capabilities;
		xen_changeset_info_t changeset;
		struct xen_platform_parameters platform;
		uint64_t page_size;
	} version;
	struct note format_note;
	struct {
		uint64_t version;
	} format;
};

struct headers {
	Elf64_Ehdr elf;
	Elf64_Shdr sections[SECTIONS];
	char names[(sizeof(names) + 7) / 8 * 8];
	struct notes notes;
};

struct core {
	struct tenon *tenon;
	uint16_t domid;
	int fd;
	bool (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
	struct headers headers;
	struct vcpu_guest_context *vcpus;
	uint64_t vcpu_count;
	uint64_t shared_info_frame, memory_limit;
	struct p2m_page *pages;
	uint64_t page_count;		/* as the guest's list has them */
	uint64_t written;		/* those that could be read, moved together to the front */
};

/* ---- what is asked ---- */

static int version_text(struct core *core, unsigned int which, void *out, size_t size)
{
	long result;

	memset(core->tenon->bounce, 0, BOUNCE_SIZE);
	result = call(core->tenon, __HYPERVISOR_xen_version, which, (uintptr_t)core->tenon->bounce, 0, 0);
	if (result < 0)
		return result;
	memcpy(out, core->tenon->bounce, size);
	return 0;
}

static int ask_version(struct core *core)
{
	__typeof__(core->headers.notes.version) *version = &core->headers.notes.version;
	long number = call(core->tenon, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
	int error = number < 0 ? number : 0;

	version->major = number >> 16;
	version->minor = number & 0xffff;
	version->page_size = PAGE_BYTES;
	if (!error)
		error = version_text(core, XENVER_extraversion, version->extra, sizeof(version->extra));
	if (!error)
		error = version_text(core, XENVER_compile_info, &version->compile, sizeof(version->compile));
	if (!error)
		error = version_text(core, XENVER_capabilities, version->capabilities, sizeof(version->capabilities));
	if (!error)
		error = version_text(core, XENVER_changeset, version->changeset, sizeof(version->changeset));
	if (!error)
		error = version_text(core, XENVER_platform_parameters, &version->platform, sizeof(version->platform));
	return error;
}

static int ask_vcpu(struct core *core, uint32_t vcpu)
{
	struct xen_domctl_vcpucontext *op = &domctl_begin(core->tenon, XEN_DOMCTL_getvcpucontext, core->domid)->u.vcpucontext;
	int error;

	memset(core->tenon->bounce, 0, sizeof(*core->vcpus));
	op->vcpu = vcpu;
	set_xen_guest_handle(op->ctxt, core->tenon->bounce);
	error = domctl_run(core->tenon);
	if (!error)
		memcpy(&core->vcpus[core->vcpu_count++], core->tenon->bounce, sizeof(*core->vcpus));
	/* A number that has no vCPU, or one that never was started: there is nothing to save of it. */
	return error == -ESRCH || error == -ENODATA || error == -EINVAL ? 0 : error;
}

static int ask_domain(struct core *core)
{
	const struct xen_domctl *domctl = domctl_begin(core->tenon, XEN_DOMCTL_getdomaininfo, core->domid);
	uint32_t vcpus;
	int error = domctl_run(core->tenon);

	if (error)
		return error;
	if (domctl->u.getdomaininfo.domain != core->domid)
		return -ESRCH;
	core->shared_info_frame = domctl->u.getdomaininfo.shared_info_frame;
	core->memory_limit = domctl->u.getdomaininfo.max_pages;
	vcpus = domctl->u.getdomaininfo.max_vcpu_id + 1;
	core->vcpus = calloc(vcpus, sizeof(*core->vcpus));
	if (!core->vcpus)
		return -ENOMEM;
	for (uint32_t i = 0; i < vcpus && !error; i++)
		error = ask_vcpu(core, i);
	return error;
}

/* ---- what is written ---- */

static int put(struct core *core, const void *data, size_t size, uint64_t offset)
{
	const char *at = data;

	while (size) {
		ssize_t done = pwrite(core->fd, at, size, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		size -= done;
		offset += done;
	}
	return 0;
}

static bool is_zero(const char *page)
{
	return !page[0] && !memcmp(page, page + 1, PAGE_BYTES - 1);
}

static void set_section(struct core *core, enum section section, uint32_t type, uint64_t size, uint64_t entry, uint64_t align)
{
	Elf64_Shdr *this = &core->headers.sections[section], *before = this - 1;
	const char *name = names;

	for (int i = 0; i < (int)section; i++)
		name += strlen(name) + 1;
	*this = (Elf64_Shdr){
		.sh_name = name - names, .sh_type = type, .sh_size = size, .sh_entsize = entry, .sh_addralign = align,
		.sh_offset = (before->sh_offset + before->sh_size + align - 1) & ~(align - 1),
	};
}

/* The sections, with room for @pages of memory. */
static void lay_out(struct core *core, uint64_t pages)
{
	set_section(core, NAMES, SHT_STRTAB, sizeof(names), 0, 1);
	core->headers.sections[NAMES].sh_offset = offsetof(struct headers, names);
	set_section(core, NOTES, SHT_NOTE, sizeof(struct notes), 0, 8);
	set_section(core, VCPUS, SHT_PROGBITS, core->vcpu_count * sizeof(*core->vcpus), sizeof(*core->vcpus), 8);
	set_section(core, SHARED_INFO, SHT_PROGBITS, PAGE_BYTES, PAGE_BYTES, 8);
	set_section(core, P2M, SHT_PROGBITS, pages * sizeof(*core->pages), sizeof(*core->pages), 8);
	set_section(core, PAGES, SHT_PROGBITS, pages * PAGE_BYTES, PAGE_BYTES, PAGE_BYTES);
}

static int put_batch(struct core *core, uint64_t first, uint64_t frames[])
{
	uint64_t count = core->page_count - first < BATCH ? core->page_count - first : BATCH;
	uint64_t offset = core->headers.sections[PAGES].sh_offset;
	int errors[BATCH], error = 0;
	char *memory;

	for (uint64_t i = 0; i < count; i++)
		frames[i] = core->pages[first + i].mfn;
	memory = tenon_map_frames(core->tenon, core->domid, frames, count, false, errors);
	if (!memory)
		return -errno;
	for (uint64_t i = 0; i < count && !error; i++) {
		if (errors[i])
			continue;
		if (!is_zero(memory + i * PAGE_BYTES))
			error = put(core, memory + i * PAGE_BYTES, PAGE_BYTES, offset + core->written * PAGE_BYTES);
		core->pages[core->written++] = core->pages[first + i];
	}
	tenon_unmap_frames(core->tenon, memory, count);
	return error;
}

static int put_pages(struct core *core)
{
	uint64_t *frames = malloc(BATCH * sizeof(*frames));
	int error = frames ? 0 : -ENOMEM;

	for (uint64_t i = 0; i < core->page_count && !error; i += BATCH) {
		error = put_batch(core, i, frames);
		if (!error && core->progress && !core->progress(core->arg, i, core->page_count))
			error = -ECANCELED;
	}
	free(frames);
	return error;
}

static int put_shared_info(struct core *core)
{
	void *page = tenon_map_frames(core->tenon, core->domid, &core->shared_info_frame, 1, false, NULL);
	int error;

	if (!page)
		return -errno;
	error = put(core, page, PAGE_BYTES, core->headers.sections[SHARED_INFO].sh_offset);
	tenon_unmap_frames(core->tenon, page, 1);
	return error;
}

static void fill_notes(struct core *core)
{
	struct notes *notes = &core->headers.notes;

	notes->none = (struct note){ 4, 0, XEN_ELFNOTE_DUMPCORE_NONE, "Xen" };
	notes->header_note = (struct note){ 4, sizeof(notes->header), XEN_ELFNOTE_DUMPCORE_HEADER, "Xen" };
	notes->header.magic = MAGIC_PV;
	notes->header.vcpus = core->vcpu_count;
	notes->header.pages = core->written;
	notes->header.page_size = PAGE_BYTES;
	notes->version_note = (struct note){ 4, sizeof(notes->version), XEN_ELFNOTE_DUMPCORE_XEN_VERSION, "Xen" };
	notes->format_note = (struct note){ 4, sizeof(notes->format), XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION, "Xen" };
	notes->format.version = 1;
}

/* Everything but the pages. Their section stays where it is, the table in front of it may have become shorter. */
static int put_tables(struct core *core)
{
	struct headers *headers = &core->headers;
	const Elf64_Shdr *sections = headers->sections;
	int error;

	headers->elf = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_SYSV },
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_ehsize = sizeof(headers->elf),
		.e_shoff = offsetof(struct headers, sections), .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = SECTIONS,
		.e_shstrndx = NAMES,
	};
	memcpy(headers->names, names, sizeof(names));
	fill_notes(core);
	headers->sections[P2M].sh_size = core->written * sizeof(*core->pages);
	headers->sections[PAGES].sh_size = core->written * PAGE_BYTES;
	error = put(core, headers, sizeof(*headers), 0);
	if (!error)
		error = put(core, core->vcpus, sections[VCPUS].sh_size, sections[VCPUS].sh_offset);
	if (!error)
		error = put_shared_info(core);
	if (!error)
		error = put(core, core->pages, sections[P2M].sh_size, sections[P2M].sh_offset);
	if (!error && ftruncate(core->fd, sections[PAGES].sh_offset + sections[PAGES].sh_size))
		error = -errno;
	return error;
}

static int dump(struct core *core)
{
	int error = ask_domain(core);

	if (!error)
		error = ask_version(core);
	if (!error)
		error = p2m_read(core->tenon, core->domid, core->shared_info_frame, core->memory_limit, &core->pages,
				 &core->page_count);
	if (error)
		return error;
	lay_out(core, core->page_count);
	error = put_pages(core);
	return error ? error : put_tables(core);
}

int tenon_dump_core(struct tenon *tenon, uint16_t domid, const char *path,
		    bool (*progress)(void *arg, uint64_t done, uint64_t total), void *arg)
{
	struct core core = { .tenon = tenon, .domid = domid, .progress = progress, .arg = arg };
	int error;

	core.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (core.fd < 0)
		return -errno;
	error = dump(&core);
	if (close(core.fd) && !error)
		error = -errno;
	if (error)
		unlink(path);
	free(core.pages);
	free(core.vcpus);
	return error;
}
