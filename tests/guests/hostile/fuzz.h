/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzing by what has run in the hypervisor, if that is a build with --enable-coverage. An input is some steps, each a seed
 * for the numbers that the step draws, with a few of them replaced. Inputs by which code has run that had not are kept, and
 * others made of them. As text, in hexadecimal: steps by ";", each SEED[,PLACE=VALUE]..., as in "1f3a99c0,3=20000000;77aa01".
 */
#ifndef HOSTILE_FUZZ_H
#define HOSTILE_FUZZ_H

#include "calls.h"
#include <guestkit/domain.h>

#define PIECES		6
#define INPUTS		8192
#define TEXT		(PIECES * (9 + PATCHES * 14) + 16)
#define REPORT_TIME	10000000000UL	/* ns */

struct input {
	unsigned int n;
	struct piece piece[PIECES];
};

static struct input inputs[INPUTS];	/* those that were kept */
static unsigned int nr_inputs;
static volatile unsigned int inputs_lock;
static unsigned long nr_run;
static bool fuzzing, has_coverage;
static uint64_t blocks;			/* of the hypervisor's code, that have run */

static void lock_inputs(void)
{
	while (__atomic_exchange_n(&inputs_lock, 1, __ATOMIC_ACQUIRE))
		kit_pause();
}

static void unlock_inputs(void)
{
	__atomic_store_n(&inputs_lock, 0, __ATOMIC_RELEASE);
}

/* ---- what has run ---- */

static long coverage_op(uint32_t cmd, void *buffer, uint32_t size)
{
	struct xen_sysctl op = { .u.coverage_op = { .cmd = cmd, .size = size } };
	long ret;

	set_xen_guest_handle(op.u.coverage_op.buffer, buffer);
	ret = kit_sysctl(&op, XEN_SYSCTL_coverage_op);
	return ret ? ret : (long)op.u.coverage_op.size;
}

/* What a guest without privileges is told by dom0 (landlord.h), which has it from the hypervisor. */
static struct box {
	volatile uint32_t asked, answered, size, has_coverage;
	volatile uint64_t blocks;
	char text[(1UL << 17) - 24];	/* inputs */
} box __attribute__((aligned(PAGE_SIZE)));

/* 0: not known. */
static uint64_t count_blocks(void)
{
	uint64_t now = 0;

	if (!has_coverage)
		return 0;
	if (is_dom0())
		return coverage_op(XEN_SYSCTL_COVERAGE_read, &now, sizeof(now)) < 0 ? 0 : now;
	for (box.asked++; box.answered != box.asked; )
		hc_sched_op(SCHEDOP_yield, NULL);
	return box.blocks;
}

static bool something_new(void)
{
	uint64_t now = count_blocks();

	if (now <= blocks)
		return false;
	blocks = now;
	return true;
}

/* All of it, for the runner: the address of the first bit, then words that are not zero by number. */
static void print_coverage(void)
{
	static uint64_t map[(2UL << 20) / 32 + 2];
	long size = has_coverage && is_dom0() ? coverage_op(XEN_SYSCTL_COVERAGE_read, map, sizeof(map)) : 0;

	if (size <= 0)
		return;
	kit_printf("covered-from: %lx\n", map[1]);
	for (long i = 2; i < size / 8; i += 4)
		if (map[i] | map[i + 1] | map[i + 2] | map[i + 3])
			kit_printf("covered: %lx %lx %lx %lx %lx\n", i - 2, map[i], map[i + 1], map[i + 2], map[i + 3]);
}

/* ---- inputs as text ---- */

