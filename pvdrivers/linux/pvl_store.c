// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The store. */
#include <linux/module.h>
#include <linux/slab.h>
#include "pvl.h"

int pvos_read(struct pvd_dev *dev, enum pvd_side side, const char *name, char *buf, uint32_t size)
{
	struct pvl_dev *pvl = dev->os;
	const char *dir = side == PVD_OWN ? pvl->xdev->nodename : pvl->xdev->otherend;
	unsigned int length;
	char *text = xenbus_read(XBT_NIL, dir, name, &length);

	if (IS_ERR(text))
		return PTR_ERR(text);
	if (length < size) {
		memcpy(buf, text, length);
		buf[length] = 0;
	}
	kfree(text);
	return length < size ? length : -E2BIG;
}
EXPORT_SYMBOL_GPL(pvos_read);

int pvos_write(struct pvd_dev *dev, const char *name, const char *value)
{
	struct pvl_dev *pvl = dev->os;
	int error;

	if (value)
		return xenbus_write(pvl->transaction, pvl->xdev->nodename, name, value);
	error = xenbus_rm(pvl->transaction, pvl->xdev->nodename, name);
	return error == -ENOENT ? 0 : error;
}
EXPORT_SYMBOL_GPL(pvos_write);

int pvos_publish(struct pvd_dev *dev, int (*fill)(struct pvd_dev *dev))
{
	struct pvl_dev *pvl = dev->os;
	int error;

	do {
		error = xenbus_transaction_start(&pvl->transaction);
		if (error)
			break;
		error = fill(dev);
		if (error)
			xenbus_transaction_end(pvl->transaction, 1);
		else
			error = xenbus_transaction_end(pvl->transaction, 0);
	} while (error == -EAGAIN);
	pvl->transaction = XBT_NIL;
	if (error)
		xenbus_dev_error(pvl->xdev, error, "publishing");
	return error;
}
EXPORT_SYMBOL_GPL(pvos_publish);

void pvl_state_again(struct xenbus_device *xdev)
{
	struct xenbus_transaction transaction;
	int error, old;

	do {
		error = xenbus_transaction_start(&transaction);
		if (error)
			return;
		if (xenbus_scanf(transaction, xdev->nodename, "state", "%d", &old) != 1 ||
		    xenbus_printf(transaction, xdev->nodename, "state", "%d", xdev->state)) {
			xenbus_transaction_end(transaction, 1);
			return;
		}
		error = xenbus_transaction_end(transaction, 0);
	} while (error == -EAGAIN);
}
EXPORT_SYMBOL_GPL(pvl_state_again);

void pvos_set_state(struct pvd_dev *dev, uint32_t state)
{
	struct pvl_dev *pvl = dev->os;

	if (pvl->xdev->state == state)
		pvl_state_again(pvl->xdev);
	else
		xenbus_switch_state(pvl->xdev, state);
}
EXPORT_SYMBOL_GPL(pvos_set_state);
