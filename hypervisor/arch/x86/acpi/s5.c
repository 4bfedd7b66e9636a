/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values that power the machine off stand in the package \_S5 (7.4.2). It is found by its
 * encoding (chapter 20.2), without an interpreter: Name, "_S5_", Package, integers.
 */
#include <tenon/lib.h>
#include "acpi.h"

#define AML_ZERO	0x00
#define AML_ONE		0x01
#define AML_NAME	0x08
#define AML_BYTE	0x0a
#define AML_WORD	0x0b
#define AML_DWORD	0x0c
#define AML_PACKAGE	0x12
#define AML_ROOT	'\\'

#define SLP_TYP_MAX	7
#define OBJECT_MAX	64	/* bytes that are looked at from the name on */

/* One integer at p; where the next begins, or NULL. */
static const uint8_t *__init read_integer(const uint8_t *p, const uint8_t *end, uint32_t *v)
{
	unsigned int n;

	if (p >= end)
		return NULL;
	switch (*p) {
	case AML_ZERO:
	case AML_ONE:
		*v = *p;
		return p + 1;
	case AML_BYTE:
		n = 1;
		break;
	case AML_WORD:
		n = 2;
		break;
	case AML_DWORD:
		n = 4;
		break;
	default:
		return NULL;
	}
	if (n > (size_t)(end - p - 1))
		return NULL;
	*v = 0;
	memcpy(v, p + 1, n);
	return p + 1 + n;
}

/* p is behind the name. */
static bool __init read_package(const uint8_t *p, const uint8_t *end)
{
	uint32_t a, b;

	if (end - p < 3 || *p++ != AML_PACKAGE)
		return false;
	/* The length has one to four bytes, as the first one's upper bits say; then the number of elements. */
	p += 1 + (*p >> 6);
	if (p >= end || *p++ < 2)
		return false;
	p = read_integer(p, end, &a);
	if (!p || !read_integer(p, end, &b) || a > SLP_TYP_MAX || b > SLP_TYP_MAX)
		return false;
	acpi_info.s5_typ_a = (uint8_t)a;
	acpi_info.s5_typ_b = (uint8_t)b;
	return true;
}

static bool __init search_window(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	for (const uint8_t *q = p + 2; end - q > 4; q++) {
		if (memcmp(q, "_S5_", 4))
			continue;
		if (q[-1] != AML_NAME && !(q[-1] == AML_ROOT && q[-2] == AML_NAME))
			continue;
		if (read_package(q + 4, end))
			return true;
	}
	return false;
}

bool __init acpi_s5_search(uint64_t addr, uint32_t len)
{
	/* Windows overlap by as much as the object may take. */
	for (uint32_t at = 0; at < len; at += ACPI_WINDOW - OBJECT_MAX) {
		size_t n = min((size_t)(len - at), (size_t)ACPI_WINDOW);
		const uint8_t *p = acpi_map(addr + at, n);

		if (!p)
			return false;
		if (n > 2 && search_window(p, n))
			return true;
	}
	return false;
}
