// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Domains made of files, for tests. In the directory TENON_FAKE_HV: N.ring is the store's page of domain N and N.console the
 * console's; N.state holds "running" or "shutdown", and is missing when the domain is gone. Events are datagrams of one
 * 32-bit port, to the socket "events" here and to "N.events" there; TENON_FAKE_PART=console- makes them "console-events"
 * and "N.console-events". A remote port is the domain's number times 16 plus what the test likes.
 */
#include "hv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ENDING_PORT 1

static const char *dir;
static const char *part = "";	/* of the names of sockets: which daemon this is */
static int events = -1;

static void address_of(struct sockaddr_un *address, const char *name)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", dir, name);
}

bool hv_open(void)
{
	struct sockaddr_un address;
	char name[32];

	dir = getenv("TENON_FAKE_HV");
	if (!dir)
		return false;
	if (getenv("TENON_FAKE_PART"))
		part = getenv("TENON_FAKE_PART");
	snprintf(name, sizeof(name), "%sevents", part);
	address_of(&address, name);
	unlink(address.sun_path);
	events = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return events >= 0 && !bind(events, (struct sockaddr *)&address, sizeof(address));
}

int hv_event_fd(void)
{
	return events;
}

int hv_event_next(void)
{
	uint32_t port;

	return recv(events, &port, sizeof(port), 0) == sizeof(port) ? (int)port : -1;
}

void hv_event_done(int port)
{
}

int hv_event_bind(uint16_t domid, uint32_t remote_port)
{
	return remote_port / 16 == domid || !domid ? (int)remote_port : -EINVAL;
}

int hv_event_bind_domains(void)
{
	return ENDING_PORT;
}

void hv_event_unbind(int port)
{
}

void hv_event_notify(int port)
{
	struct sockaddr_un address;
	uint32_t sent = port;
	char name[32];

	snprintf(name, sizeof(name), "%d.%sevents", port / 16, part);
	address_of(&address, name);
	/* An event that nobody takes is lost, like one that is pending already. */
	if (sendto(events, &sent, sizeof(sent), MSG_DONTWAIT, (struct sockaddr *)&address, sizeof(address)) < 0)
		return;
}

static int open_of(uint16_t domid, const char *suffix)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%u.%s", dir, domid, suffix);
	return open(path, O_RDWR | O_CLOEXEC);
}

void *hv_page_map(uint16_t domid, enum hv_page which)
{
	int fd = dir ? open_of(domid, which == HV_PAGE_STORE ? "ring" : "console") : -1;
	void *page;

	if (fd < 0)
		return NULL;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

void hv_page_unmap(void *page)
{
	munmap(page, 4096);
}

/* A file stands for the page: it is opened when it is mapped. */
void hv_open_own(void)
{
}

void *hv_own_page_map(void)
{
	return hv_page_map(0, HV_PAGE_STORE);
}

int hv_own_port(void)
{
	return 8;
}

enum hv_domain_state hv_domain_state(uint16_t domid)
{
	char text[16] = "";
	int fd = open_of(domid, "state");

	if (fd < 0)
		return HV_DOMAIN_GONE;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return !strncmp(text, "shutdown", 8) ? HV_DOMAIN_SHUTDOWN : HV_DOMAIN_RUNNING;
}
