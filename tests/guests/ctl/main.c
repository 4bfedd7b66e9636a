/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl: what the control interface answers: a domain made, asked about, paused and ended, with arguments that are
 * right and wrong, and questions about the machine.
 */

#include <guestkit/report.h>
#include <xen/sched.h>
#include <xen/sysctl.h>

#define ID	7

static struct xen_domctl op;
static struct xen_sysctl sys;
static struct vcpu_guest_context context;

static long domctl(uint32_t cmd, domid_t id)
{
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = id;
	return hc_domctl(&op);
}

static long sysctl(uint32_t cmd)
{
	sys.cmd = cmd;
	sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hc_sysctl(&sys);
}

static void fill(void)
{
	memset(&op, 0, sizeof(op));
	op.u.createdomain.max_vcpus = 2;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = 4;
	op.u.createdomain.max_maptrack_frames = 4;
	op.u.createdomain.grant_opts = 1;
}

/* Until nothing holds it any more. */
static void end(void)
{
	for (unsigned int i = 0; i < 100000 && !domctl(XEN_DOMCTL_getdomaininfo, ID) && op.domain == ID; i++)
		hc_sched_op(SCHEDOP_yield, NULL);
}

static void try_create(const char *what)
{
	long ret = domctl(XEN_DOMCTL_createdomain, ID);

	kit_observe_ret(ret, "create %s", what);
	if (!ret && !domctl(XEN_DOMCTL_destroydomain, ID))
		end();
}

static void wrong_calls(void)
{
	memset(&op, 0, sizeof(op));
	kit_observe_ret(hc_domctl(NULL), "domctl without an argument");
	kit_observe_ret(hc_domctl(&op), "domctl of version 0");
	kit_observe_ret(hc_sysctl(NULL), "sysctl without an argument");
	memset(&sys, 0, sizeof(sys));
	kit_observe_ret(hc_sysctl(&sys), "sysctl of version 0");
	kit_observe_ret(domctl(XEN_DOMCTL_pausedomain, 99), "pause domain 99");
	kit_observe_ret(domctl(XEN_DOMCTL_pausedomain, 0), "pause oneself");
	kit_observe_ret(domctl(XEN_DOMCTL_destroydomain, 0), "destroy oneself");
	kit_observe_ret(domctl(XEN_DOMCTL_resumedomain, 0), "resume oneself");
	kit_observe_ret(domctl(XEN_DOMCTL_pausedomain, DOMID_SELF), "pause DOMID_SELF");
}

static void create_wrong(void)
{
	static const struct { const char *what; uint32_t flags; } flags[] = {
		{ "with flag hap", XEN_DOMCTL_CDF_hap }, { "with flag oos_off", XEN_DOMCTL_CDF_oos_off },
		{ "with flag nested_virt", XEN_DOMCTL_CDF_nested_virt }, { "with flag vpmu", XEN_DOMCTL_CDF_vpmu }, { "with flag bit 31", 1U << 31 },
	};

	for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		fill();
		op.u.createdomain.flags = flags[i].flags;
		try_create(flags[i].what);
	}
	fill();
	op.u.createdomain.max_vcpus = 0;
	try_create("without vCPUs");
	fill();
	op.u.createdomain.grant_opts = 0;
	try_create("without grants");
	fill();
	op.u.createdomain.grant_opts = 0x11;
	try_create("with unknown grant options");
	fill();
	op.u.createdomain.vmtrace_size = 4096;
	try_create("with traces");
	fill();
	op.u.createdomain.cpupool_id = 5;
	try_create("in pool 5");
	fill();
	op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_LAPIC;
	try_create("with a local APIC");
	fill();
	op.u.createdomain.arch.misc_flags = 2;
	try_create("with unknown flags of the port");
}

static void show(const char *when)
{
	const struct xen_domctl_getdomaininfo *i = &op.u.getdomaininfo;
	long rc = domctl(XEN_DOMCTL_getdomaininfo, ID);

	if (rc || op.domain != ID) {
		kit_observe("%s: it is not there", when);
		return;
	}
	kit_observe("%s: flags %x, %lu of %lu pages, %u vCPUs up, last %d, pool %u", when, i->flags,
		    (unsigned long)i->tot_pages, (unsigned long)i->max_pages, i->nr_online_vcpus, (int)i->max_vcpu_id,
		    i->cpupool);
}

static long populate(unsigned long nr, unsigned int order)
{
	static xen_pfn_t list[64];
	struct xen_memory_reservation r = { .nr_extents = nr, .extent_order = order, .domid = ID };

	set_xen_guest_handle(r.extent_start, list);
	return hc_memory_op(XENMEM_populate_physmap, &r);
}

