/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control interface: a domain's life, what is refused, and that nothing stays behind. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/ctl.h>
#include <tenon/event.h>
#include <tenon/sched.h>
#include <xen/memory.h>
#include "../lib/random.h"
#include "../lib/tap.h"

static struct domain *dom0_, *guest;	/* the guest is not privileged */
static struct vcpu *v0, *vg;
static struct xen_domctl op;
static struct xen_sysctl sys;

static long domctl(uint32_t cmd, domid_t id)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = id;
	return fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0);
}

static long sysctl(uint32_t cmd)
{
	sys.cmd = cmd;
	sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return fake_hypercall(v0, __HYPERVISOR_sysctl, (unsigned long)&sys, 0, 0, 0, 0);
}

static void fill_create(unsigned int vcpus)
{
	memset(&op, 0, sizeof(op));
	op.u.createdomain = (struct xen_domctl_createdomain){
		.max_vcpus = vcpus, .max_evtchn_port = 1023, .max_grant_frames = 8, .max_maptrack_frames = 8,
		.grant_opts = 1, .handle = { 1, 2, 3 },
	};
}

static long create(domid_t id, unsigned int vcpus)
{
	fill_create(vcpus);
	return domctl(XEN_DOMCTL_createdomain, id);
}

static struct xen_domctl_getdomaininfo *info(domid_t id)
{
	memset(&op.u, 0xee, sizeof(op.u));
	return domctl(XEN_DOMCTL_getdomaininfo, id) ? NULL : &op.u.getdomaininfo;
}

static long populate(domid_t id, unsigned long nr, unsigned int order, xen_pfn_t *list)
{
	struct xen_memory_reservation r = { .nr_extents = nr, .extent_order = order, .domid = id };

	r.extent_start.va = (unsigned long)list;
	return fake_hypercall(v0, __HYPERVISOR_memory_op, XENMEM_populate_physmap, (unsigned long)&r, 0, 0, 0);
}

static void test_privilege(void)
{
	unsigned int bad = 0;

	for (uint32_t cmd = 0; cmd < 1010; cmd++) {
		op = (struct xen_domctl){ .cmd = cmd, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1 };
		bad += fake_hypercall(vg, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) != -EPERM;
		sys = (struct xen_sysctl){ .cmd = cmd, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
		bad += fake_hypercall(vg, __HYPERVISOR_sysctl, (unsigned long)&sys, 0, 0, 0, 0) != -EPERM;
	}
	ok(!bad, "a guest may do nothing of this");
	for (uint32_t cmd = 0; cmd < 1010; cmd++) {
		if (cmd == XEN_DOMCTL_createdomain || cmd == XEN_DOMCTL_getdomaininfo)
			continue;
		memset(&op, 0, sizeof(op));
		bad += domctl(cmd, 77) >= 0 || domctl(cmd, DOMID_SELF) >= 0 || domctl(cmd, DOMID_XEN) >= 0;
	}
	ok(!bad, "nor can dom0 do it to a domain that there is not");
	ok(domctl(6, 1) == -ENOSYS && domctl(~0U, 1) == -ENOSYS && sysctl(0) == -ENOSYS && sysctl(~0U) == -ENOSYS,
	   "operations that there are not");
	op.interface_version = 0x14;
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) == -EACCES, "another version");
	sys.interface_version = 0x14;
	ok(fake_hypercall(v0, __HYPERVISOR_sysctl, (unsigned long)&sys, 0, 0, 0, 0) == -EACCES, "likewise");
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)fake_hypervisor, 0, 0, 0, 0) == -EFAULT &&
	   fake_hypercall(v0, __HYPERVISOR_sysctl, (unsigned long)fake_hypervisor, 0, 0, 0, 0) == -EFAULT, "no argument");
}

