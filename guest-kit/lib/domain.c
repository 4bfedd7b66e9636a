/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A small builder of domains: kernels of this kit, in the control interface's own terms. */

#include <guestkit/domain.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <xen/elfnote.h>
#include <xen/memory.h>

#define EVENT_PORTS	1023
#define GRANT_FRAMES	32
#define PT_LOAD		1
#define PT_NOTE		4
#define L1_PAGES	512UL

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* Guest frames, in their order after the image. */
struct layout {
	unsigned long hypercall_va, list, info, stack, console, tables, l1s, end;
};

static unsigned long window;
static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

long kit_domctl(struct xen_domctl *op, uint32_t cmd, domid_t id)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = id;
	return hc_domctl(op);
}

long kit_sysctl(struct xen_sysctl *op, uint32_t cmd)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hc_sysctl(op);
}

long kit_domain_do(uint32_t cmd, domid_t id)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	return kit_domctl(&op, cmd, id);
}

bool kit_domain_info(domid_t id, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	if (kit_domctl(&op, XEN_DOMCTL_getdomaininfo, id) || op.u.getdomaininfo.domain != id)
		return false;
	*info = op.u.getdomaininfo;
	return true;
}

long kit_map_foreign(unsigned long va, unsigned long mfn, uint64_t flags, domid_t owner)
{
	return hc_update_va_mapping_otherdomain(va, kit_make_pte(mfn, flags), UVMF_INVLPG | UVMF_LOCAL, owner);
}

/* size bytes go to the start of the guest frame pfn. */
static long fill(const struct kit_domain *d, unsigned long pfn, const void *from, size_t size)
{
	long ret = kit_map_foreign(window, d->frames[pfn], PTE_RW, d->id);

	if (!ret)
		memcpy((void *)window, from, size);
	return ret;
}

static const struct elf_segment *segment(const struct kit_domain *d, unsigned int i)
{
	const struct elf_header *h = d->image;

	return (const void *)((const char *)d->image + h->phoff + i * sizeof(struct elf_segment));
}

static unsigned long note_hypercall_page(const struct kit_domain *d, const struct elf_segment *s)
{
	const char *p = (const char *)d->image + s->offset, *end = p + s->filesz;

	while (p < end) {
		const uint32_t *n = (const void *)p;
		const char *value = p + 12 + ((n[0] + 3) & ~3U);

		if (n[2] == XEN_ELFNOTE_HYPERCALL_PAGE)
			return *(const uint64_t *)value;
		p = value + ((n[1] + 3) & ~3U);
	}
	return 0;
}

/* Where everything goes; false: it does not fit. */
static bool plan(const struct kit_domain *d, struct layout *l)
{
	const struct elf_header *h = d->image;
	unsigned long end = 0, n = 1;

	l->hypercall_va = 0;
	for (unsigned int i = 0; i < h->phnum; i++) {
		const struct elf_segment *s = segment(d, i);

		if (s->type == PT_NOTE && !l->hypercall_va)
			l->hypercall_va = note_hypercall_page(d, s);
		if (s->type == PT_LOAD && s->vaddr + s->memsz > end)
			end = s->vaddr + s->memsz;
	}
	l->list = (end - KIT_VIRT_BASE + PAGE_SIZE - 1) >> PAGE_SHIFT;
	l->info = l->list + (d->pages * sizeof(xen_pfn_t) + PAGE_SIZE - 1) / PAGE_SIZE;
	l->stack = l->info + 1;
	l->console = l->stack + 1;
	l->tables = l->console + 1;
	while (l->tables + 3 + n > n * L1_PAGES)
		n++;
	l->l1s = n;
	l->end = l->tables + 3 + n;
	return l->hypercall_va && l->end <= d->pages;
}

static long give_memory(const struct kit_domain *d)
{
	struct xen_memory_reservation r = { .nr_extents = d->pages, .domid = d->id };

	for (unsigned int i = 0; i < d->pages; i++)
		d->frames[i] = i;
	set_xen_guest_handle(r.extent_start, d->frames);
	return hc_memory_op(XENMEM_populate_physmap, &r) == (long)d->pages ? 0 : -XEN_ENOMEM;
}

