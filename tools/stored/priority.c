// SPDX-License-Identifier: GPL-2.0-or-later
#include "priority.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "log.h"

#define WINDOW 0.1		/* seconds */
#define LOOK_EVERY 0.005
#define BUDGET 0.08		/* seconds of processor time in a window, where others have a second processor */
#define BUDGET_ALONE 0.05

static bool allowed, preferred;
static double window_begin, used_before, looked;

static double processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double budget(void)
{
	cpu_set_t set;

	return !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) == 1 ? BUDGET_ALONE : BUDGET;
}

static void prefer(bool wanted)
{
	struct sched_param param = { .sched_priority = wanted ? 1 : 0 };

	if (wanted == preferred)
		return;
	if (sched_setscheduler(0, (wanted ? SCHED_RR : SCHED_OTHER) | SCHED_RESET_ON_FORK, &param)) {
		log_debug("no priority over other processes: %s", strerror(errno));
		allowed = false;
		return;
	}
	preferred = wanted;
}

void priority_start(void)
{
	const struct rlimit limit = { .rlim_cur = 1, .rlim_max = 1 };

	/* For the time after root; one that the service manager has set already does as well. */
	setrlimit(RLIMIT_RTPRIO, &limit);
	allowed = true;
}

void priority_turn(double now)
{
	double used;

	if (!allowed || (now >= looked && now < looked + LOOK_EVERY))
		return;
	looked = now;
	used = processor_time();
	if (now < window_begin || now >= window_begin + WINDOW) {
		window_begin = now;
		used_before = used;
	}
	prefer(used - used_before < budget());
}
