/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts from source to guest, over a made-up machine: two CPUs, one IO-APIC of 24 pins, one PCI device. */
#include <string.h>
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/mm.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include <tenon/timer.h>
#include "../../hypervisor/arch/x86/irq/desc.h"
#include "../../hypervisor/arch/x86/pci/regs.h"
#include "../lib/tap.h"

#define GSI_LEVEL	20
#define MSI_CAP		0x50
#define MSIX_CAP	0x70
#define TABLE_MADDR	0xfebf1000UL
#define NR_MSIX		4

/* The C library's header has names in it that are others here. */
void *calloc(size_t n, size_t size);
void free(void *p);
void abort(void) __noreturn;

/* ---- the machine ---- */

struct percpu *percpu_table[NR_CPUS], *host_this_cpu;
struct cpumask cpu_online_map;
unsigned int host_cpu;
struct acpi_info acpi_info;
struct boot_info boot_info;
struct domain *dom0;
uint64_t page_nx;
bool x2apic_mode;
static struct percpu cpus[2];
static uint8_t apic_page[2][4096] __attribute__((aligned(8)));
volatile uint8_t *apic_regs;
static uint8_t ioapic_page[4096] __attribute__((aligned(8)));
static uint32_t ioapic_reg[64];
static uint32_t table[NR_MSIX * 4];
static uint8_t config[256];
static uint32_t config_address;
static unsigned int eois;
static s_time_t clock_ns;
static struct timer *storm;

uint32_t mmio_read32(const volatile void *p)
{
	if (p == ioapic_page + 0x10)
		return ioapic_reg[*(uint32_t *)ioapic_page & 63];
	return *(const volatile uint32_t *)p;
}

void mmio_write32(volatile void *p, uint32_t v)
{
	if (p == ioapic_page + 0x10)
		ioapic_reg[*(uint32_t *)ioapic_page & 63] = v;
	else
		*(volatile uint32_t *)p = v;
	eois += p == apic_regs + APIC_EOI;
}

/* 00:02.0 is the device; nothing else is there. */
void host_out(uint16_t port, unsigned int bytes, uint32_t v)
{
	if (port == 0xcf8)
		config_address = v;
	else if (port >= 0xcfc && port <= 0xcff && (config_address & 0xffff00) == 0x1000)
		memcpy(config + (config_address & 0xfc) + port - 0xcfc, &v, bytes);
}

uint32_t host_in(uint16_t port, unsigned int bytes)
{
	uint32_t v = ~0U >> (32 - 8 * bytes);

	if (port >= 0xcfc && port <= 0xcff && (config_address & 0xffff00) == 0x1000) {
		v = 0;
		memcpy(&v, config + (config_address & 0xfc) + port - 0xcfc, bytes);
	}
	return v;
}

uint64_t rdmsr(uint32_t msr)
{
	return 0;
}

void wrmsr(uint32_t msr, uint64_t v)
{
}

void *set_fixmap(enum fixmap slot, uint64_t maddr, uint64_t flags)
{
	return ioapic_page;
}

void *ioremap(uint64_t maddr, size_t bytes, uint64_t flags)
{
	return maddr == TABLE_MADDR && bytes == sizeof(table) ? table : NULL;
}

void iounmap(void *va)
{
}

void *xzalloc_bytes(size_t size)
{
	return calloc(1, size);
}

void *xzalloc_array_bytes(size_t n, size_t size)
{
	return calloc(n, size);
}

void xfree(void *p)
{
	free(p);
}

void apic_init(void)
{
}

void i8259_init(void)
{
}

void i8259_spurious(unsigned int vector)
{
}

s_time_t now(void)
{
	return clock_ns;
}

void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{
	t->fn = fn;
	storm = t;
}

void timer_set(struct timer *t, s_time_t expires)
{
	t->queued = true;
}

void put_page_and_type(struct page_info *pg)
{
}

/* ---- guests ---- */

static struct domain doms[2];
static struct vcpu vcpus[2];
static unsigned int sent[2], last_pirq;

void send_guest_pirq(struct domain *d, unsigned int pirq)
{
	sent[d - doms]++;
	last_pirq = pirq;
}

