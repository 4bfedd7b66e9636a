/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests' configuration files, in xl.cfg's syntax:
 *
 *	name = "value"; number = 0x10	# comment
 *	list = [ 'a', "b", [ 1, 2 ],
 *		 'last', ]
 *	list += [ 'one more' ]
 *
 * A setting that comes twice has its last value. Everything that is wrong is reported, with its place, not the first alone.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct config_place {
	int line, column;		/* from 1 on; 0: no place in the file */
};

enum config_kind { CONFIG_NUMBER, CONFIG_STRING, CONFIG_LIST };

struct config_value {
	enum config_kind kind;
	struct config_place place;
	long long number;
	char *string;
	struct config_value **items;
	size_t count;
};

struct config_setting {
	struct config_setting *next;
	char *name;
	struct config_place place;
	struct config_value *value;
};

enum config_severity { CONFIG_WARNING, CONFIG_ERROR };

/* Told of each problem: "FILE:LINE:COLUMN: ..." is the caller's to make. */
typedef void config_report(void *arg, enum config_severity severity, const char *file, struct config_place place,
			   const char *text);

struct config {
	char *file;			/* its name, for messages */
	struct config_setting *settings;	/* in the order of the file */
	unsigned int errors;
	config_report *report;
	void *report_arg;
};

#define CONFIG_SIZE_MAX (1 << 20)

/*
 * Reads a file, or parses text; @name stands in messages. Never NULL; what was wrong is in ->errors. @report may be NULL.
 */
struct config *config_read(const char *file, config_report *report, void *arg);
struct config *config_parse(const char *name, const char *text, size_t size, config_report *report, void *arg);
void config_free(struct config *config);

/* NULL: the file does not say. */
const struct config_value *config_get(const struct config *config, const char *name);

/* Compares with what is known of each key (keys.c): unknown ones are warned of, wrong kinds and ranges are errors. */
void config_check(struct config *config);

/* ---- between the parts of the parser ---- */

void config_complain(struct config *config, enum config_severity severity, struct config_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
struct config_value *config_value_new(enum config_kind kind, struct config_place place);
void config_value_free(struct config_value *value);
void config_list_add(struct config_value *list, struct config_value *item);

/* Takes over @name and @value. @append: to the value that it has. */
void config_set(struct config *config, char *name, struct config_place place, struct config_value *value, bool append);

/* The same, but a value that was set before is replaced without a word. */
void config_override(struct config *config, char *name, struct config_place place, struct config_value *value, bool append);

#endif
