// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blkcheck DEVICE SECONDS [WORKERS [SEED]]: random direct I/O that is verified. OVERWRITES the device.
 *
 * Each worker has a part of the device. A block of 512 bytes holds its number, the generation of its last write and bytes that
 * follow from both; the worker knows each block's generation. Sizes are from one block to 1 MiB; some operations are flushes and
 * discards (whose blocks may then hold anything until they are written).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK		512
#define UNKNOWN		0
#define LARGEST		(1 << 20)
#define PART_MAX	(64 << 20)

struct count {
	uint64_t reads, writes, flushes, discards, verified;
};

struct block {
	uint64_t number, generation;
	uint64_t fill[BLOCK / 8 - 2];
};

static uint64_t seed;

static uint64_t next_random(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void stamp(struct block *b, uint64_t number, uint64_t generation)
{
	uint64_t word = number * 0x9e3779b97f4a7c15 ^ generation;
	unsigned int i;

	b->number = number;
	b->generation = generation;
	for (i = 0; i < BLOCK / 8 - 2; i++)
		b->fill[i] = word += 0xbf58476d1ce4e5b9;
}

static void die(const char *what, uint64_t block)
{
	printf("blkcheck: %s at block %llu: %s\n", what, (unsigned long long)block, strerror(errno));
	fflush(stdout);
	_exit(1);
}

struct part {
	int fd;
	uint64_t first;			/* block */
	uint32_t blocks, unit;
	uint32_t *generation;		/* of each block */
	uint32_t *inverse;		/* the same, inverted: tells faults of the memory from those of the disk */
	struct block *buffer;
	uint32_t now;
	struct count *count;
};

/* A block is not as it should be: is it so on the disk, or was it read wrongly, or is what we know of it wrong? */
static void explain(struct part *p, uint32_t at, uint32_t i, uint32_t n, const struct block *want)
{
	const struct block *got = &p->buffer[i];
	struct block *again = aligned_alloc(4096, 4096);
	uint64_t place = (p->first + at + i) * BLOCK;
	uint32_t wrong = 0, k;

	for (k = 0; k < BLOCK / 8; k++)
		wrong += ((const uint64_t *)want)[k] != ((const uint64_t *)got)[k];
	printf("blkcheck: block %llu (%u of %u): %u words differ; number %llu, generation %llu instead of %u; now %u\n",
		(unsigned long long)want->number, i, n, wrong, (unsigned long long)got->number,
		(unsigned long long)got->generation, p->generation[at + i], p->now);
	if (p->generation[at + i] != ~p->inverse[at + i])
		printf("blkcheck: this program's memory is wrong: generation %#x, inverse %#x\n", p->generation[at + i],
			p->inverse[at + i]);
	if (pread(p->fd, again, 4096, place & ~4095ULL) == 4096)
		printf("blkcheck: read again it is %s\n",
			memcmp((char *)again + (place & 4095), want, BLOCK) ? "as wrong" : "right");
	fflush(stdout);
	_exit(2);
}

/* What is known of n blocks from now on; 0: nothing. */
static void note(struct part *p, uint32_t at, uint32_t n, uint32_t generation)
{
	uint32_t i;

	for (i = at; i < at + n; i++) {
		p->generation[i] = generation;
		p->inverse[i] = ~generation;
	}
}

static void do_write(struct part *p, uint32_t at, uint32_t n)
{
	uint32_t i;

	p->now++;
	for (i = 0; i < n; i++)
		stamp(&p->buffer[i], p->first + at + i, p->now);
	if (pwrite(p->fd, p->buffer, (size_t)n * BLOCK, (p->first + at) * BLOCK) != (ssize_t)n * BLOCK)
		die("write", p->first + at);
	note(p, at, n, p->now);
	p->count->writes++;
}

static void do_read(struct part *p, uint32_t at, uint32_t n)
{
	uint32_t i;

	if (pread(p->fd, p->buffer, (size_t)n * BLOCK, (p->first + at) * BLOCK) != (ssize_t)n * BLOCK)
		die("read", p->first + at);
	for (i = 0; i < n; i++) {
		struct block want;

		if (p->generation[at + i] == UNKNOWN)
			continue;
		stamp(&want, p->first + at + i, p->generation[at + i]);
		if (memcmp(&want, &p->buffer[i], BLOCK))
			explain(p, at, i, n, &want);
		p->count->verified++;
	}
	p->count->reads++;
}

static void do_discard(struct part *p, uint32_t at, uint32_t n)
{
	uint64_t range[2] = { (p->first + at) * BLOCK, (uint64_t)n * BLOCK };

	if (ioctl(p->fd, BLKDISCARD, range)) {
		if (errno != EOPNOTSUPP && errno != ENOTTY)
			die("discard", p->first + at);
		return;
	}
	note(p, at, n, UNKNOWN);
	p->count->discards++;
}

static void one_operation(struct part *p)
{
	uint32_t kind = next_random() % 64, n = p->unit, at;

	n += (kind & 1 ? next_random() % (LARGEST / BLOCK) : next_random() % 16) / p->unit * p->unit;
	if (n > LARGEST / BLOCK)
		n = LARGEST / BLOCK;
	if (n > p->blocks)
		n = p->blocks;
	at = next_random() % (p->blocks - n + 1) / p->unit * p->unit;
	if (kind == 0) {
		if (fdatasync(p->fd))
			die("flush", 0);
		p->count->flushes++;
	} else if (kind == 1) {
		do_discard(p, at, n);
	} else if (kind & 2) {
		do_write(p, at, n);
	} else {
		do_read(p, at, n);
	}
}

static void work(struct part *p, double seconds)
{
	struct timespec start, t;
	uint32_t i;

	p->generation = malloc(p->blocks * sizeof(*p->generation));
	p->inverse = malloc(p->blocks * sizeof(*p->inverse));
	note(p, 0, p->blocks, UNKNOWN);
	p->buffer = aligned_alloc(4096, LARGEST);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		one_operation(p);
		clock_gettime(CLOCK_MONOTONIC, &t);
	} while (t.tv_sec - start.tv_sec + (t.tv_nsec - start.tv_nsec) / 1e9 < seconds);
	for (i = 0; i + LARGEST / BLOCK <= p->blocks; i += LARGEST / BLOCK)
		do_read(p, i, LARGEST / BLOCK);
	_exit(0);
}

