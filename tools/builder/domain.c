// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a domain has beside its memory: limits, vCPUs, clock, ports, registers. */
#include <errno.h>
#include <string.h>

#include <xen/event_channel.h>
#include <xen/memory.h>

#include "builder.h"

#define MEMORY_SLACK_KIB 1024		/* above what was asked for: as Xen's tools have it */
#define E820_RAM	1
#define EFLAGS_IF	(1UL << 9)

static int run(struct tenon_builder *builder, const char *what)
{
	int error = domctl_run(builder->tenon);

	return error < 0 ? refused_call(builder, error, what) : 0;
}

/* Up to which size its kernel prepares itself to grow. */
static int set_memory_map(struct tenon_builder *builder)
{
	const struct tenon_build *what = builder->what;
	uint64_t kib = what->max_memory_kib > what->memory_kib ? what->max_memory_kib : what->memory_kib;
	struct xen_foreign_memory_map *map = memset(builder->tenon->structure, 0, sizeof(*map));
	struct e820entry *entry = builder->tenon->bounce;
	long error;

	*entry = (struct e820entry){ .addr = 0, .size = pages_for(kib << 10) << PAGE_SHIFT, .type = E820_RAM };
	map->domid = builder->domid;
	map->map.nr_entries = 1;
	set_xen_guest_handle(map->map.buffer, entry);
	error = call(builder->tenon, __HYPERVISOR_memory_op, XENMEM_set_memory_map, (uintptr_t)map, 0, 0);
	return error < 0 ? refused_call(builder, error, "set its memory map") : 0;
}

static int set_tsc(struct tenon_builder *builder)
{
	domctl_begin(builder->tenon, XEN_DOMCTL_settscinfo, builder->domid)->u.tsc_info.tsc_mode = builder->what->tsc;
	return run(builder, "set the mode of its time stamp counter");
}

int build_limits(struct tenon_builder *builder)
{
	struct xen_domctl *domctl;
	int error;

	domctl = domctl_begin(builder->tenon, XEN_DOMCTL_max_vcpus, builder->domid);
	domctl->u.max_vcpus.max = builder->what->vcpus;
	error = run(builder, "make its vCPUs");
	if (error)
		return error;
	domctl = domctl_begin(builder->tenon, XEN_DOMCTL_max_mem, builder->domid);
	domctl->u.max_mem.max_memkb = (builder->layout.nr_pages << 2) + MEMORY_SLACK_KIB;
	error = run(builder, "limit its memory");
	if (!error)
		error = set_memory_map(builder);
	if (!error)
		error = set_tsc(builder);
	if (error)
		return error;
	domctl = domctl_begin(builder->tenon, XEN_DOMCTL_getdomaininfo, builder->domid);
	error = run(builder, "look at it");
	builder->shared_info_frame = domctl->u.getdomaininfo.shared_info_frame;
	/* The call gives the next domain if there is none of that number. */
	return !error && domctl->domain != builder->domid ? refused_call(builder, -ESRCH, "look at it") : error;
}

/* ---- ports ---- */

static int offer_port(struct tenon_builder *builder, uint16_t to, uint32_t *port)
{
	struct evtchn_alloc_unbound *op = memset(builder->tenon->structure, 0, sizeof(*op));
	long error;

	op->dom = builder->domid;
	op->remote_dom = to;
	error = call(builder->tenon, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uintptr_t)op, 0, 0);
	if (error < 0)
		return refused_call(builder, error, "get an event channel for it");
	*port = op->port;
	return 0;
}

int build_ports(struct tenon_builder *builder)
{
	int error = offer_port(builder, builder->what->store_domid, &builder->built.store_port);

	if (!error)
		error = offer_port(builder, builder->what->console_domid, &builder->built.console_port);
	if (!error) {
		builder->built.store_frame = builder->p2m[layout_pfn(&builder->layout, builder->layout.store.start)];
		builder->built.console_frame =
			builder->p2m[layout_pfn(&builder->layout, builder->layout.console.start)];
	}
	return error;
}

/* ---- registers ---- */

int build_registers(struct tenon_builder *builder)
{
	const struct layout *layout = &builder->layout;
	struct vcpu_guest_context *context = memset(builder->tenon->bounce, 0, sizeof(*context));
	struct xen_domctl *domctl = domctl_begin(builder->tenon, XEN_DOMCTL_setvcpucontext, builder->domid);

	context->flags = VGCF_in_kernel | VGCF_online;
	context->user_regs.rip = builder->kernel.entry;
	context->user_regs.rsp = layout->stack.end;
	context->user_regs.rsi = layout->start_info.start;
	context->user_regs.rflags = EFLAGS_IF;
	context->user_regs.cs = FLAT_KERNEL_CS;
	context->user_regs.ss = FLAT_KERNEL_SS;
	context->user_regs.ds = context->user_regs.es = context->user_regs.fs = context->user_regs.gs = FLAT_KERNEL_DS;
	context->kernel_ss = FLAT_KERNEL_SS;
	context->kernel_sp = layout->stack.end;
	context->ctrlreg[3] = xen_pfn_to_cr3(builder->p2m[layout_pfn(layout, layout->tables.start)]);
	set_xen_guest_handle(domctl->u.vcpucontext.ctxt, context);
	return run(builder, "set its registers");
}
