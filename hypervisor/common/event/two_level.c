/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first interface: a bit a port in the shared page, and a selector of words in each vCPU's info.
 * A port beyond can be met only while a domain leaves the FIFO interface, and is not in use.
 */
#include <tenon/bitops.h>
#include "event.h"

#define BITS_PER_WORD	(8 * sizeof(xen_ulong_t))

static void tell_vcpu(const struct evtchn *chn)
{
	struct vcpu *v = evtchn_vcpu(chn);

	if (likely(v) && !test_and_set_bit(chn->port / BITS_PER_WORD, &v->vcpu_info->evtchn_pending_sel))
		vcpu_mark_events_pending(v);
}

static void set_pending(struct evtchn *chn)
{
	struct domain *d = chn->domain;
	struct shared_info *shared = d->shared_info;

	if (unlikely(chn->port >= EVTCHN_2L_NR_CHANNELS))
		return;
	if (test_and_set_bit(chn->port, shared->evtchn_pending))
		return;
	if (!test_bit(chn->port, shared->evtchn_mask))
		tell_vcpu(chn);
	evtchn_wake_pollers(d, chn->port);
}

static void clear_pending(struct evtchn *chn)
{
	if (chn->port < EVTCHN_2L_NR_CHANNELS)
		clear_bit(chn->port, chn->domain->shared_info->evtchn_pending);
}

static void unmask(struct evtchn *chn)
{
	struct shared_info *shared = chn->domain->shared_info;

	if (chn->port < EVTCHN_2L_NR_CHANNELS && test_and_clear_bit(chn->port, shared->evtchn_mask) &&
	    test_bit(chn->port, shared->evtchn_pending))
		tell_vcpu(chn);
}

static bool is_pending(const struct evtchn *chn)
{
	return chn->port < EVTCHN_2L_NR_CHANNELS && test_bit(chn->port, chn->domain->shared_info->evtchn_pending);
}

static bool is_masked(const struct evtchn *chn)
{
	return chn->port >= EVTCHN_2L_NR_CHANNELS || test_bit(chn->port, chn->domain->shared_info->evtchn_mask);
}

const struct evtchn_port_ops evtchn_2l_ops = {
	.nr_ports = EVTCHN_2L_NR_CHANNELS,
	.set_pending = set_pending,
	.clear_pending = clear_pending,
	.unmask = unmask,
	.is_pending = is_pending,
	.is_masked = is_masked,
};
