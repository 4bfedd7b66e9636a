// SPDX-License-Identifier: GPL-2.0-or-later
/* What else is installed and set up: bridges, services, programs that Tenon is in the way of, or that are in its. */
#include <stdio.h>

#include "alloc.h"
#include "doctor.h"

static bool has_ports(const struct doctor *doctor, const char *bridge)
{
	char *pattern, **ports;
	bool some;

	if (asprintf(&pattern, "%s/brif/*", bridge) < 0)
		log_fatal("out of memory");
	ports = doctor_names(doctor, pattern);
	some = *ports;
	doctor_names_free(ports);
	free(pattern);
	return some;
}

static void check_filter(struct doctor *doctor)
{
	char *filter = doctor_read(doctor, NULL, "/proc/sys/net/bridge/bridge-nf-call-iptables");

	if (doctor_number(filter, "") == 1)
		doctor_say(doctor, "bridge", DOCTOR_NOTE, "if guests are not reached: sysctl net.bridge.bridge-nf-call-iptables=0",
			   "the firewall's rules are applied to what guests send to each other over a bridge");
	free(filter);
}

void doctor_check_bridge(struct doctor *doctor)
{
	char **bridges = doctor_names(doctor, "/sys/class/net/*/bridge");

	if (!*bridges)
		doctor_say(doctor, "bridge", DOCTOR_WARNING, "make one, xenbr0 by custom, with the network card as its port: interfaces(5) and bridge-utils-interfaces(5), "
			   "nmcli connection add type bridge, or systemd.netdev(5)", "there is no bridge: guests have no network");
	for (char **bridge = bridges; *bridge; bridge++) {
		char *device = *bridge, *name;

		*strrchr(device, '/') = '\0';
		name = strrchr(device, '/') + 1;
		if (has_ports(doctor, device))
			doctor_say(doctor, "bridge", DOCTOR_OK, NULL, "the bridge %s has ports", name);
		else
			doctor_say(doctor, "bridge", DOCTOR_NOTE, NULL, "the bridge %s has no port: its guests reach each other and this host alone", name);
	}
	if (*bridges)
		check_filter(doctor);
	doctor_names_free(bridges);
}

static bool is_installed(const struct doctor *doctor, const char *program)
{
	return doctor_exists(doctor, "/usr/sbin/%s", program) || doctor_exists(doctor, "/usr/bin/%s", program) ||
	       doctor_exists(doctor, "/sbin/%s", program);
}

/* Programs that some guests' devices need, and that no package of ours brings. */
void doctor_check_programs(struct doctor *doctor)
{
	static const struct {
		const char *name, *text, *advice;
	} programs[] = {
		{ "nft", "there is no nft: rules for guests' addresses (ip=) and NAT need it", "install nftables, for such guests" },
		{ "qemu-nbd", "there is no qemu-nbd: disks of formats other than raw need it", "install qemu-utils (Fedora: qemu-img), for such guests" },
	};
	bool all = true;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (is_installed(doctor, programs[i].name))
			continue;
		all = false;
		doctor_say(doctor, "programs", DOCTOR_NOTE, programs[i].advice, "%s", programs[i].text);
	}
	if (all)
		doctor_say(doctor, "programs", DOCTOR_OK, NULL, "the programs for guests' devices are there");
}

static bool is_enabled(const struct doctor *doctor, const char *unit)
{
	return doctor_exists(doctor, "/etc/systemd/system/multi-user.target.wants/%s", unit);
}

void doctor_check_services(struct doctor *doctor)
{
	bool stored = is_enabled(doctor, "tenon-stored.service"), consoled = is_enabled(doctor, "tenon-consoled.service");
	bool guestd = is_enabled(doctor, "tenon-guestd.service");
	bool confirm = is_enabled(doctor, "tenon-confirm.service") || doctor_exists(doctor, "/etc/rc2.d/S*tenon-confirm");

	if (!doctor_exists(doctor, "/lib/systemd/systemd") && !doctor_exists(doctor, "/usr/lib/systemd/systemd")) {
		doctor_say(doctor, "services", DOCTOR_NOTE, NULL, "services are looked at where systemd starts them");
		return;
	}
	if (!stored || !consoled)
		doctor_say(doctor, "services", DOCTOR_WARNING, "systemctl enable --now tenon-stored.service tenon-consoled.service, unless those of Xen are to serve",
			   "the daemons of the store and of the consoles are not started at boot");
	else if (!guestd)
		doctor_say(doctor, "services", DOCTOR_WARNING, "systemctl enable --now tenon-guestd.service, unless other tools make the guests",
			   "nobody looks after guests that end: they are not started again, and their devices stay");
	else
		doctor_say(doctor, "services", DOCTOR_OK, NULL, "the daemons are started at boot");
	if (doctor->menu && doctor_find_line(doctor->menu, "#tenon-pair ", NULL) && !confirm)
		doctor_say(doctor, "services", DOCTOR_WARNING, "systemctl enable tenon-confirm.service",
			   "no boot is confirmed by itself: a new hypervisor is tried, and the boot after it goes back");
	if (doctor->on_tenon && stored && !doctor_exists(doctor, "/run/xenstored/socket"))
		doctor_say(doctor, "services", DOCTOR_ERROR, "systemctl status tenon-stored.service; journalctl -u tenon-stored",
			   "the store's daemon does not run: no guest can be started");
}

/* Programs and modules, each known by a file of its package. */
static const struct {
	const char *pattern;
	enum doctor_severity severity;
	const char *text, *advice;
} others[] = {
	{ "/boot/xen-*.gz", DOCTOR_NOTE, "Xen is installed too: both are in GRUB's menu, and the daemons of the one that was started serve", NULL },
	{ "/usr/sbin/kdump-config", DOCTOR_WARNING, "kdump-tools cannot keep a memory dump of a kernel that runs on Tenon",
	  "remove kdump-tools, or start the plain kernel to use it" },
	{ "/usr/bin/VBoxManage", DOCTOR_WARNING, "VirtualBox does not run on Tenon", "remove it, or start the plain kernel to use it" },
	{ "/usr/bin/vmware", DOCTOR_WARNING, "VMware's programs do not run on Tenon", "remove them, or start the plain kernel to use them" },
	{ "/usr/lib/systemd/system/xencommons.service", DOCTOR_WARNING, "Xen's tools, built from source, start daemons of their own",
	  "systemctl disable xenstored.service xenconsoled.service xencommons.service, to have Tenon's" },
	{ "/sbin/lilo", DOCTOR_WARNING, "LILO is installed: if it starts this machine, GRUB's entries have no effect", "remove lilo" },
	{ "/usr/share/refind", DOCTOR_NOTE, "rEFInd is installed: Tenon is started through its entry for GRUB", NULL },
};

void doctor_check_packages(struct doctor *doctor)
{
	bool found = false;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char **names = doctor_names(doctor, others[i].pattern);

		if (*names) {
			found = true;
			doctor_say(doctor, "packages", others[i].severity, others[i].advice, "%s", others[i].text);
		}
		doctor_names_free(names);
	}
	if (doctor_exists(doctor, "/dev/kvm"))
		doctor_say(doctor, "packages", DOCTOR_NOTE, NULL, "this kernel offers KVM; it does not when it runs on Tenon");
	if (!found)
		doctor_say(doctor, "packages", DOCTOR_OK, NULL, "nothing is installed that Tenon is known to be in the way of");
}
