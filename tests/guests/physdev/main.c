/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * physdev: physical interrupts and PCI devices, with QEMU's "edu" device: configuration space by ports, its level
 * interrupt through the IO-APIC with acknowledgements, its message-signalled interrupt, and every refusal.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/physdev.h>
#include <xen/vcpu.h>

#define MS		1000000UL
#define WAIT		(3000 * MS)
#define EDU		0x11e81234U	/* device and vendor */
#define EDU_ID		0		/* registers */
#define EDU_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64
#define CAP_MSI		5

static unsigned int slot;
static volatile uint32_t *edu;
static uint32_t port;

static uint32_t config_read(unsigned int reg)
{
	uint32_t v;

	asm volatile("outl %0, %w1" : : "a" (0x80000000U | slot << 11 | reg), "d" (0xcf8));
	asm volatile("inl %w1, %0" : "=a" (v) : "d" (0xcfc));
	return v;
}

static void config_write(unsigned int reg, uint32_t v)
{
	asm volatile("outl %0, %w1" : : "a" (0x80000000U | slot << 11 | reg), "d" (0xcf8));
	asm volatile("outl %0, %w1" : : "a" (v), "d" (0xcfc));
}

static unsigned int find_capability(unsigned int id)
{
	unsigned int at = config_read(0x34) & 0xfc;

	while (at && (config_read(at) & 0xff) != id)
		at = config_read(at) >> 8 & 0xfc;
	return at;
}

static bool find_device(void)
{
	unsigned long va = kit_va_alloc(1);

	for (slot = 0; slot < 32; slot++)
		if (config_read(0) == EDU)
			break;
	if (slot == 32)
		return false;
	config_write(4, config_read(4) | 6);	/* memory, and messages of its own */
	if (kit_map(va, config_read(0x10) >> PAGE_SHIFT, PTE_RW | PTE_PCD))
		kit_fatal("the device's registers cannot be mapped");
	edu = (volatile uint32_t *)va;
	return true;
}

static long physdev(int cmd, void *arg)
{
	return hc_physdev_op(cmd, arg);
}

static long eoi(uint32_t pirq)
{
	struct physdev_eoi op = { .irq = pirq };

	return physdev(PHYSDEVOP_eoi, &op);
}

static void edu_write(unsigned int reg, uint32_t v)
{
	edu[reg / 4] = v;
	(void)edu[EDU_STATUS / 4];
}

static bool wait_count(unsigned int n)
{
	uint64_t end = kit_time_now() + WAIT;

	while (kit_evtchn_count(port) < n && kit_time_now() < end)
		kit_pause();
	kit_time_spin(5 * MS);
	if (kit_evtchn_count(port) != n)
		kit_note("%u events, not %u", kit_evtchn_count(port), n);
	return kit_evtchn_count(port) == n;
}

static void bind(uint32_t pirq)
{
	struct evtchn_bind_pirq b = { .pirq = pirq };

	kit_check_eq(hc_event_channel_op(EVTCHNOP_bind_pirq, &b), 0, "bind it");
	port = b.port;
	kit_evtchn_set_mask(port, false);
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_pirq, &b), "bind again");
}

static uint32_t map_gsi(uint32_t gsi)
{
	struct physdev_setup_gsi setup = { .gsi = (int)gsi, .triggering = 1, .polarity = 1 };
	struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = (int)gsi, .pirq = (int)gsi };

	kit_check_eq(physdev(PHYSDEVOP_setup_gsi, &setup), 0, "set the interrupt's pin up");
	kit_check_eq(physdev(PHYSDEVOP_map_pirq, &map), 0, "map it");
	kit_check_eq(map.pirq, (int)gsi, "its number is the pin's");
	kit_observe_ret(physdev(PHYSDEVOP_map_pirq, &map), "map it again");
	return (uint32_t)map.pirq;
}

/* A driver: makes the device content and tells the end; before that it lets the device ask some more times. */
static uint32_t level_pirq;
static volatile unsigned int unkind;

static void on_level(uint32_t p)
{
	(void)p;
	if (unkind)
		unkind--;
	else
		edu_write(EDU_ACK, 1);
	eoi(level_pirq);
}