/* Each member that asks for what there is not. */
static void test_create_refused(void)
{
	unsigned long before = heap_free_pages();
	unsigned int bad = 0;

	for (uint32_t flag = 1; flag; flag <<= 1) {
		fill_create(1);
		op.u.createdomain.flags = flag;
		if (flag != XEN_DOMCTL_CDF_s3_integrity && flag != XEN_DOMCTL_CDF_oos_off && flag != XEN_DOMCTL_CDF_xs_domain)
			bad += domctl(XEN_DOMCTL_createdomain, 5) != -EINVAL;
	}
	ok(!bad, "flags");
	ok(create(5, 0) == -EINVAL && create(5, MAX_VCPUS + 1) == -EINVAL, "vCPUs");
	fill_create(1);
	op.u.createdomain.grant_opts = 2;
	ok(domctl(XEN_DOMCTL_createdomain, 5) == -EINVAL, "grants of version 2");
	fill_create(1);
	op.u.createdomain.max_grant_frames = INT32_MAX;
	ok(domctl(XEN_DOMCTL_createdomain, 5) == -ENOMEM, "a huge table of grants");
	fill_create(1);
	op.u.createdomain.vmtrace_size = 4096;
	ok(domctl(XEN_DOMCTL_createdomain, 5) == -EINVAL, "traces");
	fill_create(1);
	op.u.createdomain.cpupool_id = 1;
	ok(domctl(XEN_DOMCTL_createdomain, 5) == -ESRCH, "a pool");
	fill_create(1);
	op.u.createdomain.arch.emulation_flags = 1;
	ok(domctl(XEN_DOMCTL_createdomain, 5) == -EOPNOTSUPP, "devices");
	ok(create(1, 1) == -EEXIST && domain_by_id(1) == guest, "a number in use");
	fake_settle();
	ok(heap_free_pages() == before, "nothing stays behind: %ld", (long)(before - heap_free_pages()));
}

static void test_life(void)
{
	static xen_pfn_t list[600];
	const struct xen_domctl_getdomaininfo *i;
	domid_t id;

	ok(!create(0, 3) && op.domain > 1, "made, with the number %u", op.domain);
	id = op.domain;
	i = info(id);
	ok(i && i->domain == id && i->flags == (XEN_DOMINF_paused | 0xffffU << XEN_DOMINF_shutdownshift) &&
	   i->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID && !i->tot_pages && !i->max_pages && i->handle[2] == 3, "as it is at first");
	op.u.max_vcpus.max = 4;
	ok(domctl(XEN_DOMCTL_max_vcpus, id) == -EINVAL, "another number of vCPUs");
	op.u.max_vcpus.max = 3;
	ok(!domctl(XEN_DOMCTL_max_vcpus, id) && !domctl(XEN_DOMCTL_max_vcpus, id), "vCPUs, and again");
	ok(info(id)->max_vcpu_id == 2 && !op.u.getdomaininfo.nr_online_vcpus, "none of them is up");
	for (unsigned int n = 0; n < 600; n++)
		list[n] = n;
	ok(populate(id, 600, 0, list) == 0, "no memory without a limit");
	op.u.max_mem.max_memkb = 1024 * 4;
	ok(!domctl(XEN_DOMCTL_max_mem, id) && info(id)->max_pages == 1024, "a limit");
	ok(populate(id, 600, 0, list) == 600 && populate(id, 1, 9, list) == 0 && populate(id, 2, 8, list) == 1, "memory up to it");
	ok(info(id)->tot_pages == 856 && page_owner(mfn_to_page(_mfn(list[599])))->domain_id == id, "it has it");

	ok(!domctl(XEN_DOMCTL_pausedomain, id) && !domctl(XEN_DOMCTL_unpausedomain, id), "paused twice, unpaused");
	ok(info(id)->flags & XEN_DOMINF_paused, "it is paused still");
	ok(!domctl(XEN_DOMCTL_unpausedomain, id) && !(info(id)->flags & XEN_DOMINF_paused), "and now it is not");
	ok(domctl(XEN_DOMCTL_unpausedomain, id) == -EINVAL, "no more than that");
	for (unsigned int n = 0; n < 255; n++)
		domctl(XEN_DOMCTL_pausedomain, id);
	ok(domctl(XEN_DOMCTL_pausedomain, id) == -EOVERFLOW, "nor too often");
	ok(domctl(XEN_DOMCTL_pausedomain, 0) == -EINVAL && domctl(XEN_DOMCTL_destroydomain, 0) == -EINVAL, "not one's own domain");

	domain_shutdown(domain_by_id(id), 2);
	ok((info(id)->flags & ~XEN_DOMINF_paused) == (XEN_DOMINF_shutdown | 2U << XEN_DOMINF_shutdownshift), "shut down");
	ok(!domctl(XEN_DOMCTL_resumedomain, id) && !(info(id)->flags & XEN_DOMINF_shutdown), "and resumed");
	ok(!domctl(XEN_DOMCTL_destroydomain, id), "destroyed");
	fake_settle();
	ok(domctl(XEN_DOMCTL_pausedomain, id) == -ESRCH && !info(id), "gone");
}

