// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's configuration. */
#include "grubcfg.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define ENTRIES_MAX	1024
#define VARIABLES_MAX	512
#define DEPTH_MAX	32

struct grub_variable {
	char *name, *value;
};

struct parser {
	struct grub_menu *menu;
	struct scanner scanner;
	const char *environment;
	size_t environment_size;
	struct grub_entry *entry;	/* whose commands are read, or NULL */
	unsigned int depth;
};

/* Where the statements of a block stand. */
struct place {
	const char *path, *numbers;
	unsigned int siblings;
};

/* ---- variables ---- */

static const char *get_variable(void *arg, const char *name)
{
	const struct grub_menu *menu = arg;

	for (size_t i = 0; i < menu->variable_count; i++)
		if (!strcmp(menu->variables[i].name, name))
			return menu->variables[i].value;
	return "";
}

static bool set_variable(struct grub_menu *menu, const char *name, const char *value)
{
	char *copy = strdup(value);
	size_t i = 0;

	while (i < menu->variable_count && strcmp(menu->variables[i].name, name))
		i++;
	if (!copy || i == VARIABLES_MAX) {
		free(copy);
		return false;
	}
	if (i == menu->variable_count) {
		menu->variables[i] = (struct grub_variable){ strdup(name), NULL };
		if (!menu->variables[i].name) {
			free(copy);
			return false;
		}
		menu->variable_count++;
	}
	free(menu->variables[i].value);
	menu->variables[i].value = copy;
	return true;
}

static bool assign(struct grub_menu *menu, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[128];

	if (!equals || equals == word || equals - word >= (ptrdiff_t)sizeof(name))
		return true;
	memcpy(name, word, equals - word);
	name[equals - word] = '\0';
	return set_variable(menu, name, equals + 1);
}

/* Lines NAME=VALUE, padded with '#'. The entry for once is not ours to use up. */
static bool load_environment(struct parser *parser)
{
	const char *at = parser->environment ? parser->environment : "", *end = at + parser->environment_size;
	bool good = true;

	while (at < end && good) {
		const char *stop = memchr(at, '\n', end - at);
		char *line;

		stop = stop ? stop : end;
		line = strndup(at, stop - at);
		good = line && (*line == '#' || !strncmp(line, "next_entry=", 11) || assign(parser->menu, line));
		free(line);
		at = stop + (stop < end);
	}
	return good;
}

/* ---- entries ---- */

static char *join(char *const *words, unsigned int count)
{
	size_t size = 1;
	char *text;

	for (unsigned int i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	text = calloc(1, size);
	for (unsigned int i = 0; text && i < count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, words[i]);
	}
	return text;
}

static void clear_entry(struct grub_entry *entry)
{
	free(entry->title);
	free(entry->id);
	free(entry->path);
	free(entry->numbers);
	free(entry->kernel);
	free(entry->arguments);
	for (unsigned int i = 0; i < entry->initrds; i++)
		free(entry->initrd[i]);
}

static struct grub_entry *add_entry(struct grub_menu *menu, const char *title, const char *id,
				    const struct place *place, unsigned int index)
{
	struct grub_entry *entry;

	if (menu->entries == ENTRIES_MAX)
		return NULL;
	entry = &menu->entry[menu->entries];
	*entry = (struct grub_entry){
		.title = strdup(title), .id = strdup(id), .path = strdup(place->path), .index = index
	};
	entry->numbers = strdup(place->numbers);
	if (!entry->title || !entry->id || !entry->path || !entry->numbers) {
		clear_entry(entry);
		return NULL;
	}
	menu->entries++;
	return entry;
}

static bool set_kernel(struct grub_entry *entry, const char *kernel, char *arguments)
{
	free(entry->kernel);
	free(entry->arguments);
	entry->kernel = strdup(kernel);
	entry->arguments = arguments;
	return entry->kernel && arguments;
}

static bool add_initrd(struct grub_entry *entry, const char *file)
{
	if (entry->initrds == GRUB_INITRDS)
		return false;
	entry->initrd[entry->initrds] = strdup(file);
	return entry->initrd[entry->initrds] && ++entry->initrds;
}

