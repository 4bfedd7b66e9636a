/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRUB's shell-like language, word by word. */
#ifndef DISKBOOT_WORDS_H
#define DISKBOOT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORD_MAX	4096		/* bytes of one, variables put in */
#define WORDS_MAX	256		/* of a statement */

struct scanner {
	const char *at, *end;
	const char *(*variable)(void *arg, const char *name);	/* a value, never NULL */
	void *arg;
	bool failed;			/* a bound was exceeded, or there is no memory */
};

/* A statement's words, without the end of it. Each is a block of its own. */
struct statement {
	char *word[WORDS_MAX];
	unsigned int words;
};

/*
 * The next statement that has words; "{" and "}" end one as its last word, "}" and also alone. False: there is none.
 * Owned by the caller: statement_clear().
 */
bool scan_statement(struct scanner *scanner, struct statement *statement);
void statement_clear(struct statement *statement);

#endif
