/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_NOTES_H
#define GUESTKIT_NOTES_H

/*
 * ELF notes, which describe a kernel to the domain builder. The library has usual ones; a guest that wants others writes
 * KIT_NOTES and its own. KIT_LINKED_AT(address) links it there instead of at the top of the address space: guest frame 0 lies
 * at that address, the image 1 MiB above.
 */

#include <xen/elfnote.h>

#define KIT_NOTES	asm(".globl kit_notes\nkit_notes = 0");
#define KIT_LINKED_AT(address)	asm(".globl kit_linked_at\nkit_linked_at = " #address);

#define KIT_NOTE_TEXT(x)	#x
/* desc: what the assembler is to make its contents of, in quotes. */
#define KIT_NOTE(type, desc) \
	asm(".pushsection .note.guestkit, \"a\", @note\n" \
	    "\t.balign 4\n\t.long 2f - 1f, 4f - 3f, " KIT_NOTE_TEXT(type) "\n" \
	    "1:\t.asciz \"Xen\"\n2:\t.balign 4\n3:\t" desc "\n4:\t.balign 4\n\t.popsection");

#endif
