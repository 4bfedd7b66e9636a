// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_US		20000
#define STEPS		250	/* before it is killed, and then again */

bool process_serves(pid_t pid, const char *file)
{
	char path[64], line[8192];
	size_t got;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	in = fopen(path, "r");
	if (!in)
		return false;
	got = fread(line, 1, sizeof(line) - 1, in);
	fclose(in);
	line[got] = '\0';
	for (size_t i = 0; i < got; i++)
		if (!line[i])
			line[i] = ' ';
	return strstr(line, file);
}

int processes_signal(const char *file, int signal)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && process_serves(pid, file)) {
			kill(pid, signal);
			count++;
		}
	}
	if (dir)
		closedir(dir);
	return count;
}

bool processes_end(const char *file)
{
	for (int i = 0; i < 2 * STEPS; i++) {
		if (!processes_signal(file, i == 0 ? SIGTERM : i == STEPS ? SIGKILL : 0))
			return true;
		usleep(STEP_US);
	}
	return false;
}
