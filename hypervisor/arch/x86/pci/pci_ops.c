/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dom0 tells of PCI devices, and asks for them: parts of physdev_op. */
#include <tenon/domain.h>
#include <tenon/guest_access.h>
#include <xen/physdev.h>
#include "../irq/desc.h"
#include "pci.h"
#include "pci_ops.h"

#define NODE_UNKNOWN	(~0U)

static long add(pci_sbdf_t dev, bool is_virtfn, uint32_t node)
{
	long rc;

	pci_lock();
	rc = pci_device_add(dev, is_virtfn, node);
	pci_unlock();
	return rc;
}

static long remove(pci_sbdf_t dev)
{
	long rc;

	pci_lock();
	rc = pci_device_remove(dev);
	pci_unlock();
	return rc;
}

long physdev_manage_pci_add(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_manage_pci *op = arg;

	return add(pci_sbdf(0, op->bus, op->devfn), false, NODE_UNKNOWN);
}

long physdev_manage_pci_add_ext(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_manage_pci_ext *op = arg;

	if (op->is_extfn > 1 || op->is_virtfn > 1)
		return -EINVAL;
	return add(pci_sbdf(0, op->bus, op->devfn), op->is_virtfn, NODE_UNKNOWN);
}

long physdev_manage_pci_remove(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_manage_pci *op = arg;

	return remove(pci_sbdf(0, op->bus, op->devfn));
}

long physdev_pci_device_add(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_pci_device_add *op = arg;
	uint32_t node = NODE_UNKNOWN;

	if ((op->flags & XEN_PCI_DEV_PXM) && copy_from_guest_va(&node, handle + sizeof(*op), sizeof(node)))
		return -EFAULT;
	/* A virtual function's other half is known, or becomes so. */
	if (op->flags & XEN_PCI_DEV_VIRTFN) {
		pci_sbdf_t pf = pci_sbdf(op->seg, op->physfn.bus, op->physfn.devfn);
		bool known;

		pci_lock();
		known = pci_find(pf);
		pci_unlock();
		if (!known && add(pf, false, node))
			return -ENOMEM;
	}
	return add(pci_sbdf(op->seg, op->bus, op->devfn), op->flags & XEN_PCI_DEV_VIRTFN, node);
}

static pci_sbdf_t sbdf_of(const struct physdev_pci_device *op)
{
	return pci_sbdf(op->seg, op->bus, op->devfn);
}

long physdev_pci_device_remove(struct vcpu *curr, void *arg, unsigned long handle)
{
	return remove(sbdf_of(arg));
}

static long restore(pci_sbdf_t sbdf)
{
	struct pci_dev *dev;
	struct msi_entry *e;

	pci_lock();
	dev = pci_find(sbdf);
	if (dev)
		list_for_each(e, &dev->msi_list, list)
			msi_restore(e);
	pci_unlock();
	return dev ? 0 : -ENODEV;
}

long physdev_restore_msi(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_restore_msi *op = arg;

	return restore(pci_sbdf(0, op->bus, op->devfn));
}

long physdev_restore_msi_ext(struct vcpu *curr, void *arg, unsigned long handle)
{
	return restore(sbdf_of(arg));
}

/* For a driver in another domain: the table is guarded before that one can reach the device. */
static long prepare(struct pci_dev *dev)
{
	long rc;

	if (!dev || !dev->msix_pos)
		return -ENODEV;
	if (dev->msix_used)
		return -EBUSY;
	rc = msix_get_table(dev, 0);
	dev->msix_prepared = !rc;
	return rc;
}

static long release(struct pci_dev *dev)
{
	if (!dev || !dev->msix_pos)
		return -ENODEV;
	if (!dev->msix_prepared || dev->msix_used != 1)
		return -EBUSY;
	dev->msix_prepared = false;
	msix_put_table(dev);
	return 0;
}

long physdev_prepare_msix(struct vcpu *curr, void *arg, unsigned long handle)
{
	long rc;

	pci_lock();
	rc = prepare(pci_find(sbdf_of(arg)));
	pci_unlock();
	return rc;
}

long physdev_release_msix(struct vcpu *curr, void *arg, unsigned long handle)
{
	long rc;

	pci_lock();
	rc = release(pci_find(sbdf_of(arg)));
	pci_unlock();
	return rc;
}

long physdev_mmcfg_reserved(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct physdev_pci_mmcfg_reserved *op = arg;
	long rc;

	pci_lock();
	rc = pci_mmcfg_reserved(op->address, op->segment, op->start_bus, op->end_bus,
				op->flags & XEN_PCI_MMCFG_RESERVED);
	pci_unlock();
	return rc;
}
