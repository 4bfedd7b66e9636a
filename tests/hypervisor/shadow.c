/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds with --enable-shadow: each load and store of compiled code, and memcpy() and its kin, are looked up in a shadow of all
 * memory, a byte for eight. 0: they may be used; k below 8: the first k; FREED, BEHIND: not. What is watched: frames of the heap that nobody has,
 * those that were guests' too, and the allocator's objects, with a border behind each. An object that is freed is kept back for a while, so that who still
 * uses it meets no new owner. The allocators themselves see nothing of this: the linker puts these functions before theirs (--wrap), and what is
 * within one of their files is as ever.
 */
#include <tenon/arch.h>
#include <tenon/lib.h>
#include <tenon/mm.h>
#include <asm/layout.h>
#include "shadow.h"

#define FREED	0xffU
#define BEHIND	0xfeU
#define BORDER	16		/* bytes; debug builds have as many behind each object (common/mm/xmalloc.c) */
#define KEPT	64		/* freed objects */
#define MAX_OBJECT 2048

static uint8_t *shadow;		/* of the direct map; NULL: not yet */
static bool making;

static struct {
	spinlock_t lock;
	struct kept {
		void *p;
		size_t size;
	} object[KEPT];
	unsigned int next;
} kept;

/* Of an object in use: its border is where the shadow changes. MAX_OBJECT: whole frames, without one. */
static size_t size_of(unsigned long at)
{
	const uint8_t *s = shadow + (at - DIRECTMAP_VIRT_START) / 8;
	size_t n = 0;

	while (n < MAX_OBJECT && !s[n / 8])
		n += 8;
	return n < MAX_OBJECT && s[n / 8] < 8 ? n + s[n / 8] : n;
}

static bool watched(unsigned long at, size_t n)
{
	unsigned long end = (unsigned long)max_page << PAGE_SHIFT;

	return shadow && at >= DIRECTMAP_VIRT_START && at - DIRECTMAP_VIRT_START < end && n <= end - (at - DIRECTMAP_VIRT_START);
}

/* at is a multiple of 8. */
static void mark(unsigned long at, size_t n, uint8_t what)
{
	uint8_t *s = shadow + (at - DIRECTMAP_VIRT_START) / 8;

	if (!watched(at, n))
		return;
	__real_memset(s, what, n / 8);
	if (n % 8)
		s[n / 8] = what ? what : (uint8_t)(n % 8);
}

static always_inline bool may_use(unsigned long at, size_t n)
{
	unsigned long last = at - DIRECTMAP_VIRT_START + n - 1;

	for (unsigned long i = (at - DIRECTMAP_VIRT_START) / 8; i < last / 8; i++)
		if (shadow[i])
			return false;
	return !shadow[last / 8] || last % 8 < (shadow[last / 8] < 8 ? shadow[last / 8] : 0);
}

static __noinline void complain(unsigned long at, size_t n, const char *what, unsigned long from)
{
	unsigned long bad = at;

	while (bad < at + n - 1 && may_use(bad, 1))
		bad++;
	printk("Shadow: %s of %lu bytes at %lx, from %lx: at %lx is %s\n", what, (unsigned long)n, at, from, bad,
	       shadow[(bad - DIRECTMAP_VIRT_START) / 8] == FREED ? "what is nobody's, or freed" : "the end of an object");
	bug(__FILE__, __LINE__, "memory that is not to be used");
}

static always_inline void check(unsigned long at, size_t n, const char *what, unsigned long from)
{
	if (n && watched(at, n) && unlikely(!may_use(at, n)))
		complain(at, n, what, from);
}

#define HERE	((unsigned long)__builtin_return_address(0))

#define ACCESS(n) \
void __asan_load##n##_noabort(unsigned long at) { check(at, n, "load", HERE); } \
void __asan_store##n##_noabort(unsigned long at) { check(at, n, "store", HERE); }
ACCESS(1) ACCESS(2) ACCESS(4) ACCESS(8) ACCESS(16)
void __asan_loadN_noabort(unsigned long at, size_t n) { check(at, n, "load", HERE); }
void __asan_storeN_noabort(unsigned long at, size_t n) { check(at, n, "store", HERE); }
void __asan_handle_no_return(void) { }

void *__wrap_memcpy(void *dst, const void *src, size_t n)
{
	check((unsigned long)src, n, "memcpy from", HERE);
	check((unsigned long)dst, n, "memcpy to", HERE);
	return __real_memcpy(dst, src, n);
}

