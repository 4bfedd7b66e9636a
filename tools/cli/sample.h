/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that stats and top show, at one moment. */
#ifndef CLI_SAMPLE_H
#define CLI_SAMPLE_H

#include "cli.h"

struct sample_domain {
	struct tenon_domain domain;
	char *name;
	struct tenon_vcpu *vcpus;		/* those that there are */
	uint32_t vcpu_count;
	struct tenon_device_stats *devices;	/* within the sample's list */
	size_t device_count;
};

struct sample {
	uint64_t time_ns;			/* of a clock that only goes forward */
	struct tenon_host host;
	uint64_t *idle_ns;			/* by processor */
	unsigned int cpu_count;
	struct sample_domain *domains;
	size_t domain_count;
	struct tenon_device_stats *devices;
};

/* Of the domains that argv[first...] name, or all. What cannot be had ends the program with a message. */
struct sample *sample_take(int argc, char **argv, int first);
void sample_free(struct sample *sample);

/* The same domain, vCPU, device in another sample, or NULL. */
const struct sample_domain *sample_domain_in(const struct sample *sample, const struct sample_domain *domain);
const struct tenon_vcpu *sample_vcpu_in(const struct sample_domain *domain, uint32_t vcpu);
const struct tenon_device_stats *sample_device_in(const struct sample_domain *domain, const struct tenon_device_stats *device);

#endif
