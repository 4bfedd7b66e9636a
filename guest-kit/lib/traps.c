/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Trap table, dispatch, and probes: run something and see which trap it takes. */

#include <stdarg.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <xen/callback.h>

extern char kit_gates[];
void kit_user_trampoline(void);
void kit_user_iret(const struct kit_user_start *start) __attribute__((noreturn));
void kit_trap(struct kit_regs *regs);

uint64_t kit_failsafe_segs[4];
static kit_hook hooks[KIT_NR_VECTORS];
static uint8_t user_stacks[KIT_MAX_VCPUS][PAGE_SIZE * 2] __attribute__((aligned(PAGE_SIZE)));
static unsigned long user_result[KIT_MAX_VCPUS];

static const char *const names[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "#9", "#TS", "#NP", "#SS",
	"#GP", "#PF", "#15", "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
};
static const char *const special_names[] = {
	"SYSCALL", "EVENT", "FAILSAFE", "SYSCALL32", "SYSENTER", "NMI-CALLBACK",
};

const char *kit_vector_name(int vector)
{
	if (vector < 0)
		return "none";
	if (vector < (int)ARRAY_SIZE(names))
		return names[vector];
	if (vector >= KIT_VEC_SYSCALL && vector < KIT_NR_VECTORS)
		return special_names[vector - KIT_VEC_SYSCALL];
	return "INT";
}

