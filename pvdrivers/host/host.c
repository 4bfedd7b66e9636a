// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The process as operating system: memory, grants, events, the store, and the order in which things happen. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "host.h"
#include "host_blk.h"
#include "host_net.h"

struct host *host;
bool host_verbose;

void host_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

uint32_t host_random(uint32_t below)
{
	/* splitmix64 */
	uint64_t z = host->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static int frames_fd = -1;
static uint8_t *frames;

/* The memory of all worlds, one after the other. */
static void make_frames(void)
{
	size_t bytes = (size_t)HOST_FRAMES * PVD_PAGE_SIZE;

	if (frames)
		return;
	frames_fd = memfd_create("frames", MFD_CLOEXEC);
	host_check(frames_fd >= 0 && !ftruncate(frames_fd, bytes));
	frames = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, frames_fd, 0);
	host_check(frames != MAP_FAILED);
}

void host_new(const struct host_options *options)
{
	make_frames();
	host = calloc(1, sizeof(*host));
	host->options = *options;
	host->random = options->seed;
	host->frame_used[0] = 1;
	host->frame_first = host->grant_first = 1;
	host->grants[0].used = true;		/* no valid number, which finds mistakes */
	host_blk_new();
}

uint32_t host_frames_used(void)
{
	uint32_t i, n = 0;

	for (i = 1; i < HOST_FRAMES; i++)
		n += host->frame_used[i];
	return n;
}

void host_end(void)
{
	uint32_t i;

	for (i = 1; i < HOST_FRAMES; i++) {
		host_check(!host->frame_used[i]);
		host_check(!host->grants[i].used && !host->grants[i].mapped);
	}
	for (i = 0; i < HOST_PORTS; i++)
		host_check(!host->ports[i].event[0] && !host->ports[i].event[1]);
	host_blk_end();
	host_check(!host->packets_live);
	free(host);
	host = NULL;
}

/* ---- memory ---- */

void *pvos_alloc(size_t bytes)
{
	return calloc(1, bytes ? bytes : 1);
}

void pvos_free(void *memory)
{
	free(memory);
}

uint32_t host_frame_alloc(void)
{
	uint32_t i;

	for (i = host->frame_first; i < HOST_FRAMES; i++) {
		if (host->frame_used[i])
			continue;
		host->frame_used[i] = 1;
		host->frame_first = i + 1;
		memset(host_frame(i), 0, PVD_PAGE_SIZE);
		return i;
	}
	host_bug(__FILE__, __LINE__, "out of frames");
}

void host_frame_free(uint32_t frame)
{
	host_check(host->frame_used[frame]);
	host->frame_used[frame] = 0;
	if (frame < host->frame_first)
		host->frame_first = frame;
}

void *host_frame(uint32_t frame)
{
	return frames + (size_t)frame * PVD_PAGE_SIZE;
}

uint32_t host_grant(uint32_t frame)
{
	uint32_t i;

	for (i = host->grant_first; i < HOST_FRAMES && host->grants[i].used; i++)
		;
	host_check(i < HOST_FRAMES);
	host->grant_first = i + 1;
	host->grants[i] = (struct host_grant){ .used = true, .frame = frame };
	return i;
}

/* The frame is free when the last mapping is gone, too. */
static void grant_settle(uint32_t gref)
{
	struct host_grant *grant = &host->grants[gref];

	if (!grant->revoked || grant->mapped)
		return;
	host_frame_free(grant->frame);
	memset(grant, 0, sizeof(*grant));
	if (gref < host->grant_first)
		host->grant_first = gref;
}

void host_revoke(uint32_t gref)
{
	host_check(gref && gref < HOST_FRAMES && host->grants[gref].used && !host->grants[gref].revoked);
	host->grants[gref].revoked = true;
	host->torn += host->grants[gref].mapped != 0;
	grant_settle(gref);
}

