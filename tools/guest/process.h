/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that serve a guest's devices. Each is known by a file of its own purpose, in the guest's directory, which its command
 * line names: a number in a record may be another process's by now.
 */
#ifndef GUEST_PROCESS_H
#define GUEST_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether a process's command line has that file. One that has ended, but was not waited for yet, has none. */
bool process_serves(pid_t pid, const char *file);

/* Sends a signal, or none if it is 0, to all of them; how many there were. */
int processes_signal(const char *file, int signal);

/* Ends all of them, and waits until they have: up to 10 s. */
bool processes_end(const char *file);

#endif
