/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables: dom0 uses what a guest grants; each way to use it, to fail, and to end. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/grant.h>
#include "../lib/random.h"
#include "../lib/tap.h"

#define REF	20

static struct domain *a, *b;		/* dom0 and a guest, which grants */
static struct vcpu *va, *vb;
static struct grant_entry_v1 *table;	/* the guest's */

static long op_n(struct vcpu *v, unsigned int cmd, void *arg, unsigned long n)
{
	return fake_hypercall(v, __HYPERVISOR_grant_table_op, cmd, (unsigned long)arg, n, 0, 0);
}

static long op(struct vcpu *v, unsigned int cmd, void *arg)
{
	return op_n(v, cmd, arg, 1);
}

static void grant(grant_ref_t ref, domid_t who, mfn_t mfn, bool readonly)
{
	table[ref].domid = who;
	table[ref].frame = (uint32_t)mfn.m;
	table[ref].flags = (uint16_t)(GTF_permit_access | (readonly ? GTF_readonly : 0));
}

static int map(unsigned int slot, grant_ref_t ref, uint32_t flags, uint32_t *handle)
{
	struct gnttab_map_grant_ref x = { .host_addr = FAKE_MAP_VA(slot), .flags = flags, .ref = ref, .dom = 1 };

	if (op(va, GNTTABOP_map_grant_ref, &x))
		return -99;
	*handle = x.handle;
	return x.status;
}

static int unmap(unsigned int slot, uint32_t handle)
{
	struct gnttab_unmap_grant_ref x = { .host_addr = FAKE_MAP_VA(slot), .handle = handle };

	return op(va, GNTTABOP_unmap_grant_ref, &x) ? -99 : x.status;
}

static unsigned long refs(mfn_t mfn) { return mfn_to_page(mfn)->refs & PGC_count_mask; }
static unsigned long writers(mfn_t mfn) { return mfn_to_page(mfn)->type & PGT_count_mask; }

static void test_setup(void)
{
	xen_pfn_t frames[4] = { 0 };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 2 };
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_get_version v = { .dom = 1 };
	struct gnttab_set_version sv = { .version = 3 };
	mfn_t mfn;

	ok(!op(vb, GNTTABOP_query_size, &q) && q.nr_frames == 1 && q.max_nr_frames == 64 && q.status == GNTST_okay, "size at first");
	s.frame_list.va = (unsigned long)frames;
	ok(!op(vb, GNTTABOP_setup_table, &s) && s.status == GNTST_okay && frames[0] && frames[1] && !frames[2], "two frames");
	ok(!op(vb, GNTTABOP_query_size, &q) && q.nr_frames == 2, "size then");
	table = mfn_to_virt(_mfn(frames[0]));
	ok(page_owner(mfn_to_page(_mfn(frames[1]))) == b && refs(_mfn(frames[1])) == 1 && !table[0].flags, "they are the guest's, and clear");
	s.nr_frames = 65;
	ok(!op(vb, GNTTABOP_setup_table, &s) && s.status == GNTST_general_error, "too many");
	s.nr_frames = 1;
	s.dom = 77;
	ok(!op(vb, GNTTABOP_setup_table, &s) && s.status == GNTST_bad_domain, "of no domain");
	s.dom = 0;
	ok(!op(vb, GNTTABOP_setup_table, &s) && s.status == GNTST_permission_denied, "of dom0");
	s.dom = 1;
	s.frame_list.va = 16;
	ok(op(va, GNTTABOP_setup_table, &s) == -EFAULT && op_n(va, GNTTABOP_setup_table, &s, 2) == -EINVAL, "bad list, bad count");
	ok(!op(va, GNTTABOP_get_version, &v) && v.version == 1, "version of another");
	v.dom = 0;
	ok(op(vb, GNTTABOP_get_version, &v) == -EPERM, "which a guest may not know");
	ok(op(vb, GNTTABOP_set_version, &sv) == -EINVAL && sv.version == 1, "version 3");
	sv.version = 2;
	ok(op(vb, GNTTABOP_set_version, &sv) == -ENOSYS && sv.version == 1 && !op(vb, GNTTABOP_set_version, &sv), "versions 2 and 1");
	ok(!grant_table_frame(b, 1, &mfn) && mfn.m == frames[1] && !grant_table_frame(b, 5, &mfn) && grant_table_frame(b, 64, &mfn) == -EINVAL,
	   "frames by number, the table grows");
}

