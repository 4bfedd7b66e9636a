/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Formatting: %d %i %u %x %X %p %s %c %% with l, ll, z, -, 0, #, width and precision. */

#include <stdarg.h>
#include <guestkit/kit.h>

struct out {
	char *buf;
	size_t size, length;
};

struct spec {
	bool left, zero, alt;
	int width, precision;	/* precision -1: not given */
	int longs;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->buf[o->length] = c;
	o->length++;
}

static void put_field(struct out *o, const struct spec *s, const char *text, int length)
{
	int pad = s->width - length;

	if (!s->left)
		while (pad-- > 0)
			put(o, ' ');
	for (int i = 0; i < length; i++)
		put(o, text[i]);
	if (s->left)
		while (pad-- > 0)
			put(o, ' ');
}

static void put_number(struct out *o, const struct spec *s, uint64_t value, bool negative,
		       unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[72];
	int n = sizeof(text);
	int prefix = (negative ? 1 : 0) + (s->alt && base == 16 ? 2 : 0);
	int want = s->precision;

	if (want < 0)
		want = s->zero && !s->left ? s->width - prefix : 1;
	if (want > 64)
		want = 64;
	for (int done = 0; value || done < want; done++, value /= base)
		text[--n] = digits[value % base];
	if (s->alt && base == 16) {
		text[--n] = upper ? 'X' : 'x';
		text[--n] = '0';
	}
	if (negative)
		text[--n] = '-';
	put_field(o, s, text + n, (int)sizeof(text) - n);
}

static const char *parse_spec(const char *f, struct spec *s, va_list ap)
{
	*s = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '#')
			s->alt = true;
		else
			break;
	}
	if (*f == '*') {
		s->width = va_arg(ap, int);
		f++;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		s->width = s->width * 10 + *f - '0';
	if (*f == '.') {
		s->precision = 0;
		if (*++f == '*') {
			s->precision = va_arg(ap, int);
			f++;
		}
		for (; *f >= '0' && *f <= '9'; f++)
			s->precision = s->precision * 10 + *f - '0';
	}
	for (; *f == 'l' || *f == 'z'; f++)
		s->longs++;
	return f;
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	int length = 0;

	if (!text)
		text = "(null)";
	while ((s->precision < 0 || length < s->precision) && text[length])
		length++;
	put_field(o, s, text, length);
}

static void put_arg(struct out *o, struct spec *s, char kind, va_list ap)
{
	int64_t value;
	char c;

	switch (kind) {
	case 'd':
	case 'i':
		value = s->longs ? va_arg(ap, long) : va_arg(ap, int);
		put_number(o, s, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, 10,
			   false);
		break;
	case 'u':
		put_number(o, s, s->longs ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int),
			   false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(o, s, s->longs ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int),
			   false, 16, kind == 'X');
		break;
	case 'p':
		s->alt = true;
		put_number(o, s, (unsigned long)va_arg(ap, void *), false, 16, false);
		break;
	case 's':
		put_string(o, s, va_arg(ap, const char *));
		break;
	case 'c':
		c = (char)va_arg(ap, int);
		put_field(o, s, &c, 1);
		break;
	default:
		put(o, kind);
	}
}

int kit_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { .buf = buf, .size = size };
	struct spec s;
	va_list ap;

	va_copy(ap, args);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s, ap);
		if (!*fmt)
			break;
		put_arg(&o, &s, *fmt, ap);
	}
	va_end(ap);
	if (size)
		buf[o.length < size ? o.length : size - 1] = 0;
	return (int)o.length;
}

int kit_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kit_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
