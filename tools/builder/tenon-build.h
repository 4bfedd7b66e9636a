/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libtenon: how a domain that was just created becomes a 64-bit paravirtual guest that can be started.
 *
 * The order in which a tool makes a guest:
 *   1. tenon_build_check(): the files are good, before there is a domain;
 *   2. XEN_DOMCTL_createdomain gives its number; it has neither memory nor vCPUs and is paused;
 *   3. tenon_build_pv(): memory, vCPUs, page tables, kernel;
 *   4. its nodes in the store: store/ring-ref (store_frame), store/port, console/ring-ref (console_frame),
 * console/port;
 *   5. tenon_store_introduce(store, domid, store_frame, store_port);
 *   6. tenon_unpause_domain().
 *
 * All that is made belongs to the domain: after a failure, or when the calling process was killed at whatever
 * moment, tenon_destroy_domain() gives everything back.
 *
 * Files may be hostile. Each number in them is checked, and what they may make this process allocate is bounded
 * (TENON_KERNEL_MAX).
 */
#ifndef TENON_BUILD_H
#define TENON_BUILD_H

#include "tenon.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel's size at most, in bytes, packed or not. */
#define TENON_KERNEL_MAX	(512UL << 20)

/* A command line's length at most, in bytes without the zero. */
#define TENON_COMMAND_LINE_MAX	1023

/* A file, by its path, or open already. All zero: none. */
struct tenon_file {
	const char *path;	/* opened when needed; with @is_open only the name that messages have */
	bool is_open;
	int fd;			/* with @is_open; read with pread() from offset 0; stays open, its position as it was */
};

/* Modes of the time stamp counter, numbered as in the interface (tsc_mode in guests' configuration files). */
enum tenon_tsc { TENON_TSC_DEFAULT = 0, TENON_TSC_EMULATED = 1, TENON_TSC_NATIVE = 2 };

struct tenon_build {
	struct tenon_file kernel;	/* bzImage (gzip, xz, lzma, lz4, zstd), ELF, or ELF in gzip */
	struct tenon_file ramdisk;	/* optional; its bytes reach the guest as they are */
	const char *command_line;	/* NULL: an empty one */
	uint64_t memory_kib;		/* what it starts with; rounded up to pages */
	uint64_t max_memory_kib; /* what its kernel is prepared to grow to; 0, or less than memory_kib: memory_kib */
	uint32_t vcpus;			/* the most that it can ever have online; at least 1 */
	uint16_t store_domid;		/* where the store and the console are served: 0, the domain of the tools */
	uint16_t console_domid;
	enum tenon_tsc tsc;
	/*
	 * A directory for unpacked kernels, made if it is missing (its parent must be there); NULL: none. Only this user may write to it.
	 * A kernel that is there is not unpacked again.
	 */
	const char *cache;
	bool invariant_tsc; /* promise that the counter's rate never changes: the guest cannot move to another host */
};

struct tenon_built {
	uint64_t store_frame, console_frame;	/* machine frames: what ring-ref and tenon_store_introduce() want */
	uint32_t store_port, console_port;	/* ports of the guest, which the serving domain may bind to */
};

/* Room for a message. */
#define TENON_WHY_SIZE	512

/*
 * Looks at the kernel, the ramdisk, the command line and the sizes, without a hypervisor: the kernel is unpacked and
 * its notes are read, and whether everything fits into the memory. @why: for the user, one line without a newline,
 * names the file; empty on success. What is negative: -ENOEXEC   the kernel is broken, or not one that can be started
 * here -EINVAL    a size or a length is out of its range; or vcpus, or the command line -ENOMEM    the guest's memory
 * is too small for its files, or this process has none left others     of open() and pread()
 */
int tenon_build_check(const struct tenon_build *what, char why[TENON_WHY_SIZE]);

/*
 * Makes domain @domid, fresh from createdomain, ready to be unpaused. It does, in this order: all that
 * tenon_build_check() does; vCPUs (max_vcpus), memory limit, CPUID policy, clock mode; memory; ports; kernel, ramdisk,
 * p2m, start info, page tables (pinned); reserved grants of the store's and the console's page; vCPU 0's registers.
 *
 * createdomain must have been given at least @what->vcpus vCPUs, one grant frame, and grant tables of version 1
 * (grant_opts).
 * @built is set on success. Errors are those of the check, and the hypervisor's; -ENOMEM also when the machine has not
 * as much free memory. @why as above. No more than 4 MiB of the guest's memory is mapped at any time.
 */
int tenon_build_pv(struct tenon *tenon, uint16_t domid, const struct tenon_build *what, struct tenon_built *built,
		   char why[TENON_WHY_SIZE]);

/*
 * The same in two steps, which read and unpack the files once: new is the check, run the rest; run may be called once.
 * @what, and all that it points to, must stay as it is until free. new returns NULL and sets errno if something is
 * wrong.
 */
struct tenon_builder;
struct tenon_builder *tenon_builder_new(const struct tenon_build *what, char why[TENON_WHY_SIZE]);
int tenon_builder_run(struct tenon_builder *builder, struct tenon *tenon, uint16_t domid, struct tenon_built *built,
		      char why[TENON_WHY_SIZE]);

/*
 * Keeps what was unpacked for the next guest, if there is a directory for that. It waits for the disk: best when the guest runs
 * already. Those used least lately go: there are four at most.
 */
void tenon_builder_keep(struct tenon_builder *builder);
void tenon_builder_free(struct tenon_builder *builder);

#ifdef __cplusplus
}
#endif

#endif
