// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What back ends share: in kernels with CONFIG_XEN_BACKEND alone. */
#include <linux/module.h>
#include "pvl.h"

void pvl_back_after(struct pvl_dev *pvl)
{
	u8 phase = READ_ONCE(pvl->dev->conn.phase);

	if (pvl->unwanted || (phase != PVD_PH_DEAD && (phase != PVD_PH_CLOSED || xenbus_dev_is_online(pvl->xdev))))
		return;
	WRITE_ONCE(pvl->unwanted, true);
	pvl_state_again(pvl->xdev);
}
EXPORT_SYMBOL_GPL(pvl_back_after);
