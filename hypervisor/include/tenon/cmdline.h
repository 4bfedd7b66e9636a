/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of the hypervisor's command line. Each is declared where it is used; the texts make up the table in
 * doc/command-line.md (build-aux/gen-options.awk), so name and help are literals on the macro's own line.
 */
#ifndef TENON_CMDLINE_H
#define TENON_CMDLINE_H

#include <tenon/compiler.h>
#include <tenon/types.h>

enum boot_option_type { BOOT_BOOL, BOOT_UINT, BOOT_SIZE, BOOT_STR, BOOT_CUSTOM };

struct boot_option {
	const char *name;
	enum boot_option_type type;
	uint32_t size;				/* of a string's array */
	union {
		void *var;
		int (*parse)(const char *value);	/* 0, or a negative error: the value is refused */
	};
};

#define BOOT_OPTION_LINE2(n, l)	n##l
#define BOOT_OPTION_LINE(n, l)	BOOT_OPTION_LINE2(n, l)
/* Its own alignment: the compiler would put gaps between the entries for speed. */
#define BOOT_OPTION(name, type, size, target) \
	static const struct boot_option BOOT_OPTION_LINE(boot_option_, __LINE__) \
	__used __section(".init.options") __aligned(8) = { name, type, size, { target } }

#define BOOT_OPTION_VAR(name, type, ctype, var) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(var), ctype), "type of " #var); \
	BOOT_OPTION(name, type, sizeof(ctype), &(var))

/* name, name=yes|on|true|enable|1, no-name, name=no|off|false|disable|0 */
#define BOOT_OPTION_BOOL(name, var, help)	BOOT_OPTION_VAR(name, BOOT_BOOL, bool, var)
#define BOOT_OPTION_UINT(name, var, help)	BOOT_OPTION_VAR(name, BOOT_UINT, unsigned int, var)
/* Bytes, in a uint64_t; see cmdline_parse_size(). */
#define BOOT_OPTION_SIZE(name, var, help)	BOOT_OPTION_VAR(name, BOOT_SIZE, uint64_t, var)
/* var is an array of characters; a longer value is refused. */
#define BOOT_OPTION_STR(name, var, help)	BOOT_OPTION(name, BOOT_STR, sizeof(var), var)
/* fn gets the value: "" when there is none, "no" for no-name. */
#define BOOT_OPTION_CUSTOM(name, fn, help) \
	BOOT_OPTION(name, BOOT_CUSTOM, 0, .parse = fn)

/*
 * Applies the options in text, words divided by spaces; the text stays as it is and must stay where it is. A word
 * "--" ends it. What cannot be used is remembered for cmdline_report(), which says so once there is a console.
 */
void cmdline_parse(const char *text);
void cmdline_report(void);

/*
 * A number with an optional suffix b, k, m, g or t; without one it counts KiB. Stops at
 * INT64_MAX. *end is where reading stopped: s itself if there is no number.
 */
uint64_t cmdline_parse_size(const char *s, const char **end);

/* 1, 0, or -1 when the word is neither a yes nor a no. */
int cmdline_parse_bool(const char *s);

#endif
