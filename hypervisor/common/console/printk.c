/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages: levels, rate limit of what guests cause, the log ring, and the way to the consoles. */
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/spinlock.h>
#include <tenon/timer.h>
#include "console.h"

#define RING_SIZE_MIN	16384U
#define LINE_MAX	512

static char early_ring[RING_SIZE_MIN];
static char *ring = early_ring;
static uint32_t ring_size = RING_SIZE_MIN;	/* a power of two */
static uint32_t ring_prod, ring_cons;		/* free-running */
static spinlock_t console_lock = SPINLOCK_INIT;
static bool lock_broken;			/* the machine dies: print whatever happens */
static bool at_line_start = true;

/* Highest level shown: of the hypervisor's messages, of guests'. */
static unsigned int loglvl = 2, guest_loglvl = 1;
static const char *const level_names[] = { "none", "error", "warning", "info", "debug" };

static int __init parse_level(const char *s, unsigned int *level)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(level_names); i++)
		if (!strcmp(s, level_names[i])) {
			*level = i ? i - 1 : 0;
			return 0;
		}
	if (!strcmp(s, "all")) {
		*level = 3;
		return 0;
	}
	return -EINVAL;
}

static int __init parse_loglvl(const char *s)
{
	return parse_level(s, &loglvl);
}
BOOT_OPTION_CUSTOM("loglvl", parse_loglvl, "error, warning, info (default), debug or all: which of the hypervisor's messages are shown");

static int __init parse_guest_loglvl(const char *s)
{
	return parse_level(s, &guest_loglvl);
}
BOOT_OPTION_CUSTOM("guest_loglvl", parse_guest_loglvl, "none, error, warning, ..., all: which messages that guests cause are shown");

/* Guests' messages: a burst of ten, then two a second, of all processors together. */
static bool guest_may_print(void)
{
	static s_time_t last;
	static unsigned int tokens = 10, missed;
	s_time_t t = system_state >= SYS_BOOT ? now() : 0, more;
	unsigned long flags = spin_lock_irqsave(&console_lock);
	unsigned int n = missed;
	bool may;

	more = (t - last) / MILLISECS(500);
	if (more > 0) {
		tokens = (unsigned int)min(tokens + more, (s_time_t)10);
		last = t;
	}
	may = tokens || guest_loglvl == 3;
	tokens -= tokens > 0;
	missed = may ? 0 : missed + 1;
	spin_unlock_irqrestore(&console_lock, flags);
	if (may && n)
		printk(LOG_WARN "(%u messages caused by guests were dropped)\n", n);
	return may && guest_loglvl >= 1;
}

bool console_level_enabled(char level)
{
	if (level == 'G')
		return guest_may_print();
	return (unsigned int)(level - '0') <= loglvl;
}

static void ring_put(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[ring_prod++ & (ring_size - 1)] = s[i];
	if (ring_prod - ring_cons > ring_size)
		ring_cons = ring_prod - ring_size;
}

static void put(const char *s, size_t n)
{
	ring_put(s, n);
	serial_write(s, n);
	screen_write(s, n);
}

void console_write(const char *s, size_t n)
{
	unsigned long flags;

	if (lock_broken) {
		put(s, n);
		return;
	}
	flags = spin_lock_irqsave(&console_lock);
	put(s, n);
	spin_unlock_irqrestore(&console_lock, flags);
	console_notify_dom0();
}

void vprintk(const char *fmt, va_list ap)
{
	char buf[LINE_MAX];
	char level = '2';
	int n = 0;

	if (fmt[0] == '<' && fmt[1] && fmt[2] == '>') {
		level = fmt[1];
		fmt += 3;
	}
	if (!console_level_enabled(level))
		return;
	if (at_line_start)
		n = snprintf(buf, sizeof(buf), "(TEN) ");
	n += vsnprintf(buf + n, sizeof(buf) - n, fmt, ap);
	if (n >= (int)sizeof(buf)) {
		n = sizeof(buf) - 1;
		buf[n - 1] = '\n';
	}
	at_line_start = n && buf[n - 1] == '\n';
	console_write(buf, n);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

void console_start_sync(void)
{
	lock_broken = true;
	serial_sync();
}

uint32_t console_ring_read(char *buf, uint32_t count, uint32_t *index, bool incremental, bool clear)
{
	unsigned long flags = spin_lock_irqsave(&console_lock);
	uint32_t from = incremental ? *index : ring_cons, n = 0;

	/* What was overwritten meanwhile is lost. */
	if (ring_prod - from > ring_size || (int32_t)(from - ring_cons) < 0)
		from = ring_cons;
	while (n < count && from != ring_prod)
		buf[n++] = ring[from++ & (ring_size - 1)];
	*index = from;
	if (clear)
		ring_cons = from;
	spin_unlock_irqrestore(&console_lock, flags);
	return n;
}

static uint64_t conring_size = 1 << 16;
BOOT_OPTION_SIZE("conring_size", conring_size, "bytes of messages kept for dom0 (rounded up to a power of two)");

void __init console_ring_init(void)
{
	uint32_t size = RING_SIZE_MIN, order = 0;
	unsigned long flags;
	char *bigger;

	while (size < conring_size && size < 1U << 26)
		size <<= 1;
	while ((4096U << order) < size)
		order++;
	bigger = alloc_hv_pages(order, 0);
	if (!bigger)
		return;
	flags = spin_lock_irqsave(&console_lock);
	for (uint32_t i = ring_cons; i != ring_prod; i++)
		bigger[i & (size - 1)] = ring[i & (ring_size - 1)];
	ring = bigger;
	ring_size = size;
	spin_unlock_irqrestore(&console_lock, flags);
}
