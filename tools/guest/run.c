// SPDX-License-Identifier: GPL-2.0-or-later
/* Other programs. */
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const char *const argv[], const char *const environment[], pid_t parent)
{
	sigset_t none;

	/* What it did is in the record: nobody is left to wait for the rest. The parent may have gone just before. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);

	for (size_t i = 0; environment && environment[i]; i++)
		putenv((char *)environment[i]);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execv(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
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
