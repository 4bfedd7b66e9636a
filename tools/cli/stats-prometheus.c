// SPDX-License-Identifier: GPL-2.0-or-later
/* A sample in Prometheus's text format: all values of a metric stand together. */
#include <string.h>

#include "stats.h"

static void print_label(const char *name, const char *value)
{
	printf("%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putchar('\\');
		if (*value == '\n')
			fputs("\\n", stdout);
		else
			putchar(*value);
	}
	putchar('"');
}

static void print_head(const char *name, const char *type, const char *help)
{
	printf("# HELP tenon_%s %s\n# TYPE tenon_%s %s\n", name, help, name, type);
}

static void print_domain_labels(const char *name, const struct sample_domain *domain)
{
	printf("tenon_%s{domid=\"%u\",", name, domain->domain.domid);
	print_label("name", domain->name);
}

/* Seconds are told of nanoseconds, the rest as it is. */
enum unit { PLAIN, SECONDS };

static void print_value(uint64_t value, enum unit unit)
{
	if (unit == SECONDS)
		printf("%llu.%09llu\n", (unsigned long long)value / 1000000000, (unsigned long long)value % 1000000000);
	else
		printf("%llu\n", (unsigned long long)value);
}

struct metric {
	const char *name, *type, *help;
	size_t offset;
	enum unit unit;
};

static uint64_t field(const void *base, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)base + offset, sizeof(value));
	return value;
}

static void show_host_metrics(const struct sample *sample)
{
	print_head("processors", "gauge", "Processors online.");
	printf("tenon_processors %u\n", sample->host.processors);
	print_head("memory_bytes", "gauge", "The machine's memory.");
	printf("tenon_memory_bytes %llu\n", (unsigned long long)sample->host.total_bytes);
	print_head("memory_free_bytes", "gauge", "Of it, what no domain has.");
	printf("tenon_memory_free_bytes %llu\n", (unsigned long long)sample->host.free_bytes);
	print_head("cpu_idle_seconds_total", "counter", "Time that a processor had nothing to run.");
	for (unsigned int i = 0; i < sample->cpu_count; i++) {
		printf("tenon_cpu_idle_seconds_total{cpu=\"%u\"} ", i);
		print_value(sample->idle_ns[i], SECONDS);
	}
}

static void show_domain_metrics(const struct sample *sample)
{
	static const struct metric metrics[] = {
		{ "domain_memory_bytes", "gauge", "Memory that a domain has.", offsetof(struct tenon_domain, memory_bytes), PLAIN },
		{ "domain_memory_max_bytes", "gauge", "The most that it may have.", offsetof(struct tenon_domain, memory_max_bytes), PLAIN },
		{ "domain_cpu_seconds_total", "counter", "Processor time that it used.", offsetof(struct tenon_domain, cpu_ns), SECONDS },
	};

	print_head("domain_state", "gauge", "1 for the state that a domain is in.");
	for (size_t i = 0; i < sample->domain_count; i++) {
		print_domain_labels("domain_state", &sample->domains[i]);
		printf(",state=\"%s\"} 1\n", state_name(&sample->domains[i].domain));
	}
	print_head("domain_vcpus_online", "gauge", "vCPUs that a domain uses.");
	for (size_t i = 0; i < sample->domain_count; i++) {
		print_domain_labels("domain_vcpus_online", &sample->domains[i]);
		printf("} %u\n", sample->domains[i].domain.vcpus_online);
	}
	for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
		print_head(metrics[m].name, metrics[m].type, metrics[m].help);
		for (size_t i = 0; i < sample->domain_count; i++) {
			print_domain_labels(metrics[m].name, &sample->domains[i]);
			printf("} ");
			print_value(field(&sample->domains[i].domain, metrics[m].offset), metrics[m].unit);
		}
	}
}

static void show_vcpu_metrics(const struct sample *sample)
{
	print_head("vcpu_cpu_seconds_total", "counter", "Processor time that a vCPU used.");
	for (size_t i = 0; i < sample->domain_count; i++)
		for (uint32_t j = 0; j < sample->domains[i].vcpu_count; j++) {
			print_domain_labels("vcpu_cpu_seconds_total", &sample->domains[i]);
			printf(",vcpu=\"%u\"} ", sample->domains[i].vcpus[j].vcpu);
			print_value(sample->domains[i].vcpus[j].cpu_ns, SECONDS);
		}
}

static void show_device_metric(const struct sample *sample, enum tenon_device_kind kind, const struct metric *metric)
{
	char name[16];

	print_head(metric->name, "counter", metric->help);
	for (size_t i = 0; i < sample->domain_count; i++)
		for (size_t j = 0; j < sample->domains[i].device_count; j++) {
			const struct tenon_device_stats *device = &sample->domains[i].devices[j];

			if (device->kind != kind)
				continue;
			print_domain_labels(metric->name, &sample->domains[i]);
			putchar(',');
			print_label("device", kind == TENON_DEVICE_DISK ? stats_disk_name(device->devid, name) : device->name);
			printf("} ");
			print_value(field(device, metric->offset), PLAIN);
		}
}

#define DEVICE(name, field, help)	{ name, "counter", help, offsetof(struct tenon_device_stats, field), PLAIN }

void stats_prometheus(const struct sample *sample)
{
	static const struct metric disks[] = {
		DEVICE("disk_read_requests_total", read_requests, "Requests to read."),
		DEVICE("disk_write_requests_total", write_requests, "Requests to write."),
		DEVICE("disk_flush_requests_total", flush_requests, "Requests to flush."),
		DEVICE("disk_discard_requests_total", discard_requests, "Requests to discard."),
		DEVICE("disk_waits_total", waits, "How often there was no room for a request."),
		DEVICE("disk_read_bytes_total", in_bytes, "Bytes that a domain read."),
		DEVICE("disk_written_bytes_total", out_bytes, "Bytes that it wrote."),
	};
	static const struct metric networks[] = {
		DEVICE("network_received_bytes_total", in_bytes, "Bytes that a domain received."),
		DEVICE("network_received_packets_total", in_packets, "Packets that it received."),
		DEVICE("network_received_drops_total", in_drops, "Packets to it that were dropped."),
		DEVICE("network_sent_bytes_total", out_bytes, "Bytes that it sent."),
		DEVICE("network_sent_packets_total", out_packets, "Packets that it sent."),
		DEVICE("network_sent_drops_total", out_drops, "Packets of it that were dropped."),
	};

	show_host_metrics(sample);
	show_domain_metrics(sample);
	show_vcpu_metrics(sample);
	for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++)
		show_device_metric(sample, TENON_DEVICE_DISK, &disks[i]);
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		show_device_metric(sample, TENON_DEVICE_NETWORK, &networks[i]);
}