/* The value of an option such as --id in a menu entry's head. */
static const char *option(const struct statement *statement, const char *name)
{
	for (unsigned int i = 1; i + 1 < statement->words; i++)
		if (!strcmp(statement->word[i], name))
			return statement->word[i + 1];
	return "";
}

/* ---- conditions ---- */

static bool test_pair(const char *operator, const char *text)
{
	if (!strcmp(operator, "-n"))
		return *text;
	if (!strcmp(operator, "-z"))
		return !*text;
	/* The one file that we know of. */
	return (!strcmp(operator, "-s") || !strcmp(operator, "-f") || !strcmp(operator, "-e")) &&
	       strstr(text, "/grubenv");
}

/* [ ... ]: one comparison, perhaps turned round. */
static bool test(char *const *word, unsigned int words)
{
	if (words && !strcmp(word[0], "!"))
		return !test(word + 1, words - 1);
	switch (words) {
	case 1:
		return *word[0];
	case 2:
		return test_pair(word[0], word[1]);
	case 3:
		if (!strcmp(word[1], "!="))
			return strcmp(word[0], word[2]);
		return (!strcmp(word[1], "=") || !strcmp(word[1], "==")) && !strcmp(word[0], word[2]);
	}
	return false;
}

static bool condition(const struct statement *statement)
{
	unsigned int words = statement->words;

	if (words > 2 && !strcmp(statement->word[1], "["))
		return test(statement->word + 2, words - 2 - !strcmp(statement->word[words - 1], "]"));
	return words == 2 && !strcmp(statement->word[1], "true");
}

/* ---- statements ---- */

static bool is_one_of(const char *word, const char *const names[])
{
	while (*names && strcmp(word, *names))
		names++;
	return *names;
}

static void block(struct parser *parser, const char *const ends[], struct statement *last, bool run,
		  struct place *place);

static bool simple(struct parser *parser, const struct statement *statement)
{
	static const char *const linux_names[] = { "linux", "linux16", "linuxefi", NULL };
	static const char *const initrd_names[] = { "initrd", "initrd16", "initrdefi", NULL };
	char *const *word = statement->word;
	bool good = true;

	if (!strcmp(word[0], "set") && statement->words > 1)
		return assign(parser->menu, word[1]);
	if (!strcmp(word[0], "load_env"))
		return load_environment(parser);
	if (!strcmp(word[0], "blscfg"))
		parser->menu->has_snippets = true;
	else if (parser->entry && is_one_of(word[0], linux_names) && statement->words > 1)
		return set_kernel(parser->entry, word[1], join(word + 2, statement->words - 2));
	else if (parser->entry && is_one_of(word[0], initrd_names))
		for (unsigned int i = 1; i < statement->words && good; i++)
			good = add_initrd(parser->entry, word[i]);
	else if (strchr(word[0], '='))
		return assign(parser->menu, word[0]);
	return good;
}

/* if ... then ... elif ... else ... fi; @statement begins it. */
static void conditional(struct parser *parser, struct statement *statement, bool run, struct place *place)
{
	static const char *const ends[] = { "elif", "else", "fi", NULL };
	bool taken = false, more = true;

	while (more && !parser->scanner.failed) {
		bool is_else = !strcmp(statement->word[0], "else"),
		     chosen = !taken && (is_else || condition(statement));

		taken = taken || chosen;
		statement_clear(statement);
		block(parser, ends, statement, run && chosen, place);
		more = statement->words && strcmp(statement->word[0], "fi");
	}
}

/* NULL: no memory, or it is deeper than any. */
static char *join_path(const char *path, const char *name)
{
	char *joined;

	if (strlen(path) + strlen(name) > WORD_MAX || asprintf(&joined, "%s%s>", path, name) < 0)
		return NULL;
	return joined;
}