void kit_regs_print(const struct kit_regs *r)
{
	kit_printf("# vector %lu error %lx cr2 %lx\n", r->vector, r->error,
		   (unsigned long)kit_this_vcpu()->info->arch.cr2);
	kit_printf("# rip %lx:%016lx flags %lx rsp %lx:%016lx\n", r->cs, r->rip, r->rflags, r->ss,
		   r->rsp);
	kit_printf("# rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx,
		   r->rdx);
	kit_printf("# rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rsi, r->rdi, r->rbp,
		   r->r8);
	kit_printf("# r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", r->r9, r->r10, r->r11,
		   r->r12);
	kit_printf("# r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
}

void kit_observe_fault(const struct kit_fault *f, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (f->vector < 0)
		kit_observe("%s: none", text);
	else
		kit_observe("%s: %s error %x %s", text, kit_vector_name(f->vector), f->error,
			    f->user ? "user" : "kernel");
}

void kit_set_hook(unsigned int vector, kit_hook hook)
{
	hooks[vector] = hook;
}

static void leave_probe(struct kit_vcpu *v)
{
	v->probing = false;
	v->info->evtchn_upcall_mask = v->saved_mask;
	kit_longjmp(&v->back);
}

void kit_trap(struct kit_regs *regs)
{
	struct kit_vcpu *v = kit_this_vcpu();
	uint64_t cr2 = v->info->arch.cr2;
	bool user = (regs->cs & 3) == 3;

	if (regs->vector < KIT_NR_VECTORS && hooks[regs->vector] && hooks[regs->vector](regs))
		return;
	if (regs->vector == KIT_VEC_EVENT) {
		/* Nobody here waits for events, but those who serve our console and store may send them at any time. */
		v->info->evtchn_upcall_pending = 0;
		return;
	}
	if (regs->vector == KIT_VEC_SYSCALL && user && regs->rax == KIT_SYS_RETURN && v->probing) {
		user_result[v->id] = regs->rdi;
		leave_probe(v);
	}
	if (v->probing) {
		v->fault->vector = (int)regs->vector;
		v->fault->error = (uint32_t)regs->error;
		v->fault->cr2 = regs->vector == KIT_VEC_PF ? cr2 : 0;
		v->fault->regs = *regs;
		v->fault->user = user;
		leave_probe(v);
	}
	kit_regs_print(regs);
	kit_fatal("unexpected trap %s on vCPU %u at %lx", kit_vector_name((int)regs->vector), v->id,
		  regs->rip);
}

static void start_probe(struct kit_vcpu *v, struct kit_fault *fault)
{
	if (v->probing)
		kit_fatal("nested probe");
	memset(fault, 0, sizeof(*fault));
	fault->vector = -1;
	v->fault = fault;
	v->saved_mask = v->info->evtchn_upcall_mask;
	v->probing = true;
}

bool kit_probe(void (*fn)(void *arg), void *arg, struct kit_fault *fault)
{
	struct kit_vcpu *v = kit_this_vcpu();

	start_probe(v, fault);
	if (kit_setjmp(&v->back))
		return false;
	fn(arg);
	v->probing = false;
	return true;
}

void kit_probe_leave(void)
{
	leave_probe(kit_this_vcpu());
	__builtin_unreachable();
}

bool kit_user_enter(const struct kit_user_start *start, struct kit_fault *fault)
{
	struct kit_vcpu *v = kit_this_vcpu();

	kit_user_root();
	start_probe(v, fault);
	if (kit_setjmp(&v->back))
		return fault->vector < 0;
	kit_user_iret(start);
}

bool kit_user_probe(unsigned long (*fn)(void *arg), void *arg, struct kit_fault *fault,
		    unsigned long *result)
{
	unsigned int id = kit_this_vcpu()->id;
	struct kit_user_start start = {
		.rip = (uint64_t)kit_user_trampoline,
		.cs = FLAT_USER_CS64,
		.rflags = 0x202,
		.rsp = (uint64_t)user_stacks[id] + sizeof(user_stacks[id]),
		.ss = FLAT_USER_SS64,
		.rdi = (uint64_t)arg,
		.rsi = (uint64_t)fn,
	};

	if (!kit_user_enter(&start, fault))
		return false;
	if (result)
		*result = user_result[id];
	return true;
}

unsigned long kit_gate_address(unsigned int vector)
{
	return (unsigned long)kit_gates + vector * 16UL;
}

long kit_set_gate(unsigned int vector, unsigned int flags)
{
	struct trap_info table[2] = {
		{ (uint8_t)vector, (uint8_t)flags, FLAT_KERNEL_CS64, kit_gate_address(vector) },
		{ 0, 0, 0, 0 },
	};

	return hc_set_trap_table(table);
}

/* #BP, #OF and the conventional system call vector may be raised by user mode. */
unsigned int kit_trap_fill(struct trap_info *table, unsigned int max)
{
	unsigned int n = 0;

	for (unsigned int vec = 0; vec < 22 && n + 2 < max; vec++) {
		if (vec == KIT_VEC_NMI || vec == 9 || vec == 15 || vec == 20)
			continue;
		table[n++] = (struct trap_info){
			.vector = (uint8_t)vec,
			.flags = vec == KIT_VEC_BP || vec == KIT_VEC_OF ? 3 : 0,
			.cs = FLAT_KERNEL_CS64,
			.address = kit_gate_address(vec),
		};
	}
	table[n++] = (struct trap_info){
		.vector = 0x80, .flags = 3, .cs = FLAT_KERNEL_CS64,
		.address = kit_gate_address(0x80),
	};
	table[n] = (struct trap_info){ 0 };
	return n;
}

void kit_trap_init(void)
{
	struct trap_info table[32];
	unsigned long top = ((unsigned long)kit_this_vcpu() + KIT_STACK_SIZE);

	kit_trap_fill(table, ARRAY_SIZE(table));
	if (hc_set_trap_table(table))
		kit_fatal("set_trap_table refused");
	if (hc_set_callbacks((unsigned long)kit_entry_event, (unsigned long)kit_entry_failsafe,
			     (unsigned long)kit_entry_syscall))
		kit_fatal("set_callbacks refused");
	/* Traps from user mode start below what the kernel that entered user mode has in use. */
	if (hc_stack_switch(FLAT_KERNEL_SS, top - KIT_STACK_SIZE / 2))
		kit_fatal("stack_switch refused");
}
