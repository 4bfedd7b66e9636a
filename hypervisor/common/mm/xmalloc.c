/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small objects. A class of sizes has a list of pages with free objects; the page's own frame
 * table entry says which class it is, how many objects are in use and where the free ones
 * begin. Larger sizes are whole frames, what the power of two has too many given back.
 */
#include <tenon/bitops.h>
#include <tenon/lib.h>
#include <tenon/mm.h>
#include <asm/page.h>

static const uint16_t class_size[] = { 16, 32, 48, 64, 96, 128, 192, 256, 336, 448, 576, 800, 1024, 1360, 2048 };
#define NR_CLASSES	ARRAY_SIZE(class_size)
#define MAX_SMALL	2048

/* In page_info.type of an allocator's page. */
#define SLAB_PAGE	(1UL << 63)
#define LARGE_PAGE	(1UL << 62)
#define SLAB_CLASS(t)	((unsigned int)((t) >> 32) & 0xff)
#define SLAB_USED(t)	((unsigned int)((t) >> 16) & 0xffff)
#define SLAB_FREE(t)	((unsigned int)(t) & 0xffff)	/* offset of the first free object; NO_FREE */
#define NO_FREE		0xffffU
#define LARGE_FRAMES(t)	((unsigned long)(t) & 0xffffffffUL)

static struct {
	spinlock_t lock;
	struct page_list partial;	/* pages with a free object */
} classes[NR_CLASSES];

static uint8_t class_of[MAX_SMALL / 16 + 1];	/* by size in units of 16; built at the first use */

static uint64_t slab_word(unsigned int class, unsigned int used, unsigned int first)
{
	return SLAB_PAGE | (uint64_t)class << 32 | (uint64_t)used << 16 | first;
}

static void build_class_table(void)
{
	unsigned int class = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(class_of); i++) {
		while (class_size[class] < i * 16)
			class++;
		class_of[i] = (uint8_t)class;
	}
}

/*
 * Debug builds: a free object holds FREE_BYTE behind its first two bytes, which shows who writes to it; one in use has
 * GUARD_BYTE behind what was asked for, at least GUARD_BYTES of them, and at its end how much that was.
 */
#ifdef TENON_DEBUG
#define FREE_BYTE	0x6b
#define GUARD_BYTE	0xbb
#define GUARD_BYTES	16

static bool holds(const uint8_t *p, size_t n, uint8_t byte)
{
	while (n && *p++ == byte)
		n--;
	return !n;
}

static void guard_free(uint8_t *obj, unsigned int class)
{
	memset(obj + 2, FREE_BYTE, class_size[class] - 2U);
}

static void guard_taken(uint8_t *obj, unsigned int class, size_t size)
{
	uint16_t *end = (uint16_t *)(obj + class_size[class]) - 1;

	BUG_ON(!holds(obj + 2, class_size[class] - 2U, FREE_BYTE));	/* written to after it was freed */
	memset(obj + size, GUARD_BYTE, class_size[class] - size);
	*end = (uint16_t)size;
}

static void guard_check(const uint8_t *obj, unsigned int class)
{
	const uint16_t *end = (const uint16_t *)(obj + class_size[class]) - 1;

	BUG_ON(*end > class_size[class] - GUARD_BYTES);			/* freed twice, or written to behind its end */
	BUG_ON(!holds(obj + *end, class_size[class] - 2U - *end, GUARD_BYTE));
}
#else
#define GUARD_BYTES	0
static void guard_free(void *obj, unsigned int class) { }
static void guard_taken(void *obj, unsigned int class, size_t size) { }
static void guard_check(const void *obj, unsigned int class) { }
#endif

/* A free object holds the offset of the next one. */
static struct page_info *new_slab(unsigned int class)
{
	struct page_info *pg = heap_alloc(0, MEMF_no_scrub);
	unsigned int size = class_size[class], n = PAGE_SIZE / size;
	char *va;

