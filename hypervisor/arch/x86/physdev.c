/* SPDX-License-Identifier: GPL-2.0-or-later */
/* physdev_op: what kernels that drive hardware, dom0's above all, ask for. */
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <xen/physdev.h>
#include "../../common/event/event.h"
#include "irq/desc.h"
#include "pci/pci_ops.h"

#define PORT_BITMAP_BYTES	8192
#define NR_PORTS		65536

static void unmask_port(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_from_port(d, port);
	unsigned long flags;

	if (!chn)
		return;
	flags = local_irq_save();
	READ_ONCE(d->evt.ops)->unmask(chn);
	local_irq_restore(flags);
}

static long op_eoi(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_eoi *op = arg;
	struct domain *d = curr->domain;
	uint32_t port;

	if (op->irq >= d->arch.nr_pirqs)
		return -EINVAL;
	port = pirq_port(d, op->irq);
	if (!port && !d->arch.pirqs[op->irq].irq)
		return -EINVAL;
	if (d->arch.auto_unmask && port)
		unmask_port(d, port);
	pirq_guest_eoi(d, op->irq);
	return 0;
}

/* Kernels that look at the eoi map do not ask; the others do no harm by an eoi too many. */
static long op_irq_status_query(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct physdev_irq_status_query *op = arg;

	if (op->irq >= curr->domain->arch.nr_pirqs)
		return -EINVAL;
	op->flags = XENIRQSTAT_needs_eoi;
	if (pirq_is_shared(curr->domain, op->irq))
		op->flags |= XENIRQSTAT_shared;
	return 0;
}

static long op_set_iopl(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_set_iopl *op = arg;

	if (op->iopl > 3)
		return -EINVAL;
	pv_set_iopl(curr, op->iopl << 12);
	return 0;
}

static long op_set_iobitmap(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_set_iobitmap *op = arg;

	if (!guest_range_ok(op->bitmap.va, PORT_BITMAP_BYTES) || op->nr_ports > NR_PORTS)
		return -EINVAL;
	curr->arch.pv.iobmp = op->bitmap.va;
	curr->arch.pv.iobmp_limit = op->nr_ports;
	return 0;
}

static long op_apic_read(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct physdev_apic *op = arg;

	return ioapic_guest_read(op->apic_physbase, op->reg, &op->value);
}

/* A kernel of the time before map_pirq: the vector it was given is its number of the interrupt. */
static long op_apic_write(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_apic *op = arg;
	int gsi, pirq = op->value & 0xff, rc;

	rc = ioapic_guest_write(op->apic_physbase, op->reg, op->value, &gsi);
	if (rc || gsi < 0)
		return rc;
	return pirq_map_gsi(curr, curr->domain, gsi, gsi > 0xff ? &gsi : &pirq);
}

static long op_alloc_irq_vector(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct physdev_irq *op = arg;

	op->vector = op->irq;
	return 0;
}

static long op_setup_gsi(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_setup_gsi *op = arg;

	return ioapic_setup_gsi(op->gsi, op->triggering, op->polarity);
}

/* Another kernel's interrupts are dom0's to arrange. */
static bool may_map(const struct vcpu *curr, const struct domain *d)
{
	return curr->domain->is_privileged && d->arch.pirqs;
}

static long map_msi(struct vcpu *curr, struct domain *d, struct physdev_map_pirq *op, unsigned int seg)
{
	struct msi_request req = {
		.dev = pci_sbdf(seg, op->bus, op->devfn), .multi = op->type == MAP_PIRQ_TYPE_MULTI_MSI,
		.entry_nr = op->entry_nr, .table_base = op->table_base,
	};
	long rc;

	if (req.multi && op->table_base)
		return -EINVAL;
	if (!req.multi && op->index != -1)
		return -EINVAL;
	rc = pirq_map_msi(curr, d, &req, &op->pirq);
	if (req.multi)
		op->entry_nr = req.entry_nr;
	return rc;
}

static long op_map_pirq(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct physdev_map_pirq *op = arg;
	struct domain *d = domain_get_any(curr, op->domid);
	unsigned int seg = 0;
	long rc = -EINVAL;

	if (!d)
		return -ESRCH;
	if (op->type == MAP_PIRQ_TYPE_MSI_SEG) {
		op->type = MAP_PIRQ_TYPE_MSI;
		seg = (unsigned int)op->bus >> 16;
	} else if (op->type == MAP_PIRQ_TYPE_MULTI_MSI) {
		seg = (unsigned int)op->bus >> 16;
	}
	if (!may_map(curr, d))
		rc = -EPERM;
	else if (op->type == MAP_PIRQ_TYPE_GSI)
		rc = pirq_map_gsi(curr, d, op->index, &op->pirq);
	else if (op->type == MAP_PIRQ_TYPE_MSI || op->type == MAP_PIRQ_TYPE_MULTI_MSI)
		rc = map_msi(curr, d, op, seg);
	domain_put(d);
	return rc;
}

static long op_unmap_pirq(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_unmap_pirq *op = arg;
	struct domain *d = domain_get_any(curr, op->domid);
	long rc = -EPERM;

	if (!d)
		return -ESRCH;
	if (may_map(curr, d)) {
		pci_lock();
		rc = pirq_unmap(d, op->pirq);
		pci_unlock();
	}
	domain_put(d);
	return rc;
}

static long op_get_free_pirq(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct physdev_get_free_pirq *op = arg;
	struct domain *d = curr->domain;
	int pirq;

	spin_lock(&d->arch.pirq_lock);
	pirq = pirq_find_free(d, op->type == MAP_PIRQ_TYPE_GSI, 1);
	if (pirq >= 0)
		d->arch.pirqs[pirq].irq = PIRQ_RESERVED;
	spin_unlock(&d->arch.pirq_lock);
	if (pirq < 0)
		return pirq;
	op->pirq = pirq;
	return 0;
}