static long create(const struct kit_domain *d)
{
	struct xen_domctl op;
	long ret;

	memset(&op, 0, sizeof(op));
	op.u.createdomain.max_vcpus = d->vcpus;
	op.u.createdomain.max_evtchn_port = EVENT_PORTS;
	op.u.createdomain.max_grant_frames = GRANT_FRAMES;
	op.u.createdomain.max_maptrack_frames = GRANT_FRAMES;
	op.u.createdomain.grant_opts = 1;
	op.u.createdomain.cpupool_id = d->pool;
	ret = kit_domctl(&op, XEN_DOMCTL_createdomain, d->id);
	if (ret)
		return ret;
	op.u.max_vcpus.max = d->vcpus;
	ret = kit_domctl(&op, XEN_DOMCTL_max_vcpus, d->id);
	if (ret)
		return ret;
	op.u.max_mem.max_memkb = d->pages * (PAGE_SIZE / 1024);
	ret = kit_domctl(&op, XEN_DOMCTL_max_mem, d->id);
	return ret ? ret : give_memory(d);
}

/* What the file does not hold is zero in a new domain's memory. */
static long load(const struct kit_domain *d)
{
	const struct elf_header *h = d->image;
	long ret = 0;

	for (unsigned int i = 0; i < h->phnum; i++) {
		const struct elf_segment *s = segment(d, i);
		const char *from = (const char *)d->image + s->offset;

		for (unsigned long at = 0; s->type == PT_LOAD && at < s->filesz && !ret; at += PAGE_SIZE) {
			unsigned long left = s->filesz - at;

			ret = fill(d, (s->vaddr + at - KIT_VIRT_BASE) >> PAGE_SHIFT, from + at, left < PAGE_SIZE ? left : PAGE_SIZE);
		}
	}
	return ret;
}

static long make_list(const struct kit_domain *d, const struct layout *l)
{
	const unsigned int per_page = PAGE_SIZE / sizeof(xen_pfn_t);
	long ret = 0;

	for (unsigned int at = 0; at < d->pages && !ret; at += per_page) {
		memset(page, 0, sizeof(page));
		for (unsigned int n = 0; n < per_page && at + n < d->pages; n++)
			((xen_pfn_t *)page)[n] = d->frames[at + n];
		ret = fill(d, l->list + at / per_page, page, PAGE_SIZE);
	}
	return ret;
}

static long table(const struct kit_domain *d, unsigned long pfn, unsigned int index, unsigned long next)
{
	memset(page, 0, sizeof(page));
	((kit_pte *)page)[index] = kit_make_pte(d->frames[next], PTE_TABLE);
	return fill(d, pfn, page, PAGE_SIZE);
}

/* Root, level 3, level 2, and the lowest ones, which map the first frames: the tables read-only. */
static long make_tables(const struct kit_domain *d, const struct layout *l)
{
	kit_pte *entries = (void *)page;
	long ret = table(d, l->tables, KIT_VIRT_BASE >> 39 & 511, l->tables + 1);

	if (!ret)
		ret = table(d, l->tables + 1, KIT_VIRT_BASE >> 30 & 511, l->tables + 2);
	memset(page, 0, sizeof(page));
	for (unsigned long i = 0; i < l->l1s; i++)
		entries[i] = kit_make_pte(d->frames[l->tables + 3 + i], PTE_TABLE);
	if (!ret)
		ret = fill(d, l->tables + 2, page, PAGE_SIZE);
	for (unsigned long i = 0; i < l->l1s && !ret; i++) {
		memset(page, 0, sizeof(page));
		for (unsigned long n = 0, pfn = i * L1_PAGES; n < L1_PAGES && pfn < l->end; n++, pfn++)
			entries[n] = kit_make_pte(d->frames[pfn], pfn < l->tables ? PTE_RW : PTE_RO);
		ret = fill(d, l->tables + 3 + i, page, PAGE_SIZE);
	}
	return ret;
}

/* Events stay masked until the kernel wants them. */
static long mask_events(const struct kit_domain *d, unsigned long shared_mfn)
{
	volatile struct shared_info *shared = (void *)window;
	long ret = kit_map_foreign(window, shared_mfn, PTE_RW, d->id);

	for (unsigned int i = 0; !ret && i < XEN_LEGACY_MAX_VCPUS; i++)
		shared->vcpu_info[i].evtchn_upcall_mask = 1;
	return ret;
}