	if (!pg)
		return NULL;
	va = page_to_virt(pg);
	for (unsigned int i = 0; i < n; i++) {
		guard_free((void *)(va + i * size), class);
		*(uint16_t *)(va + i * size) = (uint16_t)(i + 1 < n ? (i + 1) * size : NO_FREE);
	}
	pg->type = slab_word(class, 0, 0);
	return pg;
}

static void *slab_alloc(unsigned int class, size_t size)
{
	struct page_info *pg;
	char *obj;
	unsigned int next;

	spin_lock(&classes[class].lock);
	pg = page_list_first(&classes[class].partial);
	if (!pg) {
		pg = new_slab(class);
		if (!pg) {
			spin_unlock(&classes[class].lock);
			return NULL;
		}
		page_list_add(pg, &classes[class].partial);
	}
	obj = (char *)page_to_virt(pg) + SLAB_FREE(pg->type);
	next = *(uint16_t *)obj;
	pg->type = slab_word(class, SLAB_USED(pg->type) + 1, next);
	if (next == NO_FREE)
		page_list_del(pg, &classes[class].partial);
	spin_unlock(&classes[class].lock);
	guard_taken((void *)obj, class, size);
	return obj;
}

static void slab_free(struct page_info *pg, char *obj)
{
	unsigned int class = SLAB_CLASS(pg->type), used;
	unsigned int offset = (unsigned int)(obj - (char *)page_to_virt(pg));

	BUG_ON(offset % class_size[class]);
	guard_check((void *)obj, class);
	guard_free((void *)obj, class);
	spin_lock(&classes[class].lock);
	used = SLAB_USED(pg->type) - 1;
	if (SLAB_FREE(pg->type) == NO_FREE)
		page_list_add(pg, &classes[class].partial);
	*(uint16_t *)obj = (uint16_t)SLAB_FREE(pg->type);
	pg->type = slab_word(class, used, offset);
	if (!used)
		page_list_del(pg, &classes[class].partial);
	spin_unlock(&classes[class].lock);
	if (!used)
		heap_free(pg, 0);
}

/* Frees n frames that need not be a power of two, in the largest aligned pieces. */
static void free_frames(struct page_info *pg, unsigned long n)
{
	while (n) {
		unsigned int order = min(first_set(page_to_mfn(pg).m), last_set(n));

		heap_free(pg, order);
		pg += 1UL << order;
		n -= 1UL << order;
	}
}

static void *large_alloc(size_t size, unsigned int memflags)
{
	unsigned long frames = PFN_UP(size);
	unsigned int order = frames > 1 ? last_set(frames - 1) + 1 : 0;
	struct page_info *pg = heap_alloc(order, memflags);

	if (!pg)
		return NULL;
	free_frames(pg + frames, (1UL << order) - frames);
	pg->type = LARGE_PAGE | frames;
	return page_to_virt(pg);
}

void *xmalloc_bytes(size_t size)
{
	if (size > SIZE_MAX / 2)
		return NULL;
	if (size + GUARD_BYTES > MAX_SMALL)
		return large_alloc(size, MEMF_no_scrub);
	if (!class_of[ARRAY_SIZE(class_of) - 1])
		build_class_table();
	return slab_alloc(class_of[DIV_ROUND_UP(size + GUARD_BYTES, 16)], size);
}

void *xzalloc_bytes(size_t size)
{
	void *p;

	if (size > MAX_SMALL && size <= SIZE_MAX / 2)
		return large_alloc(size, 0);
	p = xmalloc_bytes(size);
	if (p)
		memset(p, 0, size);
	return p;
}

void *xzalloc_array_bytes(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : xzalloc_bytes(bytes);
}

void xfree(void *p)
{
	struct page_info *pg;

	if (!p)
		return;
	pg = virt_to_page(p);
	if (pg->type & SLAB_PAGE) {
		slab_free(pg, p);
		return;
	}
	BUG_ON(!(pg->type & LARGE_PAGE) || PAGE_OFFSET(p));
	free_frames(pg, LARGE_FRAMES(pg->type));
}
