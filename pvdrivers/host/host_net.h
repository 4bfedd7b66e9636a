/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PVD_HOST_NET_H
#define PVD_HOST_NET_H

#include "host.h"

void host_net_event(struct pvd_event *event);
bool host_net_work(void);	/* polls a half that was kicked */

/* Goes on in time to when something is due. Returns false when nothing is. */
bool host_net_later(void);

#endif
