/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test Anything Protocol for one-file test programs. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_number, tap_failures;

#define ok(good, ...) do { \
	bool good_ = (good); \
	tap_failures += !good_; \
	printf("%sok %u - ", good_ ? "" : "not ", ++tap_number); \
	printf(__VA_ARGS__); \
	printf("\n"); \
	fflush(stdout); \
	if (!good_) \
		printf("# %s:%d: %s\n", __FILE__, __LINE__, #good); \
} while (0)

static inline int tap_end(void)
{
	printf("1..%u\n", tap_number);
	return tap_failures != 0;
}

#endif
