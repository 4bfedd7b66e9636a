// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains, vCPUs and devices as tables, with rates from what changed since an earlier sample. */
#include "view.h"

#include <string.h>

#include "stats.h"

#define TEXT -1

/* ---- rates ---- */

static double seconds(const struct sample *before, const struct sample *now)
{
	return before ? (now->time_ns - before->time_ns) / 1e9 : 0;
}

/* Counts begin anew with a new device: nothing is below 0. */
static double rate(uint64_t before, uint64_t now, double seconds)
{
	return seconds > 0 && now > before ? (now - before) / seconds : 0;
}

static double percent(uint64_t before_ns, uint64_t now_ns, double seconds)
{
	return rate(before_ns, now_ns, seconds) / 1e7;
}

/* ---- domains ---- */

enum { D_NAME, D_ID, D_STATE, D_CPU, D_PERCENT, D_MEMORY, D_MAX, D_VCPUS, D_RECEIVED, D_SENT, D_READ, D_WRITTEN };

static const struct column domain_columns[] = {
	[D_NAME] = { "NAME", -20, TEXT }, [D_ID] = { "ID", 5, 0 }, [D_STATE] = { "STATE", -9, TEXT }, [D_CPU] = { "CPU/s", 10, 1 },
	[D_PERCENT] = { "CPU%", 6, 1 }, [D_MEMORY] = { "MEM/MiB", 8, 0 }, [D_MAX] = { "MAX/MiB", 10, 0 },
	[D_VCPUS] = { "VCPUS", 5, 0 }, [D_RECEIVED] = { "RX-K/s", 8, 1 }, [D_SENT] = { "TX-K/s", 8, 1 },
	[D_READ] = { "RD-K/s", 8, 1 }, [D_WRITTEN] = { "WR-K/s", 8, 1 }, { 0 },
};

static void add_devices(struct cell *row, const struct sample_domain *old, const struct sample_domain *domain, double time)
{
	for (size_t i = 0; i < domain->device_count; i++) {
		const struct tenon_device_stats *device = &domain->devices[i], *then = sample_device_in(old, device);
		bool disk = device->kind == TENON_DEVICE_DISK;

		if (!then)
			continue;
		row[disk ? D_READ : D_RECEIVED].number += rate(then->in_bytes, device->in_bytes, time) / 1024;
		row[disk ? D_WRITTEN : D_SENT].number += rate(then->out_bytes, device->out_bytes, time) / 1024;
	}
}

static void fill_domain(struct table *table, const struct sample_domain *old, const struct sample_domain *domain, double time)
{
	struct cell *row = table_add(table);
	const struct tenon_domain *d = &domain->domain;

	cell_set_text(&row[D_NAME], domain->name);
	row[D_ID].number = d->domid;
	cell_set_text(&row[D_STATE], state_name(d));
	row[D_CPU].number = d->cpu_ns / 1e9;
	row[D_PERCENT].number = old ? percent(old->domain.cpu_ns, d->cpu_ns, time) : 0;
	row[D_MEMORY].number = d->memory_bytes >> 20;
	row[D_MAX].number = d->memory_max_bytes >> 20;
	row[D_VCPUS].number = d->vcpus_online;
	add_devices(row, old, domain, time);
}

/* ---- vCPUs ---- */

enum { V_NAME, V_ID, V_VCPU, V_CPU, V_STATE, V_TIME, V_PERCENT };

static const struct column vcpu_columns[] = {
	[V_NAME] = { "NAME", -20, TEXT }, [V_ID] = { "ID", 5, 0 }, [V_VCPU] = { "VCPU", 5, 0 }, [V_CPU] = { "CPU", 4, 0 },
	[V_STATE] = { "STATE", -9, TEXT }, [V_TIME] = { "TIME/s", 10, 1 }, [V_PERCENT] = { "CPU%", 6, 1 }, { 0 },
};

static void fill_vcpus(struct table *table, const struct sample_domain *old, const struct sample_domain *domain, double time)
{
	for (uint32_t i = 0; i < domain->vcpu_count; i++) {
		const struct tenon_vcpu *vcpu = &domain->vcpus[i], *then = sample_vcpu_in(old, vcpu->vcpu);
		struct cell *row = table_add(table);

		cell_set_text(&row[V_NAME], domain->name);
		row[V_ID].number = domain->domain.domid;
		row[V_VCPU].number = vcpu->vcpu;
		row[V_CPU].number = vcpu->cpu;
		cell_set_text(&row[V_STATE], vcpu_state_name(vcpu));
		row[V_TIME].number = vcpu->cpu_ns / 1e9;
		row[V_PERCENT].number = then ? percent(then->cpu_ns, vcpu->cpu_ns, time) : 0;
	}
}

