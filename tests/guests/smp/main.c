/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smp: what several vCPUs do to each other: the I/O privilege of the context that one starts with, events and timers
 * across, translations that must be gone everywhere when a call returns, and pages that become page tables while
 * another vCPU writes to them.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS	1000000UL
#define WAIT	(5000 * MS)	/* on a busy machine */
#define WORKER	3		/* the vCPU that works for the first */

/* ---- I/O privilege ---- */

static struct kit_fault port_fault[KIT_MAX_VCPUS];
static volatile uint32_t port_done[KIT_MAX_VCPUS];

static void read_port(void *arg)
{
	uint8_t v;

	(void)arg;
	asm volatile("inb %w1, %0" : "=a" (v) : "d" (0x71));
}

static void sleep_for_ever(void)
{
	for (;;)
		hc_vcpu_op(VCPUOP_down, (int)kit_this_vcpu()->id, NULL);
}

static void try_port(void *arg)
{
	unsigned int id = kit_this_vcpu()->id;

	(void)arg;
	kit_probe(read_port, NULL, &port_fault[id]);
	port_done[id] = 1;
	sleep_for_ever();
}

static void boot_with_flags(unsigned int id, uint64_t flags)
{
	static struct vcpu_guest_context c;

	kit_vcpu_context(id, &c);
	c.user_regs.rflags |= flags;
	kit_vcpu(id)->start = try_port;
	kit_check_eq(hc_vcpu_op(VCPUOP_initialise, (int)id, &c), 0, "initialise vCPU %u", id);
	kit_check_eq(hc_vcpu_op(VCPUOP_up, (int)id, NULL), 0, "up");
	kit_check(kit_wait_for(&port_done[id], 1, WAIT), "it runs");
	kit_observe_fault(&port_fault[id], "read of a port, started with flags %lx", flags);
}

/* ---- a vCPU that does what it is told ---- */

static void (*volatile job)(void);
static volatile uint32_t job_number, job_done;

static void work(void *arg)
{
	(void)arg;
	kit_events_unmask();
	for (;;) {
		if (job_done != job_number) {
			job();
			job_done = job_number;
		}
		kit_pause();
	}
}

static void start_job(void (*fn)(void))
{
	job = fn;
	job_number++;
}

static void await_job(const char *what)
{
	kit_check(kit_wait_for(&job_done, job_number, WAIT), "%s", what);
}

/* ---- events ---- */

static uint32_t ping, pong;
static volatile uint32_t pongs, wanted_pongs;

static void on_ping(uint32_t port)
{
	(void)port;
	kit_evtchn_send(pong);
}

static void on_pong(uint32_t port)
{
	(void)port;
	if (++pongs < wanted_pongs)
		kit_evtchn_send(ping);
}

static void events(void)
{
	struct evtchn_bind_vcpu move = { .vcpu = WORKER };
	uint64_t end;

	ping = (uint32_t)kit_evtchn_bind_ipi(WORKER);
	pong = (uint32_t)kit_evtchn_bind_ipi(0);
	kit_evtchn_handle(ping, on_ping);
	kit_evtchn_handle(pong, on_pong);
	kit_events_unmask();
	wanted_pongs = 200;
	kit_evtchn_send(ping);
	kit_check(kit_wait_for(&pongs, wanted_pongs, WAIT), "200 events there and back");

	move.port = (uint32_t)kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF);
	ping = (uint32_t)kit_evtchn_bind_interdomain(DOMID_SELF, move.port);
	kit_evtchn_handle(move.port, on_ping);
	kit_check_eq(hc_event_channel_op(EVTCHNOP_bind_vcpu, &move), 0, "a port moves to the other vCPU");
	wanted_pongs += 100;
	kit_evtchn_send(ping);
	kit_check(kit_wait_for(&pongs, wanted_pongs, WAIT), "and its events come there");

	/* The upcall interrupts the block, whoever sends. */
	wanted_pongs = 0;
	end = kit_time_now() + WAIT;
	kit_events_mask();
	pongs = 0;
	kit_evtchn_send(ping);
	while (!pongs && kit_time_now() < end)
		hc_sched_op(SCHEDOP_block, NULL);
	kit_check_eq(pongs, 1, "an event from the other vCPU ends a block");
}

static void send_later(void)
{
	kit_time_spin(2 * MS);
	kit_evtchn_send(pong);
}

static void polling(void)
{
	evtchn_port_t ports[1] = { pong };
	struct sched_poll poll = { .nr_ports = 1, .timeout = kit_time_now() + WAIT };

	set_xen_guest_handle(poll.ports, ports);
	kit_events_mask();
	kit_evtchn_clear(pong);
	start_job(send_later);
	kit_check_eq(hc_sched_op(SCHEDOP_poll, &poll), 0, "poll for a port");
	kit_check(kit_evtchn_pending(pong) && kit_time_now() < poll.timeout, "the other vCPU's event ends it");
	await_job("the sender is done");
	kit_events_unmask();
}

static volatile uint32_t timer_port, timer_came;

static void on_timer(uint32_t port)
{
	(void)port;
	timer_came = 1 + kit_this_vcpu()->id;
}

static void set_own_timer(void)
{
	timer_port = (uint32_t)kit_evtchn_bind_virq(VIRQ_TIMER, WORKER);
	kit_evtchn_handle(timer_port, on_timer);
	hc_vcpu_op(VCPUOP_stop_periodic_timer, WORKER, NULL);
	hc_set_timer_op(kit_time_now() + MS);
}

/* ---- translations ---- */

static unsigned long va;
static char *page[2];
static volatile uint32_t reading, stop_reading, phase, stale;

