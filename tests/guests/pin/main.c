/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin: extended memory-management operations: pin and unpin at each level, new roots for kernel and
 * user, flushes, clearing and copying frames, and every refusal.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

static long op(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
	struct mmuext_op o = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };

	return hc_mmuext_op(&o, 1, NULL, DOMID_SELF);
}

static void levels(void)
{
	kit_pte *t[5];
	char *data = kit_page_alloc();

	for (int l = 1; l <= 4; l++) {
		t[l] = kit_page_alloc();
		if (l == 1)
			t[l][0] = kit_make_pte(kit_va_to_mfn(data), PTE_RW);
		else
			t[l][0] = kit_make_pte(kit_va_to_mfn(t[l - 1]), PTE_TABLE);
	}
	kit_observe_ret(kit_pin(t[1], 1), "pin L1 while mapped writable");
	for (int l = 1; l <= 4; l++)
		kit_set_readonly(t[l]);
	kit_observe_ret(kit_pin(t[1], 2), "pin an L1 as L2");
	for (int l = 1; l <= 4; l++) {
		kit_observe_ret(kit_pin(t[l], l), "pin level %d", l);
		kit_observe_ret(kit_pin(t[l], l), "pin level %d again", l);
		kit_observe_ret(kit_set_writable(t[l]), "make it writable");
	}
	for (int l = 1; l <= 4; l++) {
		kit_observe_ret(kit_unpin(t[l]), "unpin level %d", l);
		kit_observe_ret(kit_unpin(t[l]), "unpin level %d again", l);
	}
	for (int l = 1; l <= 4; l++)
		kit_observe_ret(kit_set_writable(t[l]), "level %d writable at the end", l);
	/* Pinning the top alone pulls the rest in. */
	for (int l = 1; l <= 4; l++)
		kit_set_readonly(t[l]);
	kit_observe_ret(kit_pin(t[4], 4), "pin the top");
	kit_observe_ret(kit_set_writable(t[2]), "its L2 writable");
	kit_observe_ret(kit_unpin(t[4]), "unpin the top");
	for (int l = 1; l <= 4; l++) {
		kit_observe_ret(kit_set_writable(t[l]), "level %d writable", l);
		kit_page_free(t[l]);
	}
	kit_page_free(data);
}

static void refused_pins(void)
{
	char *page = kit_page_alloc();

	for (int l = 1; l <= 4; l++) {
		kit_observe_ret(op(MMUEXT_PIN_L1_TABLE + (unsigned int)l - 1, 0xfffffff, 0),
				"pin L%d of no frame", l);
		kit_observe_ret(op(MMUEXT_PIN_L1_TABLE + (unsigned int)l - 1, 0xb8, 0),
				"pin L%d of a device frame", l);
	}
	kit_observe_ret(op(MMUEXT_UNPIN_TABLE, 0xfffffff, 0), "unpin no frame");
	kit_observe_ret(op(MMUEXT_UNPIN_TABLE, kit_va_to_mfn(page), 0), "unpin a data page");
	kit_observe_ret(op(MMUEXT_UNPIN_TABLE, kit_va_to_mfn(kit_root()), 0), "unpin the own root");
	kit_observe_ret(op(MMUEXT_PIN_L4_TABLE, kit_va_to_mfn(kit_root()), 0), "pin it again");
	kit_page_free(page);
}

static void roots(void)
{
	kit_pte *root = kit_page_alloc();
	unsigned long mfn = kit_va_to_mfn(root), own = kit_va_to_mfn(kit_root());

	for (int i = 0; i < 512; i++)
		if (i < 256 || i > 271)
			root[i] = kit_root()[i];
	kit_observe_ret(op(MMUEXT_NEW_BASEPTR, mfn, 0), "new root while mapped writable");
	kit_set_readonly(root);
	kit_observe_ret(op(MMUEXT_NEW_BASEPTR, mfn, 0), "new root");
	kit_check(true, "the guest still runs");
	kit_observe_ret(op(MMUEXT_NEW_BASEPTR, own, 0), "the first root");
	kit_observe_ret(kit_set_writable(root), "the other is writable again");
	kit_set_readonly(root);
	kit_observe_ret(op(MMUEXT_NEW_USER_BASEPTR, mfn, 0), "new user root");
	kit_observe_ret(op(MMUEXT_NEW_USER_BASEPTR, mfn, 0), "the same");
	kit_observe_ret(kit_set_writable(root), "writable while user root");
	kit_observe_ret(op(MMUEXT_NEW_USER_BASEPTR, 0, 0), "user root 0");
	kit_observe_ret(kit_set_writable(root), "writable again");
	kit_observe_ret(op(MMUEXT_NEW_BASEPTR, 0xfffffff, 0), "root in no frame");
	kit_observe_ret(op(MMUEXT_NEW_BASEPTR, 0, 0), "root in frame 0");
	kit_observe_ret(op(MMUEXT_NEW_USER_BASEPTR, 0xfffffff, 0), "user root in no frame");
	kit_observe_ret(op(MMUEXT_NEW_USER_BASEPTR, kit_va_to_mfn(kit_pte_find(kit_root(),
			KIT_VIRT_BASE, 1)), 0), "user root in an L1");
	kit_page_free(root);
}