/* What holds a domain that has ended is seen, and lets it go. */
static void test_zombie(void)
{
	const struct xen_domctl_getdomaininfo *i;
	unsigned long before = heap_free_pages();
	xen_pfn_t frame = 0;
	struct page_info *pg;

	ok(!create(9, 1), "made");
	op.u.max_mem.max_memkb = 64;
	ok(!domctl(XEN_DOMCTL_max_mem, 9) && populate(9, 1, 0, &frame) == 1, "with a page");
	pg = mfn_to_page(_mfn(frame));
	ok(get_page(pg, domain_by_id(9)), "which somebody has");
	op.u.set_virq_handler.virq = VIRQ_DOM_EXC;
	ok(!domctl(XEN_DOMCTL_set_virq_handler, 9), "and an interrupt of dom0's");
	ok(!domctl(XEN_DOMCTL_destroydomain, 9), "ended");
	fake_settle();
	i = info(9);
	ok(i && (i->flags & XEN_DOMINF_dying) && i->tot_pages == 1, "it is dying");
	op.u.max_vcpus.max = 1;
	ok(domctl(XEN_DOMCTL_max_vcpus, 9) == -ESRCH && create(9, 1) == -EEXIST, "and gets nothing any more");
	ok(populate(9, 1, 0, &frame) == 0, "no memory either");
	put_page(pg);
	fake_settle();
	ok(!info(9) && heap_free_pages() == before, "now it is gone: %ld", (long)(before - heap_free_pages()));
}

static void test_list(void)
{
	static struct xen_domctl_getdomaininfo list[8];

	ok(!create(20, 1) && !create(300, 1), "two domains");
	sys.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){ .max_domains = 8, .buffer.va = (unsigned long)list };
	ok(!sysctl(XEN_SYSCTL_getdomaininfolist) && sys.u.getdomaininfolist.num_domains == 4 && list[0].domain == 0 &&
	   list[1].domain == 1 && list[2].domain == 20 && list[3].domain == 300, "all of them by number");
	sys.u.getdomaininfolist.first_domain = 2;
	sys.u.getdomaininfolist.max_domains = 1;
	ok(!sysctl(XEN_SYSCTL_getdomaininfolist) && sys.u.getdomaininfolist.num_domains == 1 && list[0].domain == 20, "some of them");
	sys.u.getdomaininfolist.max_domains = 2;
	sys.u.getdomaininfolist.buffer.va = (unsigned long)fake_hypervisor;
	ok(sysctl(XEN_SYSCTL_getdomaininfolist) == -EFAULT, "nowhere to put them");
	ok(info(21) && op.domain == 300, "the next one from a number on");
	ok(!info(301), "there is none");
	ok(!domctl(XEN_DOMCTL_destroydomain, 20) && !domctl(XEN_DOMCTL_destroydomain, 300), "ended");
	fake_settle();
}

/* The interface of a later release: one word more, and no next domain. */
static void test_version_17(void)
{
	uint32_t words[sizeof(op) / 4];

	fill_create(2);
	op.cmd = XEN_DOMCTL_createdomain;
	op.domain = 30;
	op.interface_version = 0x17;
	memcpy(words, &op, sizeof(op));
	memmove(words + 4 + 13, words + 4 + 12, 4 * 4);
	words[4 + 12] = 0;
	ok(!fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)words, 0, 0, 0, 0) && domain_by_id(30)->max_vcpus == 2, "made");
	words[2] = 31;
	words[4 + 12] = 1;
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)words, 0, 0, 0, 0) == -EINVAL, "what we cannot do");
	op.cmd = XEN_DOMCTL_getdomaininfo;
	op.domain = 29;
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) == -ESRCH, "not the next one");
	op.domain = 30;
	ok(!fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) && op.u.getdomaininfo.domain == 30, "that one");
	op.cmd = 89;
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) == -EOPNOTSUPP, "what is new there");
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	ok(fake_hypercall(v0, __HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0, 0) == -ENOSYS, "and not here");
	ok(!domctl(XEN_DOMCTL_destroydomain, 30), "ended");
	fake_settle();
}

