/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two old interrupt controllers: moved away from the exceptions, and silenced. */
#include <asm/apic.h>
#include <asm/desc.h>
#include <tenon/lib.h>

#define PIC1_CMD	0x20
#define PIC1_DATA	0x21
#define PIC2_CMD	0xa0
#define PIC2_DATA	0xa1
#define ICW1_INIT	0x11	/* edge, cascade, ICW4 follows */
#define ICW4_8086	0x01
#define OCW2_EOI	0x20
#define OCW3_READ_ISR	0x0b

static void io_wait(void)
{
	outb(0, 0x80);
}

static void out_wait(uint8_t v, uint16_t port)
{
	outb(v, port);
	io_wait();
}

void __init i8259_init(void)
{
	outb(0xff, PIC1_DATA);
	outb(0xff, PIC2_DATA);
	out_wait(ICW1_INIT, PIC1_CMD);
	out_wait(FIRST_IRQ_VECTOR, PIC1_DATA);
	out_wait(1 << 2, PIC1_DATA);		/* the second one hangs on line 2 */
	out_wait(ICW4_8086, PIC1_DATA);
	out_wait(ICW1_INIT, PIC2_CMD);
	out_wait(FIRST_IRQ_VECTOR + 8, PIC2_DATA);
	out_wait(2, PIC2_DATA);
	out_wait(ICW4_8086, PIC2_DATA);
	outb(0xff, PIC1_DATA);
	outb(0xff, PIC2_DATA);
}

/*
 * A controller reports line 7 when a request went away before it was taken; it has then nothing in
 * service and wants no EOI. The first controller sees the second's as a real one.
 */
void i8259_spurious(unsigned int vector)
{
	unsigned int line = vector - FIRST_IRQ_VECTOR;
	uint16_t cmd = line < 8 ? PIC1_CMD : PIC2_CMD;
	bool real;

	outb(OCW3_READ_ISR, cmd);
	real = inb(cmd) >> (line & 7) & 1;
	if (real)
		outb(OCW2_EOI, cmd);
	if (line >= 8)
		outb(OCW2_EOI, PIC1_CMD);
}
