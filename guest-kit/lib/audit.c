/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The hypervisor's own auditor, behind a debug key. */

#include <guestkit/report.h>
#include <xen/sysctl.h>
#include <xen/version.h>

void kit_audit(void)
{
	struct xen_sysctl op = {
		.cmd = XEN_SYSCTL_debug_keys, .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
		.u.debug_keys.nr_keys = 1,
	};
	xen_extraversion_t version = "";

	hc_xen_version(XENVER_extraversion, version);
	if (!strstr(version, "-tenon"))
		return;
	set_xen_guest_handle(op.u.debug_keys.keys, "T");
	kit_printf("# audit\n");
	if (hc_sysctl(&op))
		kit_report(KIT_ERROR, "debug keys cannot be pressed");
}
