// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into Debian's xenstored, so that it runs without a hypervisor and sees the same domains made of files as
 * tenon-stored-fake (hv_fake.c): the same test then asks both daemons.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#include "../../hv/hv.h"

static bool opened;

static void shim_open(void)
{
	if (!opened && !hv_open())
		abort();
	opened = true;
}

/* The library's handles are ours: any address does. */
static int handle;

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	shim_open();
	return (xenevtchn_handle *)&handle;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return hv_event_fd();
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	hv_event_notify(port);
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid, evtchn_port_t remote_port)
{
	int port = hv_event_bind(domid, remote_port);

	if (port < 0)
		errno = -port;
	return port < 0 ? -1 : port;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *h, unsigned int virq)
{
	return hv_event_bind_domains();
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	return hv_event_next();
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	return 0;
}

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int flags)
{
	shim_open();
	return (xengnttab_handle *)&handle;
}

int xengnttab_close(xengnttab_handle *h)
{
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref, int prot)
{
	return hv_page_map(domid, HV_PAGE_STORE);
}

int xengnttab_unmap(xengnttab_handle *h, void *start, uint32_t count)
{
	hv_page_unmap(start);
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *h, uint32_t count)
{
	return 0;
}

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild, unsigned int flags)
{
	return (xc_interface *)&handle;
}

int xc_interface_close(xc_interface *xch)
{
	return 0;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
	enum hv_domain_state state = first ? hv_domain_state(first) : HV_DOMAIN_RUNNING;

	if (state == HV_DOMAIN_GONE)
		return 0;
	memset(info, 0, sizeof(*info));
	info->domid = first;
	info->shutdown = state == HV_DOMAIN_SHUTDOWN;
	info->running = !info->shutdown;
	return 1;
}

/* The kernel's files about its own ring. */
int open64(const char *path, int flags, ...)
{
	char own[200];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	if (strstr(path, "xsd_port") || strstr(path, "xsd_kva") || strstr(path, "xenbus_backend")) {
		snprintf(own, sizeof(own), "%s/%s", getenv("TENON_FAKE_HV"), strstr(path, "xsd_port") ? "port" : "0.ring");
		path = own;
	}
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) __attribute__((alias("open64")));
int __open64_2(const char *path, int flags);

int __open64_2(const char *path, int flags)
{
	return open64(path, flags, 0);
}

int __open_2(const char *path, int flags) __attribute__((alias("__open64_2")));
