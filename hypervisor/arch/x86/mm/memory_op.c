/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory operations that are x86's own: memory maps, and where the machine-to-physical table is. */
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/rangeset.h>
#include <xen/memory.h>
#include "hv_tables.h"

#define MAX_E820	1024		/* entries of a domain's map */

static bool may_control(const struct vcpu *curr, const struct domain *d)
{
	return d == curr->domain || curr->domain->is_privileged;
}

/* ---- the map that a domain was given ---- */

static long memory_map(struct vcpu *curr, unsigned long arg)
{
	struct arch_domain *a = &curr->domain->arch;
	unsigned int n = READ_ONCE(a->nr_e820);
	struct xen_memory_map map;
	struct e820entry *copy;
	long rc = 0;

	if (copy_from_guest_va(&map, arg, sizeof(map)))
		return -EFAULT;
	if (!n)
		return -ENOSYS;
	copy = xzalloc_array(struct e820entry, n);
	if (!copy)
		return -ENOMEM;
	spin_lock(&a->e820_lock);
	map.nr_entries = min(map.nr_entries, min(n, a->nr_e820));
	memcpy(copy, a->e820, map.nr_entries * sizeof(*copy));
	spin_unlock(&a->e820_lock);
	if (copy_to_guest_va(map.buffer.va, copy, map.nr_entries * sizeof(*copy)) ||
	    copy_to_guest_va(arg, &map, sizeof(map)))
		rc = -EFAULT;
	xfree(copy);
	return rc;
}

static long replace_map(struct domain *d, const struct xen_memory_map *map)
{
	struct e820entry *new = xzalloc_array(struct e820entry, map->nr_entries), *old;

	if (!new)
		return -ENOMEM;
	if (copy_from_guest_va(new, map->buffer.va, map->nr_entries * sizeof(*new))) {
		xfree(new);
		return -EFAULT;
	}
	spin_lock(&d->arch.e820_lock);
	old = d->arch.e820;
	d->arch.e820 = new;
	d->arch.nr_e820 = map->nr_entries;
	spin_unlock(&d->arch.e820_lock);
	xfree(old);
	return 0;
}

static long set_memory_map(struct vcpu *curr, unsigned long arg)
{
	struct xen_foreign_memory_map op;
	struct domain *d;
	long rc;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.map.nr_entries > MAX_E820)
		return -EINVAL;
	d = domain_get_any(curr, op.domid);
	if (!d)
		return -ESRCH;
	rc = may_control(curr, d) ? replace_map(d, &op.map) : -EPERM;
	domain_put(d);
	return rc;
}

/* ---- the machine's ---- */

struct map_writer {
	struct e820entry *out;
	unsigned int n, room;
	unsigned long at;		/* frames below are described */
};

/* The last place is never filled: a caller takes a full buffer to be too small. */
static int put_entry(struct map_writer *w, const struct e820entry *e)
{
	if (w->room <= w->n + 1)
		return -EINVAL;
	w->out[w->n++] = *e;
	return 0;
}

/*
 * Frames [s, e] are the domain's to map, if they are devices. What lies before them, and in no entry, is
 * not: it is shown as reserved.
 */
static int skip_allowed(unsigned long s, unsigned long e, void *writer)
{
	struct map_writer *w = writer;
	int rc = 0;

	if (s > w->at) {
		struct e820entry kept = {
			(uint64_t)w->at << PAGE_SHIFT, (uint64_t)(s - w->at) << PAGE_SHIFT, MEMMAP_RESERVED,
		};

		rc = put_entry(w, &kept);
	}
	w->at = e + 1;
	return rc;
}

/* Up to frame end, where the next entry begins. */
static int put_gap(struct map_writer *w, struct domain *d, unsigned long end)
{
	int rc;

	if (end <= w->at)
		return 0;
	rc = rangeset_for_each(d->iomem_caps, w->at, end - 1, skip_allowed, w);
	return rc ? rc : skip_allowed(end, end, w);
}

