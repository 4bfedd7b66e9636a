/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract's own header (os.h) for Linux. */
#ifndef PVD_LINUX_OS_H
#define PVD_LINUX_OS_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <stdint.h>

#define pvos_read_once(x)	READ_ONCE(x)
#define pvos_write_once(x, v)	WRITE_ONCE(x, v)
#define pvos_mb()		virt_mb()
#define pvos_rmb()		virt_rmb()
#define pvos_wmb()		virt_wmb()
#define pvos_likely(x)		likely(x)
#define pvos_unlikely(x)	unlikely(x)

struct pvd_event;
void pvos_notify(struct pvd_event *event);

#endif