/* On this machine pin A of a device leads to one of the GSIs 20 to 23. */
static void level(void)
{
	struct physdev_irq_status_query q = { .irq = 20 + (slot & 3) };
	unsigned int n;

	level_pirq = map_gsi(q.irq);
	bind(level_pirq);
	kit_evtchn_handle(port, on_level);
	kit_check_eq(physdev(PHYSDEVOP_irq_status_query, &q), 0, "status");
	kit_observe("flags of a level interrupt %x", q.flags);
	n = kit_evtchn_count(port);
	edu_write(EDU_RAISE, 1);
	kit_check(wait_count(n + 1), "it comes once");
	unkind = 3;
	edu_write(EDU_RAISE, 1);
	kit_check(wait_count(n + 5), "it comes as long as the device wants it");
	kit_observe_ret(eoi(level_pirq), "an eoi too many");
	kit_evtchn_set_mask(port, true);
	edu_write(EDU_RAISE, 1);
	kit_time_spin(5 * MS);
	kit_check(kit_evtchn_pending(port) && kit_evtchn_count(port) == n + 5, "masked: pending only");
	kit_check_eq(kit_evtchn_unmask_op(port), 0, "unmask");
	kit_check(wait_count(n + 6), "then it comes");
	kit_observe_ret(kit_evtchn_close(port), "close");
	edu_write(EDU_RAISE, 1);
	kit_time_spin(5 * MS);
	edu_write(EDU_ACK, 1);
	kit_check_eq(kit_evtchn_pending(port), false, "closed: nothing comes");
	bind(level_pirq);
	kit_evtchn_handle(port, on_level);
	n = kit_evtchn_count(port);
	edu_write(EDU_RAISE, 1);
	kit_check(wait_count(n + 1), "bound anew it comes");
	kit_evtchn_close(port);
	kit_evtchn_handle(port, NULL);
}

static void message(void)
{
	struct physdev_pci_device_add add = { .devfn = (uint8_t)(slot << 3) };
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI, .index = -1, .pirq = -1, .devfn = (int)slot << 3,
	};
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF };
	unsigned int cap = find_capability(CAP_MSI), n;

	kit_check_eq(physdev(PHYSDEVOP_pci_device_add, &add), 0, "tell of the device");
	kit_observe_ret(physdev(PHYSDEVOP_pci_device_add, &add), "again");
	kit_check_eq(physdev(PHYSDEVOP_map_pirq, &map), 0, "map its message");
	kit_check(map.pirq > 0, "it has a number");
	unmap.pirq = map.pirq;
	bind((uint32_t)unmap.pirq);
	config_write(cap, config_read(cap) | 1U << 16);		/* dom0's part: the capability is on */
	kit_check(config_read(cap) & 1U << 16, "messages are on");
	n = kit_evtchn_count(port);
	edu_write(EDU_RAISE, 2);
	kit_check(wait_count(n + 1), "a message comes");
	edu_write(EDU_ACK, 2);
	eoi((uint32_t)unmap.pirq);
	edu_write(EDU_RAISE, 2);
	kit_check(wait_count(n + 2), "and another");
	edu_write(EDU_ACK, 2);
	eoi((uint32_t)unmap.pirq);
	kit_evtchn_close(port);
	kit_check_eq(physdev(PHYSDEVOP_unmap_pirq, &unmap), 0, "unmap");
	kit_check_eq(config_read(cap) & 1U << 16, 0, "messages are off");
	kit_observe_ret(physdev(PHYSDEVOP_unmap_pirq, &unmap), "unmap again");
	/* With the capability off the device asks by its pin. */
	map.pirq = -1;
	kit_check_eq(physdev(PHYSDEVOP_map_pirq, &map), 0, "map anew");
	unmap.pirq = map.pirq;
	kit_check_eq(physdev(PHYSDEVOP_unmap_pirq, &unmap), 0, "and unmap");
}

