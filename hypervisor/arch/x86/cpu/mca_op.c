/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mca hypercall: dom0's error log asks which processors there are, and for records, of which we keep none. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <tenon/hypercall.h>
#include <tenon/mm.h>
#include <tenon/percpu.h>
#include <xen/arch-x86/xen-mca.h>

static long fetch(struct xen_mc_fetch *f)
{
	uint32_t which = f->flags & (XEN_MC_NONURGENT | XEN_MC_URGENT);

	if (which != XEN_MC_NONURGENT && which != XEN_MC_URGENT)
		return -EINVAL;
	if (f->flags & XEN_MC_ACK) {
		f->flags = XEN_MC_OK;
		return 0;
	}
	if (guest_handle_is_null(f->data))
		return -EINVAL;
	f->flags = XEN_MC_OK | XEN_MC_NODATA;
	f->fetch_id = 0;
	return 0;
}

static void describe(struct mcinfo_logical_cpu *p, unsigned int cpu, unsigned int nr)
{
	uint64_t cap = 0;

	memset(p, 0, sizeof(*p));
	p->mc_cpunr = cpu;
	p->mc_coreid = (uint16_t)cpu;
	p->mc_apicid = percpu(cpu)->arch.apic_id;
	p->mc_clusterid = ~0U;
	p->mc_ncores = p->mc_ncores_active = nr;
	p->mc_nthreads = 1;
	p->mc_cpuid_level = (int32_t)boot_cpu.max_leaf;
	p->mc_family = boot_cpu.family;
	p->mc_vendor = boot_cpu.vendor;
	p->mc_model = boot_cpu.model;
	p->mc_step = boot_cpu.stepping;
	strlcpy(p->mc_vendorid, boot_cpu.vendor_id, sizeof(p->mc_vendorid));
	strlcpy(p->mc_brandid, boot_cpu.model_name, sizeof(p->mc_brandid));
	p->mc_cpu_caps[MC_CAPS_STD_EDX] = boot_cpu.word[FW_1D];
	p->mc_cpu_caps[MC_CAPS_STD_ECX] = boot_cpu.word[FW_1C];
	p->mc_cpu_caps[MC_CAPS_AMD_EDX] = boot_cpu.word[FW_E1D];
	p->mc_cpu_caps[MC_CAPS_AMD_ECX] = boot_cpu.word[FW_E1C];
	if (!cpu_has(X86_FEATURE_MCA) || rdmsr_safe(MSR_MCG_CAP, &cap))
		return;
	p->mc_nmsrvals = 1;
	p->mc_msrvalues[0].reg = MSR_MCG_CAP;
	p->mc_msrvalues[0].value = cap;
}

static long physcpuinfo(struct xen_mc_physcpuinfo *q)
{
	unsigned int nr = cpumask_weight(&cpu_online_map), cpu, i = 0;
	struct mcinfo_logical_cpu p;

	if (!guest_handle_is_null(q->info)) {
		if ((int32_t)q->ncpus <= 0)
			return -EINVAL;
		q->ncpus = min(q->ncpus, nr);
		for_each_online_cpu(cpu) {
			if (i == q->ncpus)
				break;
			describe(&p, cpu, nr);
			if (copy_to_guest_offset(q->info, i++, &p, 1))
				return -EFAULT;
		}
		return 0;
	}
	q->ncpus = nr;
	return 0;
}

long do_mca(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3,
	    unsigned long a4, unsigned long a5)
{
	struct xen_mc op;
	long rc = -EINVAL;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
		return -EACCES;
	if (op.cmd == XEN_MC_fetch)
		rc = fetch(&op.u.mc_fetch);
	else if (op.cmd == XEN_MC_physcpuinfo)
		rc = physcpuinfo(&op.u.mc_physcpuinfo);
	if (!rc && copy_to_guest_va(arg, &op, sizeof(op)))
		return -EFAULT;
	return rc;
}
