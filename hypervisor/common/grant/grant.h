/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the grant tables. An entry in the guest's shared page says what may be done; the active entry
 * beside it says what is being done, under its own lock. Tables only grow: entries never move.
 */
#ifndef COMMON_GRANT_GRANT_H
#define COMMON_GRANT_GRANT_H

#include <tenon/domain.h>
#include <tenon/grant.h>
#include <tenon/lib.h>

#define ENTRIES_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define HANDLES_PER_FRAME	(PAGE_SIZE / sizeof(struct maptrack))
#define INVALID_HANDLE		(~0U)

/* Users of an entry, four counters of eight bits; none goes beyond 128. */
#define PIN_HOST_WRITE	0x00000001U
#define PIN_HOST_READ	0x00000100U
#define PIN_DEV_WRITE	0x00010000U
#define PIN_DEV_READ	0x01000000U
#define PIN_WRITERS	(0xffU * (PIN_HOST_WRITE | PIN_DEV_WRITE))
#define PIN_FULL	0x80808080U

struct grant_active {
	spinlock_t lock;
	uint32_t pin;			/* sum of PIN_*; 0: the rest says nothing */
	uint32_t mfn;
	domid_t domid;			/* who uses it */
};

/* What a domain has mapped of others', by handle. Changed under the lock of the active entry it names. */
struct maptrack {
	uint32_t ref;			/* free: the next free handle */
	uint16_t flags;			/* GNTMAP_* that are in force; 0: free */
	domid_t domid;			/* whose entry */
};

struct grant_table {
	spinlock_t lock;		/* growing */
	unsigned int nr_frames, max_frames;
	struct grant_entry_v1 **shared;	/* max_frames pointers each */
	struct grant_active **active;
	spinlock_t maptrack_lock;
	unsigned int nr_maptrack, max_maptrack;	/* frames */
	struct maptrack **maptrack;	/* NULL until something is mapped */
	uint32_t free_handle;
	uint32_t next_release;		/* handles below are done with: release_mappings */
};

static inline unsigned int grant_entries(const struct grant_table *gt)
{
	return __atomic_load_n(&gt->nr_frames, __ATOMIC_ACQUIRE) * ENTRIES_PER_FRAME;
}

/* Is there such an entry? It is no other then, whatever the processor guesses. */
static inline bool grant_ref_valid(const struct grant_table *gt, grant_ref_t *ref)
{
	unsigned int n = grant_entries(gt);
	bool valid = *ref < n;

	*ref = index_nospec(*ref, n);
	return valid;
}

/* ref is below grant_entries(). */
static inline struct grant_entry_v1 *grant_entry(const struct grant_table *gt, grant_ref_t ref)
{
	return &gt->shared[ref / ENTRIES_PER_FRAME][ref % ENTRIES_PER_FRAME];
}

static inline struct grant_active *grant_active(const struct grant_table *gt, grant_ref_t ref)
{
	return &gt->active[ref / ENTRIES_PER_FRAME][ref % ENTRIES_PER_FRAME];
}

/* ---- table.c ---- */
/* At least that many frames: 0, -EINVAL, -ENOMEM. */
int grant_table_grow(struct domain *d, unsigned int frames);

/* ---- maptrack.c ---- */
/* INVALID_HANDLE: no more. The entry's flags are 0 until the caller sets them. */
uint32_t maptrack_get(struct grant_table *gt);
void maptrack_put(struct grant_table *gt, uint32_t handle);
/* NULL if there is no such handle. */
struct maptrack *maptrack_entry(const struct grant_table *gt, uint32_t handle);

/* ---- pin.c: all return GNTST_* ---- */
struct grant_use {
	mfn_t mfn;
	unsigned int cache;		/* GTF_PWT, GTF_PCD, GTF_PAT */
};
/*
 * Domain who begins to use d's entry ref in the way pin says (one of PIN_*, or a host and a device one of the same
 * access); map: not for a copy. Takes a reference to the frame, and to it as writable.
 */
int16_t grant_pin(struct domain *d, grant_ref_t ref, domid_t who, uint32_t pin, bool map, struct grant_use *use);
/*
 * Does who use it so, still? Not for sure when a mapping's frame is not held any more, because the guest has
 * overwritten it: the domain may be another one of the same number by now. Entry locked.
 */
bool grant_is_pinned(const struct grant_active *a, domid_t who, uint32_t pin);
/* The entry's part of the end of a use; the references are the caller's. */
void grant_unpin(struct domain *d, grant_ref_t ref, uint32_t pin);
/* References to d's frame as above, without an entry. */
int16_t grant_get_frame(struct domain *d, mfn_t mfn, bool readonly);
void grant_put_frame(mfn_t mfn, bool readonly);
static inline bool pin_is_readonly(uint32_t pin) { return !(pin & PIN_WRITERS); }
uint32_t grant_pin_of(unsigned int map_flags);

/* A domain that is looked up again and again in a batch; start with NULL, end with domain_put() if not NULL. */
struct domain *grant_peer(struct domain **cached, domid_t id);

/* ---- batches of n elements, which get their status; op.c copies them in and out ---- */
#define GRANT_BATCH	32
void grant_map_batch(struct vcpu *curr, void *ops, unsigned int n);
void grant_unmap_batch(struct vcpu *curr, void *ops, unsigned int n);
void grant_replace_batch(struct vcpu *curr, void *ops, unsigned int n);
void grant_copy_batch(struct vcpu *curr, void *ops, unsigned int n);
void grant_transfer_batch(struct vcpu *curr, void *ops, unsigned int n);
void grant_swap_batch(struct vcpu *curr, void *ops, unsigned int n);

/* ---- control.c: operations on one argument at guest address arg ---- */
long grant_setup_table(struct vcpu *curr, unsigned long arg, unsigned int count);
long grant_query_size(struct vcpu *curr, unsigned long arg, unsigned int count);
long grant_get_version(struct vcpu *curr, unsigned long arg, unsigned int count);
long grant_set_version(struct vcpu *curr, unsigned long arg, unsigned int count);
long grant_get_status_frames(struct vcpu *curr, unsigned long arg, unsigned int count);
long grant_cache_flush(struct vcpu *curr, unsigned long arg, unsigned int count);

#endif
