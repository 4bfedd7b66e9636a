/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains: creation, look-up, references. The table of ids is changed under domtable_lock; a domain is
 * in it until its last reference is dropped.
 */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/grant.h>
#include <tenon/sched.h>
#include "domain.h"

#define IDS_PER_PART	(1U << DOMID_TABLE_SHIFT)

struct domain *dom0, *dom_io, *dom_xen, *idle_domain;
struct domain **domain_table[(1 << 15) >> DOMID_TABLE_SHIFT];
static spinlock_t domtable_lock = SPINLOCK_INIT;

/* domtable_lock held. */
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

	spin_lock(&domtable_lock);
	rc = domain_by_id(d->domain_id) ? -EEXIST : table_set(d->domain_id, d);
	spin_unlock(&domtable_lock);
	return rc;
}

static bool part_is_empty(struct domain *const *part)
{
	for (unsigned int i = 0; i < IDS_PER_PART; i++)
		if (part[i])
			return false;
	return true;
}

/* The part of the table that d was the last one in goes, too: when nobody can be looking at it any more. */
static void give_up_id(struct domain *d)
{
	struct domain ***part = &domain_table[d->domain_id >> DOMID_TABLE_SHIFT];

	spin_lock(&domtable_lock);
	if (domain_by_id(d->domain_id) == d) {
		(void)table_set(d->domain_id, NULL);
		if (part_is_empty(*part)) {
			d->empty_part = *part;
			__atomic_store_n(part, NULL, __ATOMIC_RELEASE);
		}
	}
	spin_unlock(&domtable_lock);
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
	}
	xfree(d->vcpu);
	xfree(d->empty_part);
	xfree(d);
}

/* What a domain that runs has, and pseudo domains do not. */
static int init_guest(struct domain *d, const struct domain_config *config)
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
		rc = evtchn_init(d, config->max_event_port);
	if (!rc)
		rc = grant_table_create(d, config->max_grant_frames, config->max_maptrack_frames);
	if (!rc)
		rc = arch_domain_create(d);
	return rc;
}

struct domain *domain_create(domid_t id, const struct domain_config *config, int *err)
{
	struct domain *d;

	*err = -EINVAL;
	if (id >= DOMID_FIRST_RESERVED || !config->max_vcpus || config->max_vcpus > MAX_VCPUS)
		return NULL;
	*err = -ENOMEM;
	d = domain_alloc(id, config->max_vcpus);
	if (!d)
		return NULL;
	d->is_privileged = config->privileged;
	*err = take_id(d);
	if (!*err)
		*err = init_guest(d, config);
	if (*err) {
		/* Its pages name it by its number: they go before that does. */
		(void)domain_release_hv_pages(d);
		domain_put(d);
		return NULL;
	}
	/* All of it is there: others can find it. */
	__atomic_store_n(&d->is_complete, true, __ATOMIC_RELEASE);
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

	if (d && !(__atomic_load_n(&d->is_complete, __ATOMIC_ACQUIRE) && domain_get_ref(d)))
		d = NULL;
	local_irq_restore(flags);
	return d;
}

struct domain *domain_get_from(unsigned int id)
{
	while (id < DOMID_FIRST_RESERVED) {
		struct domain *d;

		if (!domain_table[id / IDS_PER_PART]) {
			id = ROUNDUP(id + 1, IDS_PER_PART);
			continue;
		}
		d = domain_get((domid_t)id++);
		if (d)
			return d;
	}
	return NULL;
}

struct domain *domain_get_after(struct domain *d)
{
	unsigned int id = d->domain_id;

	domain_put(d);
	return domain_get_from(id + 1);
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
	give_up_id(d);
	/* The last reference may go anywhere, with locks held: the rest is done later. */
	tasklet_init(&d->free_work, free_dead_domain, d);
	tasklet_schedule(&d->free_work);
}
