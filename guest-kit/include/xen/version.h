/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* xen_version(cmd, arg): what the hypervisor is. */
#ifndef XEN_VERSION_H
#define XEN_VERSION_H

#include <xen/xen.h>
#include <xen/features.h>

#define XENVER_version			0	/* returns major << 16 | minor */
#define XENVER_extraversion		1	/* xen_extraversion_t */
#define XENVER_compile_info		2	/* struct xen_compile_info */
#define XENVER_capabilities		3	/* xen_capabilities_info_t */
#define XENVER_changeset		4	/* xen_changeset_info_t */
#define XENVER_platform_parameters	5	/* struct xen_platform_parameters */
#define XENVER_get_features		6	/* struct xen_feature_info */
#define XENVER_pagesize			7	/* returns it */
#define XENVER_guest_handle		8	/* xen_domain_handle_t */
#define XENVER_commandline		9	/* xen_commandline_t */
#define XENVER_build_id			10	/* struct xen_build_id, or NULL; returns the length */

typedef char xen_extraversion_t[16];
typedef char xen_capabilities_info_t[1024];
typedef char xen_changeset_info_t[64];
typedef char xen_commandline_t[1024];

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};

struct xen_platform_parameters {
	xen_ulong_t virt_start;		/* where the hypervisor's addresses begin */
};

struct xen_feature_info {
	unsigned int submap_idx;	/* in: which 32 features */
	uint32_t submap;		/* out: bits by XENFEAT_* */
};

typedef struct xen_build_id {
	uint32_t len;			/* in: room in buf */
	unsigned char buf[];
} xen_build_id_t;

#endif
