/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains: creation, look-up, references. The list is ordered by id and guarded by
 * domlist_lock; a domain is on it until its last reference is dropped.
 */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/grant.h>
#include <tenon/sched.h>
#include "domain.h"

#define GRANT_FRAMES		64
#define GRANT_MAPTRACK		1024
#define EVENT_PORTS_PRIV	131071
#define EVENT_PORTS		1023

struct domain *domain_list, *dom0, *dom_io, *dom_xen, *idle_domain;
struct domain **domain_table[(1 << 15) >> DOMID_TABLE_SHIFT];
static spinlock_t domlist_lock = SPINLOCK_INIT;

/* domlist_lock held. */
static int table_set(domid_t id, struct domain *d)
{
	struct domain ***part = &domain_table[id >> DOMID_TABLE_SHIFT];

	if (!*part) {
		struct domain **new = xzalloc_array(struct domain *, 1UL << DOMID_TABLE_SHIFT);

		if (!new)
			return -ENOMEM;
		__atomic_store_n(part, new, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&(*part)[id & ((1 << DOMID_TABLE_SHIFT) - 1)], d, __ATOMIC_RELEASE);
	return 0;
}

static int take_id(struct domain *d)
{
	int rc;

	spin_lock(&domlist_lock);
	rc = domain_by_id(d->domain_id) ? -EEXIST : table_set(d->domain_id, d);
	spin_unlock(&domlist_lock);
	return rc;
}

/* All of d is there: others can find it. */
static void enlist(struct domain *d)
{
	struct domain **p = &domain_list;

	spin_lock(&domlist_lock);
	while (*p && (*p)->domain_id < d->domain_id)
		p = &(*p)->next_in_list;
	d->next_in_list = *p;
	__atomic_store_n(p, d, __ATOMIC_RELEASE);
	__atomic_store_n(&d->is_listed, true, __ATOMIC_RELEASE);
	spin_unlock(&domlist_lock);
}

/* next_in_list stays: somebody may be walking over d. */
static void unlist(struct domain *d)
{
	struct domain **p = &domain_list;

	spin_lock(&domlist_lock);
	while (*p && *p != d)
		p = &(*p)->next_in_list;
	if (*p)
		__atomic_store_n(p, d->next_in_list, __ATOMIC_RELEASE);
	if (domain_by_id(d->domain_id) == d)
		(void)table_set(d->domain_id, NULL);
	spin_unlock(&domlist_lock);
}

static struct domain *domain_alloc(domid_t id, unsigned int max_vcpus)
{
	struct domain *d = xzalloc(struct domain);

	if (!d)
		return NULL;
	d->domain_id = id;
	d->refcount = 1;
	d->max_vcpus = max_vcpus;
	spin_lock_init(&d->page_lock);
	spin_lock_init(&d->shutdown_lock);
	spin_lock_init(&d->domain_lock);
	d->shutdown_code = SHUTDOWN_CODE_INVALID;
	if (max_vcpus) {
		d->vcpu = xzalloc_array(struct vcpu *, max_vcpus);
		if (!d->vcpu) {
			xfree(d);
			return NULL;
		}
	}
	return d;
}

/* Undoes what init_guest() did, also in part. */
void domain_free_parts(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		vcpu_destroy(v);
	grant_table_free(d);
	evtchn_free(d);
	arch_domain_destroy(d);
	sched_destroy_domain(d);
	rangeset_free(d->iomem_caps);
	rangeset_free(d->irq_caps);
	if (d->shared_info) {
		unshare_hv_page(d->shared_info);
		free_hv_page(d->shared_info);
	}
	xfree(d->vcpu);
	xfree(d);
}

/* What a domain that runs has, and pseudo domains do not. */
static int init_guest(struct domain *d)
{
	int rc;

	d->iomem_caps = rangeset_new("I/O memory");
	d->irq_caps = rangeset_new("interrupts");
	d->shared_info = alloc_hv_pages(0, MEMF_bits(32));
	if (!d->iomem_caps || !d->irq_caps || !d->shared_info)
		return -ENOMEM;
	share_hv_page_with_guest(d->shared_info, d, true);
	rc = sched_init_domain(d);
	if (!rc)
		rc = evtchn_init(d, d->is_privileged ? EVENT_PORTS_PRIV : EVENT_PORTS);
	if (!rc)
		rc = grant_table_create(d, GRANT_FRAMES, GRANT_MAPTRACK);
	if (!rc)
		rc = arch_domain_create(d);
	return rc;
}

struct domain *domain_create(domid_t id, unsigned int max_vcpus, bool privileged, int *err)
{
	struct domain *d;

	*err = -EINVAL;
	if (id >= DOMID_FIRST_RESERVED || !max_vcpus || max_vcpus > MAX_VCPUS)
		return NULL;
	*err = -ENOMEM;
	d = domain_alloc(id, max_vcpus);
	if (!d)
		return NULL;
	d->is_privileged = privileged;
	*err = take_id(d);
	if (!*err)
		*err = init_guest(d);
	if (*err) {
		unlist(d);
		domain_free_parts(d);
		return NULL;
	}
	enlist(d);
	return d;
}

static struct domain *pseudo_domain(domid_t id, unsigned int max_vcpus)
{
	struct domain *d = domain_alloc(id, max_vcpus);

	if (!d || take_id(d))
		panic("No memory for domain %#x", id);
	d->max_pages = ULONG_MAX;
	return d;
}

void domains_init(void)
{
	dom_io = pseudo_domain(DOMID_IO, 0);
	dom_xen = pseudo_domain(DOMID_XEN, 0);
	idle_domain = pseudo_domain(DOMID_IDLE, NR_CPUS);
	idle_domain->is_idle = true;
	if (sched_init_domain(idle_domain) || arch_domain_create(idle_domain))
		panic("No memory for the idle domain");
}

bool domain_get_ref(struct domain *d)
{
	int32_t n = __atomic_load_n(&d->refcount, __ATOMIC_RELAXED);

	do {
		if (!n)
			return false;
	} while (!__atomic_compare_exchange_n(&d->refcount, &n, n + 1, true,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

/* Without a lock: whoever frees a domain waits until nobody is between look-up and reference. */
struct domain *domain_get(domid_t id)
{
	unsigned long flags = local_irq_save();
	struct domain *d = domain_by_id(id);

	if (d && !(__atomic_load_n(&d->is_listed, __ATOMIC_ACQUIRE) && domain_get_ref(d)))
		d = NULL;
	local_irq_restore(flags);
	return d;
}

struct domain *domain_get_any(struct vcpu *curr, domid_t id)
{
	if (id != DOMID_SELF)
		return domain_get(id);
	return domain_get_ref(curr->domain) ? curr->domain : NULL;
}

static void free_dead_domain(void *data)
{
	evtchn_drain();
	domain_free_parts(data);
}

void domain_put(struct domain *d)
{
	if (__atomic_sub_fetch(&d->refcount, 1, __ATOMIC_ACQ_REL))
		return;
	unlist(d);
	/* The last reference may go anywhere, with locks held: the rest is done later. */
	tasklet_init(&d->free_work, free_dead_domain, d);
	tasklet_schedule(&d->free_work);
}
