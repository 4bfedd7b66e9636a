// SPDX-License-Identifier: GPL-2.0-or-later
#include "vfb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "host.h"
#include "nodes.h"
#include "process.h"
#include "qmp.h"
#include "why.h"

#define STEP_US		20000
#define SERVE_S		60	/* for QEMU to serve */
#define PORT_BASE	5900
#define SEARCHED	99	/* displays beyond the one named: as many as xl has tried */

/* Files in the guest's directory. */
static const char monitor_name[] = VFB_MONITOR, password_name[] = "vfb-password", log_name[] = "vfb-log", root_name[] = "vfb-root";

static void path_of(const struct record *record, const char *name, char out[4096])
{
	snprintf(out, 4096, "%s/%s", record->path, name);
}

bool vfb_check(const struct guest *guest)
{
	if (!guest->vfb_given)
		return true;
	if (access(host_qemu_program(), X_OK))
		return why("vfb: a framebuffer is served by QEMU for Xen, which is not installed (%s, package qemu-system-xen)",
			   host_qemu_program());
	return host_user_exists(host_qemu_user()) ||
	       why("vfb: QEMU is to run as the user %s, whom there is not: 'systemd-sysusers' or 'adduser --system --group %s' makes it",
		   host_qemu_user(), host_qemu_user());
}

/* ---- starting ---- */

static bool write_password(const struct record *record, const char *password)
{
	char path[4096];
	size_t size = strlen(password);
	bool good;
	int fd;

	path_of(record, password_name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	good = fd >= 0 && write(fd, password, size) == (ssize_t)size;
	if (!good)
		why("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* ADDRESS:DISPLAY, and how the display is looked for. An address of IPv6 gets brackets. */
static void vnc_argument(const struct config_vfb *vfb, bool password, char out[256])
{
	const char *listen = vfb->listen ? vfb->listen : "127.0.0.1";
	bool six = strchr(listen, ':');
	unsigned int last = vfb->display + SEARCHED;
	int used = snprintf(out, 256, "%s%.200s%s:%u%s", six ? "[" : "", listen, six ? "]" : "", vfb->display,
			    password ? ",password-secret=vnc" : "");

	if (vfb->unused)
		snprintf(out + used, 256 - used, ",to=%u", last < CONFIG_VFB_DISPLAY_MAX ? last : CONFIG_VFB_DISPLAY_MAX);
}

/* Its help in the log's place, which is written anew afterwards. Since 10.0 there is one option for both, and not the others. */
static bool knows_run_with(const char *log)
{
	const char *const argv[] = { host_qemu_program(), "-help", NULL };
	pid_t pid = host_start(argv, log);
	bool found = false;
	char line[512];
	FILE *file;

	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return false;
	file = fopen(log, "r");
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "-run-with", 9) && strstr(line, "user=");
	if (file)
		fclose(file);
	return found;
}

/* Another user, in an empty directory, once it has opened all. */
static int add_confinement(const char *argv[], const char *root, const char *log, char run_with[4200])
{
	if (!knows_run_with(log)) {
		memcpy(argv, (const char *[]){ "-runas", host_qemu_user(), "-chroot", root }, 4 * sizeof(*argv));
		return 4;
	}
	snprintf(run_with, 4200, "chroot=%s,user=%s", root, host_qemu_user());
	memcpy(argv, (const char *[]){ "-run-with", run_with }, 2 * sizeof(*argv));
	return 2;
}

static bool start(struct record *record, struct record_device *device, const struct guest *guest)
{
	const struct config_vfb *vfb = &guest->vfb;
	char root[4096], log[4096], secret[4200], monitor[4200], run_with[4200], path[4096], domid[16], memory[24], vnc[256];
	bool password = vfb->password && *vfb->password;
	const char *argv[40] = { host_qemu_program(), "-xen-domid", domid, "-xen-attach", "-machine", "xenpv", "-m", memory, "-name",
		guest->name, "-nodefaults", "-no-user-config", "-vga", "xenfb", "-display", "none", "-vnc", vnc, "-chardev", monitor, "-mon",
		"chardev=monitor,mode=control" };
	int count = 22;

	path_of(record, root_name, root);
	path_of(record, log_name, log);
	if (mkdir(root, 0755) && errno != EEXIST)
		return why("%s: %s", root, strerror(errno));
	if (password && !write_password(record, vfb->password))
		return false;
	snprintf(domid, sizeof(domid), "%d", record->domid);
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)guest->memory_max_kib / 1024);
	vnc_argument(vfb, password, vnc);
	path_of(record, monitor_name, path);
	snprintf(monitor, sizeof(monitor), "socket,id=monitor,path=%s,server=on,wait=off", path);
	count += add_confinement(&argv[count], root, log, run_with);
	if (password) {
		path_of(record, password_name, path);
		snprintf(secret, sizeof(secret), "secret,id=vnc,file=%s", path);
		argv[count++] = "-object";
		argv[count++] = secret;
	}
	if (vfb->keymap) {
		argv[count++] = "-k";
		argv[count++] = vfb->keymap;
	}
	device->pid = host_start(argv, log);
	return device->pid > 0 ? record_save(record) : why("vfb: QEMU cannot be started: %s", strerror(-device->pid));
}