static void test_affinity(void)
{
	uint8_t hard[3] = { 0x06, 0xff, 0xff }, soft[1] = { 0x0c };
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	memset(&op, 0, sizeof(op));
	*a = (struct xen_domctl_vcpuaffinity){
		.flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT,
		.cpumap_hard = { .bitmap.va = (unsigned long)hard, .nr_bits = 20 },
		.cpumap_soft = { .bitmap.va = (unsigned long)soft, .nr_bits = 8 },
	};
	ok(!domctl(XEN_DOMCTL_setvcpuaffinity, 1) && hard[0] == 0x06 && !hard[1] && !hard[2] && soft[0] == 0x04, "what is in force");
	ok(!domctl(XEN_DOMCTL_getvcpuaffinity, 1) && hard[0] == 0x06 && soft[0] == 0x0c, "what is wished");
	hard[0] = 0xf0;
	hard[1] = hard[2] = 0;
	ok(domctl(XEN_DOMCTL_setvcpuaffinity, 1) == -EINVAL, "CPUs that there are not");
	hard[0] = 1;
	soft[0] = 0;
	ok(domctl(XEN_DOMCTL_setvcpuaffinity, 1) == -EINVAL && !domctl(XEN_DOMCTL_getvcpuaffinity, 1) && hard[0] == 0x06, "all or nothing");
	a->cpumap_hard.nr_bits = ~0U;
	ok(domctl(XEN_DOMCTL_getvcpuaffinity, 1) == -E2BIG, "a map without end");
	a->cpumap_hard.nr_bits = 4;
	a->vcpu = 9;
	ok(domctl(XEN_DOMCTL_getvcpuaffinity, 1) == -EINVAL, "no such vCPU");
	a->vcpu = 0;
	hard[0] = soft[0] = 0x0f;
	ok(!domctl(XEN_DOMCTL_setvcpuaffinity, 1), "anywhere again");
}

static void test_scheduler(void)
{
	struct xen_domctl_scheduler_op *s = &op.u.scheduler_op;
	uint8_t map[2] = { 0xee, 0xee };

	memset(&op, 0, sizeof(op));
	*s = (struct xen_domctl_scheduler_op){ .sched_id = XEN_SCHEDULER_CREDIT2, .cmd = XEN_DOMCTL_SCHEDOP_putinfo };
	s->u.credit2.weight = 512;
	s->u.credit2.cap = 50;
	ok(!domctl(XEN_DOMCTL_scheduler_op, 1), "weight and cap");
	s->cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	s->u.credit2.weight = s->u.credit2.cap = 0;
	ok(!domctl(XEN_DOMCTL_scheduler_op, 1) && s->u.credit2.weight == 512 && s->u.credit2.cap == 50, "are kept");
	s->cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	s->u.credit2.weight = 0;
	s->u.credit2.cap = 0;
	ok(!domctl(XEN_DOMCTL_scheduler_op, 1), "no cap any more");
	s->cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	ok(!domctl(XEN_DOMCTL_scheduler_op, 1) && s->u.credit2.weight == 512 && !s->u.credit2.cap, "the weight stays");
	s->sched_id = XEN_SCHEDULER_CREDIT;
	ok(domctl(XEN_DOMCTL_scheduler_op, 1) == -EINVAL, "another scheduler");
	sys.u.cpupool_op = (struct xen_sysctl_cpupool_op){
		.op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpumap = { .bitmap.va = (unsigned long)map, .nr_bits = 16 },
	};
	ok(!sysctl(XEN_SYSCTL_cpupool_op) && sys.u.cpupool_op.n_dom == 2 && map[0] == 0x0f && !map[1], "the pool");
	sys.u.cpupool_op.cpupool_id = 1;
	ok(sysctl(XEN_SYSCTL_cpupool_op) == -ENOENT, "is the only one");
}

/* ---- pools ---- */

static uint8_t pool_map[2];

static long pool_op(uint32_t what, uint32_t id, uint32_t cpu, domid_t domid)
{
	sys.u.cpupool_op = (struct xen_sysctl_cpupool_op){
		.op = what, .cpupool_id = id, .cpu = cpu, .domid = domid, .sched_id = XEN_SCHEDULER_CREDIT2,
		.cpumap = { .bitmap.va = (unsigned long)pool_map, .nr_bits = 16 },
	};
	return sysctl(XEN_SYSCTL_cpupool_op);
}
#define POOL(what, id, cpu)	pool_op(XEN_SYSCTL_CPUPOOL_OP_##what, id, cpu, 0)

