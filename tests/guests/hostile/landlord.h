/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same guest without privileges: dom0 makes domains of its own file (its module, with the inputs behind it), passes on what
 * they say, and tells them what has run in the hypervisor. What they find is theirs; the auditor counts for all.
 */
#ifndef HOSTILE_LANDLORD_H
#define HOSTILE_LANDLORD_H

#include "fuzz.h"
#include <guestkit/domain.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define OTHER_PAGES	6144U	/* 24 MiB */
#define LINE		(TEXT + 64)

static struct other {
	xen_pfn_t frames[OTHER_PAGES];
	volatile struct box *box;
	volatile struct xencons_interface *console;
	char line[LINE];
	unsigned int length;
	bool good;		/* it says that all is well */
} guests[OTHERS];

/* The module: an ELF file, whose section headers are its last part, and text. */
static const char *module_text(const struct kit_domain *d, size_t *size)
{
	const char *image = d->image;
	size_t end = *(const uint64_t *)(image + 0x28) + *(const uint16_t *)(image + 0x3a) * (size_t)*(const uint16_t *)(image + 0x3c);

	*size = end < d->size ? d->size - end : 0;
	return image + end;
}

static unsigned long map_of(domid_t id, const xen_pfn_t *list, unsigned long pages)
{
	unsigned long va = kit_va_alloc(pages);

	if (!kit_pte_make(kit_root(), va))
		kit_fatal("no page table");
	for (unsigned long i = 0; i < pages; i++)
		if (kit_map_foreign(va + i * PAGE_SIZE, list[i], PTE_RW, id))
			kit_fatal("a frame of domain %u cannot be mapped", id);
	return va;
}

static void make_guest(domid_t id, struct kit_domain *d)
{
	static char command_line[256];
	struct other *o = &guests[id - 1];
	size_t size;
	const char *text = module_text(d, &size);

	kit_snprintf(command_line, sizeof(command_line), "id=%u %s", id, (const char *)kit_start_info->cmd_line);
	d->id = id;
	d->frames = o->frames;
	d->command_line = command_line;
	if (kit_domain_build(d))
		kit_fatal("domain %u cannot be made", id);
	o->console = (void *)map_of(id, &d->console, 1);
	o->box = (void *)map_of(id, &o->frames[kit_va_to_pfn(&box)], sizeof(box) / PAGE_SIZE);
	if (size > sizeof(box.text))
		kit_fatal("too many inputs");
	memcpy((void *)o->box->text, text, size);
	o->box->size = (uint32_t)size;
	o->box->has_coverage = has_coverage;
	if (kit_domain_do(XEN_DOMCTL_unpausedomain, id))
		kit_fatal("domain %u does not start", id);
}

/* Inputs as they are, for the runner; the rest is a remark. */
static void take_line(domid_t id, struct other *o)
{
	o->line[o->length] = '\0';
	if (!strncmp(o->line, "input: ", 7) || !strncmp(o->line, "next: ", 6)) {
		o->line[o->length] = '\n';
		kit_console_write(o->line, o->length + 1);
	} else if (!strcmp(o->line, "guest-result: success")) {
		o->good = true;
	} else {
		kit_note("domain %u: %s", id, o->line);
	}
	o->length = 0;
}

static void listen(domid_t id)
{
	struct other *o = &guests[id - 1];
	uint32_t cons = o->console->out_cons, prod = o->console->out_prod;

	kit_mb();
	for (; cons != prod; cons++) {
		char c = o->console->out[MASK_XENCONS_IDX(cons, o->console->out)];

		if (c == '\n' || o->length == LINE - 1)
			take_line(id, o);
		else
			o->line[o->length++] = c;
	}
	kit_mb();
	o->console->out_cons = cons;
}

static void answer(volatile struct box *b)
{
	uint32_t asked = b->asked;

	if (asked == b->answered)
		return;
	b->blocks = count_blocks();
	kit_mb();
	b->answered = asked;
}

static bool is_up(domid_t id)
{
	struct xen_domctl_getdomaininfo info;

	return kit_domain_info(id, &info) && !(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

static void landlord(unsigned int nr)
{
	struct kit_domain d = { .pages = OTHER_PAGES, .vcpus = (unsigned int)nr_vcpus };
	unsigned int up;

	if (nr > OTHERS)
		kit_fatal("too many others");
	has_coverage = !coverage_op(XEN_SYSCTL_COVERAGE_reset, NULL, 0);
	kit_domain_module(&d);
	for (domid_t id = 1; id <= nr; id++)
		make_guest(id, &d);
	do {
		up = 0;
		for (domid_t id = 1; id <= nr; id++) {
			up += is_up(id);
			/* After that: what it said last. */
			listen(id);
			answer(guests[id - 1].box);
		}
		hc_sched_op(SCHEDOP_yield, NULL);
	} while (up);
	for (domid_t id = 1; id <= nr; id++)
		kit_check(guests[id - 1].good, "domain %u came to its end, and found nothing", id);
	kit_audit();
	print_coverage();
}

#endif