static void on_cpu(unsigned int cpu)
{
	host_cpu = cpu;
	host_this_cpu = &cpus[cpu];
	apic_regs = apic_page[cpu];
}

static void interrupt(unsigned int cpu, unsigned int vector)
{
	struct cpu_user_regs regs = { .entry_vector = vector };

	on_cpu(cpu);
	do_IRQ(&regs);
}

static void set_up(void)
{
	irq_init();
	for (unsigned int i = 0; i < 2; i++) {
		doms[i].domain_id = i;
		doms[i].is_privileged = !i;
		doms[i].irq_caps = rangeset_new("interrupts");
		vcpus[i].domain = &doms[i];
		if (pirq_domain_init(&doms[i]))
			abort();
	}
	dom0 = &doms[0];
	if (rangeset_add(dom0->irq_caps, 1, nr_gsis - 1))
		abort();
	on_cpu(0);
}

static void build_machine(void)
{
	acpi_info.nr_cpus = 2;
	acpi_info.nr_ioapics = 1;
	acpi_info.ioapic[0].addr = 0xfec00000;
	acpi_info.nr_overrides = 2;
	acpi_info.override[0].gsi = 2;			/* irq 0 */
	acpi_info.override[1].irq = acpi_info.override[1].gsi = 9;
	acpi_info.override[1].flags = 0xd;		/* level, active high */
	ioapic_reg[1] = 0x170020;
	for (unsigned int i = 0; i < 2; i++) {
		percpu_table[i] = &cpus[i];
		cpus[i].id = i;
		cpus[i].arch.apic_id = i + 4;
		cpumask_set(i, &cpu_online_map);
		if (irq_cpu_alloc(i))
			abort();
	}
	memset(config, 0, sizeof(config));
	config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	config[PCI_STATUS] = PCI_STATUS_CAPS;
	config[PCI_CAP_POINTER] = MSI_CAP;
	memcpy(config + PCI_BAR(1), "\x00\x00\xbf\xfe", 4);
	memcpy(config + MSI_CAP, "\x05\x70\x86\x01", 4);	/* 8 messages, 64 bits, maskable */
	memcpy(config + MSIX_CAP, "\x11\x00\x03\x00\x01\x10\x00\x00\x01\x20\x00\x00", 12);
}

/* ---- tests ---- */

static void test_vectors(void)
{
	static struct irq_desc *t[256], one;
	unsigned int n = 0, v, bad = 0;

	ok(vector_find(t, 32, 0x30) == 0x40, "32 in a row are aligned");
	ok(vector_find(t, 4, 0x80) == 0x84, "a run leaves out the vectors of guests' traps");
	while ((v = vector_find(t, 1, 0xd3))) {
		bad += v == 0x80 || v == 0x82 || v < 0x30 || v > 0xef || t[v];
		t[v] = &one;
		n++;
	}
	ok(n == 190 && !bad, "190 vectors, each once");
	ok(msi_address(0x12) == 0xfee12000 && msi_data(0x45) == 0x45, "the message");
}

static uint32_t rte(unsigned int pin)
{
	return ioapic_reg[0x10 + 2 * pin];
}

