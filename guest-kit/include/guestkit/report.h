/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_REPORT_H
#define GUESTKIT_REPORT_H

#include <guestkit/kit.h>

/*
 * Results of a test guest. The worst report wins: success < skip < error (the test is broken)
 * < failure (the hypervisor is). The console shows TAP lines and, last,
 *   guest-result: success|skip|error|failure [reason]
 * Lines that start with "= " are observations: the runner compares them, in order, with the
 * guest's file of expected ones.
 */

enum kit_result { KIT_SUCCESS, KIT_SKIP, KIT_ERROR, KIT_FAILURE };

void kit_report(enum kit_result result, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints the result; for guests that end in another way than kit_finish(). */
void kit_result(void);
/* Ends the guest: prints the result and shuts down. */
void kit_finish(void) __attribute__((noreturn));
/* The whole guest cannot run here. */
void kit_skip_all(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void kit_fatal(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* One TAP point; returns `ok`. */
bool kit_check(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A TAP point that compares; on a difference prints both. */
bool kit_check_eq(int64_t got, int64_t want, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A TAP point that was skipped; the guest as a whole stays a success. */
void kit_skip(const char *what, const char *why);
/* An observation line. */
void kit_observe(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "= name: -EINVAL" */
void kit_observe_ret(long ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A comment line. */
void kit_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *kit_errno_name(long err);
/* Asks Tenon to count its users of pages anew; the runner looks at what it says. Other hypervisors are not asked. */
void kit_audit(void);

#endif
