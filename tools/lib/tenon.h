/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libtenon: the hypervisor and its domains, for programs.
 *
 * Functions that can fail return 0 or a positive result, or a negative errno value; those that return a pointer return
 * NULL and set errno. Nothing is printed. A handle may be used by one thread at a time; different handles do not
 * disturb each other. Structures grow only at their end, with a new symbol version.
 */
#ifndef TENON_H
#define TENON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the hypervisor ---- */

struct tenon;

/*
 * How hypercalls are made. tenon_open() uses the kernel's device; programs under test bring their own. Addresses in
 * arguments lie in memory from buffer_new().
 */
struct tenon_backend {
	long (*hypercall)(void *context, unsigned int number, const uint64_t argument[5]);
	void *(*buffer_new)(void *context, size_t size);
	void (*buffer_free)(void *context, void *buffer, size_t size);
	void (*close)(void *context);
	/*
	 * Frames of another domain, next to each other, to read, and to write if @write is true (a paravirtual guest's page tables
	 * cannot be). @errors: per frame 0, or the negative errno for which it is not there; its place must not be touched. NULL: the
	 * call fails if any is not there. NULL: errno says why. Both may be missing.
	 */
	void *(*map)(void *context, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[]);
	void (*unmap)(void *context, void *memory, size_t count);
};

/* ENOENT: no hypervisor, or the kernel's module xen-privcmd is not loaded. EACCES: only root may. */
struct tenon *tenon_open(void);
struct tenon *tenon_open_backend(const struct tenon_backend *backend, void *context);
void tenon_close(struct tenon *tenon);

struct tenon_version {
	unsigned int major, minor;
	char extra[16];			/* "-tenon..." */
	char compiler[128];
	char changeset[64];
	char command_line[1024];
	char capabilities[1024];
	char compile_date[32];
	char build_id[65];		/* hexadecimal; empty: it has none */
	uint64_t virtual_start;		/* where its addresses begin, in every domain */
};
int tenon_get_version(struct tenon *tenon, struct tenon_version *version);

struct tenon_host {
	unsigned int processors, nodes, threads_per_core, cores_per_socket;
	unsigned int highest_processor;
	uint64_t processor_khz;
	uint64_t total_bytes, free_bytes, scrub_bytes;	/* of memory */
	uint64_t claimed_bytes;		/* of what is free: promised to domains that are being made */
	uint32_t features[8];		/* words of CPUID, as tools show them */
	uint32_t free_processors;	/* online, and in no pool */
	bool pv, hvm, iommu;		/* which guests there can be, and whether devices can be assigned */
	char scheduler[16];		/* "credit2" */
};
int tenon_get_host(struct tenon *tenon, struct tenon_host *host);

/*
 * Text of the hypervisor's log, from the start or from *position on (incremental), which is moved on. Returns the number of
 * bytes put into @text, without a zero.
 */
int tenon_read_log(struct tenon *tenon, bool clear, bool incremental, uint32_t *position, char *text, size_t room);

/* Presses debug keys: the hypervisor writes what they show to its log. */
int tenon_debug_keys(struct tenon *tenon, const char *keys);

/* How long each of the machine's processors, by number, has been idle since the start. Returns how many there are. */
int tenon_get_idle_times(struct tenon *tenon, uint64_t idle_ns[], size_t room);

/* ---- domains ---- */

#define TENON_DOMAIN_DYING	(1u << 0)
#define TENON_DOMAIN_SHUTDOWN	(1u << 1)
#define TENON_DOMAIN_PAUSED	(1u << 2)
#define TENON_DOMAIN_BLOCKED	(1u << 3)
#define TENON_DOMAIN_RUNNING	(1u << 4)

struct tenon_domain {
	uint16_t domid;
	uint16_t shutdown_reason;	/* with TENON_DOMAIN_SHUTDOWN: 0 power off, 1 reboot, 2 suspend, 3 crash, 4 watchdog */
	uint32_t state;			/* TENON_DOMAIN_* */
	uint32_t vcpus_online, vcpus;
	uint32_t pool;			/* of CPUs */
	uint64_t memory_bytes, memory_max_bytes;
	uint64_t cpu_ns;
	uint8_t uuid[16];
};

/* Up to @room domains of numbers from @first on, in order. Returns how many. */
int tenon_list_domains(struct tenon *tenon, uint16_t first, struct tenon_domain *domains, size_t room);

/* -ESRCH: there is no such domain. */
int tenon_get_domain(struct tenon *tenon, uint16_t domid, struct tenon_domain *domain);

