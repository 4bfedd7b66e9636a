/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's devices under /dev/xen: hypercalls, event channels, grants. */
#ifndef COMMON_XENDEV_H
#define COMMON_XENDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens /dev/xen/NAME; a negative errno if that fails. */
int xendev_open(const char *name);

/* Memory that hypercalls may read and write: present, and locked. NULL: errno says why. */
void *xendev_buffer(size_t size);

/* @privcmd: the device's descriptor. Returns the hypercall's result, or a negative errno. */
long xendev_hypercall(int privcmd, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);

/*
 * Maps @count machine frames of @domid, next to each other, to read, and to write if @write is true. Frames that are page tables
 * of a paravirtual guest can only be read. @errors: per frame 0, or the negative errno for which it is not there (its place must
 * not be touched); NULL: it fails if any is not there. NULL: errno says why.
 */
void *xendev_map_foreign(int privcmd, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[]);
void xendev_unmap_foreign(void *memory, size_t count);

/* Event channels; @evtchn: the descriptor of "evtchn", opened non-blocking. Ports, or a negative errno. */
int xendev_bind(int evtchn, uint16_t domid, uint32_t remote_port);
int xendev_bind_virq(int evtchn, unsigned int virq);
void xendev_unbind(int evtchn, int port);
void xendev_notify(int evtchn, int port);
int xendev_next_event(int evtchn);	/* -1: none */
void xendev_unmask(int evtchn, int port);

/* Maps the page of a grant of @domid, to read and write. NULL: errno says why. @gntdev: the descriptor of "gntdev". */
void *xendev_map_grant(int gntdev, uint16_t domid, uint32_t reference);
void xendev_unmap_grant(int gntdev, void *page);

#endif
