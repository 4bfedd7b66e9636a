// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's shell-like language, word by word. */
#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct word {
	char text[WORD_MAX];
	size_t length;
	bool there;			/* also if it is empty: "" */
};

static void add(struct scanner *scanner, struct word *word, const char *text, size_t length)
{
	word->there = true;
	if (length >= WORD_MAX - word->length) {
		scanner->failed = true;
		return;
	}
	memcpy(word->text + word->length, text, length);
	word->length += length;
}

/* After a '$': NAME or {NAME}; what is neither stays. */
static void add_variable(struct scanner *scanner, struct word *word)
{
	bool braces = scanner->at < scanner->end && *scanner->at == '{';
	const char *start = scanner->at + braces, *stop = start;
	char name[128];

	while (stop < scanner->end &&
	       (isalnum((unsigned char)*stop) || *stop == '_' || (stop == start && *stop == '?')))
		stop++;
	if (stop == start || stop - start >= (ptrdiff_t)sizeof(name) ||
	    (braces && (stop == scanner->end || *stop != '}'))) {
		add(scanner, word, "$", 1);
		return;
	}
	memcpy(name, start, stop - start);
	name[stop - start] = '\0';
	scanner->at = stop + braces;
	if (braces || stop > start) {
		const char *value = scanner->variable(scanner->arg, name);
		bool there = word->there;

		add(scanner, word, value, strlen(value));
		/* A variable that is empty is no word by itself. */
		word->there = there || *value;
	}
}

static void add_quoted(struct scanner *scanner, struct word *word)
{
	add(scanner, word, "", 0);
	for (scanner->at++; scanner->at < scanner->end && *scanner->at != '\''; scanner->at++)
		add(scanner, word, scanner->at, 1);
	scanner->at += scanner->at < scanner->end;
}

static void add_double_quoted(struct scanner *scanner, struct word *word)
{
	add(scanner, word, "", 0);
	scanner->at++;
	while (scanner->at < scanner->end && *scanner->at != '"') {
		if (*scanner->at == '$') {
			scanner->at++;
			add_variable(scanner, word);
			continue;
		}
		if (*scanner->at == '\\' && scanner->at + 1 < scanner->end && strchr("\\\"$", scanner->at[1]))
			scanner->at++;
		add(scanner, word, scanner->at++, 1);
	}
	scanner->at += scanner->at < scanner->end;
}

/* One word. */
static void scan_word(struct scanner *scanner, struct word *word)
{
	*word = (struct word){ .length = 0 };
	while (scanner->at < scanner->end && !scanner->failed && !strchr(" \t\r\n;", *scanner->at)) {
		switch (*scanner->at) {
		case '\'':
			add_quoted(scanner, word);
			break;
		case '"':
			add_double_quoted(scanner, word);
			break;
		case '$':
			scanner->at++;
			add_variable(scanner, word);
			break;
		case '\\':
			scanner->at++;
			if (scanner->at < scanner->end && *scanner->at != '\n')
				add(scanner, word, scanner->at, 1);
			scanner->at += scanner->at < scanner->end;
			break;
		default:
			add(scanner, word, scanner->at++, 1);
		}
	}
}

/* Blanks and comments; true: the statement ends here. */
static bool skip_blanks(struct scanner *scanner, bool first)
{
	while (scanner->at < scanner->end) {
		char c = *scanner->at;

		if (c == '#')
			while (scanner->at < scanner->end && *scanner->at != '\n')
				scanner->at++;
		else if (c == '\n' || c == ';') {
			scanner->at++;
			if (!first)
				return true;
		} else if (c == ' ' || c == '\t' || c == '\r' || !c)
			scanner->at++;
		else if (c == '\\' && scanner->end - scanner->at > 1 && scanner->at[1] == '\n')
			scanner->at += 2;
		else
			return false;
	}
	return true;
}

bool scan_statement(struct scanner *scanner, struct statement *statement)
{
	struct word word;

	statement->words = 0;
	while (!scanner->failed && !skip_blanks(scanner, !statement->words)) {
		bool plain = strchr("{}", *scanner->at) != NULL;

		scan_word(scanner, &word);
		if (!word.there)
			continue;
		word.text[word.length] = '\0';
		if (statement->words == WORDS_MAX || !(statement->word[statement->words] = strdup(word.text))) {
			scanner->failed = true;
			break;
		}
		statement->words++;
		if (plain && word.length == 1)
			break;
	}
	if (scanner->failed)
		statement_clear(statement);
	return statement->words;
}

void statement_clear(struct statement *statement)
{
	for (unsigned int i = 0; i < statement->words; i++)
		free(statement->word[i]);
	statement->words = 0;
}
