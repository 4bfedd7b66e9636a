/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel's notes say of it. */
#include <tenon/addr.h>
#include <xen/elfnote.h>
#include <xen/features.h>
#include "elf.h"

#define MALFORMED	"a note of its Xen interface is malformed"

struct note {
	uint32_t name_size, desc_size, type;
};

/* Names of features, by their numbers XENFEAT_*. */
static const char *const feature_names[] __initconst = {
	[XENFEAT_writable_page_tables] = "writable_page_tables",
	[XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
	[XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
	[XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
	[XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
	[XENFEAT_hvm_callback_vector] = "hvm_callback_vector",
	[XENFEAT_dom0] = "dom0",
};

/* Those a kernel that must have them gets. */
#define FEATURES_OFFERED \
	(1U << XENFEAT_writable_page_tables | 1U << XENFEAT_writable_descriptor_tables | \
	 1U << XENFEAT_pae_pgdir_above_4gb | 1U << XENFEAT_mmu_pt_update_preserve_ad | \
	 1U << XENFEAT_highmem_assist | 1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_dom0 | \
	 1U << XENFEAT_memory_op_vnode_supported)

/* Notes and NAME=value pairs that are numbers: where they go; flag 0: there is none to set. */
#define NUMBER(type, name, field)	{ type, name, offsetof(struct elf_notes, field), offsetof(struct elf_notes, has_##field) }
static const struct {
	uint32_t type;
	const char *name;
	size_t value, flag;
} numbers[] __initconst = {
	NUMBER(XEN_ELFNOTE_ENTRY, "VIRT_ENTRY", entry),
	NUMBER(XEN_ELFNOTE_HYPERCALL_PAGE, "HYPERCALL_PAGE", hypercall_page),
	NUMBER(XEN_ELFNOTE_VIRT_BASE, "VIRT_BASE", virt_base),
	NUMBER(XEN_ELFNOTE_PADDR_OFFSET, "ELF_PADDR_OFFSET", paddr_offset),
	NUMBER(XEN_ELFNOTE_INIT_P2M, "INIT_P2M", init_p2m),
	NUMBER(XEN_ELFNOTE_HV_START_LOW, "HV_START_LOW", hv_start_low),
};

#define TEXT(type, name, field) \
	{ type, name, offsetof(struct elf_notes, field), sizeof(((struct elf_notes *)0)->field) }
static const struct {
	uint32_t type;
	const char *name;
	size_t value, size;
} texts[] __initconst = {
	TEXT(XEN_ELFNOTE_XEN_VERSION, "XEN_VER", xen_version),
	TEXT(XEN_ELFNOTE_GUEST_OS, "GUEST_OS", guest_os),
	TEXT(XEN_ELFNOTE_GUEST_VERSION, "GUEST_VER", guest_version),
	TEXT(XEN_ELFNOTE_LOADER, "LOADER", loader),
};

static void __init set_number(struct elf_notes *n, unsigned int i, uint64_t v)
{
	*(uint64_t *)((char *)n + numbers[i].value) = v;
	*(bool *)((char *)n + numbers[i].flag) = true;
}

/* At most size bytes of text, or up to its end; cut to what there is room for. */
static void __init set_text(struct elf_notes *n, unsigned int i, const char *s, size_t size)
{
	size_t len = min(strnlen(s, size), texts[i].size - 1);
	char *to = (char *)n + texts[i].value;

	memcpy(to, s, len);
	to[len] = '\0';
}

static int __init read_number(const uint8_t *p, uint32_t size, uint64_t *v)
{
	*v = 0;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return -EINVAL;
	memcpy(v, p, size);
	return 0;
}

/* Names divided by '|'; one with '!' before it must be there. */
static int __init read_features(struct elf_notes *n, const char *s, size_t size, const char **why)
{
	const char *end = s + strnlen(s, size);

	while (s < end) {
		const char *stop = memchr(s, '|', (size_t)(end - s));
		bool required = *s == '!';
		unsigned int i;
		size_t len;

		s += required;
		stop = stop ? stop : end;
		len = (size_t)(stop - s);
		for (i = 0; i < ARRAY_SIZE(feature_names); i++)
			if (feature_names[i] && strlen(feature_names[i]) == len && !memcmp(feature_names[i], s, len))
				break;
		if (i < ARRAY_SIZE(feature_names)) {
			n->supported |= 1U << i;
			n->required |= required ? 1U << i : 0;
		} else if (required) {
			return elf_refuse(why, "it requires a feature that is not known here");
		}
		s = stop + 1;
	}
	return 0;
}

/* In a note "yes" says all; in a string the extension has a name, "yes[extended-cr3]". */
static void __init read_pae(struct elf_notes *n, const char *s, size_t size, bool is_note)
{
	size_t len = strnlen(s, size);

	if (len >= 7 && !memcmp(s, "bimodal", 7))
		n->pae_mode = PAE_BIMODAL;
	else if (len >= 3 && !memcmp(s, "yes", 3))
		n->pae_mode = is_note || len > 3 ? PAE_EXTENDED_CR3 : PAE_YES;
}

static int __init read_note(struct elf_notes *n, uint32_t type, const uint8_t *desc, uint32_t size, const char **why)
{
	const char *text = (const char *)desc;
	uint64_t v;
	int bad = read_number(desc, size, &v);

	n->found = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].type == type) {
			if (bad)
				return elf_refuse(why, MALFORMED);
			set_number(n, i, v);
			return 0;
		}
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].type == type) {
			set_text(n, i, text, size);
			return 0;
		}
	switch (type) {
	case XEN_ELFNOTE_FEATURES:
		return read_features(n, text, size, why);
	case XEN_ELFNOTE_SUPPORTED_FEATURES:
		n->supported |= (uint32_t)v;
		n->has_supported = true;
		break;
	case XEN_ELFNOTE_PAE_MODE:
		read_pae(n, text, size, true);
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		n->mod_start_pfn = v != 0;
		break;
	case XEN_ELFNOTE_SUSPEND_CANCEL:
		n->suspend_cancel = v != 0;
		break;
	}
	return 0;
}