/* Which CPUs the pool has; 0xff: there is none of that number. */
static unsigned int pool_cpus(uint32_t id)
{
	return POOL(INFO, id, 0) || sys.u.cpupool_op.cpupool_id != id ? 0xff : pool_map[0];
}

/* All vCPUs of the guest are where its pool is. */
static bool inside(const struct domain *d)
{
	struct vcpu *v;

	fake_settle();
	for_each_vcpu(d, v)
		if (v->is_running && !cpumask_test(v->processor, &sched_pool(d)->cpus))
			return false;
	return true;
}

static void test_pools(void)
{
	const struct xen_domctl_scheduler_op *s = &op.u.scheduler_op;
	struct domain *d = fake_domain(40, 3, 4);
	uint8_t hard[1] = { 0x03 };

	fake_settle();
	ok(!POOL(CREATE, XEN_SYSCTL_CPUPOOL_PAR_ANY, 0) && sys.u.cpupool_op.cpupool_id == 1, "a pool");
	ok(POOL(CREATE, 1, 0) == -EEXIST && POOL(CREATE, 0, 0) == -EEXIST && !POOL(CREATE, 5, 0), "each number once");
	ok(!POOL(INFO, 2, 0) && sys.u.cpupool_op.cpupool_id == 5 && POOL(INFO, 6, 0) == -ENOENT, "the next one from a number on");
	ok(pool_cpus(1) == 0 && pool_cpus(0) == 0x0f, "it is empty");
	ok(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0, 40) == -ENOENT, "nobody goes where no CPU is");
	fill_create(1);
	op.u.createdomain.cpupool_id = 1;
	ok(domctl(XEN_DOMCTL_createdomain, 41) == -ENODEV, "nor is made there");
	ok(POOL(ADDCPU, 1, 2) == -ENODEV && POOL(ADDCPU, 1, 4) == -EINVAL && POOL(ADDCPU, 9, 2) == -ENOENT, "what cannot be added");
	ok(POOL(RMCPU, 0, 0) == -EINVAL && POOL(RMCPU, 0, 4) == -EINVAL && POOL(RMCPU, 1, 2) == -EADDRNOTAVAIL, "or taken");
	ok(!POOL(RMCPU, 0, XEN_SYSCTL_CPUPOOL_PAR_ANY) && !POOL(RMCPU, 0, 2) && pool_cpus(0) == 3 && inside(d), "two are taken");
	ok(!POOL(FREEINFO, 0, 0) && pool_map[0] == 0x0c, "they are in no pool");
	ok(!POOL(ADDCPU, 1, XEN_SYSCTL_CPUPOOL_PAR_ANY) && !POOL(ADDCPU, 1, 3) && pool_cpus(1) == 0x0c, "and go to another");
	ok(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0, 0) == -EPERM && pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0, 77) == -ESRCH,
	   "who cannot go there");
	ok(!pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0, 40) && inside(d) && info(40)->cpupool == 1, "a domain does");
	memset(&op, 0, sizeof(op));
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.bitmap.va = (unsigned long)hard;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
	ok(domctl(XEN_DOMCTL_setvcpuaffinity, 40) == -EINVAL, "it may not be elsewhere");
	hard[0] = 0x06;
	ok(!domctl(XEN_DOMCTL_setvcpuaffinity, 40) && hard[0] == 0x04 && inside(d), "but in part of it");
	ok(!POOL(RMCPU, 1, 2) && inside(d) && d->vcpu[0]->processor == 3, "where that is gone it is anywhere in the pool");
	ok(POOL(RMCPU, 1, 3) == -EBUSY && POOL(DESTROY, 1, 0) == -EBUSY, "the last one stays");
	sys.u.scheduler_op = (struct xen_sysctl_scheduler_op){ 1, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_putinfo };
	sys.u.scheduler_op.u.sched_credit2.ratelimit_us = 5000;
	ok(!sysctl(XEN_SYSCTL_scheduler_op) && sched_pool(d)->ratelimit == MICROSECS(5000) && cpupool0.ratelimit == MICROSECS(1000),
	   "a rate limit of its own");
	sys.u.scheduler_op.cpupool_id = 2;
	ok(sysctl(XEN_SYSCTL_scheduler_op) == -ESRCH, "no such pool");
	ok(!POOL(DESTROY, 5, 0) && POOL(DESTROY, 5, 0) == -ENOENT && POOL(DESTROY, 0, 0) == -EBUSY, "one less");
	sys.u.cpupool_op.op = 99;
	ok(sysctl(XEN_SYSCTL_cpupool_op) == -ENOSYS, "no such operation");
	sys.u.cpupool_op = (struct xen_sysctl_cpupool_op){ .op = XEN_SYSCTL_CPUPOOL_OP_CREATE, .cpupool_id = 7, .sched_id = XEN_SCHEDULER_CREDIT };
	ok(sysctl(XEN_SYSCTL_cpupool_op) == -ENOENT && s, "no such scheduler");
	/* Somebody holds it: it is dying for as long. */
	ok(domain_get_ref(d) && !domctl(XEN_DOMCTL_destroydomain, 40), "the domain ends, and is held");
	fake_settle();
	ok(!POOL(RMCPU, 1, 3) && sched_pool(d) == &cpupool0 && !POOL(DESTROY, 1, 0), "it keeps no pool");
	domain_put(d);
	fake_settle();
	ok(!POOL(ADDCPU, 0, 2) && !POOL(ADDCPU, 0, 3) && pool_cpus(0) == 0x0f && sys.u.cpupool_op.n_dom == 2, "all is as it was");
}

