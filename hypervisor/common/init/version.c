/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we say of ourselves: xen_version, and the assists that a kernel may switch on. */
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/hypercall.h>
#include <tenon/init.h>
#include <tenon/version.h>
#include <xen/features.h>
#include <xen/version.h>

static unsigned long told_release __ro_after_init = TENON_COMPAT_MAJOR << 16 | TENON_COMPAT_MINOR;

/* MAJOR.MINOR */
static int __init parse_release(const char *value)
{
	unsigned long major, minor;
	const char *end;

	major = strtoul(value, &end, 10);
	if (end == value || *end != '.')
		return -EINVAL;
	value = end + 1;
	minor = strtoul(value, &end, 10);
	if (end == value || *end || major > 0x7fff || minor > 0xffff)
		return -EINVAL;
	told_release = major << 16 | minor;
	return 0;
}
BOOT_OPTION_CUSTOM("release", parse_release, "`major.minor`: the release of Xen that domains are told (4.17), for tools that choose their files by it");

static long put_text(unsigned long arg, const char *text, size_t size)
{
	char buf[1024] = { 0 };

	strlcpy(buf, text, size);
	return copy_to_guest_va(arg, buf, size) ? -EFAULT : 0;
}

static long version_capabilities(unsigned long arg)
{
	char buf[sizeof(xen_capabilities_info_t)] = { 0 };

	arch_capabilities(buf, sizeof(buf));
	return copy_to_guest_va(arg, buf, sizeof(buf)) ? -EFAULT : 0;
}

/* Nothing here tells when or by whom it was built: the same source gives the same image. */
static long version_compile_info(unsigned long arg)
{
	struct xen_compile_info info;

	memset(&info, 0, sizeof(info));
	strlcpy(info.compiler, "C compiler " __VERSION__, sizeof(info.compiler));
	strlcpy(info.compile_by, "tenon", sizeof(info.compile_by));
	strlcpy(info.compile_domain, "localdomain", sizeof(info.compile_domain));
	strlcpy(info.compile_date, TENON_DATE, sizeof(info.compile_date));
	return copy_to_guest_va(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long version_features(struct vcpu *curr, unsigned long arg)
{
	struct xen_feature_info info;

	if (copy_from_guest_va(&info, arg, sizeof(info)))
		return -EFAULT;
	if (info.submap_idx)
		return -EINVAL;
	info.submap = arch_version_features(curr->domain, 0);
	return copy_to_guest_va(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long version_build_id(unsigned long arg)
{
	size_t size;
	const uint8_t *id = build_id(&size);
	uint32_t room;

	if (!size)
		return -ENODATA;
	if (!arg)
		return (long)size;
	if (copy_from_guest_va(&room, arg, sizeof(room)))
		return -EFAULT;
	if (!room)
		return -EINVAL;
	if (room < size)
		return -ENOBUFS;
	return copy_to_guest_va(arg + offsetof(xen_build_id_t, buf), id, size) ? -EFAULT : (long)size;
}

static long version_platform(unsigned long arg)
{
	struct xen_platform_parameters p = { .virt_start = HV_VIRT_START };

	return copy_to_guest_va(arg, &p, sizeof(p)) ? -EFAULT : 0;
}

long do_xen_version(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		    unsigned long a4, unsigned long a5)
{
	bool priv;

	/* Kernels use it as the call that does nothing but look for events: before all that needs registers. */
	if (likely((uint32_t)cmd == XENVER_version))
		return (long)told_release;
	priv = curr->domain->is_privileged;
	switch ((uint32_t)cmd) {
	case XENVER_extraversion:
		return put_text(arg, TENON_EXTRAVERSION, sizeof(xen_extraversion_t));
	case XENVER_compile_info:
		return version_compile_info(arg);
	case XENVER_capabilities:
		return version_capabilities(arg);
	case XENVER_changeset:
		return put_text(arg, TENON_CHANGESET, sizeof(xen_changeset_info_t));
	case XENVER_platform_parameters:
		return version_platform(arg);
	case XENVER_get_features:
		return version_features(curr, arg);
	case XENVER_pagesize:
		return PAGE_SIZE;
	case XENVER_guest_handle:
		return copy_to_guest_va(arg, curr->domain->handle, sizeof(xen_domain_handle_t)) ? -EFAULT : 0;
	case XENVER_commandline:
		return put_text(arg, priv ? boot_info.cmdline : "<denied>", sizeof(xen_commandline_t));
	case XENVER_build_id:
		return priv ? version_build_id(arg) : -EPERM;
	}
	return -ENOSYS;
}

long do_vm_assist(struct vcpu *curr, unsigned long cmd, unsigned long type, unsigned long a3,
		  unsigned long a4, unsigned long a5)
{
	struct domain *d = curr->domain;

	type = (uint32_t)type;
	if (type >= BITS_PER_LONG || !(ARCH_VM_ASSISTS & (1UL << type)))
		return -EINVAL;
	switch ((uint32_t)cmd) {
	case VMASST_CMD_enable:
		set_bit((unsigned int)type, &d->vm_assist);
		break;
	case VMASST_CMD_disable:
		clear_bit((unsigned int)type, &d->vm_assist);
		break;
	default:
		return -ENOSYS;
	}
	arch_vm_assist_changed(d);
	return 0;
}
