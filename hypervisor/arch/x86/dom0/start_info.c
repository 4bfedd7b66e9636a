/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start info page and the p2m list: what the kernel reads first. Runs on dom0's page tables. */
#include <asm/page.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <xen/platform.h>
#include "dom0.h"

void __init dom0_fill_start_info(struct dom0_build *b)
{
	struct start_info *si = (struct start_info *)b->start_info.start;
	struct dom0_vga_console_info *vga = (struct dom0_vga_console_info *)(si + 1);

	BUILD_BUG_ON(sizeof(*si) + sizeof(*vga) > 2 * PAGE_SIZE);
	memset(si, 0, 2 * PAGE_SIZE);
	/* A note on page directories that means something to 32-bit kernels shows here, too. */
	strlcpy(si->magic, b->elf.notes.pae_mode == PAE_NO ? "xen-3.0-x86_64" : "xen-3.0-x86_64p", sizeof(si->magic));
	si->nr_pages = b->nr_pages;
	si->shared_info = virt_to_maddr(b->d->shared_info);
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN | (1U << XEN_PM_CX | 1U << XEN_PM_PX) << 8;
	si->pt_base = b->tables.start;
	si->nr_pt_frames = b->nr_table_pages;
	si->mfn_list = b->p2m.start;
	if (b->p2m_apart) {
		si->first_p2m_pfn = b->first_p2m_pfn;
		si->nr_p2m_frames = b->nr_p2m_frames;
	}
	if (b->initrd_pages) {
		si->flags |= b->initrd.start ? 0 : SIF_MOD_START_PFN;
		si->mod_start = b->initrd.start ?: b->initrd_pfn;
		si->mod_len = b->initrd_bytes;
	}
	strlcpy((char *)si->cmd_line, boot_info.modules[0].cmdline, sizeof(si->cmd_line));
	si->console.dom0.info_size = console_fill_vga_info(vga);
	if (si->console.dom0.info_size)
		si->console.dom0.info_off = sizeof(*si);
	memcpy((void *)b->p2m.start, b->pfn_to_mfn, b->nr_pages * sizeof(unsigned long));
}