/* Pools come, change and go while vCPUs run: each CPU is in one of them at most, each vCPU where it may be. */
static void test_random_pools(void)
{
	unsigned long before = heap_free_pages();
	struct domain *d = fake_domain(40, 5, 4);
	unsigned int bad = 0, changes = 0;

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int seen = 0, twice = 0;

		changes += !pool_op(1 + random_below(7), random_below(4), random_below(6), random_below(2) ? 40 : 1);
		if (i & 1)
			domain_unpause(d);
		else
			domain_pause_nosync(d);
		if (!random_below(4))
			fake_run_until(fake_now + MILLISECS(1 + random_below(20)));
		bad += !inside(d) || !inside(guest) || !inside(dom0_);
		for (uint32_t id = 0; id < 4; id++) {
			unsigned int cpus = pool_cpus(id);

			twice |= cpus != 0xff ? seen & cpus : 0;
			seen |= cpus != 0xff ? cpus : 0;
		}
		bad += twice || !(pool_cpus(0) & 1) || POOL(FREEINFO, 0, 0) || pool_map[0] != (0x0f & ~seen);
	}
	ok(!bad && changes > 2000, "%u changes of pools, %u bad", changes, bad);
	pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, 1);
	ok(!domctl(XEN_DOMCTL_destroydomain, 40), "the domain ends");
	fake_settle();
	for (uint32_t id = 1; id < 4; id++)
		for (unsigned int cpu = 0; cpu < 4; cpu++)
			POOL(RMCPU, id, cpu);
	for (uint32_t id = 1; id < 4; id++)
		POOL(DESTROY, id, 0);
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		POOL(ADDCPU, 0, cpu);
	ok(pool_cpus(0) == 0x0f && POOL(INFO, 1, 0) == -ENOENT && heap_free_pages() == before, "nothing stays behind: %ld",
	   (long)(before - heap_free_pages()));
}

static void test_machine(void)
{
	struct xen_sysctl_cputopo cpus[4];
	struct xen_sysctl_meminfo nodes[8];
	uint32_t distance[64];

	ok(!sysctl(XEN_SYSCTL_physinfo) && sys.u.physinfo.nr_cpus == 4 && sys.u.physinfo.free_pages == heap_free_pages() &&
	   sys.u.physinfo.total_pages == total_pages && sys.u.physinfo.nr_nodes == 6, "physinfo");
	sys.u.cputopoinfo = (struct xen_sysctl_cputopoinfo){ 0 };
	ok(!sysctl(XEN_SYSCTL_cputopoinfo) && sys.u.cputopoinfo.num_cpus == 4, "number of CPUs");
	sys.u.cputopoinfo.num_cpus = 3;
	sys.u.cputopoinfo.cputopo.va = (unsigned long)cpus;
	cpus[3].core = 99;
	ok(!sysctl(XEN_SYSCTL_cputopoinfo) && sys.u.cputopoinfo.num_cpus == 4 && cpus[2].core == 2 && cpus[1].node == 1 &&
	   cpus[3].core == 99, "some of them");
	sys.u.numainfo = (struct xen_sysctl_numainfo){
		.num_nodes = 8, .meminfo.va = (unsigned long)nodes, .distance.va = (unsigned long)distance,
	};
	ok(!sysctl(XEN_SYSCTL_numainfo) && sys.u.numainfo.num_nodes == 6 && distance[0] == 10 && distance[6] == 20 && distance[7] == 10,
	   "nodes");
	sys.u.availheap = (struct xen_sysctl_availheap){ .node = -1 };
	ok(!sysctl(XEN_SYSCTL_availheap) && sys.u.availheap.avail_bytes == (uint64_t)heap_free_pages() << PAGE_SHIFT, "heap");
	sys.u.availheap.node = 6;
	ok(!sysctl(XEN_SYSCTL_availheap) && !sys.u.availheap.avail_bytes, "no such node");
}

