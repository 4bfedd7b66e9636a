/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_TRAP_H
#define GUESTKIT_TRAP_H

#include <guestkit/kit.h>

/* Everything a trap handler sees. entry_x86_64.S pushes it in this order; keep both in step. */
struct kit_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Numbers above 255 stand for the entries that are not exceptions. */
enum {
	KIT_VEC_DE = 0, KIT_VEC_DB = 1, KIT_VEC_NMI = 2, KIT_VEC_BP = 3, KIT_VEC_OF = 4,
	KIT_VEC_BR = 5, KIT_VEC_UD = 6, KIT_VEC_NM = 7, KIT_VEC_DF = 8, KIT_VEC_TS = 10,
	KIT_VEC_NP = 11, KIT_VEC_SS = 12, KIT_VEC_GP = 13, KIT_VEC_PF = 14, KIT_VEC_MF = 16,
	KIT_VEC_AC = 17, KIT_VEC_MC = 18, KIT_VEC_XM = 19, KIT_VEC_CP = 21,
	KIT_VEC_SYSCALL = 256, KIT_VEC_EVENT, KIT_VEC_FAILSAFE, KIT_VEC_SYSCALL32,
	KIT_VEC_SYSENTER, KIT_VEC_NMI_CALLBACK,
	KIT_NR_VECTORS
};

/* A trap as a probe saw it. `vector` is -1 when nothing happened. */
struct kit_fault {
	int vector;
	uint32_t error;
	uint64_t cr2;		/* page faults only, 0 otherwise */
	struct kit_regs regs;	/* as delivered */
	bool user;		/* CS said that user mode was interrupted */
};

/*
 * Runs fn(arg). If it traps, or calls kit_probe_leave(), the rest of it is abandoned and `fault`
 * says how. Returns whether fn returned by itself. Probes do not nest.
 */
bool kit_probe(void (*fn)(void *arg), void *arg, struct kit_fault *fault);
void kit_probe_leave(void) __attribute__((noreturn));

/*
 * The same in user mode (ring 3, the user page-table root, its own stack). A trap or system call
 * that no handler takes ends it. fn returns by the system call KIT_SYS_RETURN, and its result is
 * then in *result unless that is NULL.
 */
bool kit_user_probe(unsigned long (*fn)(void *arg), void *arg, struct kit_fault *fault,
		    unsigned long *result);
#define KIT_SYS_RETURN	0x7e7e

/* Starts user mode at `rip` with `rsp`, CS, SS and flags as given, under a probe. */
struct kit_user_start {
	uint64_t rip, cs, rflags, rsp, ss;
	uint64_t iret_flags;	/* VGCF_in_syscall or 0 */
	uint64_t rdi, rsi, rax, rcx, r11;
};
bool kit_user_enter(const struct kit_user_start *start, struct kit_fault *fault);

/* An observation line (guestkit/report.h): "name: #PF error 2 user", or "name: none". */
void kit_observe_fault(const struct kit_fault *fault, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A handler taking over a vector (exceptions, KIT_VEC_*): returns true when the trap is dealt
 * with and execution resumes as the registers say. NULL takes it away.
 */
typedef bool (*kit_hook)(struct kit_regs *regs);
void kit_set_hook(unsigned int vector, kit_hook hook);

/* Registers the default entry for `vector` with the hypervisor. flags: see struct trap_info. */
long kit_set_gate(unsigned int vector, unsigned int flags);
/* The code address of the default entry for an exception or interrupt vector. */
unsigned long kit_gate_address(unsigned int vector);

/* Registers the whole table and the callbacks for the calling vCPU. */
void kit_trap_init(void);
/* Fills a table for VCPUOP_initialise; returns the number of entries. */
unsigned int kit_trap_fill(struct trap_info *table, unsigned int max);

void kit_regs_print(const struct kit_regs *regs);
/* A short name of a vector: "#PF". */
const char *kit_vector_name(int vector);

/* The segment selectors that the last failsafe callback reported. */
extern uint64_t kit_failsafe_segs[4];

/* Entry points in assembly. */
void kit_entry_syscall(void);
void kit_entry_syscall32(void);
void kit_entry_sysenter(void);
void kit_entry_event(void);
void kit_entry_failsafe(void);
void kit_entry_nmi(void);
void kit_entry_vcpu(void);

/* The iret hypercall with exactly these words on the stack; does not return unless it traps. */
void kit_iret_raw(const struct iret_context *frame) __attribute__((noreturn));

/* Saved place to come back to. */
struct kit_jmp {
	uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
};
int kit_setjmp(struct kit_jmp *where) __attribute__((returns_twice));
void kit_longjmp(struct kit_jmp *where) __attribute__((noreturn));

/* What belongs to one vCPU; it lies at the low end of that vCPU's stack. */
struct kit_vcpu {
	unsigned int id;
	bool probing;
	struct kit_jmp back;
	struct kit_fault *fault;
	uint8_t saved_mask;
	volatile struct vcpu_info *info;
	void (*start)(void *arg);
	void *start_arg;
};
static inline struct kit_vcpu *kit_this_vcpu(void)
{
	unsigned long sp;

	asm volatile("mov %%rsp, %0" : "=r" (sp));
	return (struct kit_vcpu *)(sp & ~(KIT_STACK_SIZE - 1));
}
struct kit_vcpu *kit_vcpu(unsigned int id);

static inline void kit_events_mask(void)
{
	kit_this_vcpu()->info->evtchn_upcall_mask = 1;
	kit_barrier();
}
/* Takes the upcall for what became pending meanwhile. */
void kit_events_unmask(void);

#endif
