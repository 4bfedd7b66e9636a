/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this directory share. */
#ifndef COMMON_DOMAIN_DOMAIN_H
#define COMMON_DOMAIN_DOMAIN_H

#include <limits.h>
#include <tenon/domain.h>

#ifndef DOMID_IDLE
#define DOMID_IDLE		0x7fff
#endif

void domain_free_parts(struct domain *d);
/* The info of vCPUs that have registered none and have none in the shared page. */
extern struct vcpu_info dummy_vcpu_info;
/* The vCPUs of a domain that dies name no guest memory any more. */
int vcpus_release_guest_pages(struct domain *d);

/* Parts of vcpu_op. */
long vcpu_get_runstate(struct vcpu *v, unsigned long arg);
long vcpu_register_runstate(struct vcpu *v, unsigned long arg);
long vcpu_set_singleshot(struct vcpu *curr, struct vcpu *v, unsigned long arg);
long vcpu_stop_singleshot(struct vcpu *curr, struct vcpu *v);
long vcpu_set_periodic(struct vcpu *curr, struct vcpu *v, unsigned long arg);
long vcpu_stop_periodic(struct vcpu *v);

#endif