/* A file will do, too. */
static int device_size(int fd, uint64_t *size, int *unit)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	*size = st.st_size;
	*unit = BLOCK;
	return S_ISREG(st.st_mode) ? 0 : ioctl(fd, BLKGETSIZE64, size) || ioctl(fd, BLKSSZGET, unit);
}

int main(int argc, char **argv)
{
	unsigned int workers = argc > 3 ? atoi(argv[3]) : 4, i;
	struct count *counts, sum = { 0 };
	uint64_t size, part;
	int fd, unit, status, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3 || (fd = open(argv[1], O_RDWR | O_DIRECT)) < 0 || device_size(fd, &size, &unit)) {
		fprintf(stderr, "usage: blkcheck DEVICE SECONDS [WORKERS [SEED]]: %s\n", strerror(errno));
		return 1;
	}
	counts = mmap(NULL, workers * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	part = size / workers < PART_MAX ? size / workers : PART_MAX;
	for (i = 0; i < workers; i++) {
		struct part p = { .unit = unit / BLOCK, .count = &counts[i] };

		if (fork())
			continue;
		p.fd = open(argv[1], O_RDWR | O_DIRECT);
		p.blocks = part / BLOCK / p.unit * p.unit;
		p.first = (uint64_t)i * p.blocks;
		seed = (argc > 4 ? strtoull(argv[4], NULL, 0) : 1) * 1000 + i;
		work(&p, atof(argv[2]));
	}
	while (wait(&status) > 0)
		bad |= status;
	for (i = 0; i < workers; i++) {
		sum.reads += counts[i].reads;
		sum.writes += counts[i].writes;
		sum.flushes += counts[i].flushes;
		sum.discards += counts[i].discards;
		sum.verified += counts[i].verified;
	}
	printf("blkcheck: %s: %llu reads, %llu writes, %llu flushes, %llu discards, %llu blocks verified\n", bad ? "BAD" : "good",
		(unsigned long long)sum.reads, (unsigned long long)sum.writes, (unsigned long long)sum.flushes,
		(unsigned long long)sum.discards, (unsigned long long)sum.verified);
	return bad != 0;
}