static void test_pins(void)
{
	int pirq = 4;

	ok(nr_gsis == 24 && rte(4) == 0x10000 && rte(GSI_LEVEL) == 0x1a000 && rte(9) == 0x18000,
	   "pins are masked and triggered as their bus has it");
	ok(isa_irq_to_gsi(0) == 2 && isa_irq_to_gsi(4) == 4, "the old numbers");
	ok(pirq_map_gsi(&vcpus[0], dom0, 24, &pirq) == -EINVAL, "no such pin");
	pirq = 0;
	ok(pirq_map_gsi(&vcpus[0], dom0, 0, &pirq) == -EPERM, "interrupt 0 is ours");
	pirq = 4;
	ok(!pirq_map_gsi(&vcpus[0], dom0, 4, &pirq) && pirq == 4 && pirq_access_permitted(dom0, 4), "a pin is mapped");
	ok(!pirq_map_gsi(&vcpus[0], dom0, 4, &pirq), "once more is no error");
	pirq = 5;
	ok(pirq_map_gsi(&vcpus[0], dom0, 4, &pirq) == -EEXIST, "but by another number it is");
	pirq = -1;
	ok(!pirq_map_gsi(&vcpus[0], dom0, 4, &pirq) && pirq == 4, "asked for any number: the one it has");
	ok(!pirq_access_permitted(dom0, 5) && pirq_guest_bind(&vcpus[0], 5, false) == -EINVAL, "what is not mapped");
	ok(ioapic_setup_gsi(4, false, false) == 0 && ioapic_setup_gsi(4, false, false) == -EEXIST, "set up once");

	ok(!pirq_guest_bind(&vcpus[0], 4, false), "bound");
	ok((rte(4) & ~0xffU) == 0 && ioapic_reg[0x11 + 8] == 4 << 24, "unmasked, to its CPU");
	ok(pirq_guest_bind(&vcpus[0], 4, true) == -EBUSY, "not shared");
	ok(irq_request(4, NULL, NULL, "x") == -EBUSY && ioapic_setup_gsi(4, true, true) == -EEXIST, "and in use");
	eois = sent[0] = 0;
	interrupt(0, rte(4) & 0xff);
	ok(sent[0] == 1 && last_pirq == 4 && eois == 1 && !(rte(4) & 0x10000), "an edge comes and is done with");
	pirq_guest_unbind(dom0, 4);
	ok(rte(4) & 0x10000, "masked when nobody wants it");
}

static void test_level(void)
{
	int pirq0 = GSI_LEVEL, pirq1 = -1;
	unsigned int v;

	ok(!pirq_map_gsi(&vcpus[0], dom0, GSI_LEVEL, &pirq0) &&
	   !pirq_map_gsi(&vcpus[0], &doms[1], GSI_LEVEL, &pirq1) && pirq1 == 16, "one line for two guests");
	ok(!pirq_guest_bind(&vcpus[0], GSI_LEVEL, true) && !pirq_guest_bind(&vcpus[1], 16, true) &&
	   pirq_is_shared(dom0, GSI_LEVEL) && pirq_needs_eoi(dom0, GSI_LEVEL), "they share it");
	v = rte(GSI_LEVEL) & 0xff;
	sent[0] = sent[1] = eois = 0;
	interrupt(0, v);
	ok(sent[0] == 1 && sent[1] == 1 && eois == 1 && (rte(GSI_LEVEL) & 0x10000), "it comes and is masked");
	pirq_guest_eoi(dom0, GSI_LEVEL);
	pirq_guest_eoi(dom0, GSI_LEVEL);
	ok(rte(GSI_LEVEL) & 0x10000, "one guest's eoi is not enough");
	pirq_guest_eoi(&doms[1], 16);
	ok(!(rte(GSI_LEVEL) & 0x10000), "the other's unmasks");
	interrupt(0, v);
	pirq_guest_eoi(dom0, GSI_LEVEL);
	pirq_guest_unbind(&doms[1], 16);
	ok(!(rte(GSI_LEVEL) & 0x10000), "so does its leaving");

	pirq_set_affinity(dom0, GSI_LEVEL, 1);
	ok((rte(GSI_LEVEL) & 0xff) == v && ioapic_reg[0x11 + 2 * GSI_LEVEL] == 4 << 24, "it moves only when it comes");
	interrupt(0, v);
	ok(ioapic_reg[0x11 + 2 * GSI_LEVEL] == 5 << 24 && (rte(GSI_LEVEL) & 0x1ffff) == (0x1a000 | v),
	   "moved, still masked");
	pirq_guest_eoi(dom0, GSI_LEVEL);
	sent[0] = 0;
	interrupt(1, v);
	ok(sent[0] == 1 && !((struct irq_desc **)cpus[0].arch.vector_irq)[v], "comes there, the old vector is free");
	ok(!pirq_unmap(dom0, GSI_LEVEL) && pirq_unmap(dom0, GSI_LEVEL) == -EINVAL && (rte(GSI_LEVEL) & 0x10000),
	   "unmapped while in service");
}

