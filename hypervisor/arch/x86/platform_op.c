/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * platform_op: what dom0's kernel asks for or tells of the machine that it manages together
 * with us. Each operation works on the copy of its argument; the table says which go back.
 */
#include <asm/cpu.h>
#include <asm/efi.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include <xen/platform.h>

#define MSR_MTRRCAP		0xfe
#define MSR_MTRR_PHYSBASE(n)	(0x200 + 2 * (n))
#define MSR_MTRR_PHYSMASK(n)	(0x201 + 2 * (n))
#define MTRR_VALID		(1UL << 11)
#define EDID_SIZE		128
#define ACPI_S5			5

typedef struct xen_platform_op op_t;

static long settime32(struct vcpu *curr, op_t *op)
{
	set_wallclock(op->u.settime32.secs, op->u.settime32.nsecs, (s_time_t)op->u.settime32.system_time);
	return 0;
}

static long settime64(struct vcpu *curr, op_t *op)
{
	if (op->u.settime64.mbz)
		return -EINVAL;
	set_wallclock(op->u.settime64.secs, op->u.settime64.nsecs, (s_time_t)op->u.settime64.system_time);
	return 0;
}

/* One of the variable ranges of memory types as firmware has set them. SDM 3A 12.11.2. */
static long read_memtype(struct vcpu *curr, op_t *op)
{
	struct xenpf_read_memtype *m = &op->u.read_memtype;
	uint64_t cap, base, mask, width = (1UL << boot_cpu.phys_bits) - 1;

	if (rdmsr_safe(MSR_MTRRCAP, &cap))
		return -ENODEV;
	if (m->reg >= (cap & 0xff))
		return -EINVAL;
	if (rdmsr_safe(MSR_MTRR_PHYSBASE(m->reg), &base) || rdmsr_safe(MSR_MTRR_PHYSMASK(m->reg), &mask))
		return -EINVAL;
	m->mfn = 0;
	m->nr_mfns = 0;
	m->type = 0;
	if (!(mask & MTRR_VALID))
		return 0;
	mask &= width & PAGE_MASK;
	m->mfn = (base & width) >> PAGE_SHIFT;
	m->nr_mfns = ((~mask & width) + 1) >> PAGE_SHIFT;
	m->type = base & 0xff;
	return 0;
}

/* The boot code asks the BIOS nothing: no disks, no monitor; no shift key is held. */
static long firmware_info(struct vcpu *curr, op_t *op)
{
	static const uint8_t no_edid[EDID_SIZE];
	struct xenpf_firmware_info *f = &op->u.firmware_info;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
		return -ESRCH;
	case XEN_FW_VBEDDC_INFO:
		if (f->index)
			return -ESRCH;
		return copy_to_guest_va(f->u.vbeddc_info.edid.va, no_edid, EDID_SIZE) ? -EFAULT : -ESRCH;
	case XEN_FW_EFI_INFO:
		return efi_firmware_info(f->index, &f->u.efi_info);
	case XEN_FW_KBD_SHIFT_FLAGS:
		if (f->index)
			return -ESRCH;
		f->u.kbd_shift_flags = 0;
		return 0;
	}
	return -EINVAL;
}

static long enter_acpi_sleep(struct vcpu *curr, op_t *op)
{
	if (op->u.enter_acpi_sleep.flags & ~XENPF_ACPI_SLEEP_EXTENDED)
		return -EINVAL;
	if (!op->u.enter_acpi_sleep.sleep_state || op->u.enter_acpi_sleep.sleep_state > ACPI_S5)
		return -EINVAL;
	if (op->u.enter_acpi_sleep.sleep_state != ACPI_S5)
		return -EOPNOTSUPP;
	printk("Dom0 powers the machine off\n");
	machine_end(MACHINE_POWEROFF);
}

static bool processor_exists(uint32_t acpi_id)
{
	unsigned int cpu;

	for_each_cpu(cpu, &cpu_present_map)
		if (percpu(cpu) && percpu(cpu)->arch.acpi_id == acpi_id)
			return true;
	return false;
}

/* Idle and frequency states are accepted: we use the architectural idle and leave the frequency to the hardware. */
static long set_processor_pminfo(struct vcpu *curr, op_t *op)
{
	switch (op->u.set_pminfo.type) {
	case XEN_PM_CX:
	case XEN_PM_PX:
		return processor_exists(op->u.set_pminfo.id) ? 0 : -EINVAL;
	case XEN_PM_TX:
		return -ENOSYS;
	case XEN_PM_PDC:
		return guest_handle_is_null(op->u.set_pminfo.u.pdc) ? -EFAULT : 0;
	}
	return -EINVAL;
}

