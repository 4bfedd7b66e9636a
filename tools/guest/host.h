/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What dom0's kernel does for a guest's devices. A program is linked with host_linux.c, or with a host made of files, for
 * tests. Functions that return an int give 0 or a negative errno.
 */
#ifndef GUEST_HOST_H
#define GUEST_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where sysfs is. */
const char *host_sys(void);

/*
 * The program that sets up network interfaces; the one that serves disks of other formats; the one that serves framebuffers, and the
 * user that it becomes.
 */
const char *host_net_helper(void);
const char *host_nbd_program(void);
const char *host_qemu_program(void);
const char *host_qemu_user(void);
bool host_user_exists(const char *name);

/*
 * Loop devices. One that is free now: its number, which another may take first (-EBUSY from the next). @tag, up to 63 bytes,
 * tells later whose it is.
 */
int host_loop_free(void);
int host_loop_attach(int number, const char *file, bool read_only, const char *tag);
bool host_loop_is(int number, const char *tag);
int host_loop_detach(int number);

/* Of a block device or a file: numbers, and whether it is a block device. */
int host_device(const char *path, bool *is_block, unsigned int *major, unsigned int *minor);

/* -EBUSY: this system uses the block device itself, such as for a file system. */
int host_block_usable(const char *path, bool read_only);

/*
 * Runs a program with arguments (argv[0] its path, NULL at the end) and more of the environment; its exit status, HOST_RUN_KILLED and
 * the number of the signal that ended it, or a negative errno.
 */
#define HOST_RUN_KILLED 128
int host_run(const char *const argv[], const char *const environment[]);

/*
 * Starts a program that goes on by itself, its output in the file @log; its number or a negative errno. Until it has changed its user it dies
 * when this process does, and can gain no rights by what it executes. Whatever this process keeps open by O_CLOEXEC, such as a
 * record's lock, stays so until the program runs.
 */
pid_t host_start(const char *const argv[], const char *log);

#endif
