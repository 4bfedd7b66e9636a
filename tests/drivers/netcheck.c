// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netcheck serve PORT: takes TCP connections and UDP packets at that port, for ever.
 * netcheck run HOST PORT SECONDS FLOWS [SEED]: streams of random lengths, half of them each way, every byte of which is verified; and
 * UDP packets of random sizes, which come back and are verified, if they do. HOST: an IPv4 or IPv6 address.
 * netcheck offloads DEVICE on|off: whether checksums and segmentation are left to the device.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK	(64 << 10)
#define STREAM	(8 << 20)		/* at most */

/* How a stream begins: who asked sends it, or gets it. */
struct wish {
	uint64_t seed;
	uint32_t bytes;
	uint32_t to_me;
};

struct count {
	uint64_t streams, up, down, packets, lost;
};

static uint64_t next_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void fill(uint64_t *seed, uint8_t *data, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += 8) {
		uint64_t word = next_random(seed);

		memcpy(data + i, &word, bytes - i < 8 ? bytes - i : 8);
	}
}

static void die(const char *what)
{
	printf("netcheck: BAD: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static int transfer(int fd, uint8_t *data, size_t bytes, int out)
{
	while (bytes) {
		ssize_t n = out ? send(fd, data, bytes, MSG_NOSIGNAL) : recv(fd, data, bytes, 0);

		if (n <= 0)
			return -1;
		data += n;
		bytes -= n;
	}
	return 0;
}

/* A stream's bytes follow from its seed. Its receiver answers with a byte, so that its sender knows that it was good. */
static int send_stream(int fd, uint64_t seed, uint32_t bytes)
{
	static uint8_t data[CHUNK];
	uint8_t good = 0;

	while (bytes) {
		uint32_t n = bytes < CHUNK ? bytes : CHUNK;

		fill(&seed, data, n);
		if (transfer(fd, data, n, 1))
			return -1;
		bytes -= n;
	}
	return transfer(fd, &good, 1, 0) || good != 1 ? -1 : 0;
}

static int receive_stream(int fd, uint64_t seed, uint32_t bytes)
{
	static uint8_t data[CHUNK], want[CHUNK];
	uint8_t good = 1;

	while (bytes) {
		uint32_t n = bytes < CHUNK ? bytes : CHUNK;

		if (transfer(fd, data, n, 0))
			return -1;
		fill(&seed, want, n);
		if (memcmp(data, want, n)) {
			printf("netcheck: BAD: a stream's bytes are not those that were sent, %u from its end\n", bytes);
			return -1;
		}
		bytes -= n;
	}
	return transfer(fd, &good, 1, 1);
}

static void serve_stream(int fd)
{
	struct wish wish;

	while (!transfer(fd, (uint8_t *)&wish, sizeof(wish), 0))
		if (wish.to_me ? receive_stream(fd, wish.seed, wish.bytes) : send_stream(fd, wish.seed, wish.bytes))
			break;
	_exit(0);
}

/* An IPv4 address is one of IPv6's to this socket. Without a host: a server's, for both. */
static int open_socket(int type, const char *host, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any };
	int fd = socket(AF_INET6, type, 0), one = 1, zero = 0;
	char mapped[64];

	if (host) {
		snprintf(mapped, sizeof(mapped), "%s%s", strchr(host, ':') ? "" : "::ffff:", host);
		if (inet_pton(AF_INET6, mapped, &a.sin6_addr) != 1)
			die("address");
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (host ? connect(fd, (struct sockaddr *)&a, sizeof(a)) : bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die(host ? "connect" : "bind");
	return fd;
}

/* Packets go back to where they came from. */
static void echo(int fd)
{
	static uint8_t data[CHUNK];

	for (;;) {
		struct sockaddr_in6 from;
		socklen_t length = sizeof(from);
		ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &length);

		if (n > 0)
			sendto(fd, data, n, 0, (struct sockaddr *)&from, length);
	}
}

static void serve(int port)
{
	int listener = open_socket(SOCK_STREAM, NULL, port);

	if (!fork())
		echo(open_socket(SOCK_DGRAM, NULL, port));
	signal(SIGCHLD, SIG_IGN);
	listen(listener, 64);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && !fork())
			serve_stream(fd);
		if (fd >= 0)
			close(fd);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void run_streams(const char *host, int port, double end, uint64_t seed, struct count *count)
{
	int fd = open_socket(SOCK_STREAM, host, port);

	do {
		struct wish wish = { .seed = next_random(&seed), .to_me = seed & 1 };

		wish.bytes = next_random(&seed) % (next_random(&seed) % 4 ? 20000 : STREAM);
		if (transfer(fd, (uint8_t *)&wish, sizeof(wish), 1) ||
		    (wish.to_me ? send_stream(fd, wish.seed, wish.bytes) : receive_stream(fd, wish.seed, wish.bytes)))
			die("a stream");
		*(wish.to_me ? &count->up : &count->down) += wish.bytes;
		count->streams++;
	} while (now() < end);
	_exit(0);
}

/* One at a time: its answer, if there is one soon, is the same. */
static void run_packets(const char *host, int port, double end, uint64_t seed, struct count *count)
{
	static uint8_t data[CHUNK], back[CHUNK];
	int fd = open_socket(SOCK_DGRAM, host, port);

	do {
		uint32_t bytes = 8 + next_random(&seed) % (next_random(&seed) % 4 ? 1400 : 60000);
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n = 0;

		fill(&seed, data, bytes);
		if (send(fd, data, bytes, 0) < 0 && errno != ECONNREFUSED && errno != ENOBUFS)
			die("a packet");
		/* What was late is not what is wanted now. */
		while (poll(&p, 1, 200) > 0 && (n = recv(fd, back, sizeof(back), 0)) >= 8 && memcmp(data, back, 8))
			;
		count->packets++;
		if (n < 8 || memcmp(data, back, 8))
			count->lost++;
		else if (n != bytes || memcmp(data, back, bytes))
			die("a packet came back changed");
	} while (now() < end);
	_exit(0);
}

static int ethtool(const char *device, uint32_t command, uint32_t *value)
{
	struct ethtool_value v = { .cmd = command, .data = *value };
	struct ifreq r = { .ifr_data = (void *)&v };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), rc;

	strncpy(r.ifr_name, device, IFNAMSIZ - 1);
	rc = ioctl(fd, SIOCETHTOOL, &r);
	close(fd);
	*value = v.data;
	return rc;
}

/*
 * What depends on something comes before it when it is turned off, and after it when it is turned on. The kernel's own front end leaves
 * checksums to the device whatever is said.
 */
static int set_offloads(const char *device, uint32_t on)
{
	static const uint32_t commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SSG, ETHTOOL_STXCSUM };
	uint32_t n = sizeof(commands) / sizeof(commands[0]), i, value, csum = 0, tso = !on;

	for (i = 0; i < n; i++) {
		value = on;
		ethtool(device, commands[on ? n - 1 - i : i], &value);
	}
	if (ethtool(device, ETHTOOL_GTXCSUM, &csum) || ethtool(device, ETHTOOL_GTSO, &tso) || tso != on)
		die("offloads");
	printf("netcheck: %s: segmentation is left to the %s, checksums to the %s\n", device, tso ? "device" : "system",
		csum ? "device" : "system");
	return 0;
}