static void flushes(void)
{
	static unsigned long mask = 1;
	struct mmuext_op o = { .cmd = MMUEXT_TLB_FLUSH_MULTI };

	kit_observe_ret(op(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), "flush local");
	kit_observe_ret(op(MMUEXT_INVLPG_LOCAL, KIT_VIRT_BASE, 0), "invlpg local");
	kit_observe_ret(op(MMUEXT_INVLPG_LOCAL, HYPERVISOR_VIRT_START, 0), "invlpg hypervisor");
	kit_observe_ret(op(MMUEXT_INVLPG_LOCAL, 0x8000000000000000UL, 0), "invlpg non-canonical");
	kit_observe_ret(op(MMUEXT_TLB_FLUSH_ALL, 0, 0), "flush all");
	kit_observe_ret(op(MMUEXT_INVLPG_ALL, KIT_VIRT_BASE, 0), "invlpg all");
	kit_observe_ret(op(MMUEXT_FLUSH_CACHE, 0, 0), "flush cache");
	kit_observe_ret(op(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), "flush cache global");
	set_xen_guest_handle(o.arg2.vcpumask, (const void *)&mask);
	kit_observe_ret(hc_mmuext_op(&o, 1, NULL, DOMID_SELF), "flush multi");
	mask = ~0UL;
	kit_observe_ret(hc_mmuext_op(&o, 1, NULL, DOMID_SELF), "flush multi, all bits");
	o.cmd = MMUEXT_INVLPG_MULTI;
	o.arg1.linear_addr = KIT_VIRT_BASE;
	kit_observe_ret(hc_mmuext_op(&o, 1, NULL, DOMID_SELF), "invlpg multi");
	set_xen_guest_handle(o.arg2.vcpumask, (const void *)0x10);
	kit_observe_ret(hc_mmuext_op(&o, 1, NULL, DOMID_SELF), "invlpg multi, bad pointer");
}

static void frames(void)
{
	uint64_t *a = kit_page_alloc(), *b = kit_page_alloc();
	unsigned long ma = kit_va_to_mfn(a), mb = kit_va_to_mfn(b);
	bool same = true, zero = true;

	for (int i = 0; i < 512; i++)
		a[i] = (uint64_t)i * 3 + 1;
	kit_check_eq(op(MMUEXT_COPY_PAGE, mb, ma), 0, "copy a page");
	for (int i = 0; i < 512; i++)
		same = same && a[i] == b[i];
	kit_check(same, "it is equal");
	kit_check_eq(op(MMUEXT_CLEAR_PAGE, ma, 0), 0, "clear a page");
	for (int i = 0; i < 512; i++)
		zero = zero && !a[i];
	kit_check(zero, "it is clear");
	kit_observe_ret(op(MMUEXT_CLEAR_PAGE, kit_va_to_mfn(kit_root()), 0), "clear a page table");
	kit_observe_ret(op(MMUEXT_CLEAR_PAGE, 0xfffffff, 0), "clear no frame");
	kit_observe_ret(op(MMUEXT_CLEAR_PAGE, 0xb8, 0), "clear a device frame");
	kit_observe_ret(op(MMUEXT_COPY_PAGE, kit_va_to_mfn(kit_root()), ma), "copy over a table");
	kit_observe_ret(op(MMUEXT_COPY_PAGE, ma, kit_va_to_mfn(kit_root())), "copy from a table");
	kit_observe_ret(op(MMUEXT_COPY_PAGE, ma, 0xfffffff), "copy from no frame");
	kit_observe_ret(op(MMUEXT_MARK_SUPER, ma, 0), "mark superpage");
	kit_observe_ret(op(MMUEXT_UNMARK_SUPER, ma, 0), "unmark superpage");
	kit_observe_ret(op(14, 0, 0), "operation 14");
	kit_observe_ret(op(21, 0, 0), "operation 21");
	kit_observe_ret(op(~0u, 0, 0), "operation -1");
	kit_page_free(a);
	kit_page_free(b);
}

static void arguments(void)
{
	struct mmuext_op o[3] = {
		{ .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = 99 }, { .cmd = MMUEXT_TLB_FLUSH_LOCAL },
	};
	unsigned int done = 77;

	kit_observe_ret(hc_mmuext_op(o, 3, &done, DOMID_SELF), "bad second of three");
	kit_observe("done %u", done);
	kit_observe_ret(hc_mmuext_op(o, 0, &done, DOMID_SELF), "none");
	kit_observe("done %u", done);
	kit_observe_ret(hc_mmuext_op(NULL, 1, NULL, DOMID_SELF), "NULL");
	kit_observe_ret(hc_mmuext_op(o, 1, NULL, 77), "absent domain");
	kit_observe_ret(hc_mmuext_op(o, 1, NULL, DOMID_IO), "DOMID_IO");
	kit_observe_ret(hc_mmuext_op(o, 1, (void *)0x10, DOMID_SELF), "bad done pointer");
}

void kit_main(void)
{
	levels();
	refused_pins();
	roots();
	flushes();
	frames();
	arguments();
	kit_audit();
}
