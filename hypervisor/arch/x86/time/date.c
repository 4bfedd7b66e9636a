/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dates of the Gregorian calendar. */
#include <asm/time.h>

/* With March as the first month the leap day is the last of its year, and months' lengths follow a line. */
uint64_t date_to_seconds(unsigned int year, unsigned int mon, unsigned int day,
			 unsigned int hour, unsigned int min, unsigned int sec)
{
	unsigned int y = mon <= 2 ? year - 1 : year, m = mon <= 2 ? mon + 9 : mon - 3;
	uint64_t days = 365UL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;

	days -= 719468;			/* 1 March of the year 0 to 1 January 1970 */
	return ((days * 24 + hour) * 60 + min) * 60 + sec;
}
