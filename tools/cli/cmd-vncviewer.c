// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon vncviewer: a domain's framebuffer. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "guest.h"
#include "vnc.h"

static bool print, autopass;

static void take(int option, char *value)
{
	if (option == 'p')
		print = true;
	else
		autopass = true;
}

static const struct option more[] = {
	{ "print", no_argument, NULL, 'p' },
	{ "autopass", no_argument, NULL, 'a' },
	{ 0 },
};

/* Of the guest's recorded configuration; NULL: there is none. To be freed. */
static char *password_of(uint16_t domid)
{
	struct ground ground = need_ground();
	struct record *record = guest_record_of(&ground, domid, RECORD_READ);
	struct guest *guest = record ? guest_read(record_config(record, NULL, NULL), NULL) : NULL;
	char *password = guest && guest->vfb.password && *guest->vfb.password ? strdup(guest->vfb.password) : NULL;

	guest_free(guest);
	record_close(record);
	return password;
}

/* The viewer reads it from its input, where no other user sees it. */
static void give_password(uint16_t domid, const char *name)
{
	char *password = password_of(domid);
	int fd = memfd_create("password", 0);

	if (!password)
		fail("no password of %s is known", name);
	if (fd < 0 || write(fd, password, strlen(password)) < 0 || lseek(fd, 0, SEEK_SET) || dup2(fd, STDIN_FILENO) < 0)
		fail("the password cannot be given to the viewer: %s", strerror(errno));
	free(password);
}

/* One that listens everywhere is seen at this host's own address. */
static const char *reachable(const char *address)
{
	return !strcmp(address, "0.0.0.0") ? "127.0.0.1" : !strcmp(address, "::") ? "::1" : address;
}

static int view(uint16_t domid, const char *name, const struct vnc *vnc)
{
	const char *address = reachable(vnc->address);
	char place[80];

	/* HOST::PORT, which viewers take for a port and not for a display. */
	snprintf(place, sizeof(place), strchr(address, ':') ? "[%s]::%u" : "%s::%u", address, vnc->port);
	if (autopass)
		give_password(domid, name);
	execlp("vncviewer", "vncviewer", place, autopass ? "-autopass" : NULL, NULL);
	fail("vncviewer cannot be started: %s; any viewer shows what is at %s port %u", strerror(errno), address, vnc->port);
}

static int run(int argc, char **argv)
{
	bool json = false;
	int first = parse_options(argc, argv, &json, more, "pa", take);
	struct json_object *object;
	struct vnc vnc;
	char text[80];
	uint16_t domid;

	need_arguments(argc, first, 1, 1);
	domid = need_domain(argv[first]);
	if (!vnc_of(domid, &vnc))
		fail("%s has no framebuffer that is seen by VNC (vfb=)", argv[first]);
	if (json) {
		object = json_domain(domid);
		json_object_object_add(object, "vnc", json_vnc(domid));
		print_json(object);
	} else if (print) {
		vnc_text(&vnc, text);
		puts(text);
	} else {
		return view(domid, argv[first], &vnc);
	}
	return STATUS_DONE;
}

const struct command command_vncviewer = {
	.name = "vncviewer", .arguments = "[--json | -p] [-a] DOMAIN", .summary = "Shows a domain's framebuffer, by the program vncviewer",
	.options = "      --json      only say where it is, as JSON: an object\n"
		   "  -p, --print     only say where it is, ADDRESS:PORT\n"
		   "  -a, --autopass  give the viewer the password\n",
	.run = run,
};
