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
	/* Frames of another domain, next to each other, to read and write. NULL: errno says why. May be missing. */
	void *(*map)(void *context, uint16_t domid, const uint64_t *frames, size_t count);
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
};
int tenon_get_version(struct tenon *tenon, struct tenon_version *version);

struct tenon_host {
	unsigned int processors, nodes, threads_per_core, cores_per_socket;
	unsigned int highest_processor;
	uint64_t processor_khz;
	uint64_t total_bytes, free_bytes, scrub_bytes;	/* of memory */
};
int tenon_get_host(struct tenon *tenon, struct tenon_host *host);

/*
 * Text of the hypervisor's log, from the start or from *position on (incremental), which is moved on. Returns the number of
 * bytes put into @text, without a zero.
 */
int tenon_read_log(struct tenon *tenon, bool clear, bool incremental, uint32_t *position, char *text, size_t room);

/* Presses debug keys: the hypervisor writes what they show to its log. */
int tenon_debug_keys(struct tenon *tenon, const char *keys);

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

/* Pauses are counted: as many are to be taken back. */
int tenon_pause_domain(struct tenon *tenon, uint16_t domid);
int tenon_unpause_domain(struct tenon *tenon, uint16_t domid);

/* Ends a domain at once and gives its memory back. Its nodes in the store are the caller's concern. */
int tenon_destroy_domain(struct tenon *tenon, uint16_t domid);

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

#ifdef __cplusplus
}
#endif

#endif
