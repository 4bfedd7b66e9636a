// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes samples of the machine and its domains. */
#include "sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *need_memory(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		fail("out of memory");
	return memory;
}

static void take_host(struct sample *sample)
{
	int error = tenon_get_host(need_hypervisor(), &sample->host), count;

	if (error)
		fail("the machine cannot be asked for: %s", strerror(-error));
	sample->idle_ns = need_memory(sample->host.highest_processor + 1, sizeof(*sample->idle_ns));
	count = tenon_get_idle_times(need_hypervisor(), sample->idle_ns, sample->host.highest_processor + 1);
	if (count < 0)
		fail("the processors cannot be asked for: %s", strerror(-count));
	sample->cpu_count = count <= (int)sample->host.highest_processor ? count : sample->host.highest_processor + 1;
}

/* A domain may end in between: it then has fewer. */
static void take_vcpus(struct sample_domain *domain)
{
	domain->vcpus = need_memory(domain->domain.vcpus, sizeof(*domain->vcpus));
	for (uint32_t i = 0; i < domain->domain.vcpus; i++)
		if (!tenon_get_vcpu(need_hypervisor(), domain->domain.domid, i, &domain->vcpus[domain->vcpu_count]))
			domain->vcpu_count++;
}

/* They are in the order of their domains. */
static void find_devices(struct sample *sample, struct sample_domain *domain, size_t total)
{
	for (size_t i = 0; i < total; i++) {
		if (sample->devices[i].domid != domain->domain.domid)
			continue;
		if (!domain->device_count)
			domain->devices = &sample->devices[i];
		domain->device_count++;
	}
}

struct sample *sample_take(int argc, char **argv, int first)
{
	struct sample *sample = need_memory(1, sizeof(*sample));
	struct tenon_domain *domains;
	struct timespec now;
	int device_count;

	take_host(sample);
	sample->domain_count = need_domains(argc, argv, first, &domains);
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample->time_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	device_count = tenon_get_device_stats(sysfs_path(), &sample->devices);
	if (device_count < 0)
		fail("devices cannot be looked at: %s", strerror(-device_count));
	sample->domains = need_memory(sample->domain_count, sizeof(*sample->domains));
	for (size_t i = 0; i < sample->domain_count; i++) {
		sample->domains[i].domain = domains[i];
		sample->domains[i].name = domain_label(domains[i].domid);
		take_vcpus(&sample->domains[i]);
		find_devices(sample, &sample->domains[i], device_count);
	}
	free(domains);
	return sample;
}

void sample_free(struct sample *sample)
{
	if (!sample)
		return;
	for (size_t i = 0; i < sample->domain_count; i++) {
		free(sample->domains[i].name);
		free(sample->domains[i].vcpus);
	}
	free(sample->domains);
	free(sample->devices);
	free(sample->idle_ns);
	free(sample);
}

const struct sample_domain *sample_domain_in(const struct sample *sample, const struct sample_domain *domain)
{
	for (size_t i = 0; sample && i < sample->domain_count; i++)
		if (sample->domains[i].domain.domid == domain->domain.domid &&
		    !memcmp(sample->domains[i].domain.uuid, domain->domain.uuid, sizeof(domain->domain.uuid)))
			return &sample->domains[i];
	return NULL;
}

const struct tenon_vcpu *sample_vcpu_in(const struct sample_domain *domain, uint32_t vcpu)
{
	for (uint32_t i = 0; domain && i < domain->vcpu_count; i++)
		if (domain->vcpus[i].vcpu == vcpu)
			return &domain->vcpus[i];
	return NULL;
}

const struct tenon_device_stats *sample_device_in(const struct sample_domain *domain, const struct tenon_device_stats *device)
{
	for (size_t i = 0; domain && i < domain->device_count; i++)
		if (domain->devices[i].kind == device->kind && domain->devices[i].devid == device->devid)
			return &domain->devices[i];
	return NULL;
}
