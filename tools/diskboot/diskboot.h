/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's kernel, taken out of its own disk: what its GRUB would start. The disk is hostile. It is read by GRUB's
 * own program (grub-fstest, package grub-common) and its configuration by ours, in a process without privileges: it
 * has another user, no capability, its own namespaces, a root directory with nothing but /usr (read-only) and the
 * disk, few system calls, and limits. What comes back are bytes in sealed memory files, and text; the caller treats
 * them as hostile, too (tenon-build.h).
 */
#ifndef DISKBOOT_DISKBOOT_H
#define DISKBOOT_DISKBOOT_H

#define DISKBOOT_WHY_SIZE	512

struct diskboot {
	int kernel, ramdisk;		/* descriptors of sealed memory files; ramdisk -1: there is none */
	char *title;			/* of the entry in GRUB's menu */
	char *command_line;
};

/*
 * @disk: a raw image or a block device; it is opened to be read. @entry: NULL: the menu's default; else number, title
 * or id of an entry, with submenus before it divided by '>'. Takes at most a minute. The caller must be root; a file
 * has a loop device for the time. 0, and diskboot_free() is owed; or a negative errno and @why, one line for the user:
 *   -ENOENT    no GRUB, no such entry, or the entry's files are missing
 *   -ENOSYS    grub-fstest is not installed
 *   -EBADMSG   configuration or file system cannot be read
 *   -ETIMEDOUT
 */
int diskboot_read(const char *disk, const char *entry, struct diskboot *out, char why[DISKBOOT_WHY_SIZE]);
void diskboot_free(struct diskboot *boot);

#endif