static long extstate(uint32_t cmd, uint64_t size, uint64_t mask, void *buffer)
{
	memset(&op.u, 0, sizeof(op.u));
	op.u.vcpuextstate.size = size;
	op.u.vcpuextstate.xfeature_mask = mask;
	op.u.vcpuextstate.buffer.va = (unsigned long)buffer;
	return domctl(cmd, ID);
}

/* Extended state of vCPU 0, which has not run: read, written back, and changed into what cannot be. */
static void extended_state(void)
{
	static uint64_t state[2 + 512], back[2 + 512];
	const unsigned int first = 2 + 64;	/* word of the header that names what is in it */
	uint64_t size, mask;

	kit_check_eq(extstate(XEN_DOMCTL_getvcpuextstate, 0, 0, NULL), 0, "size of the extended state");
	size = op.u.vcpuextstate.size;
	mask = op.u.vcpuextstate.xfeature_mask;
	if (!kit_check(size >= 16 + 576 && size <= sizeof(state) && (mask & 3) == 3, "it is %lu bytes", (unsigned long)size))
		return;
	kit_observe_ret(extstate(XEN_DOMCTL_getvcpuextstate, size + 8, mask, state), "another size");
	kit_observe_ret(extstate(XEN_DOMCTL_getvcpuextstate, size, mask + 1, state), "other features");
	kit_check_eq(extstate(XEN_DOMCTL_getvcpuextstate, size, mask, state), 0, "read");
	kit_check(!(state[0] & ~state[1]) && !state[first + 1], "its form");
	/* A register of SSE's: it is kept. */
	state[0] |= 3;
	state[1] |= 3;
	state[first] |= 3;
	state[2 + 20] = 0x1122334455667788;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "extended state of a vCPU without a context");
	kit_check_eq(extstate(XEN_DOMCTL_getvcpuextstate, size, mask, back), 0, "read again");
	kit_observe("a register of it: %lx", (unsigned long)back[2 + 20]);
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, 8, mask, state), "write too little");
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, 1 << 20, mask, state), "write too much");
	state[first] |= 1UL << 40;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "write a component that there is not");
	state[first] &= ~(1UL << 40);
	state[first + 1] = 1UL << 63;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "write it compacted");
	state[first + 1] = 0;
	state[first + 3] = 1;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "write what is reserved");
	state[first + 3] = 0;
	state[0] = 0;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "write an XCR0 without x87");
	state[0] = 1UL << 40 | 3;
	kit_observe_ret(extstate(XEN_DOMCTL_setvcpuextstate, size, mask, state), "write an XCR0 with what there is not");
	op.u.vcpuextstate.vcpu = 9;
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpuextstate, ID), "extended state of vCPU 9");
}

static long pool(uint32_t what, uint32_t id, uint32_t cpu, uint32_t scheduler)
{
	memset(&sys, 0, sizeof(sys));
	sys.u.cpupool_op.op = what;
	sys.u.cpupool_op.cpupool_id = id;
	sys.u.cpupool_op.cpu = cpu;
	sys.u.cpupool_op.sched_id = scheduler;
	sys.u.cpupool_op.domid = ID;
	return sysctl(XEN_SYSCTL_cpupool_op);
}
#define POOL(what, id, cpu)	pool(XEN_SYSCTL_CPUPOOL_OP_##what, id, cpu, XEN_SCHEDULER_CREDIT2)

