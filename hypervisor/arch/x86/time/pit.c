/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The old timer chip (Intel 8254 data sheet): its channel 2, which interrupts nobody, as a stop watch. */
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/compiler.h>

#define PIT_HZ		1193182UL
#define PIT_CH2		0x42
#define PIT_MODE	0x43
#define MODE_CH2_ONCE	0xb0		/* both bytes, mode 0: the output rises at zero */
#define PORT_B		0x61
#define PORT_B_GATE	0x01
#define PORT_B_SPEAKER	0x02
#define PORT_B_OUT	0x20
#define SPINS_MAX	1000000		/* where there is no such chip */

void __init pit_wait(unsigned int us)
{
	uint16_t count = (uint16_t)(us * PIT_HZ / 1000000);
	uint8_t b = inb(PORT_B) & 0x0f;

	outb((b & ~PORT_B_SPEAKER) | PORT_B_GATE, PORT_B);
	outb(MODE_CH2_ONCE, PIT_MODE);
	outb(count & 0xff, PIT_CH2);
	outb(count >> 8, PIT_CH2);
	for (unsigned int i = 0; i < SPINS_MAX && !(inb(PORT_B) & PORT_B_OUT); i++)
		cpu_relax();
	outb(b, PORT_B);
}
