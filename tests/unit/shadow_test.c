/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shadow of memory (--enable-shadow): what the compiler's calls complain of, and that they let be what may be used. */
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <tenon/mm.h>
#include "../hypervisor/shadow.h"
#include "../lib/host_log.h"
#include "../lib/tap.h"

#define FRAMES		64UL
#define OBJECT		96UL		/* room for each */

unsigned long max_page = FRAMES;

static jmp_buf complaint;
static unsigned long next_frame = 8, next_object = DIRECTMAP_VIRT_START;
static unsigned int really_freed;

void bug(const char *file, int line, const char *what)
{
	longjmp(complaint, 1);
}

struct page_info *__real_heap_alloc(unsigned int order, unsigned int memflags)
{
	next_frame += 1UL << order;
	return mfn_to_page(_mfn(next_frame - (1UL << order)));
}

void __real_heap_free(struct page_info *pg, unsigned int order) { }
void __real_heap_free_mapped(struct page_info *pg, unsigned int order) { }
unsigned long __real_heap_free_pages(void) { return 7; }

void *__real_xmalloc_bytes(size_t size)
{
	next_object += OBJECT;
	return (void *)(next_object - OBJECT);
}

void *__real_xzalloc_bytes(size_t size) { return __real_xmalloc_bytes(size); }
void __real_xfree(void *p) { really_freed++; }
void *__real_memcpy(void *dst, const void *src, size_t n) { return memcpy(dst, src, n); }
void *__real_memmove(void *dst, const void *src, size_t n) { return memmove(dst, src, n); }
void *__real_memset(void *dst, int c, size_t n) { return memset(dst, c, n); }

/* Whether this is complained of, and as what. One complaint is all that a hypervisor makes: here it forgets it. */
#define complains(what, call) ({ \
	volatile bool told_ = true; \
	host_log_clear(); \
	if (!setjmp(complaint)) { \
		call; \
		told_ = false; \
	} \
	told_ && strstr(host_log, what); \
})
#define fine(call)	(!complains("", call))

static void test_frames(void)
{
	struct page_info *pg = __wrap_heap_alloc(1, 0);
	unsigned long at = (unsigned long)page_to_virt(pg);

	ok(fine(__asan_load8_noabort(at)) && fine(__asan_storeN_noabort(at, 2 * PAGE_SIZE)), "frames in use");
	__wrap_heap_free_mapped(pg, 1);
	ok(complains("load of 8", __asan_load8_noabort(at)) && complains("store of 1 bytes", __asan_store1_noabort(at + 2 * PAGE_SIZE - 1)), "freed");
	ok(fine(__asan_load1_noabort(at + 2 * PAGE_SIZE)) && complains("nobody's", __asan_loadN_noabort(at - 8, 16)), "what is beside them, and what reaches into them");
	ok(fine(__asan_load8_noabort(DIRECTMAP_VIRT_START + FRAMES * PAGE_SIZE)) && fine(__asan_load8_noabort(0x1000)), "what is no memory is not looked up");
}

static void test_ends(size_t size)
{
	char *p = __wrap_xmalloc_bytes(size), *q = __wrap_xzalloc_bytes(80);
	unsigned long at = (unsigned long)p;
	bool inside = true;

	for (size_t i = 0; i < size; i++)
		inside &= fine(__asan_load1_noabort(at + i));
	ok(inside && fine(__wrap_memset(p, 1, size)), "%zu bytes", size);
	ok(complains("end of an object", __asan_load1_noabort(at + size)) && complains("memset", __wrap_memset(p, 1, size + 1)) &&
	   complains("memcpy from", __wrap_memcpy(q, p, size + 1)) && complains("memmove to", __wrap_memmove(p, q, size + 1)), "and no more");
	ok(fine(__asan_load8_noabort((unsigned long)q)) && complains("of 16", __asan_store16_noabort((unsigned long)q + 72)), "nor of the next one");
	ok(fine(__wrap_xfree(p)) && complains("freed", __asan_load1_noabort(at)) && complains("xfree", __wrap_xfree(p)), "nothing when it is freed, which is once");
	__wrap_xfree(q);
}

static void test_kept(void)
{
	char *p = __wrap_xmalloc_bytes(40);

	(void)__wrap_heap_free_pages();
	really_freed = 0;
	__wrap_xfree(p);
	ok(!really_freed && complains("", __asan_load1_noabort((unsigned long)p)), "an object that is freed is kept back");
	ok(__wrap_heap_free_pages() == 7 && really_freed == 1 && fine(__asan_load1_noabort((unsigned long)p)), "until it is asked how much is free");
	really_freed = 0;
	for (unsigned int i = 0; i < 100; i++)
		__wrap_xfree(__wrap_xmalloc_bytes(40));
	ok(really_freed == 100 - 64, "or 64 more are");
	(void)__wrap_heap_free_pages();
	ok(really_freed == 100, "and none is lost");
}

static void test_odd(void)
{
	char *p = __wrap_xmalloc_bytes(0), *large = page_to_virt(__wrap_heap_alloc(0, 0));

	ok(fine(__wrap_xfree(p)) && fine(__wrap_xfree(NULL)) && !__wrap_xzalloc_array_bytes(1UL << 40, 1UL << 40), "an object without a byte, none, and too many");
	really_freed = 0;
	__wrap_xfree(large);
	ok(really_freed == 1, "whole frames are given back at once");
}

int main(void)
{
	void *at = mmap((void *)DIRECTMAP_VIRT_START, FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		return 1;
	ok(fine(__asan_load8_noabort(DIRECTMAP_VIRT_START)), "before there is a shadow");
	test_frames();
	for (size_t size = 1; size < 25; size += 7)
		test_ends(size);
	test_ends(72);
	test_kept();
	test_odd();
	return tap_end();
}
