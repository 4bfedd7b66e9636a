// SPDX-License-Identifier: GPL-2.0-or-later
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "why.h"

#define WAIT_STEP_US	50000
#define WAIT_STEPS	600

static const char *place = "/run/tenon/guests";

void record_place(const char *dir)
{
	place = dir;
}

/* ---- files ---- */

static void path_in(const struct record *record, const char *name, char out[4096])
{
	snprintf(out, 4096, "%s/%s", record->path, name);
}

static bool make_place(void)
{
	char parent[4096], *slash;

	snprintf(parent, sizeof(parent), "%s", place);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		if (mkdir(parent, 0755) && errno != EEXIST)
			return why("%s: %s", parent, strerror(errno));
	}
	if (mkdir(place, 0700) && errno != EEXIST)
		return why("%s: %s", place, strerror(errno));
	return true;
}

int record_lock_all(void)
{
	char path[4096];
	int fd;

	if (!make_place())
		return -1;
	snprintf(path, sizeof(path), "%s/lock", place);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		why("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

void record_unlock_all(int lock)
{
	close(lock);
}

/* Written beside the old one, which it replaces. */
static bool write_file(const struct record *record, const char *name, const char *text)
{
	char path[4096], fresh[4096];
	size_t size = strlen(text);
	bool good;
	int fd;

	path_in(record, name, path);
	path_in(record, "new", fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	good = fd >= 0 && write(fd, text, size) == (ssize_t)size && !rename(fresh, path);
	if (!good)
		why("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

static char *read_file(const struct record *record, const char *name)
{
	char path[4096], *text;
	struct stat status;
	ssize_t got;
	int fd;

	path_in(record, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) || status.st_size > CONFIG_SIZE_MAX * 2) {
		close(fd);
		return NULL;
	}
	text = xmalloc(status.st_size + 1);
	got = read(fd, text, status.st_size);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

/* ---- as JSON ---- */

static const char *const phases[] = {
	[PHASE_MAKING] = "making", [PHASE_STARTING] = "starting", [PHASE_MADE] = "made", [PHASE_KEPT] = "kept",
	[PHASE_ENDING] = "ending", [PHASE_RESTARTING] = "restarting",
};
static const char *const kinds[] = { [DEVICE_DISK] = "disk", [DEVICE_NIC] = "nic", [DEVICE_VFB] = "vfb" };
static const char *const hows[] = {
	[HOW_PLAIN] = "plain", [HOW_LOOP] = "loop", [HOW_NBD] = "nbd", [HOW_SCRIPT] = "script", [HOW_BRIDGE] = "bridge",
	[HOW_ROUTE] = "route", [HOW_NAT] = "nat", [HOW_QEMU] = "qemu",
};

static int word_index(const char *const *words, int count, const char *word)
{
	for (int i = 0; word && i < count; i++)
		if (!strcmp(words[i], word))
			return i;
	return 0;
}

#define WORD_INDEX(words, word) word_index(words, sizeof(words) / sizeof(words[0]), word)

static void put_text(struct json_object *object, const char *key, const char *text)
{
	if (text)
		json_object_object_add(object, key, json_object_new_string(text));
}

static void put_number(struct json_object *object, const char *key, long long number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

static const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value) : NULL;
}

static char *copy_text(struct json_object *object, const char *key)
{
	const char *text = get_text(object, key);

	return text ? xstrdup(text) : NULL;
}

static long long get_number(struct json_object *object, const char *key, long long otherwise)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_int64(value) : otherwise;
}

static struct json_object *device_json(const struct record_device *device)
{
	struct json_object *object = json_object_new_object();

	put_text(object, "kind", kinds[device->kind]);
	put_text(object, "how", hows[device->how]);
	put_number(object, "devid", device->devid);
	put_number(object, "shared", device->shared);
	put_number(object, "read_only", device->read_only);
	put_text(object, "label", device->label);
	put_text(object, "target", device->target);
	put_text(object, "identity", device->identity);
	put_text(object, "node", device->node);
	put_text(object, "script", device->script);
	put_number(object, "pid", device->pid);
	return object;
}

static struct record_device device_of(struct json_object *object)
{
	return (struct record_device){
		.kind = WORD_INDEX(kinds, get_text(object, "kind")), .how = WORD_INDEX(hows, get_text(object, "how")),
		.devid = get_number(object, "devid", 0), .shared = get_number(object, "shared", 0),
		.read_only = get_number(object, "read_only", 0), .label = copy_text(object, "label"),
		.target = copy_text(object, "target"), .identity = copy_text(object, "identity"),
		.node = copy_text(object, "node"), .script = copy_text(object, "script"), .pid = get_number(object, "pid", 0),
	};
}

bool record_save(struct record *record)
{
	struct json_object *object = json_object_new_object(), *devices = json_object_new_array();
	bool good;

	put_text(object, "uuid", record->uuid_text);
	put_text(object, "name", record->name);
	put_text(object, "phase", phases[record->phase]);
	put_number(object, "domid", record->domid);
	put_number(object, "start_paused", record->start_paused);
	put_number(object, "since", record->since);
	for (unsigned int i = 0; i < record->device_count; i++)
		json_object_array_add(devices, device_json(&record->devices[i]));
	json_object_object_add(object, "devices", devices);
	good = write_file(record, "record", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
	return good;
}

static void forget_devices(struct record *record)
{
	for (unsigned int i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];

		free(device->label);
		free(device->target);
		free(device->identity);
		free(device->node);
		free(device->script);
	}
	free(record->devices);
	record->devices = NULL;
	record->device_count = 0;
}

/* A maker that was killed before it wrote anything leaves a directory with a lock alone: that is one in the making. */
static void load(struct record *record)
{
	char *text = read_file(record, "record");
	struct json_object *object = text ? json_tokener_parse(text) : NULL, *devices;

	free(text);
	record->domid = -1;
	record->phase = PHASE_MAKING;
	if (!object)
		return;
	record->name = copy_text(object, "name");
	record->phase = WORD_INDEX(phases, get_text(object, "phase"));
	record->domid = get_number(object, "domid", -1);
	record->start_paused = get_number(object, "start_paused", 0);
	record->since = get_number(object, "since", 0);
	if (json_object_object_get_ex(object, "devices", &devices) && json_object_is_type(devices, json_type_array)) {
		record->device_count = json_object_array_length(devices);
		record->devices = xzalloc((record->device_count + 1) * sizeof(*record->devices));
		for (unsigned int i = 0; i < record->device_count; i++)
			record->devices[i] = device_of(json_object_array_get_idx(devices, i));
	}
	json_object_put(object);
}

/* ---- opening ---- */

static struct record *record_of(const char *uuid_text)
{
	struct record *record = xzalloc(sizeof(*record));

	record->lock = -1;
	record->domid = -1;
	snprintf(record->uuid_text, sizeof(record->uuid_text), "%s", uuid_text);
	record->path = xmalloc(strlen(place) + sizeof(record->uuid_text) + 1);
	sprintf(record->path, "%s/%s", place, record->uuid_text);
	return record;
}

/* 1: locked; 0: somebody else has it; a negative errno. A lock whose file was removed meanwhile is none. */
static int try_lock(struct record *record, int flags)
{
	struct stat status;
	char path[4096];
	int error;

	path_in(record, "lock", path);
	record->lock = open(path, O_RDWR | flags | O_CLOEXEC, 0600);
	if (record->lock < 0)
		return -errno;
	if (!flock(record->lock, LOCK_EX | LOCK_NB) && !fstat(record->lock, &status) && status.st_nlink)
		return 1;
	error = errno == EWOULDBLOCK ? 0 : -ENOENT;
	close(record->lock);
	record->lock = -1;
	return error;
}

struct record *record_new(const char *uuid_text, const char *name)
{
	struct record *record = record_of(uuid_text);

	if (!uuid_parse(uuid_text, record->uuid) || (mkdir(record->path, 0700) && errno != EEXIST) ||
	    try_lock(record, O_CREAT) != 1) {
		why("%s: %s", record->path, strerror(errno));
		record_close(record);
		return NULL;
	}
	record->name = xstrdup(name);
	return record;
}

struct record *record_open(const char *uuid_text, enum record_open how)
{
	struct record *record = record_of(uuid_text);
	int result = how == RECORD_READ ? !access(record->path, F_OK) ? 1 : -errno : try_lock(record, 0);

	if (!uuid_parse(uuid_text, record->uuid))
		result = -ENOENT;
	for (int i = 0; how == RECORD_WAIT && !result && i < WAIT_STEPS; i++) {
		usleep(WAIT_STEP_US);
		result = try_lock(record, 0);
	}
	if (result <= 0) {
		record_close(record);
		errno = result ? -result : EWOULDBLOCK;
		return NULL;
	}
	load(record);
	return record;
}

void record_close(struct record *record)
{
	if (!record)
		return;
	forget_devices(record);
	if (record->lock >= 0)
		close(record->lock);
	free(record->name);
	free(record->path);
	free(record);
}

bool record_save_config(struct record *record, const struct config *config)
{
	char *text = config_text(config);
	bool good = write_file(record, "config", text);

	free(text);
	return good;
}

struct config *record_config(const struct record *record, config_report *report, void *arg)
{
	char *text = read_file(record, "config");
	struct config *config = config_parse("the recorded configuration", text ? text : "", text ? strlen(text) : 0, report, arg);

	free(text);
	return config;
}

/* The lock goes last: until then whoever comes finds a record that is being removed. */
void record_remove(struct record *record)
{
	DIR *dir = opendir(record->path);
	struct dirent *entry;
	char path[4096];

	while (dir && (entry = readdir(dir))) {
		path_in(record, entry->d_name, path);
		if (strcmp(entry->d_name, "lock") && entry->d_name[0] != '.')
			remove(path);
	}
	if (dir)
		closedir(dir);
	path_in(record, "lock", path);
	unlink(path);
	rmdir(record->path);
	record_close(record);
}

void record_remove_empty(const char *uuid_text)
{
	struct record *record = record_of(uuid_text);

	rmdir(record->path);
	record_close(record);
}

/* ---- devices ---- */

struct record_device *record_add(struct record *record, enum device_kind kind, uint32_t devid, const char *label)
{
	struct record_device *device;

	record->devices = xrealloc(record->devices, (record->device_count + 1) * sizeof(*record->devices));
	device = &record->devices[record->device_count++];
	*device = (struct record_device){ .kind = kind, .devid = devid, .label = xstrdup(label) };
	return device;
}

void record_drop(struct record *record, const struct record_device *device)
{
	size_t index = device - record->devices;

	free(device->label);
	free(device->target);
	free(device->identity);
	free(device->node);
	free(device->script);
	memmove(&record->devices[index], &record->devices[index + 1], (record->device_count - index - 1) * sizeof(*device));
	record->device_count--;
}

struct record_device *record_find(struct record *record, enum device_kind kind, uint32_t devid)
{
	for (unsigned int i = 0; i < record->device_count; i++)
		if (record->devices[i].kind == kind && record->devices[i].devid == devid)
			return &record->devices[i];
	return NULL;
}

char **record_list(void)
{
	DIR *dir = opendir(place);
	char **list = xzalloc(sizeof(*list));
	struct dirent *entry;
	size_t count = 0;
	uint8_t uuid[16];

	while (dir && (entry = readdir(dir))) {
		if (!uuid_parse(entry->d_name, uuid))
			continue;
		list = xrealloc(list, (count + 2) * sizeof(*list));
		list[count++] = xstrdup(entry->d_name);
		list[count] = NULL;
	}
	if (dir)
		closedir(dir);
	return list;
}
