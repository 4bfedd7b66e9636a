/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Text output: the hypervisor's console always, the shared console ring when there is one. */

#include <stdarg.h>
#include <guestkit/kit.h>
#include <guestkit/mm.h>
#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

static volatile struct xencons_interface *ring;
static uint32_t ring_port;

void kit_console_init(void)
{
	unsigned long mfn = kit_start_info->console.domU.mfn;
	unsigned long va;

	if ((kit_start_info->flags & SIF_INITDOMAIN) || !mfn)
		return;
	va = kit_va_alloc(1);
	if (kit_map(va, mfn, PTE_RW))
		return;
	ring = (void *)va;
	ring_port = kit_start_info->console.domU.evtchn;
}

/* The reader is another domain: waits for room for a bounded time, then drops text. */
static void ring_write(const char *text, size_t length)
{
	struct evtchn_send send = { .port = ring_port };
	unsigned int patience = 1000000;
	uint32_t prod = ring->out_prod;

	while (length) {
		if (prod - ring->out_cons >= sizeof(ring->out)) {
			hc_event_channel_op(EVTCHNOP_send, &send);
			hc_sched_op(SCHEDOP_yield, NULL);
			if (!--patience)
				break;
			continue;
		}
		ring->out[MASK_XENCONS_IDX(prod, ring->out)] = *text++;
		kit_mb();
		ring->out_prod = ++prod;
		length--;
	}
	hc_event_channel_op(EVTCHNOP_send, &send);
}

void kit_console_write(const char *text, size_t length)
{
	hc_console_io(CONSOLEIO_write, (int)length, text);
	if (ring)
		ring_write(text, length);
}

void kit_printf(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = kit_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	kit_console_write(line, n);
}
