/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unprivileged: a domain with no rights besides those over itself: what each call says when it is asked for more, what it may
 * not map, which instructions have no effect; and calls that only such a domain sees answered in its way.
 */

#include <guestkit/other.h>
#include <guestkit/event.h>
#include <guestkit/grant.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

static uint64_t zeros[512] __attribute__((aligned(PAGE_SIZE)));
static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static unsigned long va;
static kit_pte *pte;

static void *clear(void)
{
	return memset(zeros, 0, sizeof(zeros));
}

static void control(void)
{
	struct xen_platform_op *p = clear();
	struct xen_sysctl *s;
	struct xen_domctl *d;

	p->cmd = XENPF_settime64;
	p->interface_version = XENPF_INTERFACE_VERSION;
	kit_observe_ret(hc_platform_op(p), "platform_op");
	s = clear();
	s->cmd = XEN_SYSCTL_physinfo;
	s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	kit_observe_ret(hc_sysctl(s), "sysctl");
	d = clear();
	d->cmd = XEN_DOMCTL_getdomaininfo;
	d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	kit_observe_ret(hc_domctl(d), "domctl on the first domain");
	d->domain = KIT_OTHER_ID;
	kit_observe_ret(hc_domctl(d), "domctl on itself");
	d->domain = 99;
	kit_observe_ret(hc_domctl(d), "domctl on none");
	kit_observe_ret(hc_console_io(CONSOLEIO_write, 1, page), "write to the console");
	kit_observe_ret(hc_console_io(CONSOLEIO_read, 1, page), "read from the console");
	kit_observe_ret(hypercall1(48, (unsigned long)clear()), "mca");
	kit_observe_ret(hc_kexec_op(0, clear()), "kexec");
}

static void schedule(void)
{
	struct sched_remote_shutdown remote = { .domain_id = 0 };
	struct sched_pin_override pin = { .pcpu = 0 };
	struct vcpu_get_physid id;

	kit_observe_ret(hc_sched_op(SCHEDOP_remote_shutdown, &remote), "shut the first domain down");
	remote.domain_id = 99;
	kit_observe_ret(hc_sched_op(SCHEDOP_remote_shutdown, &remote), "shut none down");
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "pin to a processor");
	kit_observe_ret(hc_vcpu_op(VCPUOP_get_physid, 0, &id), "get_physid");
}

static long reserve(unsigned int cmd, unsigned int order, domid_t dom, xen_pfn_t frame)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .extent_order = order, .domid = dom };

	set_xen_guest_handle(r.extent_start, &frame);
	return hc_memory_op(cmd, &r);
}

static void memory(void)
{
	struct xen_mem_acquire_resource res = { .domid = 0, .type = XENMEM_resource_grant_table };
	struct xen_add_to_physmap add = { .domid = 0 };
	struct xen_foreign_memory_map fm = { .domid = 0 };
	domid_t id = 0;

	/* Not: what does not exist, memory populated on demand, an exchange of nothing, what other kinds of guests have. */
	for (unsigned int cmd = 0; cmd < 34; cmd++)
		if (cmd != 2 && cmd != 4 && cmd != 11 && cmd != 14 && cmd != 16 && cmd != 17 && cmd != 21 && cmd != 27)
			kit_observe_ret(hc_memory_op(cmd, clear()), "memory_op %u of the first domain", cmd);
	kit_observe_ret(hc_memory_op(XENMEM_maximum_gpfn, &id), "maximum_gpfn of the first domain");
	id = 99;
	kit_observe_ret(hc_memory_op(XENMEM_current_reservation, &id), "current_reservation of none");
	id = DOMID_SELF;
	kit_observe_ret(hc_memory_op(XENMEM_current_reservation, &id), "its own");
	kit_observe_ret(hc_memory_op(XENMEM_maximum_reservation, &id), "and its limit");
	kit_observe_ret(hc_memory_op(XENMEM_acquire_resource, &res), "the first domain's grant table");
	kit_observe_ret(hc_memory_op(XENMEM_add_to_physmap, &add), "the first domain's physmap");
	kit_observe_ret(hc_memory_op(XENMEM_set_memory_map, &fm), "the first domain's map");
	kit_observe_ret(hc_memory_op(XENMEM_memory_map, clear()), "its own map");
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, clear()), "the machine's map");
	kit_observe_ret(reserve(XENMEM_increase_reservation, 0, 0, 0), "memory for the first domain");
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 0, 0, 0), "memory from the first domain");
	kit_observe_ret(reserve(XENMEM_increase_reservation, 10, DOMID_SELF, 0), "order 10");
	kit_observe_ret(reserve(XENMEM_increase_reservation, 9, DOMID_SELF, 0), "more than its limit");
	kit_observe_ret(reserve(XENMEM_increase_reservation, 0, DOMID_SELF, 0), "one frame more");
}