/* ---- devices ---- */

enum { I_NAME, I_ID, I_KIND, I_DEVICE, I_IN_RATE, I_OUT_RATE, I_IN_OPS, I_OUT_OPS, I_IN, I_OUT, I_DROPS };

static const struct column device_columns[] = {
	[I_NAME] = { "NAME", -20, TEXT }, [I_ID] = { "ID", 5, 0 }, [I_KIND] = { "KIND", -4, TEXT }, [I_DEVICE] = { "DEVICE", -12, TEXT },
	[I_IN_RATE] = { "IN-K/s", 9, 1 }, [I_OUT_RATE] = { "OUT-K/s", 9, 1 }, [I_IN_OPS] = { "IN/s", 8, 1 },
	[I_OUT_OPS] = { "OUT/s", 8, 1 }, [I_IN] = { "IN/KiB", 11, 0 }, [I_OUT] = { "OUT/KiB", 11, 0 }, [I_DROPS] = { "DROPS", 7, 0 },
	{ 0 },
};

static uint64_t operations_in(const struct tenon_device_stats *device)
{
	return device->kind == TENON_DEVICE_DISK ? device->read_requests : device->in_packets;
}

static uint64_t operations_out(const struct tenon_device_stats *device)
{
	return device->kind == TENON_DEVICE_DISK ? device->write_requests : device->out_packets;
}

static void fill_devices(struct table *table, const struct sample_domain *old, const struct sample_domain *domain, double time)
{
	for (size_t i = 0; i < domain->device_count; i++) {
		const struct tenon_device_stats *device = &domain->devices[i], *then = sample_device_in(old, device);
		struct cell *row = table_add(table);
		bool disk = device->kind == TENON_DEVICE_DISK;
		char name[16];

		cell_set_text(&row[I_NAME], domain->name);
		row[I_ID].number = domain->domain.domid;
		cell_set_text(&row[I_KIND], disk ? "disk" : "net");
		cell_set_text(&row[I_DEVICE], disk ? stats_disk_name(device->devid, name) : device->name);
		row[I_IN].number = device->in_bytes >> 10;
		row[I_OUT].number = device->out_bytes >> 10;
		row[I_DROPS].number = disk ? device->waits : device->in_drops + device->out_drops;
		if (!then)
			continue;
		row[I_IN_RATE].number = rate(then->in_bytes, device->in_bytes, time) / 1024;
		row[I_OUT_RATE].number = rate(then->out_bytes, device->out_bytes, time) / 1024;
		row[I_IN_OPS].number = rate(operations_in(then), operations_in(device), time);
		row[I_OUT_OPS].number = rate(operations_out(then), operations_out(device), time);
	}
}

/* ---- the whole ---- */

static const struct {
	const struct column *columns;
	int sort;
	void (*fill)(struct table *table, const struct sample_domain *old, const struct sample_domain *domain, double time);
} views[VIEW_COUNT] = {
	[VIEW_DOMAINS] = { domain_columns, D_PERCENT, fill_domain },
	[VIEW_VCPUS] = { vcpu_columns, V_PERCENT, fill_vcpus },
	[VIEW_DEVICES] = { device_columns, I_IN_RATE, fill_devices },
};

const struct column *view_columns(enum view view)
{
	return views[view].columns;
}

int view_first_sort(enum view view)
{
	return views[view].sort;
}

void view_fill(struct table *table, enum view view, const struct sample *before, const struct sample *now)
{
	table_init(table, views[view].columns);
	for (size_t i = 0; i < now->domain_count; i++)
		views[view].fill(table, sample_domain_in(before, &now->domains[i]), &now->domains[i], seconds(before, now));
}

void view_summary(const struct sample *before, const struct sample *now, char out[TABLE_LINE_MAX])
{
	double idle = 0, time = seconds(before, now);
	unsigned int running = 0;

	for (size_t i = 0; i < now->domain_count; i++)
		running += !strcmp(state_name(&now->domains[i].domain), "running");
	for (unsigned int i = 0; before && i < now->cpu_count && i < before->cpu_count; i++)
		idle += percent(before->idle_ns[i], now->idle_ns[i], time);
	snprintf(out, TABLE_LINE_MAX, "%zu domains, %u running; %u processors, %.1f %% idle; memory %llu MiB, %llu MiB free",
		 now->domain_count, running, now->host.processors, idle / (now->host.processors ? now->host.processors : 1),
		 (unsigned long long)(now->host.total_bytes >> 20), (unsigned long long)(now->host.free_bytes >> 20));
}
