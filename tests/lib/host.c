/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hypervisor's sources call, for host programs. Messages are kept for the tests to look at. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "host_log.h"

char host_log[65536];
static size_t used;

void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Tests may have their own. */
void bug(const char *file, int line, const char *what) __attribute__((noreturn, weak));
void symbol_format(char *buf, size_t size, unsigned long addr) __attribute__((weak));
size_t hv_strlcpy(char *dst, const char *src, size_t size);
size_t hv_strlcat(char *dst, const char *src, size_t size);

unsigned int host_complaints;
bool host_complaints_wanted;
jmp_buf host_panic;
bool host_panic_wanted;

void host_log_clear(void)
{
	used = 0;
	host_log[0] = '\0';
}

static void add(const char *fmt, va_list ap)
{
	int n = vsnprintf(host_log + used, sizeof(host_log) - used, fmt, ap);

	if (n > 0)
		used += (size_t)n < sizeof(host_log) - used ? (size_t)n : sizeof(host_log) - used - 1;
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(fmt, ap);
	va_end(ap);
	if (strncmp(fmt, "lock check: ", 12))
		return;
	host_complaints++;
	if (host_complaints_wanted)
		return;
	fputs(host_log, stderr);
	abort();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(fmt, ap);
	va_end(ap);
	if (host_panic_wanted)
		longjmp(host_panic, 1);
	fprintf(stderr, "panic: %s\n", host_log);
	abort();
}

void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

void symbol_format(char *buf, size_t size, unsigned long addr)
{
	if (size)
		*buf = '\0';
}

size_t hv_strlcpy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src);

	if (size) {
		size_t copied = n < size - 1 ? n : size - 1;

		memcpy(dst, src, copied);
		dst[copied] = '\0';
	}
	return n;
}

size_t hv_strlcat(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(dst, size);

	return n + hv_strlcpy(dst + n, src, size - n);
}

void host_cpu_limit(unsigned int seconds)
{
	const struct rlimit limit = { .rlim_cur = seconds, .rlim_max = seconds };

	if (setrlimit(RLIMIT_CPU, &limit))
		abort();
}