/* The page becomes one of ours to write to until the domain ends. */
static long set_eoi_map(struct domain *d, unsigned long gmfn, bool auto_unmask)
{
	mfn_t mfn = _mfn(gmfn);
	long rc = -EBUSY;

	if (!mfn_valid(mfn) || get_page_and_type(mfn_to_page(mfn), d, PGT_writable))
		return -EINVAL;
	spin_lock(&d->arch.pirq_lock);
	if (!d->arch.pirq_eoi_map) {
		d->arch.pirq_eoi_map_mfn = mfn;
		d->arch.pirq_eoi_map = map_domain_page_global(mfn);
		d->arch.auto_unmask = auto_unmask;
		for (unsigned int i = 0; i < d->arch.nr_pirqs; i++)
			if (pirq_port(d, i) && pirq_needs_eoi(d, i))
				set_bit(i, d->arch.pirq_eoi_map);
		rc = 0;
	}
	spin_unlock(&d->arch.pirq_lock);
	if (rc)
		put_page_and_type(mfn_to_page(mfn));
	return rc;
}

static long op_pirq_eoi_gmfn_v1(struct vcpu *curr, void *arg, unsigned long handle)
{
	return set_eoi_map(curr->domain, ((struct physdev_pirq_eoi_gmfn *)arg)->gmfn, true);
}

static long op_pirq_eoi_gmfn_v2(struct vcpu *curr, void *arg, unsigned long handle)
{
	return set_eoi_map(curr->domain, ((struct physdev_pirq_eoi_gmfn *)arg)->gmfn, false);
}

/* We use no USB debug port, so its owner may reset it at will. */
static long op_dbgp(struct vcpu *curr, void *arg, unsigned long handle)
{
	return 0;
}

#define OP(n, fn, type, flags)	[PHYSDEVOP_##n] = { fn, sizeof(struct type), flags, #n }
static const struct subop ops[] = {
	OP(irq_status_query, op_irq_status_query, physdev_irq_status_query, SUBOP_OUT),
	OP(set_iopl, op_set_iopl, physdev_set_iopl, 0),
	OP(set_iobitmap, op_set_iobitmap, physdev_set_iobitmap, 0),
	OP(apic_read, op_apic_read, physdev_apic, SUBOP_PRIV | SUBOP_OUT),
	OP(apic_write, op_apic_write, physdev_apic, SUBOP_PRIV),
	OP(alloc_irq_vector, op_alloc_irq_vector, physdev_irq, SUBOP_PRIV | SUBOP_OUT),
	OP(eoi, op_eoi, physdev_eoi, 0),
	OP(map_pirq, op_map_pirq, physdev_map_pirq, SUBOP_OUT_ALWAYS),
	OP(unmap_pirq, op_unmap_pirq, physdev_unmap_pirq, 0),
	OP(manage_pci_add, physdev_manage_pci_add, physdev_manage_pci, SUBOP_PRIV),
	OP(manage_pci_remove, physdev_manage_pci_remove, physdev_manage_pci, SUBOP_PRIV),
	OP(pirq_eoi_gmfn_v1, op_pirq_eoi_gmfn_v1, physdev_pirq_eoi_gmfn, 0),
	OP(restore_msi, physdev_restore_msi, physdev_restore_msi, SUBOP_PRIV),
	OP(manage_pci_add_ext, physdev_manage_pci_add_ext, physdev_manage_pci_ext, SUBOP_PRIV),
	OP(setup_gsi, op_setup_gsi, physdev_setup_gsi, SUBOP_PRIV),
	OP(get_free_pirq, op_get_free_pirq, physdev_get_free_pirq, SUBOP_OUT),
	OP(pci_mmcfg_reserved, physdev_mmcfg_reserved, physdev_pci_mmcfg_reserved, SUBOP_PRIV),
	OP(pci_device_add, physdev_pci_device_add, physdev_pci_device_add, SUBOP_PRIV),
	OP(pci_device_remove, physdev_pci_device_remove, physdev_pci_device, SUBOP_PRIV),
	OP(restore_msi_ext, physdev_restore_msi_ext, physdev_pci_device, SUBOP_PRIV),
	OP(pirq_eoi_gmfn_v2, op_pirq_eoi_gmfn_v2, physdev_pirq_eoi_gmfn, 0),
	OP(dbgp_op, op_dbgp, physdev_dbgp_op, SUBOP_PRIV),
	OP(prepare_msix, physdev_prepare_msix, physdev_pci_device, SUBOP_PRIV),
	OP(release_msix, physdev_release_msix, physdev_pci_device, SUBOP_PRIV),
};

/* The oldest kernels say that they unmasked something, not what. */
static long eoi_all(struct domain *d)
{
	for (unsigned int i = 0; i < d->arch.nr_pirqs; i++)
		if (READ_ONCE(d->arch.pirqs[i].masked))
			pirq_guest_eoi(d, i);
	return 0;
}

long do_physdev_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		   unsigned long a4, unsigned long a5)
{
	/* A command is a C int. */
	if ((uint32_t)cmd == PHYSDEVOP_IRQ_UNMASK_NOTIFY)
		return eoi_all(curr->domain);
	return subop_dispatch(curr, ops, ARRAY_SIZE(ops), (uint32_t)cmd, arg);
}

long do_physdev_op_compat(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3,
			  unsigned long a4, unsigned long a5)
{
	uint32_t cmd;

	if (copy_from_guest_va(&cmd, arg + offsetof(struct physdev_op, cmd), sizeof(cmd)))
		return -EFAULT;
	return do_physdev_op(curr, cmd, arg + offsetof(struct physdev_op, u), 0, 0, 0);
}
