// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon stats: counts of machine, domains, vCPUs and devices, for programs that watch them. */
#include "device.h"
#include "stats.h"

static bool prometheus;

static void take(int option, char *value)
{
	prometheus = true;
}

static const struct option more[] = {
	{ "prometheus", no_argument, NULL, 'p' },
	{ 0 },
};

const char *stats_disk_name(uint32_t devid, char out[16])
{
	if (!config_vdev_name(devid, out))
		snprintf(out, 16, "%u", devid);
	return out;
}

static void show_device(const struct tenon_device_stats *device)
{
	char name[16];

	if (device->kind == TENON_DEVICE_DISK)
		printf("  disk %-10s read %llu requests, %llu KiB; written %llu, %llu KiB\n", stats_disk_name(device->devid, name),
		       (unsigned long long)device->read_requests, (unsigned long long)(device->in_bytes >> 10),
		       (unsigned long long)device->write_requests, (unsigned long long)(device->out_bytes >> 10));
	else
		printf("  net  %-10s received %llu packets, %llu KiB; sent %llu, %llu KiB\n", device->name,
		       (unsigned long long)device->in_packets, (unsigned long long)(device->in_bytes >> 10),
		       (unsigned long long)device->out_packets, (unsigned long long)(device->out_bytes >> 10));
}

static void show_text(const struct sample *sample)
{
	for (size_t i = 0; i < sample->domain_count; i++) {
		const struct sample_domain *domain = &sample->domains[i];

		printf("%s (%u): %s, %llu MiB of %llu, %.1f s of processor time\n", domain->name, domain->domain.domid,
		       state_name(&domain->domain), (unsigned long long)(domain->domain.memory_bytes >> 20),
		       (unsigned long long)(domain->domain.memory_max_bytes >> 20), domain->domain.cpu_ns / 1e9);
		for (uint32_t j = 0; j < domain->vcpu_count; j++)
			printf("  vCPU %-10u %s, %.1f s\n", domain->vcpus[j].vcpu, vcpu_state_name(&domain->vcpus[j]),
			       domain->vcpus[j].cpu_ns / 1e9);
		for (size_t j = 0; j < domain->device_count; j++)
			show_device(&domain->devices[j]);
	}
}

static int run(int argc, char **argv)
{
	bool json = false;
	int first = parse_options(argc, argv, &json, more, NULL, take);
	struct sample *sample;

	if (json && prometheus)
		fail_usage("--json or --prometheus, not both");
	sample = sample_take(argc, argv, first);
	if (json)
		stats_json(sample);
	else if (prometheus)
		stats_prometheus(sample);
	else
		show_text(sample);
	sample_free(sample);
	return STATUS_DONE;
}

const struct command command_stats = {
	.name = "stats", .arguments = "[--json|--prometheus] [DOMAIN]...",
	.summary = "Shows what domains and their devices have used",
	.options = "      --json        as JSON: an object\n"
		   "      --prometheus  in Prometheus's text format\n",
	.run = run,
};
