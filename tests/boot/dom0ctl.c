/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boot tests' jobs ask of the hypervisor, and a clock comparison that a shell is too slow for.
 *
 *   dom0ctl keys STRING     presses debug keys
 *   dom0ctl log             prints the hypervisor's log ring
 *   dom0ctl free            prints the number of free pages
 *   dom0ctl clock SECONDS   parts per million by which the kernel's clock is faster than the real-time clock
 *   dom0ctl readclock       time stamp ticks that a program needs to read the clock; fails if that takes a system call
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/rtc.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The interface's numbers, as in guest-kit/include/xen/sysctl.h. */
#define HYPERCALL_SYSCTL	35
#define SYSCTL_VERSION		0x15
#define SYSCTL_READCONSOLE	1
#define SYSCTL_PHYSINFO		3
#define SYSCTL_DEBUG_KEYS	7

struct sysctl {
	uint32_t cmd, version;
	union {
		struct {
			uint8_t clear, incremental, pad[2];
			uint32_t index;
			uint64_t buffer;
			uint32_t count;
		} read;
		struct {
			uint64_t keys;
			uint32_t count;
		} keys;
		struct {
			uint32_t counts[10];
			uint64_t total_pages, free_pages;
		} phys;
		uint8_t pad[128];
	} u;
};

/* <xen/privcmd.h> is not on every machine that builds this. */
struct privcmd_hypercall {
	uint64_t op, arg[5];
};
#define PRIVCMD_HYPERCALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

static int die(const char *what)
{
	fprintf(stderr, "dom0ctl: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Memory that stays: the hypervisor cannot wait for the kernel to bring a page. */
static void *locked_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("memory");
	return p;
}

static void do_sysctl(struct sysctl *op, uint32_t cmd)
{
	struct privcmd_hypercall call = { .op = HYPERCALL_SYSCTL, .arg = { (uintptr_t)op } };
	int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/xen/privcmd");
	op->cmd = cmd;
	op->version = SYSCTL_VERSION;
	if (ioctl(fd, PRIVCMD_HYPERCALL, &call) < 0)
		die("sysctl");
	close(fd);
}

static int press_keys(const char *keys)
{
	size_t n = strlen(keys);
	struct sysctl *op = locked_memory(sizeof(*op) + n);
	char *copy = (char *)(op + 1);

	memcpy(copy, keys, n);
	op->u.keys.keys = (uintptr_t)copy;
	op->u.keys.count = n;
	do_sysctl(op, SYSCTL_DEBUG_KEYS);
	return 0;
}

static int print_log(void)
{
	enum { SIZE = 256 << 10 };
	char *buf = locked_memory(SIZE);
	struct sysctl *op = locked_memory(sizeof(*op));

	do {
		op->u.read.buffer = (uintptr_t)buf;
		op->u.read.count = SIZE;
		do_sysctl(op, SYSCTL_READCONSOLE);
		fwrite(buf, 1, op->u.read.count, stdout);
		op->u.read.incremental = 1;
	} while (op->u.read.count);
	return fflush(stdout) ? die("output") : 0;
}

static int print_free(void)
{
	struct sysctl *op = locked_memory(sizeof(*op));

	do_sysctl(op, SYSCTL_PHYSINFO);
	printf("%llu\n", (unsigned long long)op->u.phys.free_pages);
	return 0;
}

static long rtc_seconds(int fd)
{
	struct rtc_time rt;
	struct tm tm;

	if (ioctl(fd, RTC_RD_TIME, &rt) < 0)
		die("the real-time clock");
	tm = (struct tm){ .tm_sec = rt.tm_sec, .tm_min = rt.tm_min, .tm_hour = rt.tm_hour, .tm_mday = rt.tm_mday,
			  .tm_mon = rt.tm_mon, .tm_year = rt.tm_year };
	return timegm(&tm);
}

#define EDGES	8

/*
 * Seconds by which the kernel's clock is ahead when the real-time clock's second changes; *rtc: the last such second.
 * Who is interrupted notices late, never early: the least of several counts.
 */
static double clock_ahead(int fd, long *rtc)
{
	double least = 1e18;

	*rtc = rtc_seconds(fd);
	for (int i = 0; i < EDGES; i++) {
		long old = *rtc;
		struct timespec ts;
		double ahead;

		while ((*rtc = rtc_seconds(fd)) == old)
			;
		clock_gettime(CLOCK_MONOTONIC, &ts);
		ahead = ts.tv_sec - *rtc + ts.tv_nsec / 1e9;
		if (ahead < least)
			least = ahead;
	}
	return least;
}

static int compare_clocks(unsigned int seconds)
{
	int fd = open("/dev/rtc0", O_RDONLY);
	double a0, a1;
	long r0, r1;

	if (fd < 0)
		die("/dev/rtc0");
	a0 = clock_ahead(fd, &r0);
	sleep(seconds);
	a1 = clock_ahead(fd, &r1);
	printf("%.0f\n", (a1 - a0) / (r1 - r0) * 1e6);
	return 0;
}

/* From here on the system calls that read clocks end with an error: whoever reads one all the same did it without. */
static void forbid_clock_calls(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		die("seccomp");
}

#define READS	1000

static int read_clock(void)
{
	unsigned long long least = ~0ULL;
	struct timespec ts;

	forbid_clock_calls();
	for (int i = 0; i < 200; i++) {
		unsigned long long start = __builtin_ia32_rdtsc();

		for (int n = 0; n < READS; n++)
			if (clock_gettime(CLOCK_MONOTONIC, &ts)) {
				printf("by a system call\n");
				return 1;
			}
		start = __builtin_ia32_rdtsc() - start;
		if (start < least)
			least = start;
	}
	printf("%llu ticks, no system call\n", least / READS);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 3 && !strcmp(what, "keys"))
		return press_keys(argv[2]);
	if (argc == 2 && !strcmp(what, "log"))
		return print_log();
	if (argc == 2 && !strcmp(what, "free"))
		return print_free();
	if (argc == 3 && !strcmp(what, "clock"))
		return compare_clocks(strtoul(argv[2], NULL, 10));
	if (argc == 2 && !strcmp(what, "readclock"))
		return read_clock();
	fprintf(stderr, "usage: dom0ctl keys STRING | log | free | clock SECONDS | readclock\n");
	return 2;
}