static void events(void)
{
	struct evtchn_status status = { .dom = 0, .port = 1 };
	struct evtchn_reset reset = { .dom = 0 };
	struct evtchn_bind_pirq pirq = { .pirq = 5 };

	kit_observe_ret(kit_evtchn_alloc_unbound(0, DOMID_SELF), "a port of the first domain");
	kit_observe_ret(kit_evtchn_bind_interdomain(0, 1), "bind to one");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_status, &status), "status of one");
	status.port = 0xffffff;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_status, &status), "status of none");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_reset, &reset), "reset the first domain's");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_pirq, &pirq), "bind a physical interrupt");
	pirq.pirq = 9999;
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_pirq, &pirq), "bind one that is none");
	for (unsigned int virq = 0; virq < 24; virq++) {
		int port = kit_evtchn_bind_virq(virq, 0);

		kit_observe("virtual interrupt %u: %s", virq, port > 0 ? "bound" : kit_errno_name(port));
		if (port > 0)
			kit_evtchn_close((uint32_t)port);
	}
}

static void grants(void)
{
	struct gnttab_setup_table setup = { .dom = 0, .nr_frames = 1 };
	struct gnttab_query_size size = { .dom = 0 };
	struct gnttab_get_version version = { .dom = 0 };

	set_xen_guest_handle(setup.frame_list, (xen_pfn_t *)clear());
	kit_observe_ret(hc_grant_table_op(GNTTABOP_setup_table, &setup, 1), "set the first domain's grants up");
	kit_observe("  status %d", setup.status);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_query_size, &size, 1), "their size");
	kit_observe("  status %d", size.status);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_get_version, &version, 1), "their version");
	setup.dom = DOMID_SELF;
	setup.nr_frames = 33;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_setup_table, &setup, 1), "more frames than it may have");
	kit_observe("  status %d", setup.status);
	size.dom = DOMID_SELF;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_query_size, &size, 1), "its own size");
	kit_observe("  %u of %u", size.nr_frames, size.max_nr_frames);
}

static void physdev(void)
{
	struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 5, .pirq = 5 };
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 5 };

	/* The messages of a device that is not there cannot be restored, by whomever. */
	for (unsigned int cmd = 0; cmd < 36; cmd++)
		if (cmd != PHYSDEVOP_restore_msi && cmd != PHYSDEVOP_restore_msi_ext)
			kit_observe_ret(hc_physdev_op((int)cmd, clear()), "physdev_op %u", cmd);
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_map_pirq, &map), "map an interrupt");
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), "unmap it");
}

static void versions(void)
{
	struct xen_feature_info info = { 0 };
	xen_domain_handle_t handle;

	memset(page, 0, sizeof(page));
	kit_observe_ret(hc_xen_version(XENVER_commandline, page), "command line");
	kit_observe("  '%s'", page);
	kit_observe_ret(hc_xen_version(XENVER_build_id, NULL), "build id");
	kit_observe_ret(hc_xen_version(XENVER_guest_handle, handle), "handle");
	kit_observe("  %x %x", handle[0], handle[15]);
	hc_xen_version(XENVER_get_features, &info);
	kit_observe("features %x", info.submap);
}

static long set(uint64_t value)
{
	return kit_pte_write(pte, value);
}

static long update(unsigned int foreign, uint64_t value)
{
	struct mmu_update req = { .ptr = kit_va_to_ma(pte), .val = value };

	return hc_mmu_update(&req, 1, NULL, foreign);
}