static long make_start_info(const struct kit_domain *d, const struct layout *l)
{
	struct start_info *si = (void *)page;
	struct xen_domctl_getdomaininfo info;
	long ret;

	if (!kit_domain_info(d->id, &info))
		return -XEN_ESRCH;
	memset(page, 0, sizeof(page));
	memcpy(si->magic, "xen-3.0-x86_64", 15);
	si->nr_pages = d->pages;
	si->shared_info = info.shared_info_frame << PAGE_SHIFT;
	si->pt_base = KIT_VIRT_BASE + (l->tables << PAGE_SHIFT);
	si->nr_pt_frames = 3 + l->l1s;
	si->console.domU.mfn = d->frames[l->console];
	si->mfn_list = KIT_VIRT_BASE + (l->list << PAGE_SHIFT);
	for (unsigned int i = 0; d->command_line && d->command_line[i] && i < sizeof(si->cmd_line) - 1; i++)
		si->cmd_line[i] = d->command_line[i];
	ret = fill(d, l->info, page, PAGE_SIZE);
	return ret ? ret : mask_events(d, info.shared_info_frame);
}

static long set_context(const struct kit_domain *d, const struct layout *l)
{
	static struct vcpu_guest_context c;
	const struct elf_header *h = d->image;
	struct xen_domctl op;

	memset(&c, 0, sizeof(c));
	c.flags = VGCF_in_kernel | VGCF_online;
	c.user_regs.rip = h->entry;
	c.user_regs.rsp = KIT_VIRT_BASE + ((l->stack + 1) << PAGE_SHIFT);
	c.user_regs.rsi = KIT_VIRT_BASE + (l->info << PAGE_SHIFT);
	c.user_regs.rflags = 1 << 9;
	c.user_regs.cs = FLAT_KERNEL_CS;
	c.user_regs.ss = c.user_regs.ds = c.user_regs.es = FLAT_KERNEL_SS;
	c.kernel_ss = FLAT_KERNEL_SS;
	c.kernel_sp = c.user_regs.rsp;
	c.ctrlreg[3] = xen_pfn_to_cr3(d->frames[l->tables]);
	memset(&op, 0, sizeof(op));
	op.u.vcpucontext.ctxt.va = (unsigned long)&c;
	return kit_domctl(&op, XEN_DOMCTL_setvcpucontext, d->id);
}

static long finish(const struct kit_domain *d, const struct layout *l)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = d->frames[l->tables] };
	struct xen_domctl op;
	long ret;

	memset(&op, 0, sizeof(op));
	op.u.hypercall_init.gmfn = d->frames[(l->hypercall_va - KIT_VIRT_BASE) >> PAGE_SHIFT];
	ret = kit_domctl(&op, XEN_DOMCTL_hypercall_init, d->id);
	if (!ret)
		ret = hc_mmuext_op(&pin, 1, NULL, d->id);
	return ret ? ret : set_context(d, l);
}

void kit_domain_module(struct kit_domain *d)
{
	unsigned long pages = (kit_start_info->mod_len + PAGE_SIZE - 1) / PAGE_SIZE, va;

	if (!pages)
		kit_fatal("no module");
	d->size = kit_start_info->mod_len;
	d->image = (const void *)kit_start_info->mod_start;
	if (!(kit_start_info->flags & SIF_MOD_START_PFN))
		return;
	va = kit_va_alloc(pages);
	d->image = (const void *)va;
	for (unsigned long i = 0; i < pages; i++)
		if (kit_map(va + i * PAGE_SIZE, kit_pfn_to_mfn(kit_start_info->mod_start + i), PTE_RO))
			kit_fatal("the module cannot be mapped");
}

long kit_domain_build(struct kit_domain *d)
{
	struct layout l;
	long ret;

	if (!window) {
		window = kit_va_alloc(1);
		if (!kit_pte_make(kit_root(), window))
			return -XEN_ENOMEM;
	}
	if (!plan(d, &l))
		return -XEN_EINVAL;
	ret = create(d);
	if (!ret)
		ret = load(d);
	if (!ret)
		ret = make_list(d, &l);
	if (!ret)
		ret = make_tables(d, &l);
	if (!ret)
		ret = make_start_info(d, &l);
	d->console = d->frames[l.console];
	/* No writable map of a table stays. */
	kit_unmap(window);
	return ret ? ret : finish(d, &l);
}