static void test_resource(void)
{
	xen_pfn_t frames[8] = { 0 };
	struct xen_mem_acquire_resource r = { .domid = 1, .type = XENMEM_resource_grant_table };
	unsigned long at = (unsigned long)&r;

#define ACQUIRE(v)	fake_hypercall(v, __HYPERVISOR_memory_op, XENMEM_acquire_resource, at, 0, 0, 0)
	ok(!ACQUIRE(v0) && r.nr_frames == 64, "how many there are");
	ok(ACQUIRE(vg) == -EPERM, "not for guests");
	r.frame_list.va = (unsigned long)frames;
	r.nr_frames = 3;
	r.frame = 1;
	ok(!ACQUIRE(v0) && frames[2] && !frames[3] && page_owner(mfn_to_page(_mfn(frames[0]))) == guest, "some of them");
	r.frame = 62;
	ok(ACQUIRE(v0) == -EINVAL, "too many");
	r.frame = ~0UL;
	ok(ACQUIRE(v0) == -EINVAL, "far too many");
	r.frame = 0;
	r.id = XENMEM_resource_grant_table_id_status;
	ok(ACQUIRE(v0) == -EOPNOTSUPP, "what there is not");
	r.id = 0;
	r.pad = 1;
	ok(ACQUIRE(v0) == -EINVAL, "nonsense");
	r.pad = 0;
	r.domid = 77;
	ok(ACQUIRE(v0) == -ESRCH, "no such domain");
}

/* Random operations with random arguments: nothing falls over, and what was made can be ended. */
static void test_random(void)
{
	static uint64_t memory[8192];
	unsigned long before = heap_free_pages(), made = 0;

	/* Two small numbers are no address. */
	fake_fault_start = 1UL << 32;
	fake_fault_end = 1UL << 35;
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t cmd = random_below(90);

		for (unsigned int n = 0; n < sizeof(op.u) / 8; n++)
			((uint64_t *)&op.u)[n] = random_below(3) ? random_below(4) | (uint64_t)random_below(4) << 32 :
								   (unsigned long)memory;
		if (cmd == XEN_DOMCTL_createdomain && random_below(2))
			fill_create(1 + random_below(4));
		made += !domctl(cmd, (domid_t)(2 + random_below(4))) && cmd == XEN_DOMCTL_createdomain;
	}
	for (domid_t id = 2; id < 0x100; id++)
		while (!domctl(XEN_DOMCTL_destroydomain, id))
			fake_settle();
	ok(made && heap_free_pages() == before, "%lu domains came and went: %ld", made, (long)(before - heap_free_pages()));
}

int main(void)
{
	unsigned long before;

	fake_start(4);
	dom0_ = fake_domain(0, 1, 10);
	v0 = dom0_->vcpu[0];
	guest = fake_domain(1, 1, 10);
	vg = guest->vcpu[0];
	before = heap_free_pages();
	test_privilege();
	test_create_refused();
	for (unsigned int preempt = 0; preempt < 2; preempt++) {
		fake_preempt = preempt;
		test_life();
		test_zombie();
		test_list();
	}
	test_version_17();
	ok(heap_free_pages() == before, "all memory is back: %ld", (long)(before - heap_free_pages()));
	test_affinity();
	test_scheduler();
	test_pools();
	test_random_pools();
	test_machine();
	test_resource();
	test_random();
	return tap_end();
}