static int map_at(void *where, uint32_t gref, void **addr)
{
	struct host_grant *grant = gref < HOST_FRAMES ? &host->grants[gref] : NULL;

	if (!grant || !gref || !grant->used || grant->revoked)
		return -ENXIO;
	*addr = mmap(where, PVD_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | (where ? MAP_FIXED : 0), frames_fd,
			(off_t)grant->frame * PVD_PAGE_SIZE);
	host_check(*addr != MAP_FAILED);
	grant->mapped++;
	return 0;
}

static void unmap_one(uint32_t gref)
{
	host_check(host->grants[gref].mapped);
	host->grants[gref].mapped--;
	grant_settle(gref);
}

struct pvd_page *pvos_page_get(struct pvd_dev *dev)
{
	struct pvd_page *page;
	uint32_t frame;

	host_check(dev == host->front.dev);
	if (host->page_limit && !--host->page_limit) {
		host->page_limit = 1;
		host->no_pages++;
		return NULL;
	}
	frame = host_frame_alloc();
	page = calloc(1, sizeof(*page));
	page->addr = host_frame(frame);
	page->gref = host_grant(frame);
	return page;
}

void pvos_page_put(struct pvd_dev *dev, struct pvd_page *page)
{
	host_check(dev == host->front.dev);
	host_revoke(page->gref);
	free(page);
}

int pvos_share(struct pvd_dev *dev, uint32_t pages, struct pvd_shared *shared)
{
	uint32_t i, first;

	host_check(dev == host->front.dev && pages && pages <= PVD_RING_PAGES_MAX && !shared->addr);
	/* Consecutive frames. */
	for (first = 1, i = 0; i < pages; i++) {
		host_check(first + i < HOST_FRAMES);
		if (host->frame_used[first + i]) {
			first += i + 1;
			i = -1;
		}
	}
	for (i = 0; i < pages; i++) {
		host->frame_used[first + i] = 1;
		memset(host_frame(first + i), 0, PVD_PAGE_SIZE);
		shared->gref[i] = host_grant(first + i);
	}
	shared->pages = pages;
	shared->addr = host_frame(first);
	return 0;
}

void pvos_unshare(struct pvd_dev *dev, struct pvd_shared *shared)
{
	uint32_t i;

	host_check(dev == host->front.dev && shared->addr);
	for (i = 0; i < shared->pages; i++)
		host_revoke(shared->gref[i]);
	shared->addr = NULL;
}

int pvos_attach(struct pvd_dev *dev, struct pvd_shared *shared)
{
	size_t bytes = (size_t)shared->pages * PVD_PAGE_SIZE;
	uint8_t *addr = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t i;

	host_check(dev == host->back.dev && !shared->addr && addr != MAP_FAILED);
	for (i = 0; i < shared->pages; i++) {
		void *page;

		if (!map_at(addr + (size_t)i * PVD_PAGE_SIZE, shared->gref[i], &page))
			continue;
		while (i)
			unmap_one(shared->gref[--i]);
		munmap(addr, bytes);
		return -ENXIO;
	}
	shared->addr = addr;
	return 0;
}

void pvos_detach(struct pvd_dev *dev, struct pvd_shared *shared)
{
	uint32_t i;

	host_check(dev == host->back.dev && shared->addr);
	munmap(shared->addr, (size_t)shared->pages * PVD_PAGE_SIZE);
	for (i = 0; i < shared->pages; i++)
		unmap_one(shared->gref[i]);
	shared->addr = NULL;
}

void pvos_map(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n)
{
	uint32_t i;

	host_check(dev == host->back.dev);
	for (i = 0; i < n; i++) {
		host_check(!maps[i]->addr);
		maps[i]->status = map_at(NULL, maps[i]->gref, &maps[i]->addr);
		host->maps += !maps[i]->status;
	}
}

void pvos_unmap(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n)
{
	uint32_t i;

	host_check(dev == host->back.dev);
	for (i = 0; i < n; i++) {
		host_check(maps[i]->addr && !maps[i]->status);
		munmap(maps[i]->addr, PVD_PAGE_SIZE);
		maps[i]->addr = NULL;
		unmap_one(maps[i]->gref);
		host->unmaps++;
	}
}

