/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <asm/system.h>
#include <tenon/arch.h>

/*
 * Interrupts are off and nothing is pending: STI lets none through before HLT has begun. MWAIT
 * would gain nothing without deeper states, and spins under an emulator.
 */
void arch_idle(void)
{
	safe_halt();
}
