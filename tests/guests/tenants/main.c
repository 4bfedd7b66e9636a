/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tenants: many domains at once, made and ended over and over, in the middle of whatever they do. Each is this same kernel
 * and takes what it can get: it pins, grants, maps, binds and sets timers (tenant.h). Afterwards the machine's free memory is
 * exactly what it was, and so are our own event channels. Arguments: rounds=N, tenants=N, much=N (in every Nth round tenants have
 * much to do; 1: in all).
 */

#include <guestkit/report.h>
#include <guestkit/domain.h>
#include <guestkit/event.h>
#include <guestkit/grant.h>
#include <guestkit/mm.h>
#include <xen/io/console.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include "tenant.h"

#define PAGES		4096U		/* 16 MiB */
#define MOST		64U
#define SECOND		1000000000UL

static xen_pfn_t frames[PAGES];
static struct kit_domain domain = { .pages = PAGES, .vcpus = 2, .frames = frames };
static struct { uint32_t grant_handle; bool granted, mapped; int port; xen_pfn_t console; } held[MOST + 1];
static unsigned long held_va;
static unsigned int ended_early, finished, grants_held, frames_held, ports_held;

static unsigned long free_pages(void)
{
	struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	return kit_sysctl(&op, XEN_SYSCTL_physinfo) ? 0 : op.u.physinfo.free_pages;
}

/* Waits until the frames are back that are given up behind our back. */
static bool free_pages_are(unsigned long pages)
{
	for (uint64_t end = kit_time_now() + 20 * SECOND; free_pages() != pages; hc_sched_op(SCHEDOP_yield, NULL))
		if (kit_time_now() > end)
			return false;
	return true;
}

/* The number of them, once it does not change any more. */
static unsigned long settled_pages(void)
{
	unsigned long pages;

	do {
		pages = free_pages();
		kit_time_spin(SECOND / 2);
	} while (pages != free_pages());
	return pages;
}

static bool make(domid_t id, unsigned int nr, bool much)
{
	static char command_line[64];
	long ret;

	kit_snprintf(command_line, sizeof(command_line), "id=%u tenants=%u much=%u", id, nr, much);
	domain.id = id;
	domain.command_line = command_line;
	ret = kit_domain_build(&domain);
	if (ret)
		kit_check_eq(ret, 0, "domain %u is made", id);
	held[id].console = domain.console;
	if (!ret && (ret = kit_domain_do(XEN_DOMCTL_unpausedomain, id)))
		kit_check_eq(ret, 0, "domain %u starts", id);
	return !ret;
}

/* The event channel that is free next here. */
static int next_port(void)
{
	int port = kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);

	kit_evtchn_close((uint32_t)port);
	return port;
}

/* Something of the tenant's stays here when it ends: a frame by number, a frame by grant, an end of an event channel. */
static void hold(domid_t id)
{
	struct gnttab_map_grant_ref map = {
		.host_addr = held_va + (id * 2 + 1) * PAGE_SIZE, .flags = GNTMAP_host_map, .ref = TENANT_REF_DOM0, .dom = id,
	};

	held[id].port = kit_evtchn_bind_interdomain(id, (uint32_t)kit_evtchn_alloc_unbound(id, DOMID_SELF));
	ports_held += held[id].port > 0;
	held[id].mapped = !kit_map_foreign(held_va + id * 2 * PAGE_SIZE, frames[PAGES - 1], PTE_RW, id);
	frames_held += held[id].mapped;
	hc_grant_table_op(GNTTABOP_map_grant_ref, &map, 1);
	held[id].granted = map.status == GNTST_okay;
	held[id].grant_handle = map.handle;
	grants_held += held[id].granted;
}

static void let_go(domid_t id)
{
	if (held[id].mapped)
		kit_unmap(held_va + id * 2 * PAGE_SIZE);
	if (held[id].granted) {
		struct gnttab_unmap_grant_ref unmap = {
			.host_addr = held_va + (id * 2 + 1) * PAGE_SIZE, .handle = held[id].grant_handle,
		};

		hc_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1);
		if (unmap.status)
			kit_check_eq(unmap.status, 0, "a grant of domain %u is let go", id);
	}
	if (held[id].port > 0 && kit_evtchn_close((uint32_t)held[id].port))
		kit_check(false, "the event channel to domain %u is closed", id);
	held[id].mapped = held[id].granted = false;
	held[id].port = 0;
}

/* What it has said. */
static void show(domid_t id)
{
	volatile const struct xencons_interface *ring = (void *)(held_va + 2 * MOST * PAGE_SIZE + PAGE_SIZE);
	char text[sizeof(ring->out) + 1];
	uint32_t n;

	if (kit_map_foreign((unsigned long)ring, held[id].console, PTE_RO, id))
		return;
	n = ring->out_prod < sizeof(ring->out) ? ring->out_prod : sizeof(ring->out);
	for (uint32_t i = 0; i < n; i++)
		text[i] = ring->out[i] == '\n' ? '|' : ring->out[i];
	text[n] = 0;
	kit_unmap((unsigned long)ring);
	kit_note("domain %u: %s", id, text);
}

