/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without libFuzzer, the same way each time: the files of tests/fuzz/corpus/NAME, bent copies of
 * them, and random bytes. With arguments: the number of runs, or files to be run alone.
 */
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../lib/random.h"
#include "../lib/tap.h"

#define MAX_FILES	1000
#define MAX_SIZE	4096
#define TIME		3

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static struct { uint8_t *data; size_t size; } file[MAX_FILES];
static unsigned int files;

static bool load(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);

	if (!f || !data || files == MAX_FILES)
		return false;
	file[files].size = fread(data, 1, 1 << 20, f);
	file[files++].data = data;
	fclose(f);
	return true;
}

static void load_corpus(const char *name)
{
	const char *top = getenv("srcdir");
	char pattern[4096];
	glob_t found = { 0 };

	snprintf(pattern, sizeof(pattern), "%s/tests/fuzz/corpus/%s/*", top ? top : ".", name);
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			(void)load(found.gl_pathv[i]);
	globfree(&found);
}

static void run(const uint8_t *data, size_t size)
{
	/* Exactly as long: tools see what is read behind it. */
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_random(void)
{
	static uint8_t data[1 << 20];
	size_t size = 1 + random_below(random_below(8) ? 256 : MAX_SIZE);

	if (files && random_below(4)) {
		unsigned int i = random_below(files), n = 1 + random_below(8);

		size = file[i].size;
		memcpy(data, file[i].data, size);
		while (size && n--)
			data[random_below((unsigned int)size)] = (uint8_t)random_next();
		if (size && !random_below(4))
			size = random_below((unsigned int)size) + 1U;
	} else {
		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)random_next();
	}
	run(data, size);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	unsigned long runs = 100000, done = 0;
	char base[64];

	snprintf(base, sizeof(base), "%.*s", (int)strcspn(name, "-"), name);
	if (argc > 1 && strspn(argv[1], "0123456789") == strlen(argv[1])) {
		runs = (unsigned long)atol(argv[1]);
	} else {
		for (int i = 1; i < argc; i++)
			if (!load(argv[i]))
				return 2;
		runs = argc > 1 ? 0 : runs;
	}
	if (argc < 2 || runs)
		load_corpus(base);
	for (unsigned int i = 0; i < files; i++)
		run(file[i].data, file[i].size);
	ok(true, "%s: %u inputs", base, files);
	/* An endless loop in a target ends here. */
	alarm(300);
	for (time_t start = time(NULL); done < runs && (argc > 1 || time(NULL) - start < TIME); done++)
		run_random();
	ok(true, "%s: %lu bent and random inputs", base, done);
	return tap_end();
}
