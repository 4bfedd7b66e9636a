// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transactions by many clients at once on a store daemon's socket, whichever it is.
 *
 *   store_bench SOCKET [CLIENTS [TRANSACTIONS [own|shared]]]
 *
 * Each client reads a node and writes two in each transaction: nodes of its own, or a counter that all share. A
 * transaction that fails for a conflict is tried again. Prints one line: transactions, seconds, transactions a second,
 * conflicts. With shared, the counter must be right in the end.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>

static const char *socket_path;
static int transactions_each;
static bool shared;
static pthread_barrier_t start;

struct client {
	pthread_t thread;
	int number, fd;
	long conflicts;
	char reply[XENSTORE_PAYLOAD_MAX + 1];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int client_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die(socket_path);
	return fd;
}

static void client_get(int fd, void *data, size_t size)
{
	for (char *at = data; size;) {
		ssize_t got = read(fd, at, size);

		if (got <= 0)
			die("read");
		at += got;
		size -= got;
	}
}

/* True: done; false: EAGAIN. Anything else ends the program. */
static bool client_call(struct client *client, uint32_t type, uint32_t tx, const void *payload, uint32_t size)
{
	struct xsd_sockmsg head = { .type = type, .tx_id = tx, .len = size };
	char message[256];

	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), payload, size);
	if (write(client->fd, message, sizeof(head) + size) != (ssize_t)(sizeof(head) + size))
		die("write");
	client_get(client->fd, &head, sizeof(head));
	client_get(client->fd, client->reply, head.len);
	client->reply[head.len] = '\0';
	if (head.type != XS_ERROR)
		return true;
	if (!strcmp(client->reply, "EAGAIN"))
		return false;
	fprintf(stderr, "request %u: %s\n", type, client->reply);
	exit(1);
}

static void client_write(struct client *client, uint32_t tx, const char *path, const char *value)
{
	char payload[200];
	size_t size = strlen(path) + 1;

	memcpy(payload, path, size);
	memcpy(payload + size, value, strlen(value));
	client_call(client, XS_WRITE, tx, payload, size + strlen(value));
}

static bool transaction(struct client *client, int number)
{
	char path[64], other[64], value[32];
	uint32_t tx;

	snprintf(path, sizeof(path), shared ? "/bench/counter" : "/bench/%d/counter", client->number);
	snprintf(other, sizeof(other), "/bench/%d/other", client->number);
	client_call(client, XS_TRANSACTION_START, 0, "", 1);
	tx = strtoul(client->reply, NULL, 10);
	client_call(client, XS_READ, tx, path, strlen(path) + 1);
	snprintf(value, sizeof(value), "%ld", strtol(client->reply, NULL, 10) + 1);
	client_write(client, tx, path, value);
	client_write(client, tx, other, value);
	return client_call(client, XS_TRANSACTION_END, tx, "T", 2);
}

static void *client_run(void *arg)
{
	struct client *client = arg;

	pthread_barrier_wait(&start);
	for (int i = 0; i < transactions_each; i++)
		while (!transaction(client, i))
			client->conflicts++;
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void prepare(struct client *client)
{
	char path[64];

	snprintf(path, sizeof(path), shared ? "/bench/counter" : "/bench/%d/counter", client->number);
	client_write(client, 0, path, "0");
	snprintf(path, sizeof(path), "/bench/%d/other", client->number);
	client_write(client, 0, path, "0");
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 50, all = argc > 3 ? atoi(argv[3]) : 1000;
	struct client *clients = calloc(count, sizeof(*clients));
	long conflicts = 0;
	double begin, seconds;

	if (argc < 2 || count < 1 || all < count || !clients) {
		fprintf(stderr, "usage: store_bench SOCKET [CLIENTS [TRANSACTIONS [own|shared]]]\n");
		return 2;
	}
	socket_path = argv[1];
	transactions_each = all / count;
	shared = argc > 4 && !strcmp(argv[4], "shared");
	pthread_barrier_init(&start, NULL, count + 1);
	for (int i = 0; i < count; i++) {
		clients[i].number = i;
		clients[i].fd = client_connect();
		prepare(&clients[i]);
		if (pthread_create(&clients[i].thread, NULL, client_run, &clients[i]))
			die("thread");
	}
	pthread_barrier_wait(&start);
	begin = now();
	for (int i = 0; i < count; i++) {
		pthread_join(clients[i].thread, NULL);
		conflicts += clients[i].conflicts;
	}
	seconds = now() - begin;
	all = transactions_each * count;
	if (shared) {
		client_call(&clients[0], XS_READ, 0, "/bench/counter", sizeof("/bench/counter"));
		if (atoi(clients[0].reply) != all) {
			fprintf(stderr, "the counter is %s, not %d\n", clients[0].reply, all);
			return 1;
		}
	}
	client_call(&clients[0], XS_RM, 0, "/bench", sizeof("/bench"));
	printf("%d transactions, %.3f s, %.0f a second, %ld conflicts\n", all, seconds, all / seconds, conflicts);
	return 0;
}