struct tenon_new {
	uint8_t uuid[16];		/* what the domain is found by, too, when its maker has lost its number */
	uint32_t vcpus;			/* the most that it can have */
	uint32_t event_channels;	/* its highest port */
	int32_t grant_frames, maptrack_frames;	/* below 0: the hypervisor's default */
	uint32_t grant_version;		/* the highest: 1 or 2 */
	uint32_t pool;			/* of CPUs: -ESRCH if there is none of that number, -ENODEV if it has no CPU */
};

/* A domain without memory, vCPUs and nodes in the store, paused. tenon_build_pv() (tenon-build.h) makes it a guest. */
int tenon_create_domain(struct tenon *tenon, const struct tenon_new *new, uint16_t *domid);

/* Pauses are counted: as many are to be taken back. */
int tenon_pause_domain(struct tenon *tenon, uint16_t domid);
int tenon_unpause_domain(struct tenon *tenon, uint16_t domid);

/* Ends a domain at once and gives its memory back. Its nodes in the store are the caller's concern. */
int tenon_destroy_domain(struct tenon *tenon, uint16_t domid);

/* ---- vCPUs ---- */

struct tenon_vcpu {
	uint32_t vcpu;
	uint32_t cpu;			/* where it runs, or ran last */
	bool online, blocked, running;
	uint64_t cpu_ns;
};

/* -EINVAL, -ESRCH: the domain has no such vCPU. */
int tenon_get_vcpu(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_vcpu *out);

/* A set of the machine's processors: number n is bit n % 8 of byte n / 8. */
#define TENON_CPUS_MAX	4096
struct tenon_cpus {
	uint8_t bits[TENON_CPUS_MAX / 8];
};

/* The memory node of each of the machine's processors, by number; TENON_NODE_NONE where there is no processor, or no node. */
#define TENON_NODE_NONE	255
int tenon_get_nodes(struct tenon *tenon, uint8_t nodes[TENON_CPUS_MAX]);

static inline bool tenon_cpus_has(const struct tenon_cpus *cpus, unsigned int cpu)
{
	return cpu < TENON_CPUS_MAX && (cpus->bits[cpu / 8] >> cpu % 8 & 1);
}

/*
 * Where a vCPU may run (hard) and where it would like to (soft). Either may be NULL: not asked for, left as it is. What is set
 * comes back as what is in force: within the domain's pool, soft within hard. -EINVAL: nothing of it is.
 */
int tenon_get_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft);
int tenon_set_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft);

/* Ends a pinning that the domain's kernel asked for itself, too (dom0's does for firmware calls). */
int tenon_force_affinity(struct tenon *tenon, uint16_t domid, uint32_t vcpu, struct tenon_cpus *hard, struct tenon_cpus *soft);

/* ---- the scheduler ---- */

struct tenon_sched {
	uint32_t weight;		/* 1 to 65535; 256 is usual: a share of the processors' time, against the other domains' */
	uint32_t cap;			/* in percent of one processor; 0: none */
};

#define TENON_WEIGHT_MAX	65535
#define TENON_CAP_MAX		51200

int tenon_get_sched(struct tenon *tenon, uint16_t domid, struct tenon_sched *sched);
int tenon_set_sched(struct tenon *tenon, uint16_t domid, const struct tenon_sched *sched);

/* Microseconds that a vCPU runs at least before another may take its place, in a pool of CPUs; 0: none. */
#define TENON_RATELIMIT_MIN_US	100
#define TENON_RATELIMIT_MAX_US	500000
int tenon_get_ratelimit(struct tenon *tenon, uint32_t pool);
int tenon_set_ratelimit(struct tenon *tenon, uint32_t pool, uint32_t microseconds);

/* ---- memory ---- */

/* The most that the domain may have. It keeps what it has if that is more. */
int tenon_set_memory_max(struct tenon *tenon, uint16_t domid, uint64_t bytes);

/* Frames of a domain in this process. See struct tenon_backend. */
void *tenon_map_frames(struct tenon *tenon, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[]);
void tenon_unmap_frames(struct tenon *tenon, void *memory, size_t count);

/*
 * Writes a core file of a paravirtual domain to @path, mode 0600, in the format of Xen's dump-core: its vCPUs, shared info and
 * memory. The domain should be paused, or have shut down. A file of that name is replaced; if it fails, none is left.
 * @progress (may be NULL) is called now and then, in pages; false from it ends the work (-ECANCELED).
 * -ENODATA: its kernel has not yet said where its memory is. -EPROTO: what it says is impossible.
 */
int tenon_dump_core(struct tenon *tenon, uint16_t domid, const char *path,
		    bool (*progress)(void *arg, uint64_t done, uint64_t total), void *arg);

