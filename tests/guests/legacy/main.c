/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * legacy: a kernel in the middle of the lower half that has no notes, but says what it wants in the older form: a string in a section
 * of its own. It gives its hypercall page by frame number.
 */

#include <guestkit/notes.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/vcpu.h>
#include <xen/version.h>

KIT_LINKED_AT(0x10000000)
KIT_NOTES
asm(".pushsection __xen_guest\n"
    "\t.ascii \"GUEST_OS=other,XEN_VER=xen-3.0,VIRT_BASE=0x10000000,ELF_PADDR_OFFSET=0x0,HYPERCALL_PAGE=0x101,\"\n"
    "\t.ascii \"FEATURES=writable_page_tables|not_known_to_anyone|!pae_pgdir_above_4gb,\"\n"
    "\t.ascii \"PAE=yes[extended-cr3],UNKNOWN=value,BARE,LOADER=generic\"\n"
    "\t.byte 0\n\t.popsection");

static unsigned long nothing(void *arg)
{
	return (unsigned long)arg;
}

void kit_main(void)
{
	const struct start_info *si = kit_start_info;
	unsigned long bad = 0, result = 0;
	struct kit_fault f;

	kit_check_eq((int64_t)KIT_VIRT_BASE, 0x10000000, "linked where it says");
	kit_check((unsigned long)hypercall_page == KIT_VIRT_BASE + 0x101000, "the hypercall page is where it says");
	kit_observe("release %lx", (unsigned long)hc_xen_version(XENVER_version, NULL));
	kit_observe("magic %s flags %x", si->magic, si->flags);
	for (unsigned long pfn = 0; pfn < si->nr_pages; pfn++)
		bad += kit_mfn_to_pfn(kit_pfn_to_mfn(pfn)) != pfn;
	kit_check_eq((int64_t)bad, 0, "what it says is true");
	kit_check((unsigned long)si > KIT_VIRT_BASE && (unsigned long)si < KIT_VIRT_BASE + (64UL << 20), "start info is near");
	kit_user_probe(nothing, (void *)55, &f, &result);
	kit_check_eq((int64_t)result, 55, "user mode runs");
	kit_observe("a module: %s", si->mod_len ? "yes" : "no");
	if (si->mod_len)
		kit_check(!(si->flags & SIF_MOD_START_PFN) && !memcmp((const void *)si->mod_start, "\177ELF", 4),
			  "it is there, by address");
}
