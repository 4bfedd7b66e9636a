/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The notes of a guest that has none of its own. */

#include <guestkit/notes.h>

KIT_NOTES
KIT_NOTE(XEN_ELFNOTE_XEN_VERSION, ".asciz \"xen-3.0\"")
KIT_NOTE(XEN_ELFNOTE_GUEST_OS, ".asciz \"guestkit\"")
KIT_NOTE(XEN_ELFNOTE_GUEST_VERSION, ".asciz \"1\"")
KIT_NOTE(XEN_ELFNOTE_LOADER, ".asciz \"generic\"")
KIT_NOTE(XEN_ELFNOTE_PAE_MODE, ".asciz \"yes\"")
KIT_NOTE(XEN_ELFNOTE_VIRT_BASE, ".quad kit_virt_base")
KIT_NOTE(XEN_ELFNOTE_ENTRY, ".quad _start")
KIT_NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, ".quad hypercall_page")
KIT_NOTE(XEN_ELFNOTE_HV_START_LOW, ".quad 0xffff800000000000")
KIT_NOTE(XEN_ELFNOTE_FEATURES, ".asciz \"!writable_page_tables|pae_pgdir_above_4gb\"")
/* Feature 11: the kernel is able to run as the first domain. */
KIT_NOTE(XEN_ELFNOTE_SUPPORTED_FEATURES, ".long 1 << 11")
KIT_NOTE(XEN_ELFNOTE_L1_MFN_VALID, ".quad 1, 1")
