/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PVD_NETB_CTRL_H
#define PVD_NETB_CTRL_H

#include "netb.h"

/* Control: attaches the control ring if the peer offers one. */
int netb_ctrl_connect(struct netb *b);
void netb_ctrl_disconnect(struct netb *b);

#endif