/* ---- devices that this domain's kernel serves ---- */

enum tenon_device_kind { TENON_DEVICE_DISK, TENON_DEVICE_NETWORK };

/* Counts since the device came about, as its domain sees them: in is what it reads or receives. What a kind has not is 0. */
struct tenon_device_stats {
	enum tenon_device_kind kind;
	uint16_t domid;
	uint32_t devid;
	char name[32];			/* of a network device, here: "vif3.0" */
	uint64_t in_bytes, out_bytes;
	/* disks */
	uint64_t read_requests, write_requests, flush_requests, discard_requests;
	uint64_t waits;			/* how often there was no room for a request */
	/* networks */
	uint64_t in_packets, out_packets, in_drops, out_drops;
};

/*
 * All of them, by domain, kind and number, from the file system at @sysfs (NULL: /sys). *list is to be freed. Returns how many;
 * 0 as well if this kernel serves none.
 */
int tenon_get_device_stats(const char *sysfs, struct tenon_device_stats **list);

/* ---- the store ---- */

struct tenon_store;

/* @path: the daemon's socket; NULL: the usual one. */
struct tenon_store *tenon_store_open(const char *path);
void tenon_store_close(struct tenon_store *store);

/* Readable when an event may wait. */
int tenon_store_fd(struct tenon_store *store);

/*
 * @transaction: of tenon_store_begin(), or 0. What is returned is freed with free(): a value has a zero behind it, which
 * *size (may be NULL) does not count; a list ends with NULL and is one block.
 */
char *tenon_store_read(struct tenon_store *store, uint32_t transaction, const char *path, size_t *size);
char **tenon_store_list(struct tenon_store *store, uint32_t transaction, const char *path);
int tenon_store_write(struct tenon_store *store, uint32_t transaction, const char *path, const void *value, size_t size);
int tenon_store_mkdir(struct tenon_store *store, uint32_t transaction, const char *path);
int tenon_store_remove(struct tenon_store *store, uint32_t transaction, const char *path);

/* @perms: strings such as "n0", "r5", NULL at the end. */
int tenon_store_set_perms(struct tenon_store *store, uint32_t transaction, const char *path, const char *const perms[]);

/* 0: failed, errno says why. */
uint32_t tenon_store_begin(struct tenon_store *store);

/* -EAGAIN: somebody changed what was read; begin anew. */
int tenon_store_end(struct tenon_store *store, uint32_t transaction, bool commit);

int tenon_store_watch(struct tenon_store *store, const char *path, const char *token);
int tenon_store_unwatch(struct tenon_store *store, const char *path, const char *token);

/*
 * The next event, waiting up to @milliseconds (-1: for ever). Returns 1, with *path and *token, freed together by
 * free(*path); 0: none came.
 */
int tenon_store_event(struct tenon_store *store, int milliseconds, char **path, char **token);

int tenon_store_introduce(struct tenon_store *store, uint16_t domid, uint64_t frame, uint32_t port);
int tenon_store_release(struct tenon_store *store, uint16_t domid);
int tenon_store_is_introduced(struct tenon_store *store, uint16_t domid);	/* 1, 0 */

/* ---- both together ---- */

/* The name of a domain, to be freed. NULL, ENOENT: it has none. */
char *tenon_domain_name(struct tenon_store *store, uint16_t domid);

/* The number of a domain given by name or number. -ESRCH: there is none; -ENOTUNIQ: several have that name. */
int tenon_find_domain(struct tenon *tenon, struct tenon_store *store, const char *name);

/* Asks the domain's kernel: "poweroff", "reboot", "halt", "suspend". */
int tenon_ask_shutdown(struct tenon_store *store, uint16_t domid, const char *how);

/*
 * Asks the domain's kernel to grow or shrink to so many bytes of memory. The hypervisor's limit moves by as much, so that the
 * kernel keeps to it. -ERANGE: that is nothing, or more than the domain was made for (memory/static-max).
 */
int tenon_set_memory_target(struct tenon *tenon, struct tenon_store *store, uint16_t domid, uint64_t bytes);

/* What was asked for last, and what it was made with at most; in bytes. -ENOENT: the store does not say. */
int tenon_get_memory_target(struct tenon_store *store, uint16_t domid, uint64_t *target, uint64_t *static_max);

/* Asks the domain's kernel to have its first @count vCPUs online, and no others. -ERANGE: it has not as many, or 0. */
int tenon_set_vcpus_online(struct tenon *tenon, struct tenon_store *store, uint16_t domid, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
