// SPDX-License-Identifier: GPL-2.0-or-later
/* The hypervisor through the Linux kernel's devices. */
#include "hv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>

#include "log.h"
#include "xendev.h"

/* /dev/xen/xenbus_backend: the kernel's own ring. */
#define XENBUS_BACKEND_EVTCHN	_IOC(_IOC_NONE, 'B', 0, 0)

static int evtchn = -1, gntdev = -1, privcmd = -1;
static struct xen_domctl *domctl;

static int own_port = -1;
static void *own_page;

static void *map_own(int fd)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? NULL : page;
}

/* Older kernels, and those without the device, have files for it. */
static void open_own_files(void)
{
	char text[16] = "";
	int port = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC);
	int ring = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);

	if (port >= 0 && ring >= 0 && read(port, text, sizeof(text) - 1) > 0) {
		own_port = atoi(text);
		own_page = map_own(ring);
	}
	if (port >= 0)
		close(port);
	if (ring >= 0)
		close(ring);
}

void hv_open_own(void)
{
	int backend = xendev_open("xenbus_backend");

	if (backend >= 0) {
		own_port = ioctl(backend, XENBUS_BACKEND_EVTCHN, 0);
		own_page = map_own(backend);
		close(backend);
	}
	if (own_port <= 0 || !own_page)
		open_own_files();
}

bool hv_open(void)
{
	evtchn = xendev_open("evtchn");
	if (evtchn < 0) {
		log_warning("/dev/xen/evtchn: %s", strerror(-evtchn));
		return false;
	}
	gntdev = xendev_open("gntdev");
	if (gntdev < 0)
		log_warning("/dev/xen/gntdev: %s (is the module xen-gntdev loaded?)", strerror(-gntdev));
	privcmd = xendev_open("privcmd");
	if (privcmd < 0)
		log_warning("/dev/xen/privcmd: %s (is the module xen-privcmd loaded?)", strerror(-privcmd));
	domctl = xendev_buffer(sizeof(*domctl));
	return gntdev >= 0 && privcmd >= 0 && domctl;
}

int hv_event_fd(void)
{
	return evtchn;
}

int hv_event_next(void)
{
	return xendev_next_event(evtchn);
}

void hv_event_done(int port)
{
	xendev_unmask(evtchn, port);
}

int hv_event_bind(uint16_t domid, uint32_t remote_port)
{
	return xendev_bind(evtchn, domid, remote_port);
}

int hv_event_bind_domains(void)
{
	return xendev_bind_virq(evtchn, VIRQ_DOM_EXC);
}

void hv_event_unbind(int port)
{
	xendev_unbind(evtchn, port);
}

void hv_event_notify(int port)
{
	xendev_notify(evtchn, port);
}

void *hv_page_map(uint16_t domid, enum hv_page which)
{
	errno = ENODEV;
	if (gntdev < 0)
		return NULL;
	return xendev_map_grant(gntdev, domid, which == HV_PAGE_STORE ? GNTTAB_RESERVED_XENSTORE : GNTTAB_RESERVED_CONSOLE);
}

void hv_page_unmap(void *page)
{
	if (page != own_page)
		xendev_unmap_grant(gntdev, page);
}

void *hv_own_page_map(void)
{
	return own_page;
}

int hv_own_port(void)
{
	return own_port > 0 ? own_port : -ENODEV;
}

enum hv_domain_state hv_domain_state(uint16_t domid)
{
	long result;

	if (privcmd < 0)
		return HV_DOMAIN_RUNNING;
	memset(domctl, 0, sizeof(*domctl));
	domctl->cmd = XEN_DOMCTL_getdomaininfo;
	domctl->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	domctl->domain = domid;
	result = xendev_hypercall(privcmd, __HYPERVISOR_domctl, (uintptr_t)domctl, 0, 0, 0, 0);
	if (result == -ESRCH)
		return HV_DOMAIN_GONE;
	if (result < 0) {
		log_warning("domain %u: its state cannot be asked for: %s", domid, strerror(-result));
		return HV_DOMAIN_RUNNING;
	}
	/* The call gives the next domain if there is none of that number. */
	if (domctl->u.getdomaininfo.domain != domid || (domctl->u.getdomaininfo.flags & XEN_DOMINF_dying))
		return HV_DOMAIN_GONE;
	return domctl->u.getdomaininfo.flags & XEN_DOMINF_shutdown ? HV_DOMAIN_SHUTDOWN : HV_DOMAIN_RUNNING;
}