bool vfb_attach(struct tenon_store *store, struct record *record, const struct guest *guest)
{
	struct record_device *device;

	if (!guest->vfb_given)
		return true;
	device = record_add(record, DEVICE_VFB, 0, "vfb");
	device->how = HOW_QEMU;
	/* It looks for the nodes when it starts: it may open nothing any more once it is another user. */
	return record_save(record) && nodes_vfb(store, record->domid, &guest->vfb) && start(record, device, guest);
}

/* ---- what became of it ---- */

/* The last line that it wrote. */
static void last_words(const struct record *record, char out[512])
{
	char path[4096], line[512];
	FILE *file;

	path_of(record, log_name, path);
	snprintf(out, 512, "(it does not say why)");
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			snprintf(out, 512, "%s", line);
	}
	if (file)
		fclose(file);
}

static bool has_ended(const struct record_device *device)
{
	return waitpid(device->pid, NULL, WNOHANG) == device->pid;
}

static long long seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Connected to its monitor, which serves once all is set up; -1: guest_why(). */
static int await_monitor(const struct record *record, const struct record_device *device)
{
	long long end = seconds() + SERVE_S;
	char path[4096], words[512];
	int fd = -1;

	path_of(record, monitor_name, path);
	while (seconds() <= end && (fd = qmp_open(path)) < 0) {
		if (errno == ENAMETOOLONG) {
			why("%s: %s", path, strerror(errno));
			return -1;
		}
		if (has_ended(device)) {
			last_words(record, words);
			/* As Debian's are: VNC's passwords are a matter of DES. */
			why("vfb: QEMU has ended: %s%s", words, strstr(words, "DES algorithm") ?
			    " (this QEMU was built without passwords for VNC: leave vncpasswd out)" : "");
			return -1;
		}
		usleep(STEP_US);
	}
	if (fd < 0)
		why("vfb: QEMU does not serve within %d s", SERVE_S);
	return fd;
}

static void forget_file(const struct record *record, const char *name)
{
	char path[4096];

	path_of(record, name, path);
	remove(path);
}

bool vfb_ready(struct tenon_store *store, struct record *record)
{
	struct record_device *device = record_find(record, DEVICE_VFB, 0);
	char address[64], target[80];
	unsigned int port;
	bool good;
	int fd;

	if (!device)
		return true;
	fd = await_monitor(record, device);
	if (fd < 0)
		return false;
	good = qmp_vnc(fd, address, &port) || why("vfb: QEMU does not say where it listens");
	close(fd);
	forget_file(record, password_name);
	if (!good)
		return false;
	snprintf(target, sizeof(target), strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);
	free(device->target);
	device->target = xstrdup(target);
	return record_save(record) && nodes_vnc(store, record->domid, address, port);
}

bool vfb_detach(struct tenon_store *store, struct record *record, const struct record_device *device)
{
	char path[4096];

	path_of(record, monitor_name, path);
	if (!processes_end(path))
		return why("vfb: QEMU does not end");
	if (record->domid >= 0)
		nodes_drop_vfb(store, record->domid);
	forget_file(record, monitor_name);
	forget_file(record, password_name);
	forget_file(record, log_name);
	forget_file(record, root_name);
	record_drop(record, device);
	return record_save(record);
}
