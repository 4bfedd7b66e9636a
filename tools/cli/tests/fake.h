/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the hypervisor that is made of a file. */
#ifndef CLI_TESTS_FAKE_H
#define CLI_TESTS_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define FAKE_CPUS 4

/* Numbers with a name ("3.weight") that stay: in the file beside the domains', with ".more". */
unsigned long fake_get(const char *name, unsigned long otherwise);
void fake_set(const char *name, unsigned long value);

/* The same, of a domain. */
unsigned long fake_domain_get(unsigned int domid, const char *name, unsigned long otherwise);
void fake_domain_set(unsigned int domid, const char *name, unsigned long value);

/* What fake_sched.c knows of: vCPUs, affinities, the scheduler, memory's limit. -ENOSYS: something else. */
long fake_sched_domctl(struct xen_domctl *op, unsigned int vcpus);
long fake_sched_sysctl(struct xen_sysctl *op);

/* fake_memory.c */
void *fake_map(void *context, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[]);
void fake_unmap(void *context, void *memory, size_t count);
long fake_vcpu_context(const struct xen_domctl *op, unsigned int vcpus);

#endif