static void mappings(void)
{
	static const struct { const char *name; uint64_t flags; } kinds[] = {
		{ "uncached", PTE_RW | PTE_PCD }, { "write-through", PTE_RW | PTE_PWT }, { "PAT", PTE_RW | PTE_PS },
		{ "global", PTE_RW | PTE_G }, { "no user bit", PTE_P | PTE_W }, { "bit 52", PTE_RW | 1UL << 52 },
	};
	struct mmuext_op op = { .cmd = MMUEXT_FLUSH_CACHE };
	unsigned long mfn = kit_va_to_mfn(page);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		kit_observe_ret(set(kit_make_pte(mfn, kinds[i].flags)), "map %s", kinds[i].name);
	set(0);
	kit_observe_ret(set(kit_make_pte(0xb8, PTE_RW)), "map the screen");
	kit_observe_ret(set(kit_make_pte(0xb8, PTE_RO)), "read-only");
	kit_observe_ret(update(DOMID_IO, kit_make_pte(0xb8, PTE_RO)), "as DOMID_IO's");
	kit_observe_ret(update(DOMID_IO, kit_make_pte(mfn, PTE_RO)), "its own frame as DOMID_IO's");
	kit_observe_ret(update(DOMID_XEN, kit_make_pte(mfn, PTE_RO)), "as DOMID_XEN's");
	kit_observe_ret(update(0, kit_make_pte(mfn, PTE_RO)), "as the first domain's");
	kit_observe_ret(update(KIT_OTHER_ID, kit_make_pte(mfn, PTE_RO)), "as its own by number");
	kit_observe_ret(update(99, kit_make_pte(mfn, PTE_RO)), "as nobody's");
	kit_observe_ret(update(1 << 16 | DOMID_SELF, kit_make_pte(mfn, PTE_RO)), "in the first domain's table");
	kit_observe_ret(update((KIT_OTHER_ID + 1) << 16 | DOMID_SELF, kit_make_pte(mfn, PTE_RO)), "in its own by number");
	kit_observe_ret(set(kit_make_pte(0xfffffff, PTE_RO)), "map no memory");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, kit_make_pte(mfn, PTE_RO), 0, 0), "the first domain's by address");
	kit_observe_ret(hc_mmuext_op(&op, 1, NULL, DOMID_SELF), "flush the cache");
	op.cmd = MMUEXT_FLUSH_CACHE_GLOBAL;
	kit_observe_ret(hc_mmuext_op(&op, 1, NULL, DOMID_SELF), "flush all caches");
	op.cmd = MMUEXT_PIN_L1_TABLE;
	kit_observe_ret(hc_mmuext_op(&op, 1, NULL, 0), "pin the first domain's");
	kit_observe_ret(hc_mmuext_op(&op, 1, NULL, DOMID_IO), "pin DOMID_IO's");
	set(0);
}

static uint64_t out;

#define OP(fname, code) \
static void fname(void *arg) \
{ \
	asm volatile(code : : "c" (arg), "S" (&out), "m" (pte) : "rax", "rdx", "memory", "cc"); \
}

OP(do_in, "mov %%ecx, %%edx; inb %%dx, %%al; movzbl %%al, %%eax; mov %%rax, (%%rsi)")
OP(do_in4, "mov %%ecx, %%edx; inl %%dx, %%eax; mov %%rax, (%%rsi)")
OP(do_out, "mov %%ecx, %%edx; xor %%eax, %%eax; outb %%al, %%dx")
OP(do_wbinvd, "wbinvd")
OP(do_rdmsr, "rdmsr; shl $32, %%rdx; or %%rdx, %%rax; mov %%rax, (%%rsi)")
OP(do_write, "mov %2, %%rax; movq $0, (%%rax)")
OP(do_cr4, "mov %%cr4, %%rax; mov %%rax, (%%rsi)")

static void run(const char *name, void (*fn)(void *), unsigned long arg, bool show)
{
	struct kit_fault f;

	out = 0;
	kit_probe(fn, (void *)arg, &f);
	if (f.vector < 0 && show)
		kit_observe("%s %lx: %lx", name, arg, out);
	else
		kit_observe_fault(&f, "%s %lx", name, arg);
}