static void test_map(void)
{
	mfn_t m = fake_frame(b, 2);
	uint32_t h, h2, h3;
	unsigned long flushes;

	grant(REF, 0, m, false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_okay && a->arch.map[1].present && a->arch.map[1].mfn == m.m && a->arch.map[1].writable,
	   "mapped");
	ok(table[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing) && refs(m) == 2 && writers(m) == 1, "and marked");
	ok(map(2, REF, GNTMAP_host_map | GNTMAP_readonly, &h2) == GNTST_okay && h2 != h && refs(m) == 3 && writers(m) == 1, "again, to read");
	flushes = fake_flushes;
	ok(unmap(1, h) == GNTST_okay && !a->arch.map[1].present && fake_flushes == flushes + 1, "unmapped, and flushed");
	ok(table[REF].flags == (GTF_permit_access | GTF_reading) && refs(m) == 2 && !writers(m), "the reader is left");
	ok(unmap(1, h) == GNTST_bad_handle && unmap(1, 99999999) == GNTST_bad_handle && unmap(2, ~0U) == GNTST_bad_handle, "bad handles");
	ok(unmap(3, h2) == GNTST_general_error && table[REF].flags == (GTF_permit_access | GTF_reading), "elsewhere than it is");
	ok(map(3, REF, GNTMAP_host_map, &h3) == GNTST_okay && table[REF].flags & GTF_writing, "a writer comes later");
	ok(unmap(2, h2) == GNTST_okay && table[REF].flags & GTF_reading && unmap(3, h3) == GNTST_okay, "and stays longer");
	ok(table[REF].flags == GTF_permit_access && refs(m) == 1 && !writers(m), "nothing is left");
}

/* A table may be at several addresses: a domain without privileges forgets all of them with a grant; dom0 is believed to have none that it does not name. */
static void test_flush(void)
{
	bool was = a->is_privileged;
	uint32_t h;

	for (unsigned int privileged = 0; privileged < 2; privileged++) {
		struct gnttab_unmap_and_replace r = { .host_addr = FAKE_MAP_VA(1), .new_addr = FAKE_MAP_VA(2) };

		a->is_privileged = privileged;
		grant(REF, 0, fake_frame(b, 2), false);
		fake_flushed_va = 1;
		ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_okay && unmap(1, h) == GNTST_okay &&
		   fake_flushed_va == (privileged ? FAKE_MAP_VA(1) : 0), "unmapped %s privileges", privileged ? "with" : "without");
		BUG_ON(map(1, REF, GNTMAP_host_map, &h) || fake_map_set(a, 2, fake_frame(a, 7), true));
		r.handle = h;
		fake_flushed_va = 1;
		ok(!op(va, GNTTABOP_unmap_and_replace, &r) && !r.status && !fake_flushed_va, "replaced: from two addresses");
		fake_map_set(a, 1, _mfn(INVALID_MFN_RAW), false);
	}
	a->is_privileged = was;
}

static void test_device_map(void)
{
	mfn_t m = fake_frame(b, 3);
	struct gnttab_map_grant_ref x = { .flags = GNTMAP_device_map | GNTMAP_host_map, .host_addr = FAKE_MAP_VA(4), .ref = REF, .dom = 1 };
	struct gnttab_unmap_grant_ref u = { .host_addr = FAKE_MAP_VA(4) };

	grant(REF, 0, m, false);
	ok(!op(va, GNTTABOP_map_grant_ref, &x) && x.status == GNTST_okay && x.dev_bus_addr == (uint64_t)m.m << PAGE_SHIFT &&
	   refs(m) == 3 && writers(m) == 2, "for a device and the host");
	u.handle = x.handle;
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_okay && refs(m) == 2 && table[REF].flags & GTF_writing, "first the host");
	u.dev_bus_addr = 4096;
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_bad_dev_addr, "bad device address");
	u.dev_bus_addr = x.dev_bus_addr;
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_okay && refs(m) == 1 && !writers(m) && table[REF].flags == GTF_permit_access,
	   "then the device");
	x.flags = GNTMAP_host_map | GNTMAP_contains_pte;
	x.host_addr = 5 * 8;
	ok(!op(va, GNTTABOP_map_grant_ref, &x) && x.status == GNTST_okay && a->arch.map[5].present, "by the entry's address");
	u = (struct gnttab_unmap_grant_ref){ .host_addr = 5 * 8, .handle = x.handle };
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_okay && !a->arch.map[5].present && refs(m) == 1, "and back");
}

