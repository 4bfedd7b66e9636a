/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the decoder libraries take for granted, as programs of the host: SSE registers, a red zone, the thread area that
 * stack protection reads, and a few functions of the C library.
 */
#include <asm/cpu.h>
#include <asm/decode_env.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <tenon/lib.h>
#include <tenon/mm.h>

/* Called by the libraries alone, so no header has them. */
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void free(void *p);
unsigned long long ZSTD_trace_decompress_begin(const void *ctx);
void ZSTD_trace_decompress_end(unsigned long long id, const void *trace);

/* The libraries' own: one of them chooses its check sum code by processor this way. */
extern void (*const decoder_ctors_start[])(void), (*const decoder_ctors_end[])(void);

/* Code made with -fstack-protector compares the word at %fs:0x28 (x86-64 ABI of the GNU C library). */
static uint64_t thread_area[8] __initdata = { [5] = 0x0a0d00ff3c5aa5c3 };
static unsigned long saved_cr0 __initdata, saved_cr4 __initdata;
static uint64_t saved_fs __initdata;

void __init decode_env_enter(void)
{
	saved_cr0 = read_cr0();
	saved_cr4 = read_cr4();
	saved_fs = rdmsr(MSR_FS_BASE);
	write_cr0(saved_cr0 & ~(X86_CR0_EM | X86_CR0_TS));
	write_cr4(saved_cr4 | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT);
	wrmsr(MSR_FS_BASE, (unsigned long)thread_area);
	/* They use the red zone. Nothing raises a debug exception yet, so that its stack is free. */
	irq_gates_stack(IST_DB);
	for (unsigned int i = 0; i < decoder_ctors_end - decoder_ctors_start; i++)
		decoder_ctors_start[i]();
}

void __init decode_env_leave(void)
{
	irq_gates_stack(IST_NONE);
	wrmsr(MSR_FS_BASE, saved_fs);
	write_cr4(saved_cr4);
	write_cr0(saved_cr0);
}

void *__init malloc(size_t size)
{
	return xmalloc_bytes(size);
}

void *__init calloc(size_t n, size_t size)
{
	return xzalloc_array_bytes(n, size);
}

void __init free(void *p)
{
	xfree(p);
}

/* Weak in the library, but out of reach of a call from our addresses if they are nowhere: no tracing. */
unsigned long long __init ZSTD_trace_decompress_begin(const void *ctx)
{
	return 0;
}

void __init ZSTD_trace_decompress_end(unsigned long long id, const void *trace)
{
}