/* nr interrupts of dom0's line, each so long after the last eoi; how many came before it was held back. */
static unsigned int line_again(unsigned int nr, s_time_t after)
{
	for (unsigned int i = 0; i < nr; i++) {
		clock_ns += after;
		interrupt(0, rte(GSI_LEVEL) & 0xff);
		clock_ns += MICROSECS(100);
		pirq_guest_eoi(dom0, GSI_LEVEL);
		if (rte(GSI_LEVEL) & 0x10000)
			return i + 1;
	}
	return nr;
}

static void test_line_that_stays(void)
{
	int pirq = GSI_LEVEL;
	unsigned int n, v;

	on_cpu(0);
	ok(!pirq_map_gsi(&vcpus[0], dom0, GSI_LEVEL, &pirq) && !pirq_guest_bind(&vcpus[0], GSI_LEVEL, true), "a line");
	interrupt(1, rte(GSI_LEVEL) & 0xff);
	pirq_guest_eoi(dom0, GSI_LEVEL);
	storm->queued = false;
	ok(line_again(5000, MICROSECS(30)) == 5000, "a busy device is let be");
	n = line_again(5000, MICROSECS(5));
	ok(n >= 1000 && n <= 1100 && storm->queued, "a line that is back at once, always, is held back");
	v = rte(GSI_LEVEL) & 0xff;
	pirq_guest_eoi(dom0, GSI_LEVEL);
	ok(rte(GSI_LEVEL) == (0x1a000 | v), "whatever is said meanwhile");
	storm->fn(NULL);
	ok(rte(GSI_LEVEL) == (0xa000 | v), "for a while");
	for (n = 0; n < 100; n++)
		if (line_again(100, MICROSECS(5)) != 100 || line_again(2, MICROSECS(500)) != 2)
			break;
	ok(n < 100, "also when it is late now and then");
	storm->fn(NULL);
	for (n = 0; n < 100; n++)
		if (line_again(100, MICROSECS(5)) != 100 || line_again(10, MICROSECS(30)) != 10)
			break;
	ok(n == 100, "bursts are let be");
	ok(!pirq_unmap(dom0, GSI_LEVEL), "gone");
}

static int map_message(struct msi_request *req, int *pirq)
{
	*pirq = -1;
	return pirq_map_msi(&vcpus[0], dom0, req, pirq);
}

static void test_msix(void)
{
	struct msi_request req = { .dev = pci_sbdf(0, 0, 0x10), .entry_nr = 2, .table_base = 0xfebf0000 };
	unsigned int v;
	int a, b;

	on_cpu(0);
	ok(map_message(&req, &a) == -ENODEV, "a device that nobody told of");
	ok(!pci_device_add(req.dev, false, 0) && pci_find(req.dev)->nr_msix == NR_MSIX, "told of");
	ok(!map_message(&req, &a) && a == (int)nr_irqs - 1, "the highest number");
	ok(rangeset_contains(mmio_ro_ranges, TABLE_MADDR >> 12, (TABLE_MADDR >> 12) + 1),
	   "table and pending bits are guarded");
	v = table[10];
	ok(table[11] == 1 && table[8] == 0xfee04000 && v, "an entry of the table, masked");
	ok(map_message(&req, &b) == -EEXIST, "not twice");
	req.entry_nr = NR_MSIX;
	ok(map_message(&req, &b) == -EINVAL, "beyond the table");
	req.table_base = 0;
	ok(map_message(&req, &b) == -EBUSY, "not both kinds");
	ok(!pirq_guest_bind(&vcpus[0], a, false) && table[11] == 0, "bound, unmasked");
	sent[0] = 0;
	pirq_set_affinity(dom0, a, 1);
	*(uint32_t *)(apic_page[0] + APIC_IRR + v / 32 * 16) = 1U << v % 32;
	interrupt(0, v);
	ok(sent[0] == 1 && table[8] == 0xfee05000 && table[10] == v && table[11] == 0, "moves");
	interrupt(0, v);
	ok(sent[0] == 2 && !((struct irq_desc **)cpus[0].arch.vector_irq)[v],
	   "what was under way arrives, and is the last");
	interrupt(1, v);
	ok(sent[0] == 3, "then it comes to the new CPU");
	pci_port_write(0x80001070, 0, 2, 0xffff);
	pci_port_write(0x80001074, 0, 4, 0);
	pci_port_write(0x80001070, 2, 2, 0x8003);
	ok(!memcmp(config + MSIX_CAP, "\x11\x00\x03\x80\x01\x10", 6), "dom0 writes only the control register");
	ok(!pirq_unmap(dom0, a) && !rangeset_overlaps(mmio_ro_ranges, 0, ~0UL) && table[11] == 1,
	   "unmapped: the table is free");
}

