/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dom0 from the boot modules: the steps in order. */
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/smp.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/grant.h>
#include <tenon/init.h>
#include <tenon/sched.h>
#include "dom0.h"

#define DOM0_EVENT_PORTS	131071

static struct dom0_build build __initdata;

/* One of those that came up, which need not be numbered without gaps. */
static unsigned int __init processor_for(unsigned int vcpu_id)
{
	unsigned int n = vcpu_id % cpumask_weight(&cpu_online_map), cpu;

	for_each_online_cpu(cpu)
		if (!n--)
			break;
	return cpu;
}

static void __init create_domain(struct dom0_build *b)
{
	unsigned int n = dom0_vcpus();
	const struct domain_config config = {
		.max_vcpus = n, .privileged = true, .max_event_port = DOM0_EVENT_PORTS,
		.max_grant_frames = GRANT_FRAMES_DEFAULT, .max_maptrack_frames = MAPTRACK_FRAMES_DEFAULT,
	};
	int err = 0;

	b->d = domain_create(0, &config, &err);
	if (!b->d)
		panic("Dom0 cannot be created (error %d)", err);
	dom0 = b->d;
	if (b->elf.notes.pae_mode == PAE_EXTENDED_CR3)
		set_bit(VMASST_TYPE_pae_extended_cr3, &b->d->vm_assist);
	for (unsigned int i = 0; i < n; i++) {
		struct vcpu *v = vcpu_create(b->d, i);

		if (!v)
			panic("Dom0: vCPU %u cannot be created", i);
		if (dom0_vcpus_pin) {
			struct cpumask m = cpumask_of(processor_for(i));

			vcpu_set_hard_affinity(v, &m);
		}
	}
	printk("Dom0: %u vCPU%s\n", n, n == 1 ? "" : "s");
}

static void __init plan_memory(struct dom0_build *b)
{
	unsigned long free = heap_free_pages();

	if (boot_info.nr_modules > 1) {
		b->initrd_bytes = boot_info.modules[1].end - boot_info.modules[1].start;
		b->initrd_pages = PFN_UP(b->initrd_bytes);
	}
	/* The kernel's module and unpacked image come back before the rest is allocated. */
	free += PFN_DOWN(boot_info.modules[0].end - boot_info.modules[0].start);
	free += PFN_UP(b->elf_buffer ? b->elf_bytes : 0) + b->initrd_pages;
	b->nr_pages = dom0_memory_pages(free);
	b->d->max_pages = max(dom0_max_pages(free), b->nr_pages);
	while ((PAGE_SIZE << b->p2m_order) < b->nr_pages * sizeof(unsigned long))
		b->p2m_order++;
	b->pfn_to_mfn = alloc_hv_pages(b->p2m_order, MEMF_no_scrub);
	if (!b->pfn_to_mfn)
		panic("Dom0: no memory to build it");
	printk("Dom0: %lu MiB of memory\n", b->nr_pages >> 8);
}

/* With dom0's own tables in force its addresses can be written to as the kernel will see them. */
static void __init load_through_tables(struct dom0_build *b)
{
	unsigned long flags = local_irq_save(), cr4 = read_cr4(), cr3 = read_cr3();

	write_cr4(cr4 & ~(X86_CR4_SMAP | X86_CR4_SMEP));
	write_cr3(mfn_to_maddr(b->root).a);
	elf_load(&b->elf, (void *)b->v_start);
	if (b->elf.notes.has_hypercall_page)
		pv_hypercall_page_init((void *)b->elf.notes.hypercall_page);
	write_cr3(cr3);
	dom0_free_kernel(b);
	dom0_alloc_rest(b);
	write_cr3(mfn_to_maddr(b->root).a);
	dom0_fill_start_info(b);
	write_cr3(cr3);
	write_cr4(cr4);
	local_irq_restore(flags);
}

static void __init start_vcpu0(struct dom0_build *b)
{
	struct vcpu_guest_context *c = xzalloc(struct vcpu_guest_context);
	struct vcpu *v = b->d->vcpu[0];
	int rc;

	if (!c)
		panic("Dom0: no memory");
	c->flags = VGCF_in_kernel;
	c->user_regs.rip = b->elf.entry;
	c->user_regs.rsp = b->stack.end;
	c->user_regs.rsi = b->start_info.start;
	c->user_regs.cs = FLAT_RING3_CS64;
	c->user_regs.ss = FLAT_RING3_SS32;
	c->user_regs.rflags = X86_EFLAGS_IF;
	c->kernel_ss = FLAT_RING3_SS32;
	c->kernel_sp = b->stack.end;
	c->ctrlreg[3] = xen_pfn_to_cr3(b->root.m);
	rc = pv_set_context(v, c);
	if (rc)
		panic("Dom0: its first context is refused (error %d)", rc);
	xfree(c);
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		b->d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
	clear_bit(VPF_down, &v->pause_flags);
}

void __init arch_dom0_build(void)
{
	struct dom0_build *b = &build;

	dom0_load_kernel(b);
	create_domain(b);
	plan_memory(b);
	dom0_permissions(b->d);
	dom0_layout(b);
	dom0_alloc_region(b);
	dom0_build_tables(b);
	dom0_map_p2m(b);
	load_through_tables(b);
	dom0_validate_tables(b);
	start_vcpu0(b);
	update_domain_wallclock(b->d);
	free_hv_pages(b->pfn_to_mfn, b->p2m_order);
	/* Not before: this processor has served no timers meanwhile, for as long as unpacking takes on a slow machine. */
	watchdog_init();
}
