/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the daemon runs. Each reply wakes a client, which the kernel likes to run at once in the daemon's place: every
 * reply then costs two switches, and those whose requests wait stay asleep. So the daemon runs before ordinary processes
 * (round robin, the lowest real-time priority), but only as long as it takes less of each tenth of a second than is good for
 * those: a guest that never stops asking does not keep dom0 from its work.
 */
#ifndef STORED_PRIORITY_H
#define STORED_PRIORITY_H

/* Once, before root is given up. Where it is not allowed the daemon stays an ordinary process. */
void priority_start(void);

/* In each turn. @now: seconds (ev_now()). */
void priority_turn(double now);

#endif
