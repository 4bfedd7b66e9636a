// SPDX-License-Identifier: GPL-2.0-or-later
/* A sample as JSON. */
#include <json-c/json.h>
#include <time.h>

#include "stats.h"

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static struct json_object *json_host(const struct sample *sample)
{
	struct json_object *object = json_object_new_object(), *idle = json_object_new_array();

	add_number(object, "processors", sample->host.processors);
	add_number(object, "memory_bytes", sample->host.total_bytes);
	add_number(object, "memory_free_bytes", sample->host.free_bytes);
	for (unsigned int i = 0; i < sample->cpu_count; i++)
		json_object_array_add(idle, json_object_new_uint64(sample->idle_ns[i]));
	json_object_object_add(object, "idle_ns", idle);
	return object;
}

static struct json_object *json_vcpus(const struct sample_domain *domain)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < domain->vcpu_count; i++) {
		struct json_object *object = json_object_new_object();

		add_number(object, "vcpu", domain->vcpus[i].vcpu);
		json_object_object_add(object, "state", json_object_new_string(vcpu_state_name(&domain->vcpus[i])));
		add_number(object, "cpu_ns", domain->vcpus[i].cpu_ns);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *json_device(const struct tenon_device_stats *device)
{
	struct json_object *object = json_object_new_object();
	char name[16];

	add_number(object, "devid", device->devid);
	if (device->kind == TENON_DEVICE_DISK) {
		json_object_object_add(object, "name", json_object_new_string(stats_disk_name(device->devid, name)));
		add_number(object, "read_requests", device->read_requests);
		add_number(object, "write_requests", device->write_requests);
		add_number(object, "flush_requests", device->flush_requests);
		add_number(object, "discard_requests", device->discard_requests);
		add_number(object, "waits", device->waits);
		add_number(object, "read_bytes", device->in_bytes);
		add_number(object, "written_bytes", device->out_bytes);
		return object;
	}
	json_object_object_add(object, "name", json_object_new_string(device->name));
	add_number(object, "received_bytes", device->in_bytes);
	add_number(object, "received_packets", device->in_packets);
	add_number(object, "received_drops", device->in_drops);
	add_number(object, "sent_bytes", device->out_bytes);
	add_number(object, "sent_packets", device->out_packets);
	add_number(object, "sent_drops", device->out_drops);
	return object;
}

static struct json_object *json_devices(const struct sample_domain *domain, enum tenon_device_kind kind)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < domain->device_count; i++)
		if (domain->devices[i].kind == kind)
			json_object_array_add(list, json_device(&domain->devices[i]));
	return list;
}

static struct json_object *json_of(const struct sample_domain *domain)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "domid", domain->domain.domid);
	json_object_object_add(object, "name", json_object_new_string(domain->name));
	json_object_object_add(object, "state", json_object_new_string(state_name(&domain->domain)));
	add_number(object, "memory_bytes", domain->domain.memory_bytes);
	add_number(object, "memory_max_bytes", domain->domain.memory_max_bytes);
	add_number(object, "cpu_ns", domain->domain.cpu_ns);
	json_object_object_add(object, "vcpus", json_vcpus(domain));
	json_object_object_add(object, "disks", json_devices(domain, TENON_DEVICE_DISK));
	json_object_object_add(object, "networks", json_devices(domain, TENON_DEVICE_NETWORK));
	return object;
}

void stats_json(const struct sample *sample)
{
	struct json_object *object = json_object_new_object(), *domains = json_object_new_array();

	add_number(object, "time", time(NULL));
	json_object_object_add(object, "host", json_host(sample));
	for (size_t i = 0; i < sample->domain_count; i++)
		json_object_array_add(domains, json_of(&sample->domains[i]));
	json_object_object_add(object, "domains", domains);
	print_json(object);
}
