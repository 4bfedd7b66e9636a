// SPDX-License-Identifier: GPL-2.0-or-later
/* Other programs. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What it does is in the record: nobody is left to wait for the rest. The parent may have gone just before. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
}

static void execute(const char *const argv[])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

static void become(const char *const argv[], const char *const environment[], pid_t parent)
{
	die_with(parent);
	for (size_t i = 0; environment && environment[i]; i++)
		putenv((char *)environment[i]);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execute(argv);
}

int host_run(const char *const argv[], const char *const environment[])
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		become(argv, environment, parent);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : HOST_RUN_KILLED + WTERMSIG(status);
}

static void become_server(const char *const argv[], const char *log, pid_t parent)
{
	int null = open("/dev/null", O_RDWR), out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	die_with(parent);
	if (null < 0 || out < 0)
		_exit(126);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	/* Nothing else that this process may have been started with. */
	close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	execute(argv);
}

pid_t host_start(const char *const argv[], const char *log)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid)
		become_server(argv, log, parent);
	return pid < 0 ? -errno : pid;
}