static unsigned int last_present(void)
{
	unsigned int cpu, last = 0;

	for_each_cpu(cpu, &cpu_present_map)
		last = cpu;
	return last;
}

static bool cpu_known(uint32_t cpu)
{
	return cpu < NR_CPUS && cpumask_test(cpu, &cpu_present_map) && percpu(cpu);
}

static long get_cpuinfo(struct vcpu *curr, op_t *op)
{
	struct xenpf_pcpuinfo *p = &op->u.pcpu_info;

	p->max_present = last_present();
	p->flags = XEN_PCPU_FLAGS_INVALID;
	if (!cpu_known(p->xen_cpuid))
		return 0;
	p->flags = cpu_online(p->xen_cpuid) ? XEN_PCPU_FLAGS_ONLINE : 0;
	p->apic_id = percpu(p->xen_cpuid)->arch.apic_id;
	p->acpi_id = percpu(p->xen_cpuid)->arch.acpi_id;
	return 0;
}

static long get_cpu_version(struct vcpu *curr, op_t *op)
{
	struct xenpf_pcpu_version *p = &op->u.pcpu_version;

	p->max_present = last_present();
	memset(p->vendor_id, 0, sizeof(p->vendor_id));
	p->family = p->model = p->stepping = 0;
	if (!cpu_online(p->xen_cpuid))
		return 0;
	memcpy(p->vendor_id, boot_cpu.vendor_id, sizeof(p->vendor_id));
	p->family = boot_cpu.family;
	p->model = boot_cpu.model;
	p->stepping = boot_cpu.stepping;
	return 0;
}

/* Processors stay as boot found them. */
static long cpu_onoff(struct vcpu *curr, op_t *op)
{
	if (!cpu_known(op->u.cpu_ol.cpuid))
		return -EINVAL;
	if (op->cmd == XENPF_cpu_online && cpu_online(op->u.cpu_ol.cpuid))
		return 0;
	return -EOPNOTSUPP;
}

static long core_parking(struct vcpu *curr, op_t *op)
{
	if (op->u.core_parking.type == XEN_CORE_PARKING_SET)
		return op->u.core_parking.idle_nums ? -EOPNOTSUPP : 0;
	if (op->u.core_parking.type != XEN_CORE_PARKING_GET)
		return -EINVAL;
	op->u.core_parking.idle_nums = 0;
	return 0;
}

/* An empty list: the same number again means the end. */
static long get_symbol(struct vcpu *curr, op_t *op)
{
	if (op->u.symdata.symnum)
		return -ERANGE;
	op->u.symdata.namelen = 0;
	op->u.symdata.address = 0;
	op->u.symdata.type = 0;
	return 0;
}

static long refuse(struct vcpu *curr, op_t *op)
{
	return -EOPNOTSUPP;
}

static const struct {
	long (*fn)(struct vcpu *curr, op_t *op);
	bool out;		/* the argument goes back */
} ops[] = {
	[XENPF_settime32] = { settime32 },
	[XENPF_settime64] = { settime64 },
	[XENPF_read_memtype] = { read_memtype, true },
	[XENPF_microcode_update] = { refuse },
	[XENPF_efi_runtime_call] = { refuse },
	[XENPF_firmware_info] = { firmware_info, true },
	[XENPF_enter_acpi_sleep] = { enter_acpi_sleep },
	[XENPF_set_processor_pminfo] = { set_processor_pminfo },
	[XENPF_get_cpuinfo] = { get_cpuinfo, true },
	[XENPF_get_cpu_version] = { get_cpu_version, true },
	[XENPF_cpu_online] = { cpu_onoff },
	[XENPF_cpu_offline] = { cpu_onoff },
	[XENPF_core_parking] = { core_parking, true },
	[XENPF_get_symbol] = { get_symbol, true },
};

long do_platform_op(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3,
		    unsigned long a4, unsigned long a5)
{
	op_t op;
	long rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XENPF_INTERFACE_VERSION && op.interface_version != 0x03000000)
		return -EACCES;
	if (op.cmd >= ARRAY_SIZE(ops) || !ops[op.cmd].fn)
		return -ENOSYS;
	rc = ops[op.cmd].fn(curr, &op);
	if (!rc && ops[op.cmd].out && copy_to_guest_va(arg, &op, sizeof(op)))
		return -EFAULT;
	return rc;
}
