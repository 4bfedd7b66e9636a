/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: the state in which a guest gets control: registers, selectors, start_info, shared info,
 * the p2m list, the machine-to-physical table, and the initial page tables.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

extern char _start[];

static void registers(void)
{
	const struct kit_boot_regs *r = &kit_boot_regs;

	kit_check_eq((int64_t)r->rsi, (int64_t)kit_start_info, "rsi is start_info");
	kit_observe("rax %lx rbx %lx rcx %lx rdx %lx rdi %lx rbp %lx", r->rax, r->rbx, r->rcx,
		    r->rdx, r->rdi, r->rbp);
	kit_observe("r8 %lx r9 %lx r10 %lx r12 %lx r13 %lx r14 %lx r15 %lx", r->r8, r->r9, r->r10,
		    r->r12, r->r13, r->r14, r->r15);
	kit_observe("rflags %lx", r->rflags);
	kit_observe("cs %x ss %x ds %x es %x fs %x gs %x", r->cs, r->ss, r->ds, r->es, r->fs,
		    r->gs);
}

static void info_page(void)
{
	struct start_info *si = kit_start_info;
	unsigned long pt_end = si->pt_base + si->nr_pt_frames * PAGE_SIZE;

	kit_observe("magic %s", si->magic);
	kit_observe("flags %x", si->flags);
	kit_observe("nr_pages %lu", si->nr_pages);
	kit_observe("mod_start %lx mod_len %lx", si->mod_start, si->mod_len);
	kit_observe("cmd_line '%s'", (char *)si->cmd_line);
	kit_observe("store_mfn %lx store_evtchn %x", si->store_mfn, si->store_evtchn);
	kit_check_eq((int64_t)((unsigned long)si & (PAGE_SIZE - 1)), 0, "start_info is aligned");
	kit_check_eq((int64_t)(si->shared_info & (PAGE_SIZE - 1)), 0, "shared_info is aligned");
	kit_check(si->shared_info != 0, "shared_info is there");
	kit_check((unsigned long)si >= si->mfn_list, "start_info follows the p2m list");
	kit_check(si->pt_base > (unsigned long)si, "the page tables follow start_info");
	kit_check(kit_boot_regs.rsp >= pt_end, "the stack follows the page tables");
	kit_observe("stack %lx bytes above the tables", kit_boot_regs.rsp - pt_end);
	kit_observe("tables %lu", si->nr_pt_frames);
	kit_check_eq((int64_t)si->nr_p2m_frames, 0, "nr_p2m_frames without INIT_P2M");
	if (si->flags & SIF_INITDOMAIN)
		kit_observe("console info off %x size %x", si->console.dom0.info_off,
			    si->console.dom0.info_size);
}

static void lists(void)
{
	unsigned long n = kit_start_info->nr_pages, bad = 0, bad_m2p = 0, unsorted = 0;

	for (unsigned long pfn = 0; pfn < n; pfn++) {
		unsigned long mfn = kit_pfn_to_mfn(pfn);

		bad += !mfn || mfn == ~0UL;
		bad_m2p += kit_mfn_to_pfn(mfn) != pfn;
		unsorted += pfn && kit_pfn_to_mfn(pfn - 1) + 1 != mfn;
	}
	kit_check_eq((int64_t)bad, 0, "every frame has a machine frame");
	kit_check_eq((int64_t)bad_m2p, 0, "the machine-to-physical table agrees");
	kit_note("%lu breaks in the machine frames' order", unsorted);
}

/* Expected protection of a page of the initial map. */
static uint64_t expected_flags(unsigned long va)
{
	struct start_info *si = kit_start_info;

	if (va >= si->pt_base && va < si->pt_base + si->nr_pt_frames * PAGE_SIZE)
		return PTE_P | PTE_U;
	return PTE_P | PTE_U | PTE_W;
}