int __init elf_notes_read(struct elf_notes *n, const uint8_t *p, size_t size, const char **why)
{
	struct note h;
	size_t at = 0;

	while (size - at >= sizeof(h)) {
		uint64_t name, desc, next;
		int rc;

		memcpy(&h, p + at, sizeof(h));
		name = at + sizeof(h);
		desc = name + ROUNDUP((uint64_t)h.name_size, 4);
		next = desc + ROUNDUP((uint64_t)h.desc_size, 4);
		/* The last one's padding may be missing. */
		if (desc > size || h.desc_size > size - desc)
			return elf_refuse(why, "its notes are longer than their segment");
		if (h.name_size == 4 && !memcmp(p + name, "Xen", 4)) {
			rc = read_note(n, h.type, p + desc, h.desc_size, why);
			if (rc)
				return rc;
		}
		if (next >= size)
			break;
		at = next;
	}
	return 0;
}

/* One NAME=value or NAME of the older form. A hypercall page is given there by its frame's number. */
static int __init read_pair(struct elf_notes *n, const char *name, const char *value, const char **why)
{
	const char *end;
	uint64_t v = strtoul(value, &end, 0);

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(numbers[i].name, name)) {
			if (end == value || *end)
				return elf_refuse(why, MALFORMED);
			set_number(n, i, v);
			return 0;
		}
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(texts[i].name, name))
			set_text(n, i, value, strlen(value));
	if (!strcmp(name, "FEATURES"))
		return read_features(n, value, strlen(value), why);
	if (!strcmp(name, "PAE"))
		read_pae(n, value, strlen(value), false);
	return 0;
}

int __init elf_guest_string_read(struct elf_notes *n, const uint8_t *p, size_t size, const char **why)
{
	size_t len = strnlen((const char *)p, size);
	char pair[128];
	int rc = 0;

	n->found = true;
	for (size_t at = 0; at < len && !rc; ) {
		const uint8_t *comma = memchr(p + at, ',', len - at);
		size_t bytes = comma ? (size_t)(comma - (p + at)) : len - at;
		char *value;

		if (bytes >= sizeof(pair))
			return elf_refuse(why, MALFORMED);
		memcpy(pair, p + at, bytes);
		pair[bytes] = '\0';
		value = strchr(pair, '=');
		if (value)
			*value++ = '\0';
		rc = read_pair(n, pair, value ? value : "", why);
		at += bytes + 1;
	}
	/* The default of this form: the file's addresses are the kernel's own. */
	if (!n->has_paddr_offset)
		n->paddr_offset = n->virt_base;
	n->has_paddr_offset = true;
	if (n->has_hypercall_page)
		n->hypercall_page = n->virt_base + (n->hypercall_page << PAGE_SHIFT);
	return rc;
}

int __init elf_notes_check(const struct elf_notes *n, const char **why)
{
	if (!n->found)
		return elf_refuse(why, "it has no Xen notes: it was built without support for running on Xen (CONFIG_XEN_PV)");
	if (strncmp(n->loader, "generic", 7) && strncmp(n->guest_os, "linux", 5))
		return elf_refuse(why, "its notes ask for a loader that is not known here");
	if (strncmp(n->xen_version, "xen-3.0", 7))
		return elf_refuse(why, "its notes ask for another version of the interface than xen-3.0");
	if (n->required & ~FEATURES_OFFERED)
		return elf_refuse(why, "it requires a feature that is not offered to paravirtual guests");
	if (n->has_supported && !(n->supported & 1U << XENFEAT_dom0))
		return elf_refuse(why, "it was built without support for being dom0 (CONFIG_XEN_DOM0)");
	return 0;
}
