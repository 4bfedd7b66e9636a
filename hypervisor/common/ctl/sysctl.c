/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl: what dom0's tools ask of the hypervisor as a whole. */
#include <tenon/console.h>
#include <tenon/hypercall.h>
#include <tenon/keyhandler.h>
#include <xen/sysctl.h>

#define READ_CHUNK	256
#define MAX_KEYS	16

static long readconsole(struct vcpu *curr, struct xen_sysctl *op)
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

static long debug_keys(struct vcpu *curr, struct xen_sysctl *op)
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

static const struct {
	long (*fn)(struct vcpu *curr, struct xen_sysctl *op);
	bool out;		/* the argument goes back */
} ops[] = {
	[XEN_SYSCTL_readconsole] = { readconsole, true },
	[XEN_SYSCTL_debug_keys] = { debug_keys },
};

long do_sysctl(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4,
	       unsigned long a5)
{
	struct xen_sysctl op;
	long rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	if (op.cmd >= ARRAY_SIZE(ops) || !ops[op.cmd].fn)
		return -EOPNOTSUPP;
	rc = ops[op.cmd].fn(curr, &op);
	if (!rc && ops[op.cmd].out && copy_to_guest_va(arg, &op, sizeof(op)))
		return -EFAULT;
	return rc;
}
