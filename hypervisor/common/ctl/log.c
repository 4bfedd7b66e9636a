/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's log, and its debug keys. */
#include <tenon/console.h>
#include <tenon/keyhandler.h>
#include "ctl.h"

#define READ_CHUNK	256
#define MAX_KEYS	16

long sysctl_readconsole(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_readconsole *r = &op->u.readconsole;
	unsigned long va = r->buffer.va;
	uint32_t done = 0, index = r->index;
	bool incremental = r->incremental;
	char buf[READ_CHUNK];

	/* The ring's size bounds the loop: each round takes text that was there at the start, or the newest. */
	while (done < r->count) {
		uint32_t n = console_ring_read(buf, min(r->count - done, (uint32_t)sizeof(buf)), &index,
					       incremental, r->clear);

		if (!n)
			break;
		if (copy_to_guest_va(va + done, buf, n))
			return -EFAULT;
		done += n;
		incremental = true;
	}
	r->index = index;
	r->count = done;
	return 0;
}

long sysctl_debug_keys(struct vcpu *curr, struct xen_sysctl *op)
{
	for (uint32_t i = 0; i < op->u.debug_keys.nr_keys; i++) {
		char c;

		if (i == MAX_KEYS)
			return -E2BIG;
		if (copy_from_guest_va(&c, op->u.debug_keys.keys.va + i, 1))
			return -EFAULT;
		keyhandler_run((unsigned char)c);
	}
	return 0;
}