static const char *hex(const char *s, uint64_t *value)
{
	for (*value = 0; (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'f'); s++)
		*value = *value << 4 | (uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return s;
}

/* One line; anything odd ends it. */
static const char *parse_input(const char *s, struct input *in)
{
	uint64_t v, at;

	in->n = 0;
	do {
		struct piece *p = &in->piece[in->n];

		s = hex(s, &v);
		*p = (struct piece){ .seed = (uint32_t)v };
		while (*s == ',') {
			s = hex(s + 1, &at);
			if (*s != '=')
				break;
			s = hex(s + 1, &v);
			if (p->n < PATCHES)
				p->patch[p->n++] = (struct patch){ (uint16_t)at, (uint32_t)v };
		}
		in->n++;
	} while (*s == ';' && s++ && in->n < PIECES);
	return s;
}

static void print_input(const char *what, const struct input *in)
{
	static char text[TEXT];
	size_t n = (size_t)kit_snprintf(text, TEXT, "%s: ", what);

	for (unsigned int i = 0; i < in->n; i++) {
		const struct piece *p = &in->piece[i];

		n += (size_t)kit_snprintf(text + n, TEXT - n, "%s%x", i ? ";" : "", p->seed);
		for (unsigned int k = 0; k < p->n; k++)
			n += (size_t)kit_snprintf(text + n, TEXT - n, ",%x=%x", p->patch[k].at, p->patch[k].value);
	}
	text[n++] = '\n';
	kit_console_write(text, n);
}

/* ---- making inputs: numbers of their own, that no input replaces ---- */

static unsigned int choose(unsigned int n)
{
	return (unsigned int)((kit_random(&me()->choices) >> 32) % n);
}

static uint32_t new_seed(void)
{
	return (uint32_t)kit_random(&me()->choices);
}

static struct piece *some_piece(struct input *in)
{
	return &in->piece[choose(in->n)];
}

static void patch(struct piece *p)
{
	static const uint32_t values[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
	struct patch *at = &p->patch[p->n < PATCHES ? p->n++ : choose(PATCHES)];

	at->at = (uint16_t)choose(p->drawn ? p->drawn : 16);
	at->value = choose(3) ? new_seed() : choose(2) ? choose(64) << 26 : values[choose(ARRAY_SIZE(values))];
}

static void add_piece(struct input *in, const struct piece *p)
{
	if (in->n < PIECES)
		in->piece[in->n++] = *p;
	else
		*some_piece(in) = *p;
}

static void mutate(struct input *in)
{
	struct piece fresh = { .seed = new_seed() };

	switch (choose(8)) {
	case 0:
		add_piece(in, &fresh);
		break;
	case 1:
		add_piece(in, some_piece(&inputs[choose(nr_inputs)]));
		break;
	case 2:
		if (in->n > 1)
			*some_piece(in) = in->piece[--in->n];
		break;
	case 3:
		some_piece(in)->seed = fresh.seed;
		break;
	default:
		patch(some_piece(in));
	}
}

static void make_input(struct input *in)
{
	if (!nr_inputs || !choose(4)) {
		*in = (struct input){ .n = 1 + choose(PIECES) };
		for (unsigned int i = 0; i < in->n; i++)
			in->piece[i].seed = new_seed();
		return;
	}
	/* What came last is least explored. */
	*in = inputs[choose(2) ? choose(nr_inputs) : nr_inputs - 1 - choose(nr_inputs < 64 ? nr_inputs : 64)];
	for (unsigned int n = 1 + choose(4); n; n--)
		mutate(in);
}

/* ---- running them ---- */

static void step(bool trace);

static void run_input(struct input *in, bool trace)
{
	struct actor *a = me();

	for (unsigned int i = 0; i < in->n; i++) {
		a->prng = in->piece[i].seed;
		a->drawn = 0;
		a->piece = &in->piece[i];
		step(trace);
		a->piece = NULL;
		in->piece[i].drawn = a->drawn;
	}
}

static void keep_input(const struct input *in)
{
	if (nr_inputs == INPUTS)
		return;
	inputs[nr_inputs++] = *in;
	print_input("input", in);
}

static void report(void)
{
	static uint64_t next;

	if (kit_time_now() < next)
		return;
	next = kit_time_now() + REPORT_TIME;
	kit_printf("# %lu inputs run, %u kept, %lu blocks of code\n", nr_run, nr_inputs, blocks);
}

/* One input. */
static void fuzz(bool trace)
{
	struct input in;

	lock_inputs();
	make_input(&in);
	if (trace)
		print_input("next", &in);
	unlock_inputs();
	run_input(&in, trace);
	lock_inputs();
	nr_run++;
	if (something_new())
		keep_input(&in);
	report();
	unlock_inputs();
}

/* Those of the module, if there is one: all stay, or those by which something new has run. */
static void fuzz_init(uint64_t end)
{
	struct kit_domain given = { .image = box.text, .size = box.size };
	struct input in;
	const char *s, *last;

	for (unsigned int id = 0; id < KIT_MAX_VCPUS; id++)
		actors[id].choices = actors[id].prng;
	has_coverage = is_dom0() ? !coverage_op(XEN_SYSCTL_COVERAGE_reset, NULL, 0) : box.has_coverage;
	fuzzing = true;
	if (kit_start_info->mod_len)
		kit_domain_module(&given);
	if (!given.size)
		return;
	last = (const char *)given.image + given.size - 1;	/* the last line's end */
	for (s = given.image; s < last && kit_time_now() < end; nr_run++) {
		s = parse_input(s, &in);
		while (s < last && *s++ != '\n')
			;
		run_input(&in, false);
		if (!has_coverage && nr_inputs < INPUTS)
			inputs[nr_inputs++] = in;
		else if (something_new())
			keep_input(&in);
	}
	kit_note("%lu inputs given, %u kept, %lu blocks of code", nr_run, nr_inputs, blocks);
}

#endif