/* Keeps the translation in use; once the first vCPU says so the old one must be gone. */
static void read_on(void)
{
	while (!stop_reading) {
		uint32_t p = phase;
		char c = *(volatile char *)va;

		if ((p & 1) && c != 'b')
			stale++;
		reading++;
	}
}

static uint64_t other_mask = 1UL << WORKER;

static void by_va_invlpg(uint64_t pte)
{
	hc_update_va_mapping(va, pte, UVMF_INVLPG | UVMF_ALL);
}

static void by_va_flush(uint64_t pte)
{
	hc_update_va_mapping(va, pte, UVMF_TLB_FLUSH | UVMF_ALL);
}

static void by_va_mask(uint64_t pte)
{
	hc_update_va_mapping(va, pte, UVMF_INVLPG | (unsigned long)&other_mask);
}

static void by_update_and(uint64_t pte, struct mmuext_op op)
{
	kit_pte_write(kit_pte_find(kit_root(), va, 1), pte);
	hc_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

static void by_flush_all(uint64_t pte)
{
	by_update_and(pte, (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_ALL });
}

static void by_invlpg_all(uint64_t pte)
{
	by_update_and(pte, (struct mmuext_op){ .cmd = MMUEXT_INVLPG_ALL, .arg1.linear_addr = va });
}

static void by_invlpg_multi(uint64_t pte)
{
	struct mmuext_op op = { .cmd = MMUEXT_INVLPG_MULTI, .arg1.linear_addr = va };

	set_xen_guest_handle(op.arg2.vcpumask, &other_mask);
	by_update_and(pte, op);
}

static void by_flush_multi(uint64_t pte)
{
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_MULTI };

	set_xen_guest_handle(op.arg2.vcpumask, &other_mask);
	by_update_and(pte, op);
}

static void translations(void)
{
	static const struct { const char *name; void (*set)(uint64_t pte); } kinds[] = {
		{ "update_va_mapping, invlpg", by_va_invlpg }, { "update_va_mapping, flush", by_va_flush },
		{ "update_va_mapping, mask", by_va_mask }, { "flush all", by_flush_all }, { "invlpg all", by_invlpg_all },
		{ "invlpg multi", by_invlpg_multi }, { "flush multi", by_flush_multi },
	};
	uint64_t a = kit_make_pte(kit_va_to_mfn(page[0]), PTE_RW), b = kit_make_pte(kit_va_to_mfn(page[1]), PTE_RW);

	page[0][0] = 'a';
	page[1][0] = 'b';
	by_va_invlpg(a);
	start_job(read_on);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		stale = 0;
		for (int round = 0; round < 20; round++) {
			uint32_t n = reading;

			phase = 0;
			by_va_invlpg(a);
			while (reading < n + 2)
				kit_pause();
			kinds[i].set(b);
			phase = 1;
			n = reading;
			while (reading < n + 2)
				kit_pause();
		}
		kit_check_eq(stale, 0, "nothing stale after %s", kinds[i].name);
	}
	stop_reading = 1;
	await_job("the reader is done");
}

/* ---- a page becomes a page table ---- */

static volatile uint32_t writing, stop_writing;
static volatile uint64_t *written;

static void write_one(void *arg)
{
	*(volatile uint64_t *)arg = 0;
	writing++;
	*(volatile uint64_t *)arg = 2;		/* present in no entry */
}

static void write_on(void)
{
	struct kit_fault f;

	while (!stop_writing)
		kit_probe(write_one, (void *)&written[5], &f);
}

static void becomes_table(void)
{
	uint64_t *table = kit_page_alloc();
	unsigned int changed = 0, refused = 0;

	written = table;
	start_job(write_on);
	for (int round = 0; round < 40; round++) {
		uint32_t n = writing;
		uint64_t before;

		while (writing < n + 2)
			kit_pause();
		/* No flush is asked for: it is for the hypervisor to see to it. */
		hc_update_va_mapping((unsigned long)table, kit_make_pte(kit_va_to_mfn(table), PTE_RO), 0);
		if (kit_pin(table, 1)) {
			refused++;
			hc_update_va_mapping((unsigned long)table, kit_make_pte(kit_va_to_mfn(table), PTE_RW), 0);
			continue;
		}
		/* From here on each write is emulated, and of an entry that is not present there is nothing to refuse. */
		n = writing;
		while (writing < n + 2)
			kit_pause();
		before = table[6];
		hc_update_va_mapping((unsigned long)table, kit_make_pte(kit_va_to_mfn(table), PTE_RO), UVMF_INVLPG | UVMF_ALL);
		changed += before != table[6];
		kit_unpin(table);
		hc_update_va_mapping((unsigned long)table, kit_make_pte(kit_va_to_mfn(table), PTE_RW), UVMF_INVLPG | UVMF_ALL);
	}
	stop_writing = 1;
	await_job("the writer is done");
	kit_check_eq(refused + changed, 0, "a page that another vCPU writes to becomes a table, again and again");
	kit_page_free(table);
}

void kit_main(void)
{
	va = kit_va_alloc(1);
	kit_pte_make(kit_root(), va);
	page[0] = kit_page_alloc();
	page[1] = kit_page_alloc();
	kit_event_init();
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	boot_with_flags(1, 0);
	boot_with_flags(2, 0x1000);
	kit_check_eq(kit_vcpu_boot(WORKER, work, NULL), 0, "a vCPU that works");
	events();
	polling();
	start_job(set_own_timer);
	await_job("the other vCPU sets its timer");
	kit_check(kit_wait_for(&timer_came, 1 + WORKER, WAIT), "its event comes there");
	translations();
	becomes_table();
	kit_audit();
}
