// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a kernel's notes say of it: numbers and texts, in ELF notes or in the older string NAME=value,NAME=value. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/elfnote.h>
#include <xen/features.h>

#include "kernel.h"

#define PAGE_SHIFT	12

/* Features that a kernel may require by name; those offered to paravirtual guests. */
static const struct {
	const char *name;
	unsigned int number;
	bool offered;
} features[] = {
	{ "writable_page_tables", XENFEAT_writable_page_tables, true },
	{ "writable_descriptor_tables", XENFEAT_writable_descriptor_tables, true },
	{ "auto_translated_physmap", XENFEAT_auto_translated_physmap, false },
	{ "supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel, false },
	{ "pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb, true },
	{ "hvm_callback_vector", XENFEAT_hvm_callback_vector, false },
	{ "dom0", XENFEAT_dom0, false },
};

/* Where a value goes. @flag 0: there is none. Texts have a size. */
#define NUMBER(type, name, field) \
	{ type, name, offsetof(struct kernel_notes, field), offsetof(struct kernel_notes, has_##field), 0 }
#define TEXT(type, name, field) \
	{ type, name, offsetof(struct kernel_notes, field), 0, sizeof(((struct kernel_notes *)0)->field) }
static const struct value {
	uint32_t type;
	const char *name;
	size_t at, flag, text_size;
} values[] = {
	NUMBER(XEN_ELFNOTE_ENTRY, "VIRT_ENTRY", entry),
	NUMBER(XEN_ELFNOTE_HYPERCALL_PAGE, "HYPERCALL_PAGE", hypercall_page),
	NUMBER(XEN_ELFNOTE_VIRT_BASE, "VIRT_BASE", virt_base),
	NUMBER(XEN_ELFNOTE_PADDR_OFFSET, "ELF_PADDR_OFFSET", paddr_offset),
	NUMBER(XEN_ELFNOTE_INIT_P2M, "INIT_P2M", init_p2m),
	NUMBER(XEN_ELFNOTE_SUPPORTED_FEATURES, "SUPPORTED_FEATURES", supported),
	NUMBER(XEN_ELFNOTE_PHYS32_ENTRY, "PHYS32_ENTRY", phys32_entry),
	TEXT(XEN_ELFNOTE_GUEST_OS, "GUEST_OS", guest_os),
	TEXT(XEN_ELFNOTE_XEN_VERSION, "XEN_VER", xen_version),
	TEXT(XEN_ELFNOTE_LOADER, "LOADER", loader),
};
#define VALUE_COUNT (sizeof(values) / sizeof(values[0]))

static int malformed(const struct why *why, const char *name)
{
	return refuse(why, -ENOEXEC, "its note %s is malformed", name);
}

static void set_number(struct kernel_notes *notes, const struct value *value, uint64_t number)
{
	*(uint64_t *)((char *)notes + value->at) = number;
	*(bool *)((char *)notes + value->flag) = true;
}

/* Text of @size bytes, or up to its zero; cut to the room that there is. */
static void set_text(struct kernel_notes *notes, const struct value *value, const char *text, size_t size)
{
	char *to = (char *)notes + value->at;
	size_t length = strnlen(text, size);

	if (length >= value->text_size)
		length = value->text_size - 1;
	memset(to, 0, value->text_size);
	memcpy(to, text, length);
}

/* Names divided by '|'; those with '!' are required. */
static void read_features(struct kernel_notes *notes, const char *text, size_t size)
{
	const char *end = text + strnlen(text, size);

	while (text < end) {
		const char *stop = memchr(text, '|', end - text);
		bool required = *text == '!', known = false;
		size_t length;

		stop = stop ? stop : end;
		text += required;
		length = stop - text;
		for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
			if (strlen(features[i].name) == length && !memcmp(features[i].name, text, length)) {
				known = true;
				notes->required |= required ? 1U << features[i].number : 0;
			}
		notes->requires_unknown |= required && !known;
		text = stop + 1;
	}
}

/* 1, 2, 4 or 8 bytes, lowest first. */
static bool read_number(const uint8_t *data, size_t size, uint64_t *number)
{
	*number = 0;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	memcpy(number, data, size);
	return true;
}

static int read_note(const struct why *why, struct kernel_notes *notes, uint32_t type, const uint8_t *data, size_t size)
{
	uint64_t number;
	bool is_number = read_number(data, size, &number);

	notes->found = true;
	if (type == XEN_ELFNOTE_FEATURES)
		read_features(notes, (const char *)data, size);
	if (type == XEN_ELFNOTE_MOD_START_PFN)
		notes->mod_start_pfn = number != 0;
	for (const struct value *value = values; value < values + VALUE_COUNT; value++) {
		if (value->type != type)
			continue;
		if (value->text_size)
			set_text(notes, value, (const char *)data, size);
		else if (is_number)
			set_number(notes, value, number);
		else
			return malformed(why, value->name);
	}
	return 0;
}

int notes_read(const struct why *why, struct kernel_notes *notes, const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		uint64_t name, value, next;
		int error;

		memcpy(&note, data + at, sizeof(note));
		name = at + sizeof(note);
		value = name + (((uint64_t)note.n_namesz + 3) & ~3ULL);
		next = value + (((uint64_t)note.n_descsz + 3) & ~3ULL);
		/* The padding of the last may be missing. */
		if (!lies_in(size, value, note.n_descsz))
			return refuse(why, -ENOEXEC, "its notes are longer than their segment");
		if (note.n_namesz == 4 && !memcmp(data + name, "Xen", 4)) {
			error = read_note(why, notes, note.n_type, data + value, note.n_descsz);
			if (error)
				return error;
		}
		if (next >= size)
			break;
		at = next;
	}
	return 0;
}

/* ---- the older form ---- */

static int read_pair(const struct why *why, struct kernel_notes *notes, const char *name, const char *text)
{
	for (const struct value *value = values; value < values + VALUE_COUNT; value++) {
		char *end;
		uint64_t number;

		if (strcmp(value->name, name))
			continue;
		if (value->text_size) {
			set_text(notes, value, text, strlen(text));
			continue;
		}
		number = strtoull(text, &end, 0);
		if (end == text || *end)
			return malformed(why, name);
		set_number(notes, value, number);
	}
	if (!strcmp(name, "FEATURES"))
		read_features(notes, text, strlen(text));
	return 0;
}

int notes_read_string(const struct why *why, struct kernel_notes *notes, const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *pair;
	int error = text ? 0 : refuse(why, -ENOMEM, "no memory for its notes");

	notes->found = true;
	while (!error && (pair = strsep(&rest, ","))) {
		char *value = strchr(pair, '=');

		if (value)
			*value++ = '\0';
		error = read_pair(why, notes, pair, value ? value : "");
	}
	free(text);
	/* This form's defaults: file addresses are the kernel's own; the hypercall page is given by its frame. */
	if (!notes->has_paddr_offset)
		notes->paddr_offset = notes->virt_base;
	notes->has_paddr_offset = true;
	if (notes->has_hypercall_page)
		notes->hypercall_page = notes->virt_base + (notes->hypercall_page << PAGE_SHIFT);
	return error;
}

/* ---- what they say as a whole ---- */

static const char *feature_missing(const struct kernel_notes *notes)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if ((notes->required & 1U << features[i].number) && !features[i].offered)
			return features[i].name;
	return NULL;
}

int notes_check(const struct why *why, const struct kernel_notes *notes)
{
	const char *missing = feature_missing(notes);

	if (!notes->found)
		return refuse(why, -ENOEXEC, "it cannot be a paravirtual guest: it was built without CONFIG_XEN_PV");
	if (notes->has_phys32_entry && !notes->has_entry && !notes->xen_version[0])
		return refuse(why, -ENOEXEC, "it can be a PVH guest only: it was built without CONFIG_XEN_PV");
	if (strncmp(notes->loader, "generic", 7) && strncmp(notes->guest_os, "linux", 5))
		return refuse(why, -ENOEXEC, "its notes ask for a loader that is not known here");
	if (strncmp(notes->xen_version, "xen-3.0", 7))
		return refuse(why, -ENOEXEC, "its notes ask for another version of the interface than xen-3.0");
	if (missing)
		return refuse(why, -ENOEXEC, "it requires the feature %s, which guests do not get", missing);
	if (notes->requires_unknown)
		return refuse(why, -ENOEXEC, "it requires a feature that is not known here");
	return 0;
}