static void test_map_errors(void)
{
	mfn_t m = fake_frame(b, 4), own = fake_frame(a, 4);
	uint32_t h;

	table[REF].flags = 0;
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error, "nothing granted");
	ok(map(1, REF, 0, &h) == GNTST_bad_gntref && map(1, 1 << 20, GNTMAP_host_map, &h) == GNTST_bad_gntref, "no kind, no entry");
	grant(REF, 2, m, false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error && table[REF].flags == GTF_permit_access, "granted to another");
	grant(REF, 0, _mfn(FAKE_BANK0_END), false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_bad_page && table[REF].flags == GTF_permit_access, "no memory");
	grant(REF, 0, own, false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_bad_page && refs(own) == 1, "not the granter's");
	grant(REF, 0, m, true);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error && map(1, REF, GNTMAP_host_map | GNTMAP_readonly, &h) == GNTST_okay &&
	   unmap(1, h) == GNTST_okay, "granted to read");
	BUG_ON(get_page_type(mfn_to_page(m), PGT_l1_table, false));
	grant(REF, 0, m, false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error && table[REF].flags == GTF_permit_access && refs(m) == 1, "a page table");
	put_page_type(mfn_to_page(m), false);
	ok(map(FAKE_MAPS, REF, GNTMAP_host_map, &h) == GNTST_general_error && refs(m) == 1 && !writers(m) &&
	   table[REF].flags == GTF_permit_access, "where nothing can be mapped");
	for (unsigned int i = 0; i < 4; i++) {
		table[REF].flags = (uint16_t)i;
		if (i != GTF_permit_access)
			ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error && table[REF].flags == i, "type %u of entry", i);
	}
	table[REF].flags = GTF_permit_access | GTF_sub_page;
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_general_error, "part of a page");
	table[REF].flags = 0;
}

/* Each counter stops before it overflows into its neighbour. */
static void test_overflow(void)
{
	mfn_t m = fake_frame(b, 5);
	uint32_t handles[200];
	unsigned int n = 0, bad = 0;

	grant(REF, 0, m, false);
	while (n < 200 && map(n, REF, GNTMAP_host_map, &handles[n]) == GNTST_okay)
		n++;
	ok(n == 128 && refs(m) == 129 && writers(m) == 128, "%u mappings of one entry", n);
	for (unsigned int i = 0; i < n; i++)
		bad += unmap(i, handles[i]) != GNTST_okay;
	ok(!bad && refs(m) == 1 && table[REF].flags == GTF_permit_access, "and none");
}

static void test_batch(void)
{
	struct gnttab_map_grant_ref m[100];
	struct gnttab_unmap_grant_ref u[100];
	unsigned int bad = 0;
	unsigned long flushes;

	memset(m, 0, sizeof(m));
	memset(u, 0, sizeof(u));
	for (unsigned int i = 0; i < 100; i++) {
		grant(100 + i, 0, fake_frame(b, i % 40), i % 2);
		m[i] = (struct gnttab_map_grant_ref){ .host_addr = FAKE_MAP_VA(i), .flags = GNTMAP_host_map | (i % 2 ? GNTMAP_readonly : 0),
			.ref = 100 + i, .dom = i % 10 == 9 ? 77 : 1 };
	}
	fake_preempt = true;
	fake_restarts = 0;
	ok(!op_n(va, GNTTABOP_map_grant_ref, m, 100) && fake_restarts == 3, "a hundred maps, in %lu pieces", fake_restarts + 1);
	for (unsigned int i = 0; i < 100; i++) {
		bad += m[i].status != (i % 10 == 9 ? GNTST_bad_domain : GNTST_okay);
		u[i] = (struct gnttab_unmap_grant_ref){ .host_addr = FAKE_MAP_VA(i), .handle = i % 10 == 9 ? ~0U : m[i].handle };
	}
	ok(!bad, "each has its result");
	flushes = fake_flushes;
	ok(!op_n(va, GNTTABOP_unmap_grant_ref, u, 100) && fake_flushes == flushes + 4, "unmapped, with a flush for each piece");
	fake_preempt = false;
	for (unsigned int i = 0; i < 100; i++)
		bad += u[i].status != (i % 10 == 9 ? GNTST_bad_handle : GNTST_okay) || table[100 + i].flags & (GTF_reading | GTF_writing);
	ok(!bad, "all of them");

	/* The list goes on where it cannot be read. */
	fake_fault_start = (unsigned long)&m[40];
	fake_fault_end = fake_fault_start + 1;
	ok(op_n(va, GNTTABOP_map_grant_ref, m, 100) == -EFAULT && a->arch.map[38].present && !a->arch.map[40].present, "a bad address in the middle");
	fake_fault_start = fake_fault_end = 0;
	for (unsigned int i = 0; i < 40; i++)
		u[i] = (struct gnttab_unmap_grant_ref){ .host_addr = FAKE_MAP_VA(i), .handle = m[i].handle };
	ok(!op_n(va, GNTTABOP_unmap_grant_ref, u, 40), "undone");
}

