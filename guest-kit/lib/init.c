/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* From the first C instruction to kit_main(). */

#include <guestkit/kit.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <xen/sched.h>

uint8_t kit_stacks[KIT_MAX_VCPUS][KIT_STACK_SIZE] __attribute__((aligned(KIT_STACK_SIZE)));
struct kit_boot_regs kit_boot_regs __attribute__((section(".data")));
struct start_info *kit_start_info;

unsigned long kit_argument(const char *name, unsigned long otherwise)
{
	const char *at = strstr((const char *)kit_start_info->cmd_line, name);
	unsigned long n = 0;

	if (!at)
		return otherwise;
	for (at += strlen(name); *at >= '0' && *at <= '9'; at++)
		n = n * 10 + (unsigned long)(*at - '0');
	return n;
}
volatile struct shared_info *kit_shared;
static uint8_t shared_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
void kit_start(struct start_info *si);

struct kit_vcpu *kit_vcpu(unsigned int id)
{
	return (struct kit_vcpu *)kit_stacks[id];
}

/* The shared info page has no guest frame: it is mapped over a page of the image. */
static void map_shared_info(void)
{
	uint64_t pte = kit_make_pte(kit_start_info->shared_info >> PAGE_SHIFT, PTE_RW);

	if (hc_update_va_mapping((unsigned long)shared_page, pte, UVMF_INVLPG))
		asm volatile("ud2");
	kit_shared = (volatile struct shared_info *)shared_page;
	for (unsigned int i = 0; i < KIT_MAX_VCPUS; i++) {
		kit_vcpu(i)->id = i;
		kit_vcpu(i)->info = &kit_shared->vcpu_info[i];
	}
}

void kit_start(struct start_info *si)
{
	kit_start_info = si;
	map_shared_info();
	kit_trap_init();
	kit_mm_init();
	kit_console_init();
	kit_main();
	kit_finish();
}

void kit_shutdown(unsigned int reason)
{
	struct sched_shutdown arg = { .reason = reason };

	for (;;)
		hc_sched_op(SCHEDOP_shutdown, &arg);
}

void kit_events_unmask(void)
{
	volatile struct vcpu_info *info = kit_this_vcpu()->info;

	info->evtchn_upcall_mask = 0;
	kit_barrier();
	if (info->evtchn_upcall_pending)
		hc_xen_version(0, NULL);	/* any hypercall delivers what is pending */
}