/* menuentry or submenu TITLE [OPTION...] { ... } */
static void menu_block(struct parser *parser, struct statement *statement, bool run, struct place *place)
{
	static const char *const ends[] = { "}", NULL };
	bool is_submenu = !strcmp(statement->word[0], "submenu");
	const char *title = statement->words > 2 ? statement->word[1] : "", *id = option(statement, "--id");
	unsigned int index = place->siblings;
	char number[16];
	struct place inside = { place->path, place->numbers, 0 };
	char *path = NULL, *numbers = NULL;

	snprintf(number, sizeof(number), "%u", index);
	place->siblings += run;
	if (run && is_submenu) {
		path = join_path(place->path, title);
		numbers = join_path(place->numbers, number);
		parser->scanner.failed |= !path || !numbers;
		inside = (struct place){ path, numbers, 0 };
	} else if (run) {
		parser->entry = add_entry(parser->menu, title, id, place, index);
		parser->scanner.failed |= !parser->entry;
	}
	statement_clear(statement);
	block(parser, ends, statement, run, &inside);
	parser->entry = NULL;
	free(path);
	free(numbers);
}

static bool ends_with_brace(const struct statement *statement)
{
	return !strcmp(statement->word[statement->words - 1], "{");
}

static void compound(struct parser *parser, struct statement *statement, bool run, struct place *place)
{
	static const char *const menus[] = { "menuentry", "submenu", NULL }, *const loops[] = { "for", "while",
												"until", NULL };
	static const char *const brace[] = { "}", NULL }, *const done[] = { "done", NULL };
	const char *first = statement->word[0];

	if (!strcmp(first, "if")) {
		conditional(parser, statement, run, place);
	} else if (is_one_of(first, menus) && ends_with_brace(statement)) {
		menu_block(parser, statement, run && !parser->entry, place);
	} else if (is_one_of(first, loops) || ends_with_brace(statement)) {
		/* Functions and loops: nothing that starts kernels is in them. */
		const char *const *ends = is_one_of(first, loops) ? done : brace;

		statement_clear(statement);
		block(parser, ends, statement, false, place);
	} else if (run && !simple(parser, statement)) {
		parser->scanner.failed = true;
	}
}

/* "then" and "do" may have a command behind them. */
static void drop_keyword(struct statement *statement)
{
	if (strcmp(statement->word[0], "then") && strcmp(statement->word[0], "do"))
		return;
	free(statement->word[0]);
	statement->words--;
	memmove(statement->word, statement->word + 1, statement->words * sizeof(statement->word[0]));
}

/* Statements up to one of @ends, which is left in @last; without any (NULL) up to the end. */
static void block(struct parser *parser, const char *const ends[], struct statement *last, bool run,
		  struct place *place)
{
	if (++parser->depth > DEPTH_MAX)
		parser->scanner.failed = true;
	while (scan_statement(&parser->scanner, last)) {
		drop_keyword(last);
		if (!last->words)
			continue;
		if (ends && is_one_of(last->word[0], ends))
			break;
		compound(parser, last, run, place);
		statement_clear(last);
	}
	parser->depth--;
}

/* ---- the whole ---- */

/* What GRUB itself sets, as far as configurations ask for it. */
static bool set_features(struct grub_menu *menu)
{
	static const char *const set[] = {
		"menuentry_id_option=--id",
		"feature_menuentry_id=y",
		"feature_platform_search_hint=y",
		"feature_timeout_style=y",
		"feature_default_font_path=y",
		"feature_all_video_module=y",
		"feature_nativedisk_cmd=y",
		"grub_platform=pc",
		"grub_cpu=i386",
		"root=hd0",
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]) && good; i++)
		good = assign(menu, set[i]);
	return good;
}

struct grub_menu *grub_parse(const char *text, size_t size, const char *environment, size_t environment_size)
{
	struct grub_menu *menu = calloc(1, sizeof(*menu));
	struct statement *statement = calloc(1, sizeof(*statement));
	struct parser parser = {
		.menu = menu, .environment = environment, .environment_size = environment_size,
		.scanner = { .at = text, .end = text + size, .variable = get_variable, .arg = menu },
	};
	struct place place = { "", "", 0 };
	bool good = menu && statement;

