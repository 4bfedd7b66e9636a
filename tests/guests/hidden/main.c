/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hidden: how much of the hypervisor's memory the page tables in force show while a guest runs. Nothing of it can be read, but a
 * page fault's error code tells whether there is a page. Looks from the kernel's mode and from its user's, whose roots differ.
 *
 * Arguments: isolated=1 or 0: what is to be found; megabytes=N of the map of all memory are looked at.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>

#define PRESENT		1U
#define NO_FAULT	(0x80000000U | PRESENT)
#define MB		(1UL << 20)
/* Of entry from guests: its code, the table of interrupts, two pages of slots, and a processor's stack and task state segment. */
#define MOST_SHOWN	18UL

/* Of the hypervisor's part of the address space, doc/memory-map.md. */
static struct region {
	const char *name;
	unsigned long start, size;
	unsigned long most;		/* pages shown when isolated */
	unsigned long least;		/* and when not: else it was not looked at where there is anything */
} regions[] = {
	{ "the map of all memory", 0xffff830000000000, 0, 8, 1000 },
	{ "the image", 0xffff82d080200000, 4 * MB, MOST_SHOWN, 100 },
	{ "fixed slots", 0xffff82d0c0000000, MB, 0, 1 },
	{ "the table of frames", 0xffff82e000000000, MB / 2, 0, 1 },
	{ "the writable machine-to-physical table", 0xffff828000000000, MB / 2, 0, 1 },
	{ "device memory", 0xffff82c000000000, 4 * MB, 0, 0 },
};

static volatile uint32_t last_error;
extern char hidden_read[], hidden_skip[];

/* Reads a byte there, if it can. */
void hidden_touch(unsigned long va);
asm(".text; hidden_touch: hidden_read: movb (%rdi), %al; hidden_skip: ret");

static bool on_page_fault(struct kit_regs *regs)
{
	if (regs->rip != (uint64_t)hidden_read)
		return false;
	last_error = (uint32_t)regs->error;
	regs->rip = (uint64_t)hidden_skip;
	return true;
}

/* Called from both modes. */
static unsigned long count_shown(void *arg)
{
	const struct region *r = arg;
	unsigned long shown = 0;

	for (unsigned long va = r->start; va < r->start + r->size; va += PAGE_SIZE) {
		last_error = NO_FAULT;
		hidden_touch(va);
		shown += last_error & PRESENT;
	}
	return shown;
}

static void look(struct region *r, bool isolated)
{
	unsigned long kernel = count_shown(r), user = 0;
	struct kit_fault fault;

	kit_check(kit_user_probe(count_shown, r, &fault, &user), "user mode can look at %s", r->name);
	if (isolated)
		kit_check(kernel <= r->most && user <= r->most, "%s: %lu pages are shown to the kernel, %lu to its user, at most %lu",
			  r->name, kernel, user, r->most);
	else
		kit_check(kernel >= r->least && user >= r->least, "%s: %lu pages are there, %lu for the user, at least %lu", r->name,
			  kernel, user, r->least);
}

void kit_main(void)
{
	bool isolated = kit_argument("isolated=", 0);

	regions[0].size = kit_argument("megabytes=", 64) * MB;
	kit_set_hook(KIT_VEC_PF, on_page_fault);
	for (unsigned int i = 0; i < ARRAY_SIZE(regions); i++)
		look(&regions[i], isolated);
	kit_finish();
}
