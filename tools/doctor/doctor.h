/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the way of running Tenon on a host, found in files alone (/proc, /sys, /boot, /etc): no hypervisor is asked,
 * so that it can be done before the first boot, and on a system that is mounted somewhere.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

enum doctor_severity { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_ERROR };

/* @advice: what to do, or NULL. The texts are lent. */
typedef void (*doctor_report)(void *arg, const char *check, enum doctor_severity severity, const char *text, const char *advice);

struct doctor {
	const char *root;	/* stands before each path; "" for this system */
	doctor_report report;
	void *arg;
	/* What doctor_run() finds first */
	bool on_tenon, on_xen;	/* which hypervisor runs beneath, if any */
	char *cmdline;		/* the kernel's command line */
	char *release;		/* the kernel's release; "" if unknown */
	char *menu;		/* GRUB's menu; NULL if there is none */
	const char *menu_path;
};

/* All checks, each of which reports once or more. The root, the function and its argument are set. */
void doctor_run(struct doctor *doctor);

/* ---- for the checks ---- */

void doctor_check_processor(struct doctor *doctor);
void doctor_check_firmware(struct doctor *doctor);
void doctor_check_memory(struct doctor *doctor);
void doctor_check_swap(struct doctor *doctor);
void doctor_check_boot(struct doctor *doctor);
void doctor_check_secure_boot(struct doctor *doctor);
void doctor_check_console(struct doctor *doctor);
void doctor_check_kernels(struct doctor *doctor);
void doctor_check_modules(struct doctor *doctor);
void doctor_check_bridge(struct doctor *doctor);
void doctor_check_programs(struct doctor *doctor);
void doctor_check_services(struct doctor *doctor);
void doctor_check_packages(struct doctor *doctor);

void doctor_say(struct doctor *doctor, const char *check, enum doctor_severity severity, const char *advice, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * The contents of a file, with a zero behind them; NULL if it cannot be read. At most DOCTOR_FILE_MAX bytes are: what is
 * longer ends there. @size may be NULL. The caller frees it.
 */
#define DOCTOR_FILE_MAX (8 << 20)
char *doctor_read(const struct doctor *doctor, size_t *size, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool doctor_exists(const struct doctor *doctor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The names that a pattern of glob(7) has under the root, without the root and ended by NULL. An empty list if there are
 * none. doctor_names_free() frees it.
 */
char **doctor_names(const struct doctor *doctor, const char *pattern);
void doctor_names_free(char **names);

/* Is @word among the words of @text, which blanks, tabs, newlines and quotes divide? With a "=" at its end: one that begins so. */
bool doctor_has_word(const char *text, const char *word);

/* The number behind "@key" at a line's start, or -1. */
long long doctor_number(const char *text, const char *key);

/* A line of @text that begins with @start (blanks before it do not count), after @after if that is not NULL; or NULL. */
const char *doctor_find_line(const char *text, const char *start, const char *after);

/* A copy of the line at @at, without its end. The caller frees it. */
char *doctor_copy_line(const char *at);

/*
 * The options of the hypervisor and of dom0's kernel in the first of Tenon's entries in the menu, each NULL if there is none.
 * The caller frees both.
 */
void doctor_entry_options(const struct doctor *doctor, char **hypervisor, char **kernel);

#endif