/* Pools on a machine with one processor, which stays in the first of them. */
static void pools(void)
{
	kit_observe_ret(POOL(CREATE, XEN_SYSCTL_CPUPOOL_PAR_ANY, 0), "a pool");
	kit_observe("it is number %u", sys.u.cpupool_op.cpupool_id);
	kit_observe_ret(POOL(CREATE, 1, 0), "the same number again");
	kit_observe_ret(POOL(CREATE, 5, 0), "number 5");
	kit_observe_ret(pool(XEN_SYSCTL_CPUPOOL_OP_CREATE, 6, 0, 99), "a scheduler that there is not");
	kit_observe_ret(POOL(INFO, 2, 0), "information from number 2 on");
	kit_observe("number %u, scheduler %u, %u domains", sys.u.cpupool_op.cpupool_id, sys.u.cpupool_op.sched_id,
		    sys.u.cpupool_op.n_dom);
	kit_observe_ret(POOL(ADDCPU, 1, 0), "add a CPU of another pool");
	kit_observe_ret(POOL(ADDCPU, 1, XEN_SYSCTL_CPUPOOL_PAR_ANY), "add any CPU");
	kit_observe_ret(POOL(ADDCPU, 1, 500), "add a CPU that there is not");
	kit_observe_ret(POOL(ADDCPU, 9, 0), "add it to no pool");
	kit_observe_ret(POOL(RMCPU, 0, 0), "remove the first CPU");
	kit_observe_ret(POOL(RMCPU, 1, 0), "remove a CPU of another pool");
	kit_observe_ret(POOL(RMCPU, 1, XEN_SYSCTL_CPUPOOL_PAR_ANY), "remove any CPU of none");
	kit_observe_ret(POOL(MOVEDOMAIN, 1, 0), "move a domain to an empty pool");
	kit_observe_ret(POOL(MOVEDOMAIN, 0, 0), "move it to where it is");
	kit_observe_ret(POOL(MOVEDOMAIN, 9, 0), "move it to no pool");
	memset(&sys, 0, sizeof(sys));
	sys.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
	kit_observe_ret(sysctl(XEN_SYSCTL_cpupool_op), "move oneself");
	kit_observe_ret(POOL(DESTROY, 0, 0), "destroy the first pool");
	kit_observe_ret(POOL(DESTROY, 1, 0), "destroy a pool");
	kit_observe_ret(POOL(DESTROY, 5, 0), "destroy number 5");
	kit_observe_ret(POOL(DESTROY, 5, 0), "destroy it again");
	kit_observe_ret(pool(77, 0, 0, 0), "an operation that there is not");
	sys.u.scheduler_op.cpupool_id = 3;
	kit_observe_ret(sysctl(XEN_SYSCTL_scheduler_op), "the scheduler of no pool");
}

static void life(void)
{
	struct xen_memory_reservation claim = { .nr_extents = 64, .domid = ID };

	fill();
	if (!kit_check_eq(domctl(XEN_DOMCTL_createdomain, ID), 0, "made"))
		return;
	show("made");
	fill();
	kit_observe_ret(domctl(XEN_DOMCTL_createdomain, ID), "create once more");
	op.u.max_vcpus.max = 3;
	kit_observe_ret(domctl(XEN_DOMCTL_max_vcpus, ID), "vCPUs, another number");
	op.u.vcpucontext.vcpu = 0;
	op.u.vcpucontext.ctxt.va = (unsigned long)&context;
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpucontext, ID), "context of no vCPU");
	op.u.max_vcpus.max = 2;
	kit_observe_ret(domctl(XEN_DOMCTL_max_vcpus, ID), "vCPUs");
	kit_observe_ret(domctl(XEN_DOMCTL_max_vcpus, ID), "vCPUs again");
	op.u.vcpucontext.vcpu = 0;
	op.u.vcpucontext.ctxt.va = (unsigned long)&context;
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpucontext, ID), "context that was not set");
	op.u.vcpucontext.vcpu = 2;
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpucontext, ID), "context of vCPU 2");
	op.u.vcpucontext.vcpu = 0;
	kit_observe_ret(domctl(XEN_DOMCTL_setvcpucontext, ID), "empty context");
	extended_state();
	pools();
	op.u.getvcpuinfo.vcpu = 5;
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpuinfo, ID), "information of vCPU 5");
	kit_observe("memory without a limit: %ld", populate(4, 0));
	op.u.max_mem.max_memkb = 256;
	kit_observe_ret(domctl(XEN_DOMCTL_max_mem, ID), "limit");
	kit_observe("memory: %ld", populate(40, 0));
	kit_observe("memory beyond the limit: %ld", populate(40, 0));
	kit_observe("large pages beyond it: %ld", populate(1, 9));
	claim.nr_extents = 1 << 20;
	kit_observe_ret(hc_memory_op(XENMEM_claim_pages, &claim), "claim more than the limit");
	show("with memory");
	op.u.address_size.size = 64;
	kit_observe_ret(domctl(XEN_DOMCTL_set_address_size, ID), "64 bits");
	op.u.address_size.size = 32;
	kit_observe_ret(domctl(XEN_DOMCTL_set_address_size, ID), "32 bits");
	op.u.address_size.size = 16;
	kit_observe_ret(domctl(XEN_DOMCTL_set_address_size, ID), "16 bits");
	op.u.hypercall_init.gmfn = ~0UL >> 12;
	kit_observe_ret(domctl(XEN_DOMCTL_hypercall_init, ID), "hypercall page that is none");
	kit_observe_ret(domctl(XEN_DOMCTL_unpausedomain, ID), "unpause");
	kit_observe_ret(domctl(XEN_DOMCTL_unpausedomain, ID), "unpause again");
	show("unpaused");
	for (unsigned int i = 0; i < 255; i++)
		domctl(XEN_DOMCTL_pausedomain, ID);
	kit_observe_ret(domctl(XEN_DOMCTL_pausedomain, ID), "pause 256 times");
	op.u.iomem_permission.nr_mfns = 0;
	kit_observe_ret(domctl(XEN_DOMCTL_iomem_permission, ID), "no device memory");
	op.u.iomem_permission.first_mfn = ~0UL;
	op.u.iomem_permission.nr_mfns = 2;
	kit_observe_ret(domctl(XEN_DOMCTL_iomem_permission, ID), "device memory that wraps");
	op.u.ioport_permission.first_port = 0xffff;
	op.u.ioport_permission.nr_ports = 2;
	kit_observe_ret(domctl(XEN_DOMCTL_ioport_permission, ID), "ports beyond the last");
	op.u.set_virq_handler.virq = 0;
	kit_observe_ret(domctl(XEN_DOMCTL_set_virq_handler, ID), "handler of VIRQ_TIMER");
	op.u.set_virq_handler.virq = 100;
	kit_observe_ret(domctl(XEN_DOMCTL_set_virq_handler, ID), "handler of an interrupt that there is not");
	memset(&op.u, 0, sizeof(op.u));
	kit_observe_ret(domctl(XEN_DOMCTL_getvcpuaffinity, ID), "affinity of no kind");
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	kit_observe_ret(domctl(XEN_DOMCTL_scheduler_op, ID), "another scheduler");
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	kit_observe_ret(domctl(XEN_DOMCTL_scheduler_op, ID), "the scheduler");
	kit_observe("weight %u, cap %u", op.u.scheduler_op.u.credit2.weight, op.u.scheduler_op.u.credit2.cap);
	kit_observe_ret(domctl(XEN_DOMCTL_destroydomain, ID), "destroy");
	end();
	show("destroyed");
}

