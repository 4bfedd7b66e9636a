/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Non-maskable interrupts. From others of our processors: stop, or you hang. From the machine (port 0x61 says
 * why; they reach the boot processor): told to dom0, ignored, or the end, as the option nmi= has it.
 */
#include <asm/apic.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include <xen/nmi.h>

#define PORT_B			0x61
#define PORT_B_SERR		0x80
#define PORT_B_IOCHK		0x40
#define PORT_B_WRITABLE		0x0f
#define PORT_B_SERR_OFF		0x04	/* clears and disables, as does the next */
#define PORT_B_IOCHK_OFF	0x08

static enum { NMI_DOM0, NMI_IGNORE, NMI_FATAL } opt_nmi;

static int __init parse_nmi(const char *s)
{
	static const char *const names[] __initconst = { "dom0", "ignore", "fatal" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(s, names[i])) {
			opt_nmi = i;
			return 0;
		}
	return -EINVAL;
}
BOOT_OPTION_CUSTOM("nmi", parse_nmi, "dom0 (default), ignore or fatal: what an NMI that reports a hardware error does");

static bool to_tell;

static void tell_dom0(void)
{
	struct vcpu *v = dom0 ? dom0->vcpu[0] : NULL;
	uint8_t off = inb(PORT_B) & PORT_B_WRITABLE;

	/* The lines that the handler has shut are heard again. */
	outb(off & ~(PORT_B_SERR_OFF | PORT_B_IOCHK_OFF), PORT_B);
	if (v && !__atomic_exchange_n(&v->nmi_pending, 1, __ATOMIC_SEQ_CST)) {
		vcpu_unblock(v);
		vcpu_kick(v);
	}
}

/* Work that takes locks, and so cannot be done by the handlers themselves: they may have interrupted anything. */
static void work(void)
{
	if (__atomic_exchange_n(&to_tell, false, __ATOMIC_SEQ_CST))
		tell_dom0();
	mce_report_here();
}

void nmi_work_later(void)
{
	softirq_raise(SOFTIRQ_NMI);
	/* An interrupt makes an idle processor look at its softirqs. */
	send_ipi(smp_processor_id(), VECTOR_EVENT_CHECK);
}

static void hardware_nmi(const struct cpu_user_regs *regs)
{
	uint8_t b = inb(PORT_B);
	unsigned int reason = b & PORT_B_SERR ? _XEN_NMIREASON_pci_serr :
			      b & PORT_B_IOCHK ? _XEN_NMIREASON_io_error : _XEN_NMIREASON_unknown;
	static const char *const names[] = {
		[_XEN_NMIREASON_io_error] = "I/O check: a card or memory error",
		[_XEN_NMIREASON_pci_serr] = "PCI system error",
		[_XEN_NMIREASON_unknown] = "no reason given",
	};

	if (b & (PORT_B_SERR | PORT_B_IOCHK))
		outb((b & PORT_B_WRITABLE) | (b & PORT_B_SERR ? PORT_B_SERR_OFF : 0) |
		     (b & PORT_B_IOCHK ? PORT_B_IOCHK_OFF : 0), PORT_B);
	if (opt_nmi == NMI_FATAL) {
		console_start_sync();
		show_execution_state(regs);
		panic("NMI: %s", names[reason]);
	}
	if (opt_nmi == NMI_DOM0 && dom0 && dom0->shared_info)
		set_bit(reason, &dom0->shared_info->arch.nmi_reason);
	to_tell = true;
	nmi_work_later();
}

void do_nmi(struct cpu_user_regs *regs)
{
	this_cpu()->arch.nmi_count++;
	smp_stop_if_asked();
	if (watchdog_nmi(regs) || smp_processor_id() != 0)
		return;
	hardware_nmi(regs);
}

void __init nmi_init(void)
{
	softirq_open(SOFTIRQ_NMI, work);
}
