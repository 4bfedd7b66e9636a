/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs in the sandbox, and the parts it is made of. */
#ifndef DISKBOOT_INSIDE_H
#define DISKBOOT_INSIDE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DISK_PATH	"/disk"
#define FSTEST_PATH	"/usr/bin/grub-fstest"
#define FSTEST2_PATH	"/usr/bin/grub2-fstest"		/* as Fedora has it */

/* What the sandbox says: its result, then two texts, each with a zero. */
struct answer {
	int32_t error;			/* 0: the texts are title and command line; else one is the reason */
	char text[8192];
};

/*
 * Puts this process, a child that has nothing else to do, into the sandbox, for good. @disk: a descriptor of a block
 * device. All other descriptors than @keep (ended by -1) are closed. 0, or a negative errno and the step that
 * failed.
 */
int sandbox_enter(int disk, const int *keep, const char **step);

/* Finds the configuration and what it starts on DISK_PATH; the bytes go to @kernel and @ramdisk. */
void inside_run(const char *entry, int kernel, int ramdisk, struct answer *answer);

/*
 * fstest.c: grub-fstest once, in the sandbox: its output goes to @out, at its end. @verb: "ls", "cat"; @path with a
 * device before it, or NULL. 0, or a negative errno.
 */
int fstest_run(const char *verb, const char *path, int out);

/* The same, output in memory, with a zero behind it; at most @most bytes, else -EFBIG. Freed by the caller. */
int fstest_text(const char *verb, const char *path, size_t most, char **text, size_t *size);

#endif