static void machine(void)
{
	static struct xen_domctl_getdomaininfo list[4];
	static uint32_t features[32];

	memset(&sys, 0, sizeof(sys));
	kit_observe_ret(sysctl(XEN_SYSCTL_sched_id), "sched_id");
	kit_observe("scheduler %u", sys.u.sched_id.sched_id);
	memset(&sys, 0, sizeof(sys));
	kit_observe_ret(sysctl(XEN_SYSCTL_physinfo), "physinfo");
	kit_observe("%u processors, %u threads a core, %u cores a socket, %u nodes", sys.u.physinfo.nr_cpus,
		    sys.u.physinfo.threads_per_core, sys.u.physinfo.cores_per_socket, sys.u.physinfo.nr_nodes);
	memset(&sys, 0, sizeof(sys));
	sys.u.getdomaininfolist.max_domains = 4;
	sys.u.getdomaininfolist.buffer.va = (unsigned long)list;
	kit_observe_ret(sysctl(XEN_SYSCTL_getdomaininfolist), "list");
	kit_observe("%u domains, the first is %u", sys.u.getdomaininfolist.num_domains, list[0].domain);
	memset(&sys, 0, sizeof(sys));
	kit_observe_ret(sysctl(XEN_SYSCTL_cputopoinfo), "number of processors");
	kit_observe("there are %u", sys.u.cputopoinfo.num_cpus);
	memset(&sys, 0, sizeof(sys));
	kit_observe_ret(sysctl(XEN_SYSCTL_numainfo), "number of nodes");
	kit_observe("there are %u", sys.u.numainfo.num_nodes);
	memset(&sys, 0, sizeof(sys));
	sys.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	sys.u.cpupool_op.cpupool_id = 1;
	kit_observe_ret(sysctl(XEN_SYSCTL_cpupool_op), "pool 1");
	memset(&sys, 0, sizeof(sys));
	sys.u.cpu_featureset.features.va = (unsigned long)features;
	sys.u.cpu_featureset.nr_features = 1;
	kit_observe_ret(sysctl(XEN_SYSCTL_get_cpu_featureset), "featureset, too little room");
	memset(&sys, 0, sizeof(sys));
	sys.u.cpu_policy.index = 99;
	kit_observe_ret(sysctl(XEN_SYSCTL_get_cpu_policy), "policy 99");
	memset(&sys, 0, sizeof(sys));
	sys.u.availheap.node = 64;
	kit_observe_ret(sysctl(XEN_SYSCTL_availheap), "heap of node 64");
}

void kit_main(void)
{
	wrong_calls();
	create_wrong();
	life();
	machine();
	kit_finish();
}
