/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The battery-backed clock (Motorola MC146818 data sheet). Dom0's once it runs: read at boot alone. */
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/lib.h>

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_A_UPDATING	0x80
#define RTC_B_BINARY	0x04
#define RTC_B_24H	0x02
#define RTC_PM		0x80
#define UPDATE_SPINS	10000	/* an update takes 2 ms; one look about 1 us */

struct rtc_date {
	uint8_t sec, min, hour, day, mon, year;
};

static uint8_t __init cmos(uint8_t reg)
{
	outb(reg, RTC_INDEX);
	return inb(RTC_DATA);
}

static bool __init read_raw(struct rtc_date *d)
{
	for (unsigned int i = 0; cmos(10) & RTC_A_UPDATING; i++)
		if (i == UPDATE_SPINS)
			return false;
	*d = (struct rtc_date){ cmos(0), cmos(2), cmos(4), cmos(7), cmos(8), cmos(9) };
	return true;
}

static uint8_t __init from_bcd(uint8_t v)
{
	return (v >> 4) * 10 + (v & 15);
}

uint64_t __init rtc_read(void)
{
	struct rtc_date d, again;
	uint8_t mode = cmos(11), pm;

	/* Twice the same: no update came in between. */
	for (unsigned int i = 0; ; i++) {
		if (i == 4 || !read_raw(&d) || !read_raw(&again))
			return 0;
		if (!memcmp(&d, &again, sizeof(d)))
			break;
	}
	pm = mode & RTC_B_24H ? 0 : d.hour & RTC_PM;
	d.hour &= ~pm;
	if (!(mode & RTC_B_BINARY))
		d = (struct rtc_date){ from_bcd(d.sec), from_bcd(d.min), from_bcd(d.hour),
				       from_bcd(d.day), from_bcd(d.mon), from_bcd(d.year) };
	if (!(mode & RTC_B_24H))
		d.hour = d.hour % 12 + (pm ? 12 : 0);
	if (d.sec > 59 || d.min > 59 || d.hour > 23 || !d.day || d.day > 31 || !d.mon || d.mon > 12 || d.year > 99)
		return 0;
	/* Two digits: nothing that runs this was built before 1970. */
	return date_to_seconds(d.year + (d.year < 70 ? 2000 : 1900), d.mon, d.day, d.hour, d.min, d.sec);
}