	if (good) {
		menu->entry = calloc(ENTRIES_MAX, sizeof(*menu->entry));
		menu->variables = calloc(VARIABLES_MAX, sizeof(*menu->variables));
		good = menu->entry && menu->variables && set_features(menu);
	}
	if (good) {
		block(&parser, NULL, statement, true, &place);
		menu->selected = strdup(get_variable(menu, "default"));
		good = !parser.scanner.failed && menu->selected;
		statement_clear(statement);
	}
	free(statement);
	if (good)
		return menu;
	grub_free(menu);
	return NULL;
}

void grub_free(struct grub_menu *menu)
{
	if (!menu)
		return;
	for (size_t i = 0; i < menu->entries; i++)
		clear_entry(&menu->entry[i]);
	for (size_t i = 0; i < menu->variable_count; i++) {
		free(menu->variables[i].name);
		free(menu->variables[i].value);
	}
	free(menu->entry);
	free(menu->variables);
	free(menu->selected);
	free(menu);
}

/* ---- snippets ---- */

/* One line: a key and its value, in which there may be variables. */
static bool snippet_line(struct grub_menu *menu, struct grub_entry *entry, const struct statement *line)
{
	const char *key = line->word[0];
	char *value = join(line->word + 1, line->words - 1);
	bool good = value;

	if (good && !strcmp(key, "title")) {
		free(entry->title);
		entry->title = strdup(value);
		good = entry->title;
	} else if (good && !strcmp(key, "linux")) {
		free(entry->kernel);
		entry->kernel = strdup(value);
		good = entry->kernel;
	} else if (good && !strcmp(key, "options")) {
		free(entry->arguments);
		entry->arguments = strdup(value);
		good = entry->arguments;
	} else if (!strcmp(key, "initrd")) {
		for (unsigned int i = 1; i < line->words && good; i++)
			good = add_initrd(entry, line->word[i]);
	}
	free(value);
	return good;
}

bool grub_add_snippet(struct grub_menu *menu, const char *name, const char *text, size_t size)
{
	struct scanner scanner = { .at = text, .end = text + size, .variable = get_variable, .arg = menu };
	struct statement *line = calloc(1, sizeof(*line));
	const struct place top = { "", "", 0 };
	struct grub_entry *entry = line ? add_entry(menu, name, name, &top, menu->entries) : NULL;
	bool good = entry;

	while (good && scan_statement(&scanner, line)) {
		good = snippet_line(menu, entry, line);
		statement_clear(line);
	}
	free(line);
	if (entry && !entry->arguments)
		entry->arguments = strdup("");
	return good && !scanner.failed && entry->kernel && entry->arguments;
}

/* ---- choosing ---- */

/* Is it meant by a word: its number among its siblings, its title, its id? */
static bool is_meant(const struct grub_entry *entry, const char *word)
{
	char *end;
	unsigned long index = strtoul(word, &end, 10);

	return (isdigit((unsigned char)*word) && !*end && index == entry->index) || !strcmp(word, entry->title) ||
	       (*entry->id && !strcmp(word, entry->id));
}

/* Submenus by their titles or their numbers. An id is enough by itself: ids are those of the whole menu. */
static bool is_reached(const struct grub_entry *entry, const char *wanted, size_t path)
{
	if (strlen(entry->path) == path && !strncmp(entry->path, wanted, path))
		return true;
	if (strlen(entry->numbers) == path && !strncmp(entry->numbers, wanted, path))
		return true;
	return path && *entry->id && !strcmp(entry->id, wanted + path);
}

static const struct grub_entry *find(const struct grub_menu *menu, const char *wanted)
{
	const char *last = strrchr(wanted, '>');
	size_t path = last ? last + 1 - wanted : 0;

	for (size_t i = 0; i < menu->entries; i++) {
		const struct grub_entry *entry = &menu->entry[i];

		if (entry->kernel && is_meant(entry, wanted + path) && is_reached(entry, wanted, path))
			return entry;
	}
	return NULL;
}

const struct grub_entry *grub_select(const struct grub_menu *menu, const char *wanted)
{
	const struct grub_entry *entry;

	if (wanted && *wanted)
		return find(menu, wanted);
	entry = find(menu, menu->selected);
	for (size_t i = 0; i < menu->entries && !entry; i++)
		if (menu->entry[i].kernel)
			entry = &menu->entry[i];
	return entry;
}
