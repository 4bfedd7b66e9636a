/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract's own header (core/os.h) for a process that is both ends. */
#ifndef PVD_HOST_OS_H
#define PVD_HOST_OS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define pvos_read_once(x)	(*(const volatile __typeof__(x) *)&(x))
#define pvos_write_once(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define pvos_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define pvos_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define pvos_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define pvos_likely(x)		__builtin_expect(!!(x), 1)
#define pvos_unlikely(x)	__builtin_expect(!!(x), 0)

struct pvd_event;
void pvos_notify(struct pvd_event *event);

/* One copy to or from the peer. */
typedef struct pvos_copy {
	uint32_t gref, offset, bytes;
	void *addr;
	bool to_peer, failed;
} pvos_copy_t;

struct pvd_dev;

static inline void pvos_copy_from(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes)
{
	*op = (pvos_copy_t){ .gref = gref, .offset = offset, .bytes = bytes, .addr = addr };
}

static inline void pvos_copy_to(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes)
{
	*op = (pvos_copy_t){ .gref = gref, .offset = offset, .bytes = bytes, .addr = addr, .to_peer = true };
}

static inline bool pvos_copy_failed(const pvos_copy_t *op)
{
	return op->failed;
}

void pvos_copy(struct pvd_dev *dev, pvos_copy_t *ops, uint32_t n);

#endif
