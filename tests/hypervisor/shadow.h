/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the linker puts the functions of shadow.c before (--wrap), and the compiler's calls for each access to memory. */
#ifndef TENON_SHADOW_H
#define TENON_SHADOW_H

#include <tenon/mm.h>

struct page_info *__real_heap_alloc(unsigned int order, unsigned int memflags);
void __real_heap_free(struct page_info *pg, unsigned int order);
void __real_heap_free_mapped(struct page_info *pg, unsigned int order);
unsigned long __real_heap_free_pages(void);
void *__real_xmalloc_bytes(size_t size);
void *__real_xzalloc_bytes(size_t size);
void __real_xfree(void *p);
void *__real_memcpy(void *dst, const void *src, size_t n);
void *__real_memmove(void *dst, const void *src, size_t n);
void *__real_memset(void *dst, int c, size_t n);

struct page_info *__wrap_heap_alloc(unsigned int order, unsigned int memflags);
void __wrap_heap_free(struct page_info *pg, unsigned int order);
void __wrap_heap_free_mapped(struct page_info *pg, unsigned int order);
unsigned long __wrap_heap_free_pages(void);
void *__wrap_alloc_hv_pages(unsigned int order, unsigned int memflags);
void __wrap_free_hv_pages(void *va, unsigned int order);
void *__wrap_xmalloc_bytes(size_t size);
void *__wrap_xzalloc_bytes(size_t size);
void *__wrap_xzalloc_array_bytes(size_t n, size_t size);
void __wrap_xfree(void *p);
void *__wrap_memcpy(void *dst, const void *src, size_t n);
void *__wrap_memmove(void *dst, const void *src, size_t n);
void *__wrap_memset(void *dst, int c, size_t n);

#define SHADOW_ACCESS(n) \
void __asan_load##n##_noabort(unsigned long at); \
void __asan_store##n##_noabort(unsigned long at);
SHADOW_ACCESS(1) SHADOW_ACCESS(2) SHADOW_ACCESS(4) SHADOW_ACCESS(8) SHADOW_ACCESS(16)
void __asan_loadN_noabort(unsigned long at, size_t n);
void __asan_storeN_noabort(unsigned long at, size_t n);
void __asan_handle_no_return(void);

#endif
