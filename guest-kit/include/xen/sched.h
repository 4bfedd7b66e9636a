/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* sched_op(cmd, arg): giving up the processor, and the end of a domain. */
#ifndef XEN_SCHED_H
#define XEN_SCHED_H

#include <xen/event_channel.h>

#define SCHEDOP_yield		0
#define SCHEDOP_block		1	/* unmasks upcalls and waits for one */
#define SCHEDOP_shutdown	2
#define SCHEDOP_poll		3
#define SCHEDOP_remote_shutdown	4	/* dom0 */
#define SCHEDOP_shutdown_code	5	/* sets the reason; the domain runs on */
#define SCHEDOP_watchdog	6
#define SCHEDOP_pin_override	7	/* dom0 */

#define SHUTDOWN_poweroff	0
#define SHUTDOWN_reboot		1
#define SHUTDOWN_suspend	2
#define SHUTDOWN_crash		3
#define SHUTDOWN_watchdog	4
#define SHUTDOWN_soft_reset	5
#define SHUTDOWN_MAX		5

struct sched_shutdown {
	unsigned int reason;		/* SHUTDOWN_* */
};

/* Waits, upcalls masked, until one of the ports is pending or the system time is reached (0: no limit). */
struct sched_poll {
	XEN_GUEST_HANDLE(evtchn_port_t) ports;
	unsigned int nr_ports;
	uint64_t timeout;
};

struct sched_remote_shutdown {
	domid_t domain_id;
	unsigned int reason;
};

/* id 0 makes one and returns its number; timeout (seconds) 0 takes it away. */
struct sched_watchdog {
	uint32_t id;
	uint32_t timeout;
};

/* Binds the calling vCPU to a processor; a negative number undoes it. */
struct sched_pin_override {
	int32_t pcpu;
};

#endif
