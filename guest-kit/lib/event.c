/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Two-level event channels and the upcall. */

#include <guestkit/event.h>
#include <guestkit/trap.h>

#define MAX_PORTS	4096
#define WORD_BITS	64

static kit_event_handler handlers[MAX_PORTS];
static unsigned int counts[MAX_PORTS];

static inline bool test_bit(unsigned int nr, volatile unsigned long *map)
{
	return (map[nr / WORD_BITS] >> (nr % WORD_BITS)) & 1;
}

static inline void set_bit(unsigned int nr, volatile unsigned long *map)
{
	asm volatile("lock btsq %1, %0" : "+m" (map[nr / WORD_BITS])
		     : "r" ((unsigned long)nr % WORD_BITS) : "memory");
}

static inline void clear_bit(unsigned int nr, volatile unsigned long *map)
{
	asm volatile("lock btrq %1, %0" : "+m" (map[nr / WORD_BITS])
		     : "r" ((unsigned long)nr % WORD_BITS) : "memory");
}

int kit_evtchn_alloc_unbound(domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
	long ret = hc_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return ret ? (int)ret : (int)op.port;
}

int kit_evtchn_bind_interdomain(domid_t remote, uint32_t remote_port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = remote_port };
	long ret = hc_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return ret ? (int)ret : (int)op.local_port;
}

int kit_evtchn_bind_virq(uint32_t virq, uint32_t vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	long ret = hc_event_channel_op(EVTCHNOP_bind_virq, &op);

	return ret ? (int)ret : (int)op.port;
}

int kit_evtchn_bind_ipi(uint32_t vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	long ret = hc_event_channel_op(EVTCHNOP_bind_ipi, &op);

	return ret ? (int)ret : (int)op.port;
}

long kit_evtchn_send(uint32_t port)
{
	struct evtchn_send op = { .port = port };

	return hc_event_channel_op(EVTCHNOP_send, &op);
}

long kit_evtchn_close(uint32_t port)
{
	struct evtchn_close op = { .port = port };

	return hc_event_channel_op(EVTCHNOP_close, &op);
}

long kit_evtchn_unmask_op(uint32_t port)
{
	struct evtchn_unmask op = { .port = port };

	return hc_event_channel_op(EVTCHNOP_unmask, &op);
}

void kit_evtchn_handle(uint32_t port, kit_event_handler handler)
{
	handlers[port] = handler;
}

unsigned int kit_evtchn_count(uint32_t port)
{
	return *(volatile unsigned int *)&counts[port];
}

bool kit_evtchn_pending(uint32_t port)
{
	return test_bit(port, (volatile unsigned long *)kit_shared->evtchn_pending);
}

bool kit_evtchn_masked(uint32_t port)
{
	return test_bit(port, (volatile unsigned long *)kit_shared->evtchn_mask);
}

void kit_evtchn_set_mask(uint32_t port, bool masked)
{
	if (masked)
		set_bit(port, (volatile unsigned long *)kit_shared->evtchn_mask);
	else
		clear_bit(port, (volatile unsigned long *)kit_shared->evtchn_mask);
}

void kit_evtchn_clear(uint32_t port)
{
	clear_bit(port, (volatile unsigned long *)kit_shared->evtchn_pending);
}

static void handle_word(unsigned int word)
{
	volatile unsigned long *pending = (void *)kit_shared->evtchn_pending;
	volatile unsigned long *mask = (void *)kit_shared->evtchn_mask;
	unsigned long bits;

	while ((bits = pending[word] & ~mask[word])) {
		unsigned int port = word * WORD_BITS + (unsigned int)__builtin_ctzl(bits);

		clear_bit(port, pending);
		counts[port]++;
		if (handlers[port])
			handlers[port](port);
	}
}

static bool upcall(struct kit_regs *regs)
{
	volatile struct vcpu_info *info = kit_this_vcpu()->info;
	unsigned long sel;

	(void)regs;
	do {
		info->evtchn_upcall_pending = 0;
		sel = __atomic_exchange_n(&info->evtchn_pending_sel, 0UL, __ATOMIC_SEQ_CST);
		for (; sel; sel &= sel - 1)
			handle_word((unsigned int)__builtin_ctzl(sel));
	} while (info->evtchn_upcall_pending);
	return true;
}

void kit_event_init(void)
{
	kit_set_hook(KIT_VEC_EVENT, upcall);
}
