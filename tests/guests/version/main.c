/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version: every sub-operation of xen_version, the features a guest is offered, bad commands and
 * bad pointers, and the CPUID leaves that identify the hypervisor.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/version.h>
#include <xen/features.h>

static char text[4096] __attribute__((aligned(4096)));

static bool terminated(size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!text[i])
			return true;
	return false;
}

static void numbers(void)
{
	struct xen_platform_parameters params = { 0 };
	long version = hc_xen_version(XENVER_version, NULL);

	kit_observe("release %ld.%ld", version >> 16, version & 0xffff);
	kit_check_eq(hc_xen_version(XENVER_pagesize, NULL), 4096, "page size");
	kit_check_eq(hc_xen_version(XENVER_platform_parameters, &params), 0, "parameters");
	kit_check_eq((int64_t)params.virt_start, (int64_t)HYPERVISOR_VIRT_START, "virt_start");
}

static void texts(void)
{
	struct xen_compile_info info;

	memset(text, 0x55, sizeof(text));
	kit_check_eq(hc_xen_version(XENVER_extraversion, text), 0, "extraversion");
	kit_check(terminated(sizeof(xen_extraversion_t)), "extraversion ends");
	kit_check_eq((unsigned char)text[sizeof(xen_extraversion_t)], 0x55,
		     "extraversion stays inside");
	memset(text, 0x55, sizeof(text));
	kit_check_eq(hc_xen_version(XENVER_capabilities, text), 0, "capabilities");
	kit_check(terminated(sizeof(xen_capabilities_info_t)), "capabilities end");
	kit_check(strstr(text, "xen-3.0-x86_64 ") != NULL, "64-bit PV is among them");
	memset(text, 0x55, sizeof(text));
	kit_check_eq(hc_xen_version(XENVER_changeset, text), 0, "changeset");
	kit_check(terminated(sizeof(xen_changeset_info_t)), "changeset ends");
	memset(text, 0x55, sizeof(text));
	kit_check_eq(hc_xen_version(XENVER_commandline, text), 0, "command line");
	kit_check(terminated(1024) && strstr(text, "com1="), "command line has what was given");
	memset(&info, 0x55, sizeof(info));
	kit_check_eq(hc_xen_version(XENVER_compile_info, &info), 0, "compile info");
	kit_check(strlen(info.compiler) < sizeof(info.compiler) && info.compiler[0],
		  "compiler is named");
}

static void features(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		struct xen_feature_info info = { .submap_idx = i };
		long ret = hc_xen_version(XENVER_get_features, &info);

		kit_observe("features %u: %ld %08x", i, ret, ret ? 0 : info.submap);
	}
}

static void handle(void)
{
	xen_domain_handle_t uuid;
	bool zero = true;

	memset(uuid, 0x55, sizeof(uuid));
	kit_check_eq(hc_xen_version(XENVER_guest_handle, uuid), 0, "guest handle");
	for (size_t i = 0; i < sizeof(uuid); i++)
		zero = zero && !uuid[i];
	kit_check(zero || !(kit_start_info->flags & SIF_INITDOMAIN), "the first domain's is zero");
}

static void build_id(void)
{
	struct { uint32_t len; uint8_t buf[60]; } id = { .len = 60 };
	long ret = hc_xen_version(XENVER_build_id, NULL);
	long copied;

	kit_check(ret > 0 || ret == -XEN_ENODATA, "build id has a length or there is none");
	copied = hc_xen_version(XENVER_build_id, &id);
	kit_check_eq(copied, ret, "the copy is as long");
	id.len = 0;
	kit_check(hc_xen_version(XENVER_build_id, &id) < 0, "a zero length is refused");
}

static void errors(void)
{
	void *bad = (void *)0x10;
	void *hv = (void *)HYPERVISOR_VIRT_START;
	void *wild = (void *)0x8000000000000000UL;

	kit_observe_ret(hc_xen_version(11, NULL), "command 11");
	kit_observe_ret(hc_xen_version(-1, NULL), "command -1");
	kit_observe_ret(hc_xen_version(XENVER_extraversion, bad), "extraversion to unmapped");
	kit_observe_ret(hc_xen_version(XENVER_extraversion, hv), "extraversion to hypervisor");
	kit_observe_ret(hc_xen_version(XENVER_extraversion, wild), "extraversion non-canonical");
	kit_observe_ret(hc_xen_version(XENVER_get_features, bad), "features from unmapped");
	kit_observe_ret(hypercall0(63), "hypercall 63");
	kit_observe_ret(hypercall0(57), "hypercall 57");
	kit_observe_ret(hypercall0(11), "hypercall 11");
	kit_observe_ret(hypercall0(__HYPERVISOR_argo_op), "argo");
}

static void cpuid(void)
{
	uint32_t r[4];
	char name[13];

	kit_cpuid(0x40000000, 0, r);
	memcpy(name, &r[1], 12);
	name[12] = 0;
	kit_observe("leaf 40000000: max %x %s", r[0], name);
	kit_cpuid(0x40000001, 0, r);
	kit_observe("leaf 40000001: %u.%u", r[0] >> 16, r[0] & 0xffff);
	kit_cpuid(0x40000002, 0, r);
	kit_observe("leaf 40000002: pages %u msr %x features %x %x", r[0], r[1], r[2], r[3]);
	kit_cpuid(0x40000003, 0, r);
	kit_observe("leaf 40000003/0: mode %u", r[1]);
	kit_cpuid(0x40000004, 0, r);
	kit_observe("leaf 40000004: %x", r[0]);
	kit_cpuid(0x40000005, 0, r);
	kit_observe("leaf 40000005: %x", r[1]);
	kit_cpuid(0x40000100, 0, r);
	kit_observe("leaf 40000100: %x", r[0]);
}

void kit_main(void)
{
	numbers();
	texts();
	features();
	handle();
	build_id();
	errors();
	cpuid();
}
