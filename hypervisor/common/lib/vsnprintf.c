/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formatted output; what it understands stands in tenon/lib.h. */
#include <tenon/arch.h>
#include <tenon/lib.h>

enum {
	FMT_LEFT = 1, FMT_PLUS = 2, FMT_SPACE = 4, FMT_ALT = 8, FMT_ZERO = 16, FMT_UPPER = 32,
};

struct out {
	char *buf;
	size_t size, len;	/* len goes on counting behind the end */
};

struct spec {
	unsigned int flags;
	int width, precision;	/* precision < 0: none given */
	int length;		/* -2 hh, -1 h, 0, 1 l, 2 ll, z */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	for (; n > 0; n--)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text)
{
	size_t max = s->precision < 0 ? SIZE_MAX : (size_t)s->precision;
	int n = (int)strnlen(text, max);

	if (!(s->flags & FMT_LEFT))
		pad(o, ' ', s->width - n);
	for (int i = 0; i < n; i++)
		put(o, text[i]);
	if (s->flags & FMT_LEFT)
		pad(o, ' ', s->width - n);
}

/* sign is 0 when none is to be shown. */
static void put_number(struct out *o, const struct spec *s, unsigned long v, unsigned int base, char sign)
{
	const char *digits = s->flags & FMT_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	bool prefix = (s->flags & FMT_ALT) && base == 16 && v;
	char tmp[24];
	int n = 0, zeros, total;

	for (; v; v /= base)
		tmp[n++] = digits[v % base];
	if (!n && s->precision)
		tmp[n++] = '0';
	if ((s->flags & FMT_ALT) && base == 8 && (!n || tmp[n - 1] != '0'))
		tmp[n++] = '0';
	zeros = max(s->precision - n, 0);
	total = n + zeros + !!sign + 2 * prefix;
	if ((s->flags & FMT_ZERO) && !(s->flags & FMT_LEFT) && s->precision < 0 && total < s->width) {
		zeros += s->width - total;
		total = s->width;
	}
	if (!(s->flags & FMT_LEFT))
		pad(o, ' ', s->width - total);
	if (sign)
		put(o, sign);
	if (prefix) {
		put(o, '0');
		put(o, s->flags & FMT_UPPER ? 'X' : 'x');
	}
	pad(o, '0', zeros);
	while (n)
		put(o, tmp[--n]);
	if (s->flags & FMT_LEFT)
		pad(o, ' ', s->width - total);
}

static const char *parse_int(const char *f, int *v)
{
	*v = 0;
	for (; *f >= '0' && *f <= '9'; f++)
		if (*v < 100000)
			*v = *v * 10 + (*f - '0');
	return f;
}

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		switch (*f) {
		case '-': s->flags |= FMT_LEFT; break;
		case '+': s->flags |= FMT_PLUS; break;
		case ' ': s->flags |= FMT_SPACE; break;
		case '#': s->flags |= FMT_ALT; break;
		case '0': s->flags |= FMT_ZERO; break;
		default: return f;
		}
	}
}

static const char *parse_length(const char *f, struct spec *s)
{
	for (;; f++) {
		switch (*f) {
		case 'h': s->length--; break;
		case 'l': s->length++; break;
		case 'z': s->length = 1; break;
		default: return f;
		}
	}
}

static unsigned long narrow(unsigned long v, int length, bool is_signed)
{
	switch (length) {
	case -2: return is_signed ? (unsigned long)(signed char)v : (unsigned char)v;
	case -1: return is_signed ? (unsigned long)(short)v : (unsigned short)v;
	case 0: return is_signed ? (unsigned long)(int)v : (unsigned int)v;
	default: return v;
	}
}

static void put_signed(struct out *o, const struct spec *s, unsigned long raw)
{
	long v = (long)narrow(raw, s->length, true);
	char sign = v < 0 ? '-' : s->flags & FMT_PLUS ? '+' : s->flags & FMT_SPACE ? ' ' : 0;

	put_number(o, s, v < 0 ? 0UL - (unsigned long)v : (unsigned long)v, 10, sign);
}

static void put_pointer(struct out *o, struct spec *s, unsigned long v, bool symbol)
{
	char name[80];

	if (symbol) {
		symbol_format(name, sizeof(name), v);
		put_text(o, s, name);
		return;
	}
	s->precision = 2 * (int)sizeof(void *);
	put_number(o, s, v, 16, 0);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { buf, size, 0 };

	for (const char *f = fmt; *f; f++) {
		struct spec s = { .precision = -1 };
		const char *start = f;
		char one[2] = { 0 };

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_flags(f + 1, &s);
		if (*f == '*') {
			s.width = va_arg(ap, int);
			if (s.width < 0) {
				s.flags |= FMT_LEFT;
				s.width = -s.width;
			}
			f++;
		} else {
			f = parse_int(f, &s.width);
		}
		if (*f == '.') {
			if (*++f == '*') {
				s.precision = va_arg(ap, int);
				f++;
			} else {
				f = parse_int(f, &s.precision);
			}
		}
		f = parse_length(f, &s);
		switch (*f) {
		case 'd':
		case 'i':
			put_signed(&o, &s, s.length > 0 ? va_arg(ap, unsigned long) : (unsigned long)va_arg(ap, int));
			break;
		case 'X':
			s.flags |= FMT_UPPER;
			/* fall through */
		case 'x':
		case 'o':
		case 'u': {
			unsigned long v = s.length > 0 ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);

			put_number(&o, &s, narrow(v, s.length, false), *f == 'u' ? 10 : *f == 'o' ? 8 : 16, 0);
			break;
		}
		case 'c':
			one[0] = (char)va_arg(ap, int);
			put_text(&o, &s, one);
			break;
		case 's': {
			const char *text = va_arg(ap, const char *);

			put_text(&o, &s, text ? text : "(null)");
			break;
		}
		case 'p':
			put_pointer(&o, &s, (unsigned long)va_arg(ap, void *), f[1] == 'S');
			f += f[1] == 'S';
			break;
		case '%':
			put(&o, '%');
			break;
		default:	/* not ours: shown as it stands */
			for (; start < f; start++)
				put(&o, *start);
			if (!*f)
				f--;
			else
				put(&o, *f);
		}
	}
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
