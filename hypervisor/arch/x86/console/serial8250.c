/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial line: an 8250-compatible port (National Semiconductor PC16550D data sheet). */
#include <asm/system.h>
#include <tenon/cmdline.h>
#include <tenon/init.h>
#include <tenon/irq.h>
#include <tenon/lib.h>
#include <tenon/timer.h>
#include <tenon/percpu.h>
#include "../../../common/console/console.h"
#include "serial.h"

enum { RBR = 0, THR = 0, DLL = 0, IER = 1, DLM = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };
#define LCR_DLAB	0x80
#define FCR_ENABLE	0x07		/* FIFOs on and emptied */
#define MCR_ON		0x0b		/* DTR, RTS, OUT2: interrupts reach the controller */
#define LSR_DATA	0x01
#define LSR_THR_EMPTY	0x20
#define IER_RX		0x01
#define CLOCK		115200U		/* baud at divisor 1 */
#define TX_SPINS	100000
#define POLL_PERIOD	MILLISECS(10)

struct uart {
	uint16_t port;
	unsigned int irq, baud;		/* baud 0: as firmware left it */
	uint8_t data_bits, stop_bits;
	char parity;
	bool in_use, dead;
	struct timer poll;
};

static struct uart com[2] = {
	{ .port = 0x3f8, .irq = 4, .data_bits = 8, .parity = 'n', .stop_bits = 1 },
	{ .port = 0x2f8, .irq = 3, .data_bits = 8, .parity = 'n', .stop_bits = 1 },
};
static struct uart *line;		/* the one that console= chose */
static void (*receiver)(char c);

/* <baud|auto>[,<data><parity><stop>[,<port>[,<irq>]]] */
static int __init parse_com(struct uart *u, const char *s)
{
	const char *e = s;

	if (!strncmp(s, "auto", 4))
		e = s + 4;
	else
		u->baud = strtoul(s, &e, 10);
	if (u->baud > CLOCK || (e == s && *s != ','))
		return -EINVAL;
	if (*e == ',') {
		s = e + 1;
		if (*s && *s != ',') {
			if (s[0] < '5' || s[0] > '8' || !s[1] || !strchr("noems", s[1]) || (s[2] != '1' && s[2] != '2'))
				return -EINVAL;
			u->data_bits = s[0] - '0';
			u->parity = s[1];
			u->stop_bits = s[2] - '0';
			s += 3;
		}
		e = s;
	}
	if (*e == ',') {
		unsigned long port = strtoul(e + 1, &e, 0);

		if (!port || port > 0xfff8)
			return -EINVAL;
		u->port = port;
	}
	if (*e == ',')
		u->irq = strtoul(e + 1, &e, 0);
	return *e ? -EINVAL : 0;
}

static int __init parse_com1(const char *s)
{
	return parse_com(&com[0], s);
}
static int __init parse_com2(const char *s)
{
	return parse_com(&com[1], s);
}
BOOT_OPTION_CUSTOM("com1", parse_com1, "<baud|auto>[,8n1[,<port>[,<irq>]]]: the first serial port");
BOOT_OPTION_CUSTOM("com2", parse_com2, "as com1, the second serial port");

static bool console_vga;
bool screen_wanted(void);

static int __init parse_console(const char *s)
{
	line = NULL;
	console_vga = false;
	while (*s) {
		size_t n = 0;

		while (s[n] && s[n] != ',')
			n++;
		if (n == 4 && !strncmp(s, "com1", 4))
			line = &com[0];
		else if (n == 4 && !strncmp(s, "com2", 4))
			line = &com[1];
		else if (n == 3 && !strncmp(s, "vga", 3))
			console_vga = true;
		else if (!(n == 4 && !strncmp(s, "none", 4)))
			return -EINVAL;
		s += n + (s[n] == ',');
	}
	return 0;
}
BOOT_OPTION_CUSTOM("console", parse_console, "where messages go: com1, com2, vga, none, or several with commas; default vga");


bool screen_wanted(void)
{
	return console_vga || !line;
}

static void setup_line(struct uart *u)
{
	static const char parity_codes[] = { 'n', 0, 'o', 1, 'e', 3, 'm', 5, 's', 7 };
	uint8_t lcr = (u->data_bits - 5) | (u->stop_bits == 2 ? 4 : 0);

	for (unsigned int i = 0; i < sizeof(parity_codes); i += 2)
		if (parity_codes[i] == u->parity)
			lcr |= parity_codes[i + 1] << 3;
	outb(0, u->port + IER);
	if (u->baud) {
		uint16_t div = CLOCK / u->baud;

		outb(lcr | LCR_DLAB, u->port + LCR);
		outb(div & 0xff, u->port + DLL);
		outb(div >> 8, u->port + DLM);
	}
	outb(lcr, u->port + LCR);
	outb(FCR_ENABLE, u->port + FCR);
	outb(MCR_ON, u->port + MCR);
	/* A port that reads all ones is not there. */
	u->dead = inb(u->port + LSR) == 0xff;
	u->in_use = true;
}

void __init serial_init_early(void)
{
	if (line)
		setup_line(line);
}

static void send(struct uart *u, char c)
{
	for (unsigned int i = 0; i < TX_SPINS; i++) {
		if (inb(u->port + LSR) & LSR_THR_EMPTY) {
			outb((uint8_t)c, u->port + THR);
			return;
		}
		cpu_relax();
	}
	u->dead = true;		/* nobody takes it: do not stop the machine for that */
}

void serial_write(const char *s, size_t n)
{
	if (!line || !line->in_use || line->dead)
		return;
	for (size_t i = 0; i < n && !line->dead; i++) {
		if (s[i] == '\n')
			send(line, '\r');
		send(line, s[i]);
	}
}

void serial_sync(void)
{
	if (line && line->in_use)
		outb(0, line->port + IER);
}

static void drain(void)
{
	/* Bounded: a broken port may say "data" for ever. */
	for (unsigned int i = 0; i < 64 && (inb(line->port + LSR) & LSR_DATA); i++) {
		char c = (char)inb(line->port + RBR);

		if (receiver)
			receiver(c);
	}
}

static void serial_interrupt(unsigned int irq, void *data)
{
	drain();
}

static void serial_poll(void *data)
{
	drain();
	timer_set(&line->poll, now() + POLL_PERIOD);
}

void serial_set_receiver(void (*fn)(char c))
{
	receiver = fn;
}

void __init serial_init_irq(void)
{
	if (!line || !line->in_use || line->dead)
		return;
	if (line->irq && !irq_request(line->irq, serial_interrupt, line, "serial")) {
		outb(IER_RX, line->port + IER);
		drain();
		return;
	}
	printk(LOG_WARN "Serial: no interrupt %u, input is polled\n", line->irq);
	timer_init(&line->poll, serial_poll, NULL, 0);
	timer_set(&line->poll, now() + POLL_PERIOD);
}

bool serial_port_range(uint16_t *first, uint16_t *last)
{
	if (!line || !line->in_use)
		return false;
	*first = line->port;
	*last = line->port + 7;
	return true;
}
