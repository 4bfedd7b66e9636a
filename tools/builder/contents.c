// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a guest finds in its memory, in the pages that the hypervisor shares with it, and in its grant table. */
#include <errno.h>
#include <string.h>

#include <xen/grant_table.h>

#include "builder.h"

static int fill_zero(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	memset(memory, 0, size);
	return 0;
}

static int fill_kernel(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	const struct layout *layout = &builder->layout;

	return kernel_copy(&builder->kernel, layout->kernel.start - layout->v_start + offset, memory, size);
}

static int fill_ramdisk(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	uint64_t left = builder->layout.ramdisk_bytes - offset;
	size_t bytes = left < size ? left : size;

	memset((char *)memory + bytes, 0, size - bytes);
	return input_read(&builder->ramdisk, memory, bytes, offset);
}

static int fill_p2m(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	uint64_t left = builder->layout.nr_pages * sizeof(uint64_t) - offset;
	size_t bytes = left < size ? left : size;

	memcpy(memory, (char *)builder->p2m + offset, bytes);
	memset((char *)memory + bytes, 0, size - bytes);
	return 0;
}

static int fill_start_info(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	const struct layout *layout = &builder->layout;
	struct start_info *info = memset(memory, 0, size);

	strcpy(info->magic, "xen-3.0-x86_64");
	info->nr_pages = layout->nr_pages;
	info->shared_info = builder->shared_info_frame << PAGE_SHIFT;
	info->flags = SIF_VIRT_P2M_4TOOLS;
	info->store_mfn = builder->built.store_frame;
	info->store_evtchn = builder->built.store_port;
	info->console.domU.mfn = builder->built.console_frame;
	info->console.domU.evtchn = builder->built.console_port;
	info->pt_base = layout->tables.start;
	info->nr_pt_frames = layout->nr_tables;
	info->mfn_list = layout->p2m.start;
	if (layout->p2m_apart) {
		info->first_p2m_pfn = layout->p2m_pfn;
		info->nr_p2m_frames = layout->p2m_pages + layout->nr_p2m_tables;
	}
	if (layout->ramdisk_bytes) {
		info->mod_start = layout->ramdisk_apart ? layout->ramdisk_pfn : layout->ramdisk.start;
		info->mod_len = layout->ramdisk_bytes;
		info->flags |= layout->ramdisk_apart ? SIF_MOD_START_PFN : 0;
	}
	if (builder->what->command_line)
		memcpy(info->cmd_line, builder->what->command_line, strlen(builder->what->command_line));
	return 0;
}

/* The hypervisor fills the page through which the kernel calls it. */
static int make_hypercall_page(struct tenon_builder *builder)
{
	struct xen_domctl *domctl;
	int error;

	if (!builder->kernel.notes.has_hypercall_page)
		return 0;
	domctl = domctl_begin(builder->tenon, XEN_DOMCTL_hypercall_init, builder->domid);
	domctl->u.hypercall_init.gmfn =
		builder->p2m[layout_pfn(&builder->layout, builder->kernel.notes.hypercall_page)];
	error = domctl_run(builder->tenon);
	return error ? refused_call(builder, error, "make its hypercall page") : 0;
}

static int write_range(struct tenon_builder *builder, struct range range, window_fill *fill)
{
	return window_write(builder, layout_pfn(&builder->layout, range.start),
			    (range.end - range.start) >> PAGE_SHIFT, fill, NULL);
}

int build_contents(struct tenon_builder *builder)
{
	const struct layout *layout = &builder->layout;
	int error = write_range(builder, layout->kernel, fill_kernel);

	if (!error)
		error = make_hypercall_page(builder);
	if (!error && layout->ramdisk_bytes)
		error = window_write(builder, layout->ramdisk_pfn, pages_for(layout->ramdisk_bytes), fill_ramdisk,
				     NULL);
	if (!error)
		error = window_write(builder, layout->p2m_pfn, layout->p2m_pages, fill_p2m, NULL);
	if (!error)
		error = write_range(builder, layout->start_info, fill_start_info);
	/* Two neighbours: what is in the rings is taken at its word. */
	if (!error)
		error = write_range(builder, (struct range){ layout->store.start, layout->console.end }, fill_zero);
	if (!error)
		error = write_range(builder, layout->stack, fill_zero);
	return error;
}

/* ---- pages of the hypervisor ---- */

static int fill_shared_info(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	struct shared_info *info = memset(memory, 0, size);

	/* No events before the kernel has said where to. */
	for (size_t i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		info->vcpu_info[i].evtchn_upcall_mask = 1;
	return 0;
}

int build_shared_info(struct tenon_builder *builder)
{
	return window_write_frame(builder, builder->shared_info_frame, fill_shared_info, NULL);
}

/* The entries under which the daemons find the two pages; the rest of the table is empty. */
static int fill_grants(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	struct grant_entry_v1 *entry = memset(memory, 0, size);

	entry[GNTTAB_RESERVED_CONSOLE] = (struct grant_entry_v1){
		.flags = GTF_permit_access,
		.domid = builder->what->console_domid,
		.frame = builder->built.console_frame,
	};
	entry[GNTTAB_RESERVED_XENSTORE] = (struct grant_entry_v1){
		.flags = GTF_permit_access, .domid = builder->what->store_domid, .frame = builder->built.store_frame,
	};
	return 0;
}

int build_grants(struct tenon_builder *builder)
{
	struct gnttab_setup_table *op = memset(builder->tenon->structure, 0, sizeof(*op));
	xen_pfn_t *frame = builder->tenon->bounce;
	long error;

	op->dom = builder->domid;
	op->nr_frames = 1;
	set_xen_guest_handle(op->frame_list, frame);
	error = call(builder->tenon, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (uintptr_t)op, 1, 0);
	if (!error && op->status != GNTST_okay)
		error = -EIO;
	return error ? refused_call(builder, error, "set up its grant table")
		     : window_write_frame(builder, *frame, fill_grants, NULL);
}
