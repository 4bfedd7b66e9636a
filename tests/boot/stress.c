/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load on the paths between kernel and hypervisor, each with a check of its result: stress SECONDS WORKERS.
 * WORKERS processes of each kind; the status tells whether all of them found what they expected.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096UL

static uint64_t end;		/* of the test, by the monotonic clock */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void check(int good, const char *what)
{
	if (good)
		return;
	printf("stress: process %d: %s\n", getpid(), what);
	_exit(1);
}

static void fill(uint64_t *p, size_t pages, uint64_t seed)
{
	for (size_t i = 0; i < pages * PAGE / 8; i += 64)
		p[i] = seed + i;
}

static int holds(const uint64_t *p, size_t pages, uint64_t seed)
{
	for (size_t i = 0; i < pages * PAGE / 8; i += 64)
		if (p[i] != seed + i)
			return 0;
	return 1;
}

/* Mapping, protecting, sharing over fork, copying on write. */
static void memory(void)
{
	enum { PAGES = 96 };

	for (uint64_t seed = (uint64_t)getpid() << 32; now() < end; seed += 1 << 20) {
		uint64_t *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pid_t child;
		int status;

		check(p != MAP_FAILED, "no memory");
		fill(p, PAGES, seed);
		mprotect(p, PAGES * PAGE / 2, PROT_READ);
		child = fork();
		check(child >= 0, "no process");
		if (!child) {
			check(holds(p, PAGES, seed), "memory changed over fork");
			fill(p + PAGES * PAGE / 16, PAGES / 2, ~seed);
			_exit(holds(p + PAGES * PAGE / 16, PAGES / 2, ~seed) ? 0 : 1);
		}
		check(waitpid(child, &status, 0) == child && !status, "a child failed");
		check(holds(p, PAGES, seed), "a child's writing is seen by its parent");
		mprotect(p, PAGES * PAGE / 2, PROT_READ | PROT_WRITE);
		fill(p, PAGES, seed + 1);
		check(mremap(p, PAGES * PAGE, PAGES * PAGE / 4, 0) == p && holds(p, PAGES / 4, seed + 1), "mremap");
		munmap(p, PAGES * PAGE / 4);
	}
}

/* Two processes that wake each other up. */
static void pipes(void)
{
	int to[2], from[2];
	uint64_t n = 0, answer;

	check(!pipe(to) && !pipe(from), "no pipe");
	if (!fork()) {
		close(to[1]);
		while (read(to[0], &n, sizeof(n)) == sizeof(n)) {
			n = ~n;
			check(write(from[1], &n, sizeof(n)) == sizeof(n), "write");
		}
		_exit(0);
	}
	for (; now() < end; n++) {
		check(write(to[1], &n, sizeof(n)) == sizeof(n), "write to a pipe");
		check(read(from[0], &answer, sizeof(answer)) == sizeof(answer) && answer == ~n, "a pipe's contents");
	}
	close(to[1]);
	wait(NULL);
}

static volatile sig_atomic_t caught;
static char *guarded;

static void on_signal(int nr)
{
	caught++;
	if (nr == SIGSEGV)
		mprotect(guarded, PAGE, PROT_READ | PROT_WRITE);
}

/* Signals, sent and caused by faults. */
static void signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sig_atomic_t expected = 0;

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	guarded = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	while (now() < end) {
		raise(SIGUSR1);
		*(volatile char *)guarded = 1;
		mprotect(guarded, PAGE, PROT_NONE);
		expected += 2;
		check(caught == expected, "signals are lost or come twice");
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static unsigned long turn;
static int over;

static void *take_turns(void *arg)
{
	unsigned long mine = (unsigned long)arg;

	pthread_mutex_lock(&mutex);
	while (!over) {
		while (turn % 4 != mine && !over)
			pthread_cond_wait(&turned, &mutex);
		turn++;
		over |= now() >= end;
		pthread_cond_broadcast(&turned);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* Threads that share an address space, which changes meanwhile. */
static void threads(void)
{
	pthread_t t[4];

	for (unsigned long i = 0; i < 4; i++)
		check(!pthread_create(&t[i], NULL, take_turns, (void *)i), "no thread");
	while (now() < end) {
		void *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		check(p != MAP_FAILED && !*(char *)p, "fresh memory is not zero");
		memset(p, 1, 16 * PAGE);
		munmap(p, 16 * PAGE);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	check(turn > 0, "no thread got its turn");
}

/* Registers of the FPU belong to their process; the clock never goes back. */
static void registers(void)
{
	double seed = getpid(), want = seed;
	uint64_t last = now(), t;

	for (int i = 0; i < 1000; i++)
		want = want * 1.0000001 + 0.25;
	do {
		double x = seed;

		for (int i = 0; i < 1000; i++) {
			x = x * 1.0000001 + 0.25;
			if (i % 250 == 0)
				sched_yield();
		}
		check(x == want, "a floating point register changed");
		t = now();
		check(t >= last, "the clock went back");
		last = t;
	} while (last < end);
}

int main(int argc, char **argv)
{
	static void (*const kinds[])(void) = { memory, pipes, signals, threads, registers };
	unsigned int seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 10, workers = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	int status, bad = 0;

	end = now() + seconds * 1000000000UL;
	for (unsigned int i = 0; i < workers * sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!fork()) {
			kinds[i / workers]();
			_exit(0);
		}
	while (wait(&status) > 0)
		bad |= status;
	printf("stress: %u s, %u workers of each kind: %s\n", seconds, workers, bad ? "failure" : "success");
	return bad ? 1 : 0;
}