/* It says so by shutting down; what it has it keeps. */
static bool is_ready(domid_t id)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int code;

	if (!kit_domain_info(id, &info))
		return kit_check(false, "domain %u is there", id);
	if (!(info.flags & XEN_DOMINF_shutdown))
		return false;
	code = info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	if (code != TENANT_DONE && !kit_check_eq(code, TENANT_DONE, "domain %u has done all that it wanted", id))
		show(id);
	return true;
}

static void end(domid_t id)
{
	long ret = kit_domain_do(XEN_DOMCTL_destroydomain, id);

	if (ret)
		kit_check_eq(ret, 0, "domain %u is destroyed", id);
}

/* What we hold keeps a tenant, and no more than that of it: its other memory is gone. */
static void check_held(domid_t id)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int most = held[id].mapped + held[id].granted;

	if (!most)
		return;
	if (!kit_domain_info(id, &info) || !(info.flags & XEN_DOMINF_dying) || info.tot_pages > most)
		kit_check(false, "domain %u is dying, with %u pages at most", id, most);
}

static void gone(domid_t id)
{
	struct xen_domctl_getdomaininfo info;

	for (uint64_t until = kit_time_now() + 20 * SECOND; kit_domain_info(id, &info); hc_sched_op(SCHEDOP_yield, NULL))
		if (kit_time_now() > until) {
			kit_check(false, "domain %u is gone", id);
			return;
		}
}

/* Ends it when it is ready, or in_ns from now whatever it does. */
static void end_after(domid_t id, uint64_t in_ns)
{
	uint64_t until = kit_time_now() + in_ns;
	bool ready;

	while (!(ready = is_ready(id)) && kit_time_now() < until)
		hc_sched_op(SCHEDOP_yield, NULL);
	finished += ready;
	ended_early += !ready;
	end(id);
}

/* In every second round all of them may finish; in the others half of them are not even let begin much. */
static bool round(unsigned int number, unsigned int nr, bool much, uint64_t *seed)
{
	bool ended[MOST + 1] = { false };

	for (domid_t id = 1; id <= nr; id++) {
		if (!make(id, nr, much))
			return false;
		/* While it is being made all of it is known to us. */
		if (!(number & 2))
			hold(id);
		ended[id] = (number & 1) && (kit_random(seed) & 1);
		if (ended[id])
			end_after(id, kit_random(seed) % 4000000);
	}
	for (domid_t id = 1; id <= nr; id++)
		if (!ended[id])
			end_after(id, 60 * SECOND);
	for (domid_t id = 1; id <= nr; id++)
		check_held(id);
	for (domid_t id = 1; id <= nr; id++)
		let_go(id);
	for (domid_t id = 1; id <= nr; id++)
		gone(id);
	return true;
}

static void landlord(void)
{
	unsigned int rounds = (unsigned int)kit_argument("rounds=", 4), nr = (unsigned int)kit_argument("tenants=", 8);
	unsigned int every = (unsigned int)kit_argument("much=", 1), done;
	unsigned long before = 0;
	int port = next_port();
	uint64_t seed = 1;

	kit_domain_module(&domain);
	if (nr > MOST)
		kit_fatal("too many tenants");
	held_va = kit_va_alloc(2 * (MOST + 1));
	if (!kit_pte_make(kit_root(), held_va))
		kit_fatal("no page table");
	/* The first rounds leave what stays: the hypervisor's tables of numbers, our own map tracks. */
	for (done = 0; done < rounds + 4; done++) {
		if (done == 4)
			before = settled_pages();
		if (!round(done, nr, done % every == 0, &seed) || (done >= 4 && !free_pages_are(before)))
			break;
		if (done % 20 == 19)
			kit_note("%u rounds at %lu s", done + 1, (unsigned long)(kit_time_now() / SECOND));
	}
	kit_check_eq(done, rounds + 4, "%u rounds with %u domains, and each time all memory is back", rounds, nr);
	kit_check_eq((int64_t)free_pages(), (int64_t)before, "free pages are what they were");
	kit_check(finished && ended_early, "domains ended when they had all (%u) and before (%u)", finished, ended_early);
	kit_check(grants_held && frames_held && ports_held, "with %u frames, %u grants, %u event channels held here", frames_held,
		  grants_held, ports_held);
	kit_check_eq(next_port(), port, "the next event channel is the one that it was");
	kit_audit();
}

void kit_main(void)
{
	if (kit_start_info->flags & SIF_INITDOMAIN)
		landlord();
	else
		tenant((unsigned int)kit_argument("id=", 0), (unsigned int)kit_argument("tenants=", 0),
		       (unsigned int)kit_argument("much=", 1));
}