void pvos_copy(struct pvd_dev *dev, pvos_copy_t *ops, uint32_t n)
{
	uint32_t i;

	host_check(dev == host->back.dev && n);
	for (i = 0; i < n; i++) {
		pvos_copy_t *op = &ops[i];
		struct host_grant *grant = op->gref < HOST_FRAMES ? &host->grants[op->gref] : NULL;
		uint8_t *peer;

		op->failed = !grant || !op->gref || !grant->used || grant->revoked || op->offset > PVD_PAGE_SIZE ||
			op->bytes > PVD_PAGE_SIZE - op->offset;
		if (op->failed)
			continue;
		peer = (uint8_t *)host_frame(grant->frame) + op->offset;
		memcpy(op->to_peer ? peer : op->addr, op->to_peer ? op->addr : peer, op->bytes);
	}
}

/* ---- events ---- */

static int side_of(struct pvd_dev *dev)
{
	return dev == host->back.dev;
}

uint32_t host_port_alloc(void)
{
	static struct pvd_event hostile;
	uint32_t i;

	for (i = 1; i < HOST_PORTS && host->ports[i].event[0]; i++)
		;
	host_check(i < HOST_PORTS);
	host->ports[i].event[0] = &hostile;
	return i;
}

int pvos_event_alloc(struct pvd_dev *dev, struct pvd_event *event)
{
	host_check(dev == host->front.dev && !event->port);
	event->port = host_port_alloc();
	host->ports[event->port].event[0] = event;
	return 0;
}

int pvos_event_bind(struct pvd_dev *dev, struct pvd_event *event, uint32_t peer_port)
{
	struct host_port *port;

	host_check(dev == host->back.dev && !event->port);
	if (!peer_port || peer_port >= HOST_PORTS)
		return -EINVAL;
	port = &host->ports[peer_port];
	if (!port->event[0] || port->event[1])
		return -EINVAL;
	port->event[1] = event;
	event->port = peer_port;
	port->pending[1] = true;
	return 0;
}

void pvos_event_free(struct pvd_dev *dev, struct pvd_event *event)
{
	int side = side_of(dev);
	struct host_port *port = &host->ports[event->port];

	host_check(port->event[side] == event);
	port->event[side] = NULL;
	port->pending[side] = false;
	event->port = 0;
}

void pvos_notify(struct pvd_event *event)
{
	struct host_port *port = &host->ports[event->port];

	if (event->port) {
		port->pending[port->event[0] == event] = true;
		host->events++;
	}
}

void host_send(uint32_t port, int to_back)
{
	if (port < HOST_PORTS && host->ports[port].event[to_back])
		host->ports[port].pending[to_back] = true;
}

void pvos_lock(void *queue)
{
	struct host_queue *q = queue;

	host_check(!q->locked);
	q->locked = true;
}

void pvos_unlock(void *queue)
{
	struct host_queue *q = queue;

	host_check(q->locked);
	q->locked = false;
}

/* ---- the store ---- */

static struct host_end *end_of(struct pvd_dev *dev)
{
	return dev == host->front.dev ? &host->front : &host->back;
}

static struct host_end *other(struct host_end *end)
{
	return end == &host->front ? &host->back : &host->front;
}

const char *host_get(struct host_end *end, const char *name)
{
	uint32_t i;

	for (i = 0; i < end->nr_nodes; i++)
		if (!strcmp(end->nodes[i].name, name))
			return end->nodes[i].value;
	return NULL;
}

/* A node, or one below it. */
static bool is_within(const struct host_node *node, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(node->name, name, length) && (!node->name[length] || node->name[length] == '/');
}

static void remove_nodes(struct host_end *end, const char *name)
{
	uint32_t i = 0;

	while (i < end->nr_nodes) {
		if (is_within(&end->nodes[i], name))
			end->nodes[i] = end->nodes[--end->nr_nodes];
		else
			i++;
	}
}

