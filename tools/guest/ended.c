// SPDX-License-Identifier: GPL-2.0-or-later
#include "ended.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "alloc.h"
#include "devices.h"
#include "nodes.h"
#include "why.h"

enum { REASON_POWEROFF, REASON_REBOOT, REASON_SUSPEND, REASON_CRASH, REASON_WATCHDOG };

/* Of the record's domain. False: it is gone. */
static bool find_domain(const struct ground *ground, const struct record *record, struct tenon_domain *domain)
{
	int domid = guest_domain(ground, record);

	return domid >= 0 && !tenon_get_domain(ground->tenon, domid, domain);
}

bool guest_wants_care(const struct ground *ground, const struct record *record)
{
	struct tenon_domain domain;

	if (record->phase != PHASE_MADE && record->phase != PHASE_KEPT)
		return true;
	if (!find_domain(ground, record, &domain))
		return true;
	/* One that is suspended waits for who did that. */
	return record->phase == PHASE_MADE && (domain.state & TENON_DOMAIN_SHUTDOWN) && !(domain.state & TENON_DOMAIN_DYING) &&
	       domain.shutdown_reason != REASON_SUSPEND;
}

/* As the configuration says; one that cannot be read any more ends the guest. */
static enum guest_action action_of(const struct record *record, unsigned int reason)
{
	struct guest *guest = guest_read(record_config(record, NULL, NULL), NULL);
	enum guest_action action = ACTION_DESTROY;

	if (!guest)
		return action;
	switch (reason) {
	case REASON_POWEROFF: action = guest->on_poweroff; break;
	case REASON_REBOOT: action = guest->on_reboot; break;
	case REASON_WATCHDOG: action = guest->on_watchdog; break;
	default: action = guest->on_crash; break;
	}
	guest_free(guest);
	return action;
}

/* And the one above, which a package or the service manager makes as a rule. */
static bool make_dir(const char *dir)
{
	char parent[4096], *slash;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		mkdir(parent, 0700);
	}
	return !mkdir(dir, 0700) || errno == EEXIST;
}

static void dump_core(const struct ground *ground, const struct record *record, const char *dir)
{
	time_t now = time(NULL);
	char path[4096], stamp[32];
	int error;

	if (!make_dir(dir))
		log_warning("%s: %s", dir, strerror(errno));
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime(&now));
	snprintf(path, sizeof(path), "%s/%s-%s.core", dir, record->name, stamp);
	error = tenon_dump_core(ground->tenon, record->domid, path, NULL, NULL);
	if (error)
		log_error("%s: no core file can be written: %s", record->name, strerror(-error));
	else
		log_info("%s: its memory is in %s", record->name, path);
}

static enum sequel destroy(const struct ground *ground, struct record *record)
{
	char name[GUEST_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s", record->name ? record->name : record->uuid_text);
	if (!guest_destroy(ground, record))
		log_error("%s: it cannot be taken down: %s", name, guest_why());
	return SEQUEL_NONE;
}

static enum sequel restart(const struct ground *ground, struct record *record)
{
	enum sequel sequel = SEQUEL_AGAIN;

	record->phase = PHASE_RESTARTING;
	if (!record_save(record) || !guest_take_down(ground, record)) {
		log_error("%s: it cannot be taken down: %s", record->name, guest_why());
		sequel = SEQUEL_NONE;
	}
	record_close(record);
	return sequel;
}

/* It stays as it is, to be looked at; its disks and networks are free for others. */
static bool keep(const struct ground *ground, struct record *record, bool rename)
{
	char name[GUEST_NAME_MAX + 16], home[48];
	int number = 1;

	while (rename && record->device_count) {
		const struct record_device *device = &record->devices[record->device_count - 1];

		if (!device_detach(ground->store, record, device->kind, device->devid, 0))
			return false;
	}
	record->phase = PHASE_KEPT;
	if (!rename)
		return record_save(record);
	do {
		snprintf(name, sizeof(name), "%s-%d", record->name, number++);
	} while (tenon_find_domain(ground->tenon, ground->store, name) != -ESRCH && number < 10000);
	free(record->name);
	record->name = xstrdup(name);
	snprintf(home, sizeof(home), "/local/domain/%d", record->domid);
	return record_save(record) && node_write(ground->store, home, "name", name);
}

/* The same guest, as far as its configuration goes, with a UUID of its own. */
static bool write_fresh(struct record *record)
{
	struct config *config = record_config(record, NULL, NULL);
	struct config_setting **link = &config->settings, *setting;
	char path[4096], *text;
	FILE *file;
	bool good;

	while ((setting = *link)) {
		if (strcmp(setting->name, "uuid")) {
			link = &setting->next;
			continue;
		}
		*link = setting->next;
		free(setting->name);
		config_value_free(setting->value);
		free(setting);
	}
	snprintf(path, sizeof(path), "%s/fresh", record->path);
	text = config_text(config);
	file = fopen(path, "w");
	good = file && fputs(text, file) >= 0;
	if (file && fclose(file))
		good = false;
	free(text);
	config_free(config);
	return good || why("%s: %s", path, strerror(errno));
}

static enum sequel rename_restart(const struct ground *ground, struct record *record)
{
	enum sequel sequel = SEQUEL_FRESH;

	if (!write_fresh(record) || !keep(ground, record, true)) {
		log_error("%s: it cannot be set aside: %s", record->name, guest_why());
		sequel = SEQUEL_NONE;
	}
	record_close(record);
	return sequel;
}

static enum sequel act(const struct ground *ground, struct record *record, enum guest_action action, const char *core_dir)
{
	static const char *const names[] = {
		[ACTION_DESTROY] = "destroyed", [ACTION_RESTART] = "started again", [ACTION_RENAME_RESTART] = "set aside and started again",
		[ACTION_PRESERVE] = "kept", [ACTION_COREDUMP_DESTROY] = "dumped and destroyed",
		[ACTION_COREDUMP_RESTART] = "dumped and started again",
	};

	log_info("%s: it is %s", record->name, names[action]);
	switch (action) {
	case ACTION_COREDUMP_RESTART:
		dump_core(ground, record, core_dir);
		/* fall through */
	case ACTION_RESTART:
		return restart(ground, record);
	case ACTION_RENAME_RESTART:
		return rename_restart(ground, record);
	case ACTION_PRESERVE:
		if (!keep(ground, record, false))
			log_error("%s: %s", record->name, guest_why());
		record_close(record);
		return SEQUEL_NONE;
	case ACTION_COREDUMP_DESTROY:
		dump_core(ground, record, core_dir);
		/* fall through */
	default:
		return destroy(ground, record);
	}
}

enum sequel guest_care(const struct ground *ground, struct record *record, const char *core_dir)
{
	static const char *const reasons[] = { "powered off", "rebooted", "suspended", "crashed", "ended by its watchdog" };
	struct tenon_domain domain;

	switch (record->phase) {
	case PHASE_RESTARTING:
		return restart(ground, record);
	case PHASE_MADE:
	case PHASE_KEPT:
		if (!guest_wants_care(ground, record))
			break;
		if (!find_domain(ground, record, &domain)) {
			log_info("%s: its domain is gone", record->name);
			return destroy(ground, record);
		}
		record->domid = domain.domid;
		log_info("%s: domain %d has %s", record->name, domain.domid,
			 domain.shutdown_reason < 5 ? reasons[domain.shutdown_reason] : "shut down");
		return act(ground, record, action_of(record, domain.shutdown_reason), core_dir);
	default:
		guest_sweep_one(ground, record);
		return SEQUEL_NONE;
	}
	record_close(record);
	return SEQUEL_NONE;
}