static void test_msi(void)
{
	struct msi_request req = { .dev = pci_sbdf(0, 0, 0x10), .multi = true, .entry_nr = 16 };
	unsigned int v;
	int a, b;

	ok(map_message(&req, &a) == -ENFILE && req.entry_nr == 8, "as many as the device has");
	req.entry_nr = 33;
	ok(map_message(&req, &a) == -EDOM, "more than there are");
	req.entry_nr = 3;
	ok(!map_message(&req, &a) && req.entry_nr == 4 && a == (int)nr_irqs - 4, "a power of two, in a row");
	v = config[MSI_CAP + 0xc];
	ok(config[MSI_CAP + 2] == 0xa6 && !(v & 3) && config[MSI_CAP + 0x10] == 0xff, "four messages, all masked");
	ok(pirq_unmap(dom0, a + 1) == -EBUSY && map_message(&req, &b) == -EEXIST, "one lot");
	ok(!pirq_guest_bind(&vcpus[0], a + 1, false) && config[MSI_CAP + 0x10] == 0xfd, "the second is unmasked");
	pci_port_write(0x80001060, 0, 4, 0x2);
	ok(config[MSI_CAP + 0x10] == 0xff, "dom0's mask is kept beside ours");
	pci_port_write(0x80001060, 0, 4, 0);
	ok(config[MSI_CAP + 0x10] == 0xfd, "and goes");
	pci_port_write(0x80001054, 0, 4, 0);
	ok(config[MSI_CAP + 6] == 0xe0, "the address is not dom0's to write");
	sent[0] = 0;
	pirq_set_affinity(dom0, a + 1, 1);
	interrupt(0, v + 1);
	ok(sent[0] == 1 && last_pirq == (unsigned int)a + 1 && config[MSI_CAP + 5] == 0x40,
	   "comes; the lot does not move");
	interrupt(0, v);
	ok(sent[0] == 1, "nobody has the first one");

	for (unsigned int i = 0; i < 4096; i++)
		interrupt(0, v + 1);
	ok(storm->queued && config[MSI_CAP + 0x10] == 0xff, "too often: held back");
	storm->fn(NULL);
	ok(config[MSI_CAP + 0x10] == 0xfd, "for a while");
	clock_ns = SECONDS(1);
	ok(!pci_device_remove(req.dev) && !pirq_access_permitted(dom0, a + 1) && !pci_find(req.dev),
	   "the device goes with them");
	interrupt(0, v + 1);
	pirq_guest_unbind(dom0, a + 1);
}

static void test_reuse(void)
{
	struct msi_request req = { .dev = pci_sbdf(0, 0, 0x10), .entry_nr = 0, .table_base = 0xfebf0000 };
	unsigned int bad = 0;
	int a;

	ok(!pci_device_add(req.dev, false, 0), "it comes back");
	for (unsigned int i = 0; i < 2000; i++) {
		bad += map_message(&req, &a) != 0 || pirq_guest_bind(&vcpus[0], a, false);
		bad += pirq_unmap(dom0, a) != 0;
	}
	ok(!bad, "nothing is lost over many times");
	ok(!map_message(&req, &a) && !pirq_guest_bind(&vcpus[0], a, false), "in use at the end");
	pirq_domain_free(dom0);
	ok(!dom0->arch.nr_pirqs && table[3] == 1, "all of a domain's interrupts go with it");
	pirq_domain_free(dom0);
}

int main(void)
{
	on_cpu(0);
	build_machine();
	set_up();
	test_vectors();
	test_pins();
	test_level();
	test_line_that_stays();
	test_msix();
	test_msi();
	test_reuse();
	return tap_end();
}
