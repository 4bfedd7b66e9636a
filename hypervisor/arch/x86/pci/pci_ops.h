/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of physdev_op that concern PCI devices; the table is in ../physdev.c. */
#ifndef X86_PCI_PCI_OPS_H
#define X86_PCI_PCI_OPS_H

struct vcpu;

long physdev_manage_pci_add(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_manage_pci_add_ext(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_manage_pci_remove(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_pci_device_add(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_pci_device_remove(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_restore_msi(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_restore_msi_ext(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_prepare_msix(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_release_msix(struct vcpu *curr, void *arg, unsigned long handle);
long physdev_mmcfg_reserved(struct vcpu *curr, void *arg, unsigned long handle);

#endif
