/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small library every part of the hypervisor may use. */
#ifndef TENON_LIB_H
#define TENON_LIB_H

#include <stdarg.h>
#include <tenon/types.h>
#include <tenon/errno.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ROUNDUP(x, a)	(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define BUILD_BUG_ON(c)	_Static_assert(!(c), #c)

/* Read or write a location another CPU or a guest may change: exactly one access. */
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()	__asm__ volatile("" ::: "memory")

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);
/* Copies at most size-1 bytes and always terminates; returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);
/* Parses like the C library's; base 0 detects 0x and 0. *end may be NULL. */
unsigned long strtoul(const char *s, const char **end, unsigned int base);

/*
 * Formatted output: %d %i %u %x %X %o %c %s %p %%, with l, ll, z, h, hh, #, 0, -, +,
 * width and precision (also *), and Tenon's own %pS (symbol+offset of a code address).
 * Returns the length the whole text would have; always terminates when size > 0.
 */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* Heap sort of n elements of the given size; cmp as in the C library. */
void sort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));

/*
 * Messages. The level string comes first in fmt: printk(LOG_WARN "...\n"). A message with
 * no level is LOG_INFO. Safe from any context, also with interrupts off and in NMI.
 */
#define LOG_ERR		"<0>"
#define LOG_WARN	"<1>"
#define LOG_INFO	"<2>"
#define LOG_DEBUG	"<3>"
/* Caused by a guest: hidden unless guest_loglvl allows, and rate limited. */
#define LOG_GUEST	"<G>"
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap);

/* Stops the machine: prints the message, registers and a stack trace on every console. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn __cold;

/* Invariants of the hypervisor itself: never a test of what a guest chose. */
void bug(const char *file, int line, const char *what) __noreturn __cold;
#define BUG()		bug(__FILE__, __LINE__, "BUG")
#define BUG_ON(c)	do { if (unlikely(c)) bug(__FILE__, __LINE__, #c); } while (0)
#ifdef TENON_DEBUG
#define ASSERT(c)	BUG_ON(!(c))
#else
#define ASSERT(c)	do { if (0 && (c)) { } } while (0)
#endif
#ifdef TENON_DEBUG
extern unsigned long __stack_chk_guard;		/* before any function that returns: may be changed */
#endif
void warn(const char *file, int line, const char *what) __cold;
#define WARN_ON(c)	({ bool c_ = !!(c); if (unlikely(c_)) warn(__FILE__, __LINE__, #c); c_; })

#endif