static int copy(struct gnttab_copy *c)
{
	return op(va, GNTTABOP_copy, c) ? -99 : c->status;
}

static void test_copy(void)
{
	mfn_t from = fake_frame(b, 6), to = fake_frame(a, 6);
	unsigned char *src = mfn_to_virt(from), *dst = mfn_to_virt(to);
	struct gnttab_copy c = { .source.u.ref = REF, .source.domid = 1, .source.offset = 16, .dest.domid = DOMID_SELF,
		.dest.offset = 32, .len = 64, .flags = GNTCOPY_source_gref }, many[3];

	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		src[i] = (unsigned char)i;
	memset(dst, 0, PAGE_SIZE);
	grant(REF, 0, from, true);
	c.dest.u.gmfn = to.m;
	ok(copy(&c) == GNTST_okay && !memcmp(dst + 32, src + 16, 64) && !dst[31] && !dst[96], "exactly that is copied");
	ok(refs(from) == 1 && refs(to) == 1 && !writers(to) && table[REF].flags == (GTF_permit_access | GTF_readonly) && !fake_pages_mapped,
	   "and nothing held");
	c.len = 4090;
	ok(copy(&c) == GNTST_bad_copy_arg, "over the end of a page");
	c.len = 64;
	c.flags |= GNTCOPY_dest_gref;
	c.dest.u.ref = REF;
	c.dest.domid = 1;
	ok(copy(&c) == GNTST_general_error, "to where one may only read");
	c.flags = GNTCOPY_source_gref;
	c.dest.u.gmfn = to.m;
	ok(copy(&c) == GNTST_permission_denied, "to a frame of another, by number");
	c.dest.domid = DOMID_SELF;
	c.source.domid = 77;
	ok(copy(&c) == GNTST_bad_domain, "from no domain");
	c.source.domid = 1;
	c.source.u.ref = 1 << 20;
	ok(copy(&c) == GNTST_bad_gntref, "from no entry");
	c.source.u.ref = REF;
	c.dest.u.gmfn = FAKE_BANK0_END;
	ok(copy(&c) == GNTST_bad_page && refs(from) == 1 && table[REF].flags == (GTF_permit_access | GTF_readonly), "to no frame");
	table[REF].flags = GTF_permit_access;
	c.dest.u.gmfn = to.m;
	for (unsigned int i = 0; i < 3; i++) {
		many[i] = c;
		many[i].dest.offset = (uint16_t)(1000 * i);
		many[i].source.offset = (uint16_t)(10 * i);
	}
	many[1].flags = GNTCOPY_dest_gref;	/* the other way */
	many[1].source = (struct gnttab_copy_ptr){ .u.gmfn = to.m, .domid = DOMID_SELF, .offset = 5 };
	many[1].dest = (struct gnttab_copy_ptr){ .u.ref = REF, .domid = 1, .offset = 2000 };
	ok(!op_n(va, GNTTABOP_copy, many, 3) && !many[0].status && !many[1].status && !many[2].status &&
	   !memcmp(dst, src, 5) && !memcmp(src + 2000, dst + 5, 64) && !memcmp(dst + 2000, src + 20, 64), "several, both ways");
	ok(refs(from) == 1 && refs(to) == 1 && !writers(from) && !writers(to) && table[REF].flags == GTF_permit_access && !fake_pages_mapped,
	   "and nothing held");
}

