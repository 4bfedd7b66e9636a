/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall clock time: as guests have it, the date at which system time was zero. */
#include <asm/time.h>
#include <tenon/arch.h>

#define NS_A_SECOND	1000000000UL

static struct {
	spinlock_t lock;		/* also keeps writers of one domain's record apart */
	uint64_t sec;
	uint32_t nsec;
} wallclock;

void update_domain_wallclock(struct domain *d)
{
	struct shared_info *s = d->shared_info;
	uint32_t version;
	uint64_t sec;

	if (!s)
		return;
	spin_lock(&wallclock.lock);
	sec = wallclock.sec + (uint64_t)(int64_t)d->time_offset_seconds;
	version = READ_ONCE(s->wc_version) | 1;
	WRITE_ONCE(s->wc_version, version);
	barrier();
	s->wc_sec = (uint32_t)sec;
	s->wc_nsec = wallclock.nsec;
	s->wc_sec_hi = (uint32_t)(sec >> 32);
	barrier();
	WRITE_ONCE(s->wc_version, version + 1);
	spin_unlock(&wallclock.lock);
}

void set_wallclock(uint64_t secs, uint32_t nsecs, s_time_t t)
{
	uint64_t ns = secs * NS_A_SECOND + nsecs - (uint64_t)t;
	struct domain *d;

	spin_lock(&wallclock.lock);
	wallclock.sec = ns / NS_A_SECOND;
	wallclock.nsec = (uint32_t)(ns % NS_A_SECOND);
	spin_unlock(&wallclock.lock);
	for_each_domain(d)
		update_domain_wallclock(d);
}

/* The clock's second began up to one second ago: the middle is the best guess that takes no waiting. */
void __init wallclock_init(void)
{
	uint64_t sec = rtc_read();

	if (!sec)
		printk(LOG_WARN "The battery-backed clock has no valid date: set the time in dom0\n");
	set_wallclock(sec, sec ? NS_A_SECOND / 2 : 0, now());
}
