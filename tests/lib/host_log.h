/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests: what was printed, panics as an outcome, and an end to threads that wait for each other. */
#ifndef TESTS_HOST_LOG_H
#define TESTS_HOST_LOG_H

#include <setjmp.h>
#include <stdbool.h>

extern char host_log[];
void host_log_clear(void);

/* With host_panic_wanted, panic() ends in longjmp to host_panic; its text is in the log. */
extern jmp_buf host_panic;
/* Complaints about locks (tests/hypervisor/lock_check.c); the first ends the program, unless they are wanted. */
extern unsigned int host_complaints;
extern bool host_complaints_wanted;
extern bool host_panic_wanted;

/* The program dies of SIGXCPU after so many seconds of processor time: threads that wait spin, and on a busy host the clock says nothing. */
void host_cpu_limit(unsigned int seconds);

#endif
