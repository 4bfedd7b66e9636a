/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers and call chains, for panics and debug keys. */
#include <asm/current.h>
#include <asm/page.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>

#define MAX_DEPTH		24
#define GUEST_STACK_ROWS	12

/* Made by the build from the linked image, sorted by offset from image_start. */
extern const uint32_t tenon_sym_count;
extern const uint32_t tenon_sym_offsets[], tenon_sym_name[];
extern const char tenon_sym_names[];

void symbol_format(char *buf, size_t size, unsigned long addr)
{
	unsigned long off = addr - (unsigned long)image_start;
	uint32_t lo = 0, hi = tenon_sym_count;

	if (addr < (unsigned long)text_start || addr >= (unsigned long)init_end || !hi) {
		snprintf(buf, size, "%#lx", addr);
		return;
	}
	while (hi - lo > 1) {
		uint32_t mid = (lo + hi) / 2;

		if (tenon_sym_offsets[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	snprintf(buf, size, "%s+%#lx", tenon_sym_names + tenon_sym_name[lo], off - tenon_sym_offsets[lo]);
}

static unsigned long stack_pointer(void)
{
	unsigned long sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return sp;
}

static bool on_this_stack(unsigned long a)
{
	return ((a ^ stack_pointer()) & ~(STACK_SIZE - 1)) == 0 && IS_ALIGNED(a, 8UL);
}

static void show_registers(const struct cpu_user_regs *r)
{
	printk(LOG_ERR "RIP %04x:%016lx (%pS) RFLAGS %lx%s\n", r->cs, (unsigned long)r->rip,
	       (void *)r->rip, (unsigned long)r->rflags, guest_mode(r) ? " guest" : "");
	printk(LOG_ERR "RAX %016lx RBX %016lx RCX %016lx\n", (unsigned long)r->rax, (unsigned long)r->rbx, (unsigned long)r->rcx);
	printk(LOG_ERR "RDX %016lx RSI %016lx RDI %016lx\n", (unsigned long)r->rdx, (unsigned long)r->rsi, (unsigned long)r->rdi);
	printk(LOG_ERR "RBP %016lx RSP %016lx R8  %016lx\n", (unsigned long)r->rbp, (unsigned long)r->rsp, (unsigned long)r->r8);
	printk(LOG_ERR "R9  %016lx R10 %016lx R11 %016lx\n", (unsigned long)r->r9, (unsigned long)r->r10, (unsigned long)r->r11);
	printk(LOG_ERR "R12 %016lx R13 %016lx R14 %016lx\n", (unsigned long)r->r12, (unsigned long)r->r13, (unsigned long)r->r14);
	printk(LOG_ERR "R15 %016lx CR0 %016lx CR2 %016lx\n", (unsigned long)r->r15, read_cr0(), read_cr2());
	printk(LOG_ERR "CR3 %016lx CR4 %016lx vector %#x error code %#x\n", read_cr3(), read_cr4(),
	       r->entry_vector, r->error_code);
}

/*
 * There are no frame pointers: every word of the stack that is the address of code behind a call is shown. Some
 * are left over from calls that have returned.
 */
static void show_calls(unsigned long rip, unsigned long sp)
{
	unsigned long guard = (sp & ~(STACK_SIZE - 1)) + STACK_GUARD_PAGE * PAGE_SIZE;
	unsigned int shown = 0;

	printk(LOG_ERR "Calls (with leftovers):\n");
	printk(LOG_ERR "   [%016lx] %pS\n", rip, (void *)rip);
	/* A stack that has overflowed. */
	if (sp - guard < PAGE_SIZE)
		sp = guard + PAGE_SIZE;
	for (sp = ROUNDUP(sp, 8UL); on_this_stack(sp) && shown < MAX_DEPTH; sp += 8) {
		unsigned long a = *(const unsigned long *)sp;

		if (a < (unsigned long)text_start || a >= (unsigned long)text_end)
			continue;
		printk(LOG_ERR "   [%016lx] %pS\n", a, (void *)a);
		shown++;
	}
}

/* Words of the guest's stack, for whoever has the symbols of its kernel. */
static void show_guest_stack(unsigned long sp)
{
	uint64_t w[4];

	printk(LOG_ERR "Stack at %016lx:\n", sp);
	for (unsigned int row = 0; row < GUEST_STACK_ROWS; row++, sp += sizeof(w)) {
		if (copy_from_guest_va(w, sp, sizeof(w))) {
			printk(LOG_ERR "   not accessible\n");
			return;
		}
		printk(LOG_ERR "   %016lx %016lx %016lx %016lx\n", (unsigned long)w[0], (unsigned long)w[1],
		       (unsigned long)w[2], (unsigned long)w[3]);
	}
}

void show_execution_state(const struct cpu_user_regs *regs)
{
	const struct vcpu *v = current;

	if (v && v->domain)
		printk(LOG_ERR "CPU %u, d%uv%u\n", smp_processor_id(), v->domain->domain_id, v->vcpu_id);
	else
		printk(LOG_ERR "CPU %u\n", smp_processor_id());
	if (!regs) {
		show_calls((unsigned long)__builtin_return_address(0), stack_pointer());
		return;
	}
	show_registers(regs);
	if (guest_mode(regs))
		show_guest_stack(regs->rsp);
	else
		show_calls(regs->rip, regs->rsp);
}