/* An entry that is in use is of the frame that it was when the use began, whatever the guest writes into it. */
static void test_copy_while_mapped(void)
{
	mfn_t granted = fake_frame(b, 6), other = fake_frame(a, 7), to = fake_frame(a, 6);
	struct gnttab_copy c = { .source.u.ref = REF, .source.domid = 1, .dest.u.gmfn = to.m, .dest.domid = DOMID_SELF,
		.len = 64, .flags = GNTCOPY_source_gref };
	uint32_t h;

	memset(mfn_to_virt(granted), 0x11, PAGE_SIZE);
	memset(mfn_to_virt(other), 0x22, PAGE_SIZE);
	memset(mfn_to_virt(to), 0x33, PAGE_SIZE);
	grant(REF, 0, granted, false);
	ok(map(1, REF, GNTMAP_host_map, &h) == GNTST_okay, "mapped");
	table[REF].frame = (uint32_t)other.m;
	ok(copy(&c) == GNTST_okay && *(unsigned char *)mfn_to_virt(to) == 0x11, "and copied from, though the entry names another frame");
	c = (struct gnttab_copy){ .source.u.gmfn = to.m, .source.domid = DOMID_SELF, .source.offset = 64, .dest.u.ref = REF,
		.dest.domid = 1, .len = 64, .flags = GNTCOPY_dest_gref };
	ok(copy(&c) == GNTST_okay && *(unsigned char *)mfn_to_virt(granted) == 0x33 && *(unsigned char *)mfn_to_virt(other) == 0x22,
	   "and to");
	table[REF].flags |= GTF_readonly;
	ok(unmap(1, h) == GNTST_okay && map(1, REF, GNTMAP_host_map | GNTMAP_readonly, &h) == GNTST_bad_page,
	   "when it is in use no more, the frame is that of the entry: not the granter's");
	ok(refs(granted) == 1 && refs(other) == 1 && !writers(granted) && !(table[REF].flags & (GTF_reading | GTF_writing)), "and nothing held");
}

/* What one of a batch has looked up serves the next one only if that means the same: a reference is no frame's number, nor the other way round. */
static void test_copy_mixed(void)
{
	mfn_t from = fake_frame(b, 6), to = fake_frame(a, 6);
	unsigned char *dst = mfn_to_virt(to);
	struct gnttab_copy c = { .source.u.ref = REF, .source.domid = 1, .dest.u.gmfn = to.m, .dest.domid = DOMID_SELF, .len = 64,
		.flags = GNTCOPY_source_gref }, many[5];

	memset(mfn_to_virt(from), 0x11, PAGE_SIZE);
	memset(dst, 0x33, PAGE_SIZE);
	grant(REF, 0, from, true);
	for (unsigned int i = 0; i < 5; i++) {
		many[i] = c;
		many[i].dest.offset = (uint16_t)(64 * i);
	}
	many[1].flags = 0;					/* the other domain's frame of that number */
	many[2].flags = 0;					/* one's own */
	many[2].source.domid = DOMID_SELF;
	many[3].flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;	/* a reference with the destination's number */
	ok(!op_n(va, GNTTABOP_copy, many, 5) && !many[0].status && !many[4].status, "copied before and after");
	ok(many[1].status == GNTST_permission_denied && many[2].status == GNTST_bad_page && many[3].status == GNTST_bad_gntref,
	   "refused between: %d %d %d", many[1].status, many[2].status, many[3].status);
	ok(dst[63] == 0x11 && dst[64] == 0x33 && dst[255] == 0x33 && dst[256] == 0x11, "and nothing of those copied");
	ok(refs(from) == 1 && refs(to) == 1 && !writers(to) && table[REF].flags == (GTF_permit_access | GTF_readonly) && !fake_pages_mapped,
	   "and nothing held");
}

static void test_replace(void)
{
	mfn_t m = fake_frame(b, 7), other = fake_frame(a, 7);
	struct gnttab_unmap_and_replace r = { .host_addr = FAKE_MAP_VA(8), .new_addr = FAKE_MAP_VA(9) };
	uint32_t h;

	grant(REF, 0, m, false);
	BUG_ON(map(8, REF, GNTMAP_host_map, &h) || fake_map_set(a, 9, other, true));
	r.handle = h;
	ok(!op(va, GNTTABOP_unmap_and_replace, &r) && r.status == GNTST_okay && a->arch.map[8].mfn == other.m && !a->arch.map[9].present,
	   "replaced by what was mapped elsewhere");
	ok(refs(m) == 1 && refs(other) == 2 && table[REF].flags == GTF_permit_access, "with its references");
	fake_map_set(a, 8, _mfn(INVALID_MFN_RAW), false);
	ok(refs(other) == 1 && !writers(other), "which go with it");
}