static void page_tables(void)
{
	unsigned long va, last = 0, wrong_frame = 0, wrong_flags = 0;
	static unsigned long own;	/* pages that the start code remapped */

	for (va = KIT_VIRT_BASE; ; va += PAGE_SIZE) {
		kit_pte *pte = kit_pte_find(kit_root(), va, 1);
		unsigned long mfn = kit_pfn_to_mfn(kit_va_to_pfn((void *)va));

		if (!pte || !(*pte & PTE_P))
			break;
		last = va;
		if (va == (unsigned long)kit_shared) {
			own++;
			continue;
		}
		wrong_frame += (*pte & PTE_FRAME) >> PAGE_SHIFT != mfn;
		if ((*pte & (PTE_P | PTE_U | PTE_W)) != expected_flags(va))
			wrong_flags++;
	}
	kit_check_eq((int64_t)own, 1, "shared info is mapped where asked");
	kit_check_eq((int64_t)wrong_frame, 0, "the initial map is linear");
	/* The start code has made three of the pool's pages into tables. */
	kit_check_eq((int64_t)wrong_flags, 3, "protections are as promised");
	kit_check_eq((int64_t)((last + PAGE_SIZE) & 0x3fffff), 0, "the map ends at 4 MiB");
	kit_check(last + PAGE_SIZE - kit_boot_regs.rsp >= 512 * 1024, "512 KiB of room");
	kit_observe("map ends at %lx", last + PAGE_SIZE);
}

static void root_slots(void)
{
	static const int slots[] = { 0, 1, 255, 272, 510, 511 };

	for (size_t i = 0; i < ARRAY_SIZE(slots); i++)
		kit_observe("root slot %d: %s", slots[i],
			    kit_root()[slots[i]] & PTE_P ? "present" : "absent");
}

static void shared(void)
{
	volatile struct shared_info *s = kit_shared;
	unsigned long masked = 0, pending = 0;

	for (size_t i = 0; i < ARRAY_SIZE(s->evtchn_mask); i++) {
		for (unsigned long m = s->evtchn_mask[i]; m; m &= m - 1)
			masked++;
		pending |= s->evtchn_pending[i];
	}
	kit_observe("event masks set: %lu", masked);
	kit_check_eq((int64_t)pending, 0, "nothing pending");
	kit_observe("upcall mask %u pending %u", s->vcpu_info[0].evtchn_upcall_mask,
		    s->vcpu_info[0].evtchn_upcall_pending);
	kit_observe("upcall mask of vCPU 1: %u", s->vcpu_info[1].evtchn_upcall_mask);
	kit_check(s->wc_version != 0 && !(s->wc_version & 1), "the wall clock is set");
	kit_check(s->vcpu_info[0].time.tsc_to_system_mul != 0, "time has a scale");
	kit_check(s->wc_sec > 1500000000, "the wall clock is plausible");
	kit_observe("max_pfn %lx", s->arch.max_pfn);
}

static void write_text(void *arg)
{
	*(volatile char *)arg = 0;
}

static void read_page(void *arg)
{
	(void)*(volatile char *)arg;
}

static void reach(void)
{
	struct kit_fault f;

	kit_probe(write_text, (void *)kit_start_info->pt_base, &f);
	kit_observe_fault(&f, "write to a page table");
	kit_probe(write_text, (void *)HYPERVISOR_VIRT_START, &f);
	kit_observe_fault(&f, "write to the m2p table");
	kit_probe(read_page, (void *)HYPERVISOR_VIRT_START, &f);
	kit_observe_fault(&f, "read of the m2p table");
	kit_probe(read_page, (void *)0xffff82d080200000UL, &f);
	kit_check_eq(f.vector, KIT_VEC_PF, "the hypervisor's text cannot be read");
	kit_probe(read_page, (void *)0xffff830000000000UL, &f);
	kit_check_eq(f.vector, KIT_VEC_PF, "the direct map cannot be read");
	kit_probe(read_page, NULL, &f);
	kit_observe_fault(&f, "read of address 0");
	kit_probe(write_text, _start, &f);
	kit_observe_fault(&f, "write to the image's text");
}

void kit_main(void)
{
	registers();
	info_page();
	lists();
	page_tables();
	root_slots();
	shared();
	reach();
}