void host_set(struct host_end *end, const char *name, const char *value)
{
	struct host_node *node;
	uint32_t i;

	if (!value) {
		remove_nodes(end, name);
		return;
	}
	for (i = 0; i < end->nr_nodes && strcmp(end->nodes[i].name, name); i++)
		;
	node = &end->nodes[i];
	if (i == end->nr_nodes) {
		host_check(i < HOST_NODES);
		end->nr_nodes++;
		snprintf(node->name, sizeof(node->name), "%s", name);
	}
	snprintf(node->value, sizeof(node->value), "%s", value);
}

uint32_t host_get_state(struct host_end *end)
{
	const char *text = host_get(end, "state");

	return text ? atoi(text) : 0;
}

void host_set_state(struct host_end *end, uint32_t state)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", state);
	host_set(end, "state", state ? text : NULL);
	other(end)->peer_changed = true;
}

int pvos_read(struct pvd_dev *dev, enum pvd_side side, const char *name, char *buf, uint32_t size)
{
	struct host_end *end = side == PVD_OWN ? end_of(dev) : other(end_of(dev));
	const char *value = host_get(end, name);

	if (!value)
		return -ENOENT;
	if (strlen(value) >= size)
		return -E2BIG;
	strcpy(buf, value);
	return strlen(value);
}

int pvos_write(struct pvd_dev *dev, const char *name, const char *value)
{
	host_set(end_of(dev), name, value);
	return 0;
}

int pvos_publish(struct pvd_dev *dev, int (*fill)(struct pvd_dev *dev))
{
	int error = fill(dev);

	/* Now and then a transaction must be repeated. */
	if (!error && !host_random(4))
		error = fill(dev);
	return error;
}

void pvos_set_state(struct pvd_dev *dev, uint32_t state)
{
	host_set_state(end_of(dev), state);
}

void pvos_report(struct pvd_dev *dev, const char *format, ...)
{
	va_list args;

	host->reports++;
	if (!host_verbose)
		return;
	va_start(args, format);
	fprintf(stderr, "# %s: ", dev == host->front.dev ? "front" : "back");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
}

void pvos_fail(struct pvd_dev *dev)
{
	end_of(dev)->failing = true;
}

void host_leave(struct host_end *end)
{
	pvd_conn_remove(end->dev);
	if (end == &host->front) {
		host_set_state(end, PVD_CLOSED);
		host_run();
	}
	pvd_conn_release(end->dev);
	pvd_conn_withdraw(end->dev);
}

/* ---- what happens next ---- */

static bool step_control(struct host_end *end)
{
	if (!end->dev || end->deaf)
		return end->peer_changed = end->failing = false;
	if (end->failing) {
		end->failing = false;
		pvd_conn_fail(end->dev);
		return true;
	}
	if (end->peer_changed) {
		end->peer_changed = false;
		pvd_conn_peer(end->dev, host_get_state(other(end)));
		return true;
	}
	return false;
}

static bool step_events(uint32_t from)
{
	uint32_t i;

	for (i = 0; i < 2 * HOST_PORTS; i++) {
		uint32_t at = (from + i) % (2 * HOST_PORTS);
		struct host_port *port = &host->ports[at / 2];

		if (!port->pending[at % 2] || !port->event[at % 2])
			continue;
		port->pending[at % 2] = false;
		if (host->netf || host->netb)
			host_net_event(port->event[at % 2]);
		else
			host_blk_event(port->event[at % 2]);
		return true;
	}
	return false;
}

uint64_t pvos_now(void)
{
	return host->now;
}

bool host_step(void)
{
	uint32_t first = host_random(5), i;

	for (i = 0; i < 5; i++) {
		bool did = false;

		switch ((first + i) % 5) {
		case 0:
			did = step_control(&host->front);
			break;
		case 1:
			did = step_control(&host->back);
			break;
		case 2:
			did = step_events(host_random(2 * HOST_PORTS));
			break;
		case 3:
			did = host_blk_work() || host_net_work();
			break;
		case 4:
			did = host_blk_disk();
			break;
		}
		if (did)
			return true;
	}
	return host_net_later();
}

void host_run(void)
{
	uint32_t steps = 0;

	while (host_step())
		host_check(++steps < 1000000);
}