static int write_machine_map(struct map_writer *w, struct domain *d)
{
	int rc = 0;

	for (unsigned int i = 0; i < boot_info.nr_memmap && !rc; i++) {
		const struct memmap_entry *m = &boot_info.memmap[i];
		struct e820entry e = { m->start, m->size, m->type };

		rc = put_gap(w, d, PFN_DOWN(m->start));
		if (!rc)
			rc = put_entry(w, &e);
		w->at = PFN_UP(m->start + m->size);
	}
	return rc ? rc : rangeset_for_each(d->iomem_caps, w->at, ~0UL, skip_allowed, w);
}

static long machine_memory_map(struct vcpu *curr, unsigned long arg)
{
	struct map_writer w = { .at = 0 };
	struct xen_memory_map map;
	int rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&map, arg, sizeof(map)))
		return -EFAULT;
	if (!guest_range_ok(map.buffer.va, map.nr_entries * sizeof(struct e820entry)))
		return -EFAULT;
	/* No buffer: how many there would be. */
	w.room = guest_handle_is_null(map.buffer) ? MAX_E820 : min(map.nr_entries, (unsigned int)MAX_E820);
	w.out = xzalloc_array(struct e820entry, w.room);
	if (!w.out)
		return -ENOMEM;
	rc = write_machine_map(&w, curr->domain);
	map.nr_entries = w.n;
	if (!rc && ((!guest_handle_is_null(map.buffer) && copy_to_guest_va(map.buffer.va, w.out, w.n * sizeof(*w.out))) ||
		    copy_to_guest_va(arg, &map, sizeof(map))))
		rc = -EFAULT;
	xfree(w.out);
	return rc;
}

/* ---- the machine-to-physical table ---- */

/* Frames of its pieces; where there is none, for the table has holes, the one before. */
static long machphys_mfn_list(unsigned long arg)
{
	struct xen_machphys_mfn_list l;
	xen_pfn_t last = 0;
	unsigned int i;

	if (copy_from_guest_va(&l, arg, sizeof(l)))
		return -EFAULT;
	for (i = 0; i < l.max_extents && i < m2p_chunks(); i++) {
		mfn_t mfn = m2p_chunk(i);

		if (mfn.m)
			last = mfn.m;
		if (copy_to_guest_offset(l.extent_start, i, &last, 1))
			return -EFAULT;
	}
	l.nr_extents = i;
	return copy_to_guest_va(arg, &l, sizeof(l));
}

static long machphys_mapping(unsigned long arg)
{
	struct xen_machphys_mapping m = {
		.v_start = RO_M2P_VIRT_START, .v_end = RO_M2P_VIRT_END, .max_mfn = max_page - 1,
	};

	return copy_to_guest_va(arg, &m, sizeof(m));
}

/*
 * Memory populated on demand is for guests with translated memory, of which there are none;
 * tools tell the target to every kind of guest that they resize.
 */
static long pod_target(struct vcpu *curr, unsigned int cmd, unsigned long arg)
{
	struct xen_pod_target t;
	struct domain *d;
	long rc = 0;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&t, arg, sizeof(t)))
		return -EFAULT;
	d = domain_get_any(curr, t.domid);
	if (!d)
		return -ESRCH;
	if (cmd == XENMEM_set_pod_target && t.target_pages > d->max_pages)
		rc = -EINVAL;
	t.tot_pages = d->tot_pages;
	t.pod_cache_pages = t.pod_entries = 0;
	domain_put(d);
	return rc ? rc : copy_to_guest_va(arg, &t, sizeof(t));
}

long arch_memory_op(struct vcpu *curr, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case XENMEM_memory_map:
		return memory_map(curr, arg);
	case XENMEM_set_memory_map:
		return set_memory_map(curr, arg);
	case XENMEM_machine_memory_map:
		return machine_memory_map(curr, arg);
	case XENMEM_machphys_mfn_list:
		return machphys_mfn_list(arg);
	case XENMEM_machphys_mapping:
		return machphys_mapping(arg);
	case XENMEM_machphys_compat_mfn_list:
		return -EOPNOTSUPP;
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target:
		return pod_target(curr, cmd, arg);
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
		return 0;
	default:
		return -ENOSYS;
	}
}