static void test_transfer(void)
{
	struct gnttab_transfer t = { .domid = 1, .ref = REF };
	unsigned long had_a = a->tot_pages, had_b = b->tot_pages;
	mfn_t m = fake_frame(a, 9);

	t.mfn = m.m;
	table[REF] = (struct grant_entry_v1){ .flags = GTF_accept_transfer, .domid = 0, .frame = 1234 };
	BUG_ON(fake_map_set(a, 10, m, true));
	ok(!op(va, GNTTABOP_transfer, &t) && t.status == GNTST_bad_page && a->tot_pages == had_a, "mapped: cannot be given away");
	fake_map_set(a, 10, _mfn(INVALID_MFN_RAW), false);
	b->max_pages++;
	ok(!op(va, GNTTABOP_transfer, &t) && t.status == GNTST_okay && a->tot_pages == had_a - 1 && b->tot_pages == had_b + 1 &&
	   page_owner(mfn_to_page(m)) == b, "given away");
	ok(table[REF].flags == (GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed) && table[REF].frame == m.m, "as the entry says");
	t.mfn = fake_frame(a, 9).m;
	ok(!op(va, GNTTABOP_transfer, &t) && t.status == GNTST_general_error && a->tot_pages == had_a - 2 && b->tot_pages == had_b + 1,
	   "not wanted: lost");
	t.mfn = FAKE_BANK0_END;
	ok(!op(va, GNTTABOP_transfer, &t) && t.status == GNTST_bad_page, "no frame");
	table[REF].flags = 0;
}

static void test_swap(void)
{
	struct gnttab_swap_grant_ref s = { .ref_a = REF, .ref_b = REF + 1 };
	uint32_t h;

	grant(REF, 0, fake_frame(b, 10), false);
	grant(REF + 1, 2, fake_frame(b, 11), true);
	ok(!op(vb, GNTTABOP_swap_grant_ref, &s) && s.status == GNTST_okay && table[REF].domid == 2 &&
	   table[REF + 1].frame == fake_frame(b, 10).m, "swapped");
	BUG_ON(map(1, REF + 1, GNTMAP_host_map, &h));
	ok(!op(vb, GNTTABOP_swap_grant_ref, &s) && s.status == GNTST_eagain, "not while in use");
	BUG_ON(unmap(1, h));
	s.ref_b = 1 << 20;
	ok(!op(vb, GNTTABOP_swap_grant_ref, &s) && s.status == GNTST_bad_gntref, "no entry");
	s.ref_b = REF;
	ok(!op(vb, GNTTABOP_swap_grant_ref, &s) && s.status == GNTST_okay, "with itself");
}

static void test_errors(void)
{
	struct gnttab_map_grant_ref m = { .dom = 77 };
	struct gnttab_cache_flush f = { .a.dev_bus_addr = (uint64_t)fake_frame(b, 1).m << PAGE_SHIFT, .length = 64, .op = GNTTAB_CACHE_CLEAN };

	ok(op(va, 99, &m) == -ENOSYS && op(va, GNTTABOP_dump_table, &m) == -ENOSYS && op(va, 0x1000, &m) == -EINVAL, "no operations");
	ok(!op_n(va, GNTTABOP_map_grant_ref, &m, 0) && op_n(va, GNTTABOP_map_grant_ref, &m, 0x80000000UL) == -EINVAL &&
	   op(va, GNTTABOP_map_grant_ref, NULL) == -EFAULT && op(va, GNTTABOP_copy, fake_hypervisor) == -EFAULT, "counts and addresses");
	ok(!op(vb, GNTTABOP_cache_flush, &f) && refs(fake_frame(b, 1)) == 1, "cache of one's own page");
	f.op = GNTTAB_CACHE_INVAL;
	ok(op(vb, GNTTABOP_cache_flush, &f) == -EOPNOTSUPP, "only invalidated");
	f.op = GNTTAB_CACHE_CLEAN;
	f.offset = 4090;
	ok(op(vb, GNTTABOP_cache_flush, &f) == -EINVAL, "over the end");
	f.offset = 0;
	f.a.dev_bus_addr = (uint64_t)fake_frame(a, 1).m << PAGE_SHIFT;
	ok(op(vb, GNTTABOP_cache_flush, &f) == -EPERM && refs(fake_frame(a, 1)) == 1, "another's page");
}

