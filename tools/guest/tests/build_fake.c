// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes the place of libtenon's builder: the files are checked, but a guest's memory is a number, and its shared pages are files
 * for the fake store daemon. TENON_FAKE_SLOW: so many microseconds, for tests that interrupt it.
 */
#include "build_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenon-build.h"

static void path_of(uint16_t domid, const char *suffix, char out[512])
{
	snprintf(out, 512, "%s/%u.%s", getenv("TENON_FAKE_HV"), domid, suffix);
}

static int make_file(uint16_t domid, const char *suffix, const char *text, size_t size)
{
	char path[512];
	int fd;

	path_of(domid, suffix, path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0 || ftruncate(fd, size))
		return -errno;
	close(fd);
	return 0;
}

void fake_guest_begins(uint16_t domid)
{
	if (getenv("TENON_FAKE_HV"))
		make_file(domid, "state", "running", 7);
}

void fake_guest_ends(uint16_t domid)
{
	static const char *const suffixes[] = { "ring", "console", "state" };
	char path[512];

	for (size_t i = 0; getenv("TENON_FAKE_HV") && i < 3; i++) {
		path_of(domid, suffixes[i], path);
		unlink(path);
	}
}

struct tenon_builder {
	const struct tenon_build *what;
};

struct tenon_builder *tenon_builder_new(const struct tenon_build *what, char why[TENON_WHY_SIZE])
{
	struct tenon_builder *builder;
	int error = tenon_build_check(what, why);

	errno = -error;
	builder = error ? NULL : malloc(sizeof(*builder));
	if (builder)
		builder->what = what;
	return builder;
}

void tenon_builder_keep(struct tenon_builder *builder)
{
}

void tenon_builder_free(struct tenon_builder *builder)
{
	free(builder);
}

int tenon_builder_run(struct tenon_builder *builder, struct tenon *tenon, uint16_t domid, struct tenon_built *built,
		      char why[TENON_WHY_SIZE])
{
	int error;

	if (getenv("TENON_FAKE_SLOW"))
		usleep(atoi(getenv("TENON_FAKE_SLOW")));
	fake_set_pages(domid, builder->what->memory_kib / 4);
	error = make_file(domid, "ring", "", 4096);
	if (!error)
		error = make_file(domid, "console", "", 4096);
	if (error)
		snprintf(why, TENON_WHY_SIZE, "the fake guest's files: %s", strerror(-error));
	*built = (struct tenon_built){ 0x1000, 0x1001, domid * 16 + 3, domid * 16 + 4 };
	return error;
}
