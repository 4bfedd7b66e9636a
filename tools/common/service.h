/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service manager: readiness, sockets it hands over, descriptors it keeps for a successor; privileges. */
#ifndef COMMON_SERVICE_H
#define COMMON_SERVICE_H

#include <stdbool.h>

/* Is there a service manager that listens (NOTIFY_SOCKET)? */
bool service_managed(void);

/* Sends @state ("READY=1", "STATUS=..."). Nothing happens without a manager. */
void service_notify(const char *state);

/* Has the manager keep @fd under @name until service_forget(): it comes back to the next process. True: it was told so. */
bool service_keep(const char *name, int fd);
void service_forget(const char *name);

/*
 * Descriptors that were handed to this process (LISTEN_FDS), each with its name. @take gets each once and owns it.
 * Returns their number. The environment variables are removed.
 */
int service_inherited(void (*take)(void *arg, const char *name, int fd), void *arg);

/* Writes the number of this process to a file, unless @path is NULL. Failure ends the process. */
void service_pidfile(const char *path);

/* Makes a directory (mode 0700) if it is missing, and @user's unless that is NULL. Failure ends the process. */
void service_own_dir(const char *path, const char *user);

/*
 * Goes to the background: the caller goes on in a process of its own, while the first one waits and ends with status 0 once
 * service_detached() is called, or with 1 if this process ends before. To be called before anything is opened: memory that
 * hypercalls use and pages that other domains share are not there after a fork.
 */
void service_detach(void);

/* Everything is ready; messages have nowhere to go from here on. Nothing happens without service_detach(). */
void service_detached(void);

/* Gives up root for @user, for good; no capability remains. Ends the process with a message if that fails. */
void service_become(const char *user);

#endif
