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
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <stdint.h>

#define pvos_read_once(x)	READ_ONCE(x)
#define pvos_write_once(x, v)	WRITE_ONCE(x, v)
#define pvos_mb()		virt_mb()
#define pvos_rmb()		virt_rmb()
#define pvos_wmb()		virt_wmb()
#define pvos_likely(x)		likely(x)
#define pvos_unlikely(x)	unlikely(x)

struct pvd_dev;
struct pvd_event;
void pvos_notify(struct pvd_event *event);

typedef struct gnttab_copy pvos_copy_t;
void pvos_copy_from(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes);
void pvos_copy_to(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes);
void pvos_copy(struct pvd_dev *dev, pvos_copy_t *ops, uint32_t n);

static inline bool pvos_copy_failed(const pvos_copy_t *op)
{
	return op->status != GNTST_okay;
}

#endif