void *__wrap_memmove(void *dst, const void *src, size_t n)
{
	check((unsigned long)src, n, "memmove from", HERE);
	check((unsigned long)dst, n, "memmove to", HERE);
	return __real_memmove(dst, src, n);
}

void *__wrap_memset(void *dst, int c, size_t n)
{
	check((unsigned long)dst, n, "memset", HERE);
	return __real_memset(dst, c, n);
}

/* ---- frames ---- */

/* With the first frame that somebody wants: the heap has all of them by then. The shadow itself is for good. */
static void make_shadow(void)
{
	unsigned int order = 0;
	struct page_info *pg;

	making = true;
	while (PAGE_SIZE << order < ((unsigned long)max_page << PAGE_SHIFT) / 8)
		order++;
	pg = __real_heap_alloc(order, 0);
	if (pg)
		shadow = page_to_virt(pg);
	printk(pg ? "Shadow: each access to memory is looked up\n" : "Shadow: no memory for one, nothing is looked up\n");
}

struct page_info *__wrap_heap_alloc(unsigned int order, unsigned int memflags)
{
	struct page_info *pg;

	if (!making)
		make_shadow();
	pg = __real_heap_alloc(order, memflags);
	if (pg)
		mark((unsigned long)page_to_virt(pg), PAGE_SIZE << order, 0);
	return pg;
}

void __wrap_heap_free(struct page_info *pg, unsigned int order)
{
	mark((unsigned long)page_to_virt(pg), PAGE_SIZE << order, FREED);
	__real_heap_free(pg, order);
}

void __wrap_heap_free_mapped(struct page_info *pg, unsigned int order)
{
	mark((unsigned long)page_to_virt(pg), PAGE_SIZE << order, FREED);
	__real_heap_free_mapped(pg, order);
}

void *__wrap_alloc_hv_pages(unsigned int order, unsigned int memflags)
{
	struct page_info *pg = __wrap_heap_alloc(order, memflags);

	return pg ? page_to_virt(pg) : NULL;
}

void __wrap_free_hv_pages(void *va, unsigned int order)
{
	if (va)
		__wrap_heap_free(virt_to_page(va), order);
}

/* ---- objects ---- */

static void let_go(struct kept k)
{
	if (!k.p)
		return;
	mark((unsigned long)k.p, ROUNDUP(k.size, 8UL) + BORDER - 8, 0);
	__real_xfree(k.p);
}

/* Who asks how much is free is not to find it less than it was. */
unsigned long __wrap_heap_free_pages(void)
{
	for (unsigned int i = 0; i < KEPT; i++) {
		struct kept k;

		(spin_lock)(&kept.lock);
		k = kept.object[i];
		kept.object[i] = (struct kept){ NULL, 0 };
		(spin_unlock)(&kept.lock);
		let_go(k);
	}
	return __real_heap_free_pages();
}

static void *border(void *p, size_t size)
{
	unsigned long at = (unsigned long)p;

	if (!p || size + BORDER > MAX_OBJECT || !watched(at, size + BORDER))
		return p;
	mark(ROUNDUP(at + size, 8UL), BORDER - 8, BEHIND);
	mark(at, size, 0);
	return p;
}

void *__wrap_xmalloc_bytes(size_t size)
{
	return border(__real_xmalloc_bytes(size), size);
}

void *__wrap_xzalloc_bytes(size_t size)
{
	return border(__real_xzalloc_bytes(size), size);
}

void *__wrap_xzalloc_array_bytes(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : __wrap_xzalloc_bytes(bytes);
}

void __wrap_xfree(void *p)
{
	unsigned long at = (unsigned long)p;
	struct kept mine = { p, p && watched(at, MAX_OBJECT) ? size_of(at) : MAX_OBJECT }, old;

	if (mine.size == MAX_OBJECT) {
		__real_xfree(p);
		return;
	}
	if (shadow[(at - DIRECTMAP_VIRT_START) / 8] == FREED)
		complain(at, 1, "xfree", HERE);
	mark(at, ROUNDUP(mine.size, 8UL), FREED);
	(spin_lock)(&kept.lock);
	old = kept.object[kept.next];
	kept.object[kept.next] = mine;
	kept.next = (kept.next + 1) % KEPT;
	(spin_unlock)(&kept.lock);
	let_go(old);
}
