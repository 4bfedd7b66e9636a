/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCIDs (SDM 3A 4.10.1). With isolation each way in and out of a guest loads CR3; what the processor remembers of either root has a number of
 * its own, and need not be forgotten then. Whoever changes a root, a table or a page asks for the same flushes as without: flush_local() takes all numbers.
 */
#include <asm/cpu.h>
#include <asm/flush.h>
#include <asm/system.h>
#include <tenon/domain.h>
#include <tenon/init.h>
#include "pcid.h"
#include "isolation.h"

/* The hypervisor on a vCPU's two roots, and the two views. Without a vCPU it is on 0. */
enum { PCID_KERNEL = 1, PCID_USER, PCID_VIEW, PCID_LAST = PCID_VIEW + 1 };

bool pcid_on __ro_after_init;
uint64_t isolation_tag[2] __ro_after_init;

void __init pcid_init(void)
{
	mmu_cr4_features |= X86_CR4_PCIDE;
	isolation_tag[0] = CR3_KEEP | PCID_KERNEL;
	isolation_tag[1] = CR3_KEEP | PCID_USER;
	pcid_on = true;
}

uint64_t pcid_of_view(unsigned int nr)
{
	return pcid_on ? CR3_KEEP | (PCID_VIEW + nr) : 0;
}

void pcid_flush_page(unsigned long va)
{
	if (!cpu_has(X86_FEATURE_INVPCID)) {
		flush_local(NULL, FLUSH_TLB_GLOBAL);
		return;
	}
	for (unsigned long pcid = PCID_KERNEL; pcid <= PCID_LAST; pcid++)
		invpcid(pcid, va);
}

/* A load of CR3 that keeps nothing takes what has the number that it loads. */
void pcid_flush_user(const struct vcpu *curr)
{
	unsigned long irq;

	if (!pcid_on || !curr->arch.cr3_user)
		return;
	irq = local_irq_save();
	write_cr3(curr->arch.cr3_user & ~CR3_KEEP);
	write_cr3(curr->arch.cr3);
	local_irq_restore(irq);
}
