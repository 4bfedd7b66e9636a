/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with a hypervisor, in this process: frames of memory, domains that own them, page tables that are checked
 * when they are pinned. It knows the calls that make a domain a guest, and is stricter than a real one where it can
 * be.
 */
#ifndef TESTS_FAKE_MACHINE_H
#define TESTS_FAKE_MACHINE_H

#include <xen/domctl.h>

#include "tenon.h"

#define FAKE_DOMID	7

struct fake_machine {
	uint64_t nr_frames;
	uint8_t *memory;		/* all of it, for the test */
	int fd;				/* the same, for mappings */
	struct fake_frame {
		int16_t owner;		/* -1: free; 0: the hypervisor */
		uint8_t level;		/* of the page table that it is */
		uint8_t visited;
		uint32_t mapped;	/* times, by tools */
		uint64_t pfn;		/* the machine-to-physical table */
	} *frames;
	uint64_t free_frames, superpages_left;
	unsigned long next;		/* of a random sequence */
	bool dirty;			/* frames are full of junk when they are given out */
	uint64_t now_mapped, most_mapped;
	long calls, fail_at;		/* that call, or mapping, fails with @error; 0: none */
	int error;
	/* The domain. */
	bool exists;
	uint64_t max_pages, tot_pages, claimed, map_bytes, shared_info, grant_frame;
	uint32_t vcpus, ports, tsc_mode, nr_leaves;
	uint64_t hypercall_page, root;
	uint16_t port_remote[8];
	xen_cpuid_leaf_t leaves[192];
	struct vcpu_guest_context *context;	/* of vCPU 0, or NULL */
};

/* A machine of that many frames, which has domain FAKE_DOMID as createdomain leaves it. */
struct fake_machine *fake_machine_new(uint64_t nr_frames);
void fake_machine_free(struct fake_machine *machine);

/* A handle on it; tenon_close() leaves the machine alone. */
struct tenon *fake_machine_open(struct fake_machine *machine);

/* What destroydomain does. */
void fake_machine_destroy(struct fake_machine *machine);

static inline void *fake_frame(struct fake_machine *machine, uint64_t frame)
{
	return machine->memory + frame * 4096;
}

/* The frame that the guest has mapped at @address, or 0; *writable (may be NULL): all the way down. */
uint64_t fake_walk(struct fake_machine *machine, uint64_t address, bool *writable);

#endif