static void instructions(void)
{
	static const unsigned short ports[] = { 0x21, 0x40, 0x43, 0x60, 0x61, 0x70, 0x71, 0x80, 0x3f8, 0xcf8, 0xcfc };
	static const unsigned int msrs[] = { 0x1b, 0x3a, 0x8b, 0xce, 0xfe, 0x10a, 0x179, 0x1a0, 0x1d9, 0x277, 0x2ff, 0xc0000080, 0xc0010015 };

	run("in", do_in, 0x80, false);
	kit_observe_ret(hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (unsigned long)&(struct physdev_set_iopl){ 1 }), "set_iopl 1");
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		run("in", do_in, ports[i], true);
	run("inl", do_in4, 0xcf8, true);
	run("inl", do_in4, 0xcfc, true);
	run("out", do_out, 0x61, false);
	run("out", do_out, 0x3f8, false);
	run("wbinvd", do_wbinvd, 0, false);
	run("cr4", do_cr4, 0, true);
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++)
		run("rdmsr", do_rdmsr, msrs[i], msrs[i] != 0x8b && msrs[i] != 0x1a0);
	run("page-table write without the assist", do_write, 0, false);
	kit_observe_ret(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), "the assist");
	run("page-table write with it", do_write, 0, false);
	kit_observe_ret(hc_vm_assist(VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), "the assist is off");
	run("page-table write", do_write, 0, false);
}

static void cpuid(void)
{
	static const uint32_t leaves[][2] = { { 1, 0 }, { 7, 0 }, { 0xd, 0 }, { 0x40000000, 0 }, { 0x40000002, 0 },
		{ 0x40000004, 0 }, { 0x40000005, 0 }, { 0x80000001, 0 }, { 0x80000007, 0 }, { 0x80000008, 0 } };
	uint32_t r[4];

	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		kit_cpuid(leaves[i][0], leaves[i][1], r);
		kit_observe("cpuid %x: %x %x %x %x", leaves[i][0], r[0], leaves[i][0] == 1 ? 0 : r[1], r[2], r[3]);
	}
}

static char read_byte;

static void do_read(void *arg)
{
	read_byte = *(volatile char *)arg;
}

/* A grant is mapped in a table that is at two addresses. Once it is unmapped at one of them, nothing of it is left at the other. */
static void aliased(void)
{
	const unsigned int ref = 9;
	unsigned long alias = va ^ 128UL << 21;
	kit_pte *here = kit_pte_find(kit_root(), va, 2), *there = kit_pte_find(kit_root(), alias, 2);
	struct gnttab_map_grant_ref m = { .host_addr = va, .flags = GNTMAP_host_map, .ref = ref, .dom = KIT_OTHER_ID };
	struct gnttab_unmap_grant_ref u = { .host_addr = va };
	struct kit_fault f;

	if (kit_grant_init(1) || !here || !there || *there || kit_pte_write(there, *here))
		kit_fatal("no second address");
	page[0] = 'g';
	kit_grant_access(ref, KIT_OTHER_ID, kit_va_to_mfn(page), false);
	kit_check(!hc_grant_table_op(GNTTABOP_map_grant_ref, &m, 1) && !m.status, "a grant of its own is mapped");
	kit_check(kit_probe(do_read, (void *)alias, &f) && read_byte == 'g', "and read at the other address of the table");
	u.handle = m.handle;
	kit_check(!hc_grant_table_op(GNTTABOP_unmap_grant_ref, &u, 1) && !u.status, "it is unmapped");
	kit_check(!kit_probe(do_read, (void *)alias, &f) && f.vector == KIT_VEC_PF, "there, too");
	kit_grant_end(ref);
	kit_pte_write(there, 0);
}

static void other(void)
{
	va = kit_va_alloc(1);
	pte = kit_pte_make(kit_root(), va);
	control();
	schedule();
	events();
	grants();
	physdev();
	versions();
	mappings();
	instructions();
	cpuid();
	aliased();
	memory();
}

void kit_main(void)
{
	if (!(kit_start_info->flags & SIF_INITDOMAIN)) {
		other();
		return;
	}
	kit_other_build();
	kit_check_eq(kit_other_unpause(), 0, "it runs");
	kit_other_wait();
	kit_other_destroy();
	kit_audit();
}
