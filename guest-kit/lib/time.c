/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* System time from the shared time record. */

#include <guestkit/event.h>
#include <guestkit/trap.h>

uint64_t kit_time_now(void)
{
	volatile struct vcpu_time_info *t = &kit_this_vcpu()->info->time;
	uint32_t version;
	uint64_t now;

	do {
		uint64_t delta;

		version = t->version;
		kit_barrier();
		asm volatile("lfence" ::: "memory");
		delta = kit_rdtsc() - t->tsc_timestamp;
		if (t->tsc_shift < 0)
			delta >>= -t->tsc_shift;
		else
			delta <<= t->tsc_shift;
		now = t->system_time +
		      (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
		kit_barrier();
	} while ((version & 1) || version != t->version);
	return now;
}

void kit_time_spin(uint64_t ns)
{
	uint64_t end = kit_time_now() + ns;

	while (kit_time_now() < end)
		kit_pause();
}

bool kit_wait_for(volatile uint32_t *flag, uint32_t value, uint64_t ns)
{
	uint64_t end = kit_time_now() + ns;

	while (*flag != value) {
		if (kit_time_now() > end)
			return *flag == value;
		kit_pause();
	}
	return true;
}