int main(int argc, char **argv)
{
	struct count *counts, sum = { 0 };
	int flows, i, status, bad = 0;
	uint64_t seed;
	double end;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "offloads"))
		return set_offloads(argv[2], !strcmp(argv[3], "on"));
	if (argc < 6 || strcmp(argv[1], "run")) {
		fprintf(stderr, "usage: netcheck serve PORT | run HOST PORT SECONDS FLOWS [SEED] | offloads DEVICE on|off\n");
		return 1;
	}
	flows = atoi(argv[5]);
	seed = argc > 6 ? strtoull(argv[6], NULL, 0) : 1;
	end = now() + atof(argv[4]);
	counts = mmap(NULL, (flows + 1) * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i <= flows; i++) {
		if (fork())
			continue;
		(i < flows ? run_streams : run_packets)(argv[2], atoi(argv[3]), end, seed * 1000 + i, &counts[i]);
	}
	while (wait(&status) > 0)
		bad |= status;
	for (i = 0; i <= flows; i++) {
		sum.streams += counts[i].streams;
		sum.up += counts[i].up;
		sum.down += counts[i].down;
		sum.packets += counts[i].packets;
		sum.lost += counts[i].lost;
	}
	printf("netcheck: %s: %llu streams, %llu bytes up, %llu down, %llu packets, of which %llu were lost\n", bad ? "BAD" : "good",
		(unsigned long long)sum.streams, (unsigned long long)sum.up, (unsigned long long)sum.down,
		(unsigned long long)sum.packets, (unsigned long long)sum.lost);
	return bad != 0;
}
