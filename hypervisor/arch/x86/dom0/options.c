/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dom0's size: dom0_mem=, dom0_max_vcpus=, dom0_vcpus_pin. */
#include <tenon/cmdline.h>
#include <tenon/cpumask.h>
#include <tenon/init.h>
#include <tenon/mm.h>
#include "dom0.h"

struct dom0_mem { int64_t size, min, max; bool set, min_set, max_set; };
static struct dom0_mem opt __initdata;
static unsigned int vcpus_min __initdata = 1, vcpus_max __initdata = UINT32_MAX;
bool dom0_vcpus_pin;
BOOT_OPTION_BOOL("dom0_vcpus_pin", dom0_vcpus_pin, "pin each of dom0's vCPUs to the processor of the same number");

/* A size with its suffix; a leading minus means "all but". */
static const char *__init parse_amount(const char *s, int64_t *bytes)
{
	bool minus = *s == '-';
	const char *end;
	uint64_t v = cmdline_parse_size(s + minus, &end);

	*bytes = minus ? -(int64_t)v : (int64_t)v;
	return end;
}

static int __init parse_dom0_mem(const char *s)
{
	while (*s) {
		const char *end;

		if (!strncmp(s, "min:", 4)) {
			end = parse_amount(s + 4, &opt.min);
			opt.min_set = true;
		} else if (!strncmp(s, "max:", 4)) {
			end = parse_amount(s + 4, &opt.max);
			opt.max_set = true;
		} else {
			end = parse_amount(s, &opt.size);
			opt.set = true;
		}
		if (*end && *end != ',')
			return -EINVAL;
		s = *end ? end + 1 : end;
	}
	return 0;
}
BOOT_OPTION_CUSTOM("dom0_mem", parse_dom0_mem, "<size>[,min:<size>][,max:<size>]: dom0's memory; a minus sign: all but so much");

static int __init parse_max_vcpus(const char *s)
{
	const char *end = s;

	if (*s != '-')
		vcpus_min = vcpus_max = strtoul(s, &end, 0);
	if (*end == '-') {
		const char *rest = end + 1;

		vcpus_max = UINT32_MAX;
		end = rest;
		if (*rest)
			vcpus_max = strtoul(rest, &end, 0);
	}
	return *end ? -EINVAL : 0;
}
BOOT_OPTION_CUSTOM("dom0_max_vcpus", parse_max_vcpus, "<n> or <min>-<max>: dom0's vCPUs; default: one for each processor");

static unsigned long __init pages_of(int64_t bytes, unsigned long available)
{
	uint64_t n = (uint64_t)(bytes < 0 ? -bytes : bytes) >> PAGE_SHIFT;

	if (bytes < 0)
		return n < available ? available - n : 0;
	return n;
}

/* All but a sixteenth, at most 128 MiB, for ourselves and the first guests' overhead. */
static unsigned long __init pages_available(unsigned long free_pages)
{
	return free_pages - min(free_pages / 16, (128UL << 20) >> PAGE_SHIFT);
}

unsigned long __init dom0_max_pages(unsigned long free_pages)
{
	return opt.max_set ? min(pages_of(opt.max, pages_available(free_pages)), (unsigned long)UINT32_MAX) : UINT32_MAX;
}

unsigned long __init dom0_memory_pages(unsigned long free_pages)
{
	unsigned long available = pages_available(free_pages);
	unsigned long n = opt.set ? pages_of(opt.size, available) : available;

	if (opt.min_set)
		n = max(n, pages_of(opt.min, available));
	if (opt.max_set)
		n = min(n, pages_of(opt.max, available));
	return min(n, available);
}

unsigned int __init dom0_vcpus(void)
{
	unsigned int n = cpumask_weight(&cpu_online_map);

	n = max(n, vcpus_min);
	n = min(n, vcpus_max);
	return max(1U, min(n, (unsigned int)MAX_VCPUS));
}