static void refusals(void)
{
	static const struct { const char *name; struct physdev_map_pirq op; } maps[] = {
		{ "map for an absent domain", { .domid = 77, .type = MAP_PIRQ_TYPE_GSI, .index = 5, .pirq = 5 } },
		{ "map GSI -1", { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = -1, .pirq = -1 } },
		{ "map GSI 9999", { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 9999, .pirq = -1 } },
		{ "map as number 100000", { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 5, .pirq = 100000 } },
		{ "map kind 7", { .domid = DOMID_SELF, .type = 7, .index = 5, .pirq = 5 } },
		{ "map a message of no device", { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI, .index = -1, .pirq = -1,
						  .bus = 200, .devfn = 9 } },
	};
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = -1 };
	struct physdev_setup_gsi setup = { .gsi = 9999 };
	struct physdev_irq_status_query q = { .irq = 100000 };
	struct physdev_get_free_pirq free = { .type = MAP_PIRQ_TYPE_MSI };
	struct evtchn_bind_pirq b = { .pirq = 150 };

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct physdev_map_pirq op = maps[i].op;

		kit_observe_ret(physdev(PHYSDEVOP_map_pirq, &op), "%s", maps[i].name);
	}
	kit_observe_ret(physdev(PHYSDEVOP_unmap_pirq, &unmap), "unmap -1");
	unmap.pirq = 100000;
	kit_observe_ret(physdev(PHYSDEVOP_unmap_pirq, &unmap), "unmap 100000");
	unmap.domid = 77;
	kit_observe_ret(physdev(PHYSDEVOP_unmap_pirq, &unmap), "unmap of an absent domain");
	kit_observe_ret(physdev(PHYSDEVOP_setup_gsi, &setup), "setup GSI 9999");
	kit_observe_ret(physdev(PHYSDEVOP_irq_status_query, &q), "status of 100000");
	kit_observe_ret(eoi(100000), "eoi of 100000");
	kit_observe_ret(physdev(PHYSDEVOP_get_free_pirq, &free), "a free number");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_bind_pirq, &b), "bind what is not mapped");
	kit_observe_ret(physdev(PHYSDEVOP_map_pirq, NULL), "NULL");
	kit_observe_ret(physdev(PHYSDEVOP_eoi, (void *)HYPERVISOR_VIRT_START), "in the hypervisor");
	kit_observe_ret(physdev(99, &q), "operation 99");
	kit_observe_ret(physdev(-1, &q), "operation -1");
}

static long compat(struct physdev_op *op)
{
	return hypercall1(__HYPERVISOR_physdev_op_compat, (unsigned long)op);
}

static void old_form(void)
{
	struct physdev_op op = { .cmd = PHYSDEVOP_irq_status_query, .u.irq_status_query.irq = 5 };

	kit_observe_ret(compat(&op), "old form: status");
	op.cmd = PHYSDEVOP_set_iopl;
	op.u.set_iopl.iopl = 1;
	kit_observe_ret(compat(&op), "old form: set_iopl");
	op.u.set_iopl.iopl = 9;
	kit_observe_ret(compat(&op), "old form: set_iopl 9");
	op.cmd = PHYSDEVOP_IRQ_UNMASK_NOTIFY;
	kit_observe_ret(compat(&op), "old form: unmask notify");
	op.cmd = PHYSDEVOP_map_pirq;
	kit_observe_ret(compat(&op), "old form: map_pirq");
	kit_observe_ret(compat(NULL), "old form: NULL");
}

/* A page in which the hypervisor shows which numbers need an eoi; there is no way back. */
static void eoi_page(void)
{
	unsigned long *page = kit_page_alloc();
	struct physdev_pirq_eoi_gmfn op = { .gmfn = kit_va_to_mfn(page) };
	uint32_t pirq = 20 + (slot & 3);

	kit_check_eq(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &op), 0, "a page of numbers that need an eoi");
	bind(pirq);
	kit_observe_ret(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &op), "another");
	kit_check(page[pirq / 64] >> (pirq % 64) & 1, "a level interrupt's is set");
	op.gmfn = 0xfffffff;
	kit_observe_ret(physdev(PHYSDEVOP_pirq_eoi_gmfn_v1, &op), "a page in no frame");
}

void kit_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	physdev(PHYSDEVOP_set_iopl, &iopl);
	kit_event_init();
	if (!find_device())
		kit_fatal("QEMU has no edu device: the row's qemu= should ask for it");
	kit_check_eq(edu[EDU_ID] & 0xffff, 0xed, "the device answers");
	kit_events_unmask();
	level();
	message();
	refusals();
	old_form();
	eoi_page();
}
