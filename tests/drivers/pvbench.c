// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operation of the drivers costs, in ticks of the time stamp counter: with the emulator's -icount, and nothing idle, these are
 * instructions of the whole machine. Prints "PB NAME TICKS-PER-OPERATION OPERATIONS".
 *
 *	pvbench blk NAME DEVICE read|write random|sequential BYTES DEPTH OPERATIONS
 *	pvbench send NAME HOST PORT tcp|udp BYTES OPERATIONS	OPERATIONS sends of BYTES; the other end is "sink"
 *	pvbench sink PORT					for ever
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH_MAX	128

/* In a section of its own, whose address the bench knows: an emulator's plugin counts between two executions of it. */
__attribute__((noinline, section(".ticks"))) static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void die(const char *what)
{
	printf("pvbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t next_random(void)
{
	static uint64_t seed = 1;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* ---- block ---- */

struct disk {
	aio_context_t context;
	int fd, write, random;
	uint64_t blocks, next;		/* of `bytes` */
	uint32_t bytes;
	struct iocb iocbs[DEPTH_MAX], *list[DEPTH_MAX];
};

static void prepare(struct disk *d, struct iocb *cb)
{
	cb->aio_offset = (d->random ? next_random() : d->next++) % d->blocks * d->bytes;
}

static void submit(struct disk *d, uint32_t n)
{
	uint32_t done = 0;

	while (done < n) {
		long more = syscall(SYS_io_submit, d->context, n - done, d->list + done);

		if (more < 0)
			die("io_submit");
		done += more;
	}
}

static uint64_t run_disk(struct disk *d, uint32_t depth, uint64_t operations)
{
	struct io_event events[DEPTH_MAX];
	uint64_t started = depth, ended = 0, start = ticks();
	uint32_t i;

	for (i = 0; i < depth; i++) {
		prepare(d, &d->iocbs[i]);
		d->list[i] = &d->iocbs[i];
	}
	submit(d, depth);
	while (ended < operations) {
		long n = syscall(SYS_io_getevents, d->context, 1, depth, events, NULL), k, again = 0;

		if (n < 0)
			die("io_getevents");
		for (k = 0; k < n; k++) {
			struct iocb *cb = (struct iocb *)(uintptr_t)events[k].obj;

			if (events[k].res != d->bytes)
				die("an operation");
			ended++;
			if (started == operations)
				continue;
			started++;
			prepare(d, cb);
			d->list[again++] = cb;
		}
		submit(d, again);
	}
	return ticks() - start;
}

static void block(char **argv)
{
	struct disk d = { .write = !strcmp(argv[4], "write"), .random = !strcmp(argv[5], "random"), .bytes = atoi(argv[6]) };
	uint32_t depth = atoi(argv[7]), i;
	uint64_t operations = atoll(argv[8]), size, spent;

	d.fd = open(argv[3], O_RDWR | O_DIRECT);
	if (d.fd < 0 || ioctl(d.fd, BLKGETSIZE64, &size) || depth > DEPTH_MAX || syscall(SYS_io_setup, DEPTH_MAX, &d.context))
		die(argv[3]);
	d.blocks = size / d.bytes;
	for (i = 0; i < depth; i++) {
		void *buffer = aligned_alloc(4096, d.bytes);

		memset(buffer, i, d.bytes);
		d.iocbs[i] = (struct iocb){
			.aio_fildes = d.fd, .aio_lio_opcode = d.write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
			.aio_buf = (uintptr_t)buffer, .aio_nbytes = d.bytes,
		};
	}
	run_disk(&d, depth, operations / 4 + depth);	/* until all is warm */
	spent = run_disk(&d, depth, operations);
	printf("PB %s %llu %llu\n", argv[2], (unsigned long long)(spent / operations), (unsigned long long)operations);
}

/* ---- network ---- */

static int connect_to(const char *host, int port, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(host) };
	int fd = socket(AF_INET, type, 0), small = 1 << 20;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)))
		die("connect");
	return fd;
}

/* The sink has taken all of it: it answers on the connection with how many bytes, or packets, it got. */
static uint64_t ask(int control, uint32_t what)
{
	uint64_t got;

	if (send(control, &what, sizeof(what), 0) != sizeof(what) || recv(control, &got, sizeof(got), MSG_WAITALL) != sizeof(got))
		die("asking");
	return got;
}

static void send_all(char **argv)
{
	int udp = !strcmp(argv[5], "udp"), port = atoi(argv[4]);
	int control = connect_to(argv[3], port, SOCK_STREAM), fd = connect_to(argv[3], port + 1, udp ? SOCK_DGRAM : SOCK_STREAM);
	uint32_t bytes = atoi(argv[6]);
	uint64_t operations = atoll(argv[7]), i, round, start, got, last, before;
	static char data[1 << 20];

	for (round = 0; round < 2; round++) {
		uint64_t n = round ? operations : operations / 4;

		before = ask(control, udp);
		start = ticks();
		for (i = 0; i < n; i++)
			if (send(fd, data, bytes, 0) != bytes)
				die("send");
		/* Packets may be lost: those that have not come when nothing more comes. */
		got = 0;
		do {
			last = got;
			got = ask(control, udp) - before;
		} while (udp ? got < n && got != last : got < n * bytes);
	}
	printf("PB %s %llu %llu\n", argv[2], (unsigned long long)((ticks() - start) / (udp ? got : operations)),
		(unsigned long long)(udp ? got : operations));
}

static volatile uint64_t *taken;

static int listen_at(int port, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0), one = 1, large = 4 << 20;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("bind");
	if (type == SOCK_STREAM)
		listen(fd, 16);
	return fd;
}

static void take_all(int fd, volatile uint64_t *count, int packets)
{
	static char data[1 << 18];
	ssize_t n;

	while ((n = recv(fd, data, sizeof(data), 0)) > 0)
		*count += packets ? 1 : n;
}

static void answer(int fd)
{
	uint32_t what;

	while (recv(fd, &what, sizeof(what), MSG_WAITALL) == sizeof(what)) {
		uint64_t now = taken[what & 1];

		send(fd, &now, sizeof(now), 0);
	}
	exit(0);
}

static void sink(int port)
{
	int control = listen_at(port, SOCK_STREAM), data = listen_at(port + 1, SOCK_STREAM), packets = listen_at(port + 1, SOCK_DGRAM), fd;

	if (!fork())
		take_all(packets, &taken[1], 1);
	if (!fork())
		for (;;)
			if ((fd = accept(data, NULL, NULL)) >= 0) {
				take_all(fd, &taken[0], 0);
				close(fd);
			}
	for (;;)
		if ((fd = accept(control, NULL, NULL)) >= 0) {
			if (!fork())
				answer(fd);
			close(fd);
		}
}

int main(int argc, char **argv)
{
	taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 9 && !strcmp(argv[1], "blk"))
		block(argv);
	else if (argc == 8 && !strcmp(argv[1], "send"))
		send_all(argv);
	else if (argc == 3 && !strcmp(argv[1], "sink"))
		sink(atoi(argv[2]));
	else
		die("usage: see its source");
	return 0;
}