/* The guest overwrites a mapping itself; its granter dies and another one of that number comes. */
static void test_stale_handle(void)
{
	struct domain *c = fake_domain(2, 1, 10);
	struct gnttab_map_grant_ref x = { .flags = GNTMAP_host_map, .host_addr = FAKE_MAP_VA(11), .ref = 3, .dom = 2 };
	struct gnttab_unmap_grant_ref u = { .host_addr = FAKE_MAP_VA(11) };
	struct grant_entry_v1 *e;
	mfn_t mfn;

	BUG_ON(grant_table_frame(c, 0, &mfn));
	e = mfn_to_virt(mfn);
	e[3] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 0, .frame = (uint32_t)fake_frame(c, 1).m };
	ok(!op(va, GNTTABOP_map_grant_ref, &x) && x.status == GNTST_okay, "mapped from a third domain");
	u.handle = x.handle;
	fake_map_set(a, 11, _mfn(INVALID_MFN_RAW), false);
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_general_error, "overwritten: cannot be unmapped");
	ok(fake_kill(c), "its domain dies");
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_bad_domain, "no domain");
	c = fake_domain(2, 1, 10);
	ok(!op(va, GNTTABOP_unmap_grant_ref, &u) && u.status == GNTST_bad_handle, "another domain: not its mapping");
	ok(fake_kill(c), "it dies, too");
}

/* A domain that has others' frames mapped dies; one whose frames are mapped does, and lives on as long as they are. */
static void test_death(void)
{
	struct domain *c = fake_domain(2, 1, 10);
	struct gnttab_map_grant_ref x[3];
	uint32_t h;
	mfn_t m = fake_frame(b, 12), n;

	for (unsigned int i = 0; i < 3; i++) {
		grant(200 + i, 2, m, false);
		x[i] = (struct gnttab_map_grant_ref){ .host_addr = FAKE_MAP_VA(i), .ref = 200 + i, .dom = 1,
			.flags = (uint32_t[]){ GNTMAP_host_map, GNTMAP_host_map | GNTMAP_device_map, GNTMAP_device_map | GNTMAP_readonly }[i] };
	}
	ok(!op_n(c->vcpu[0], GNTTABOP_map_grant_ref, x, 3) && !x[0].status && !x[1].status && !x[2].status && refs(m) == 5, "a domain maps");
	fake_preempt = true;
	ok(fake_kill(c) && refs(m) == 1 && !writers(m), "and dies: the frame is free of it");
	fake_preempt = false;
	ok(table[200].flags == GTF_permit_access && table[201].flags == GTF_permit_access && table[202].flags == GTF_permit_access,
	   "as the granter sees");

	n = fake_frame(b, 13);
	grant(REF, 0, n, false);
	BUG_ON(map(20, REF, GNTMAP_host_map, &h));
	ok(!fake_kill(b) && domain_by_id(1) == b && b->tot_pages == 1, "the granter dies, but for the frame that dom0 has");
	memset(mfn_to_virt(n), 1, PAGE_SIZE);
	ok(unmap(20, h) == GNTST_okay, "which is unmapped");
	fake_settle();
	ok(!domain_by_id(1), "and it is gone");
}

int main(void)
{
	unsigned long before;
	uint32_t h;
	mfn_t m;

	fake_start(4);
	a = fake_domain(0, 1, 60);
	va = a->vcpu[0];
	b = fake_domain(1, 1, 60);
	/* Handles have memory of their own that stays. */
	BUG_ON(grant_table_frame(b, 0, &m));
	table = mfn_to_virt(m);
	grant(1, 0, fake_frame(b, 0), true);
	BUG_ON(map(0, 1, GNTMAP_host_map | GNTMAP_readonly, &h) || unmap(0, h));
	BUG_ON(!fake_kill(b));
	before = heap_free_pages();
	b = fake_domain(1, 1, 60);
	vb = b->vcpu[0];
	test_setup();
	test_map();
	test_flush();
	test_device_map();
	test_map_errors();
	test_overflow();
	test_batch();
	test_copy();
	test_copy_while_mapped();
	test_copy_mixed();
	test_replace();
	test_transfer();
	test_swap();
	test_errors();
	test_stale_handle();
	grant_table_dump('g');
	test_death();
	/* Two frames of dom0's were given away. */
	ok(heap_free_pages() == before + 2, "all memory is back: %ld", (long)(before + 2 - heap_free_pages()));
	return tap_end();
}
