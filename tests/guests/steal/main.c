/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steal: two vCPUs on one processor. One is in user mode all the time, where the address of its run state record is not mapped; at
 * each upcall its kernel finds in the record how long it had to wait.
 */
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS		1000000UL
#define UPCALLS		16U
#define KERNEL_ONLY	0x200000000000UL	/* in the kernel's root alone: the kit makes the user's from it first */

static struct vcpu_runstate_info *page;
static const volatile struct vcpu_runstate_info *record = (void *)KERNEL_ONLY;
static volatile uint32_t upcalls, other_runs;
static unsigned int behind;
static uint64_t waited;

static void other(void *arg)
{
	for (;;)
		other_runs = 1;
}

/* Who waits just between these two looks finds them different, too. */
static void look(uint32_t port)
{
	uint64_t known = record->time[RUNSTATE_runnable];
	struct vcpu_runstate_info now;

	hc_vcpu_op(VCPUOP_get_runstate_info, 0, &now);
	waited = now.time[RUNSTATE_runnable];
	if (waited > known + MS)
		behind++;
	upcalls++;
	hc_set_timer_op(kit_time_now() + 40 * MS);
}

static unsigned long in_user_mode(void *arg)
{
	while (upcalls < UPCALLS)
		kit_pause();
	return 0;
}

static bool is_registered(void)
{
	struct vcpu_register_runstate_memory_area area = { .addr.v = (void *)KERNEL_ONLY };

	page = kit_page_alloc();
	return kit_user_root() && kit_pte_make(kit_root(), KERNEL_ONLY) && !kit_map(KERNEL_ONLY, kit_va_to_mfn(page), PTE_RW & ~PTE_U) &&
	       !hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area);
}

void kit_main(void)
{
	struct kit_fault fault;
	uint64_t before;
	int port;

	kit_event_init();
	if (!is_registered() || kit_vcpu_boot(1, other, NULL) || !kit_wait_for(&other_runs, 1, 2000 * MS))
		kit_fatal("no record, or no other vCPU");
	port = kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	kit_check(port > 0, "a timer");
	kit_evtchn_handle((uint32_t)port, look);
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	before = record->time[RUNSTATE_runnable];
	hc_set_timer_op(kit_time_now() + 40 * MS);
	kit_check(kit_user_probe(in_user_mode, NULL, &fault, NULL), "user mode returns by itself");
	kit_check(waited > before + 100 * MS, "it waits for the processor");
	kit_note("%u of %u upcalls found a record that was behind", behind, upcalls);
	kit_check(behind <= 2, "upcalls find that in the record");
}
