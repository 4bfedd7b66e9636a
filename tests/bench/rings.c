/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rings - QEMU plugin: who executes the instructions of a benchmark.
 *
 * Counts executed instructions by virtual address: user space (below the canonical
 * hole), the hypervisor (0xffff800000000000 to 0xffff87ffffffffff, the range that
 * the 64-bit PV interface reserves for it), the kernel (the rest). One CPU: the
 * counters are plain.
 *
 *   -plugin rings.so,log=FILE[,mark=ADDRESS][,end=ADDRESS][,entry=ADDRESS][,gates=FILE][,calls=ADDRESS][,profile=FILE,next=ADDRESS]
 *
 * Lines of the log, each with the totals so far: of the three, and of what the processor is told about translations, by
 * whomever: loads of CR3, writes of CR4 (two of them flush all), and pages forgotten (INVLPG, INVPCID). Last: interrupts
 * taken, if gates= names a file with the addresses of their first instructions, hexadecimal, one a line; and how often the
 * instruction at calls= was executed (where hypercalls enter).
 *   mark U K H C F P I E   the instruction at mark= was executed (ubench's clock reading)
 *   end U K H C F P I E    the same, at end=
 *   entry U K H C F P I E  the instruction at entry= is about to be executed for the first time (where the loader jumps to)
 *   kernel U K H C F P I E code of the kernel is about to run for the first time
 *
 * profile=: lines "ADDRESS COUNT", of instructions of the hypervisor's. First those between entry and the kernel (its code at
 * low addresses, before paging, included), then a line "boot". Then, whenever next= is executed, those since then, between the
 * first and second mark, the third and fourth, and so on (with end=, between a mark and an end), and a line "next".
 *
 * The plugin interface's header is in no package of Debian 12, so the few functions used are declared here. Version 1 is
 * that of QEMU 4.2 to 8.2, version 2 has been understood since 9.0: define PLUGIN_API to match.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_API
#define PLUGIN_API 1
#endif

struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*cb)(unsigned, void *), int flags, void *data);

enum { ADD_U64 = 0, NO_REGS = 0 };
enum counter { USER, KERNEL, HYPERVISOR, CR3, CR4, PAGE, IRQ, CALL, NR_COUNTERS };

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

#if PLUGIN_API == 1
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *ptr, uint64_t imm);

static uint64_t executed[NR_COUNTERS];

static void counters_init(void)
{
}

static uint64_t count(enum counter c)
{
	return executed[c];
}

static void count_insn(struct qemu_plugin_insn *insn, enum counter c)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &executed[c], 1);
}
#else
struct qemu_plugin_scoreboard;
typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned cpu);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *, int op, qemu_plugin_u64 entry, uint64_t imm);

static qemu_plugin_u64 executed[NR_COUNTERS];

static void counters_init(void)
{
	for (int c = 0; c < NR_COUNTERS; c++)
		executed[c].score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
}

static uint64_t count(enum counter c)
{
	return qemu_plugin_u64_get(executed[c], 0);
}

static void count_insn(struct qemu_plugin_insn *insn, enum counter c)
{
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD_U64, executed[c], 1);
}
#endif

/* An instruction of the hypervisor's; insn_at[] is a hash table by address, chained. */
struct profiled {
	uint64_t va, count;
	struct profiled *next;
};
static struct profiled *insn_at[1 << 16];

static uint64_t mark, end, entry, calls, next;
static uint64_t gates[256];
static unsigned nr_gates;
static FILE *log_file, *profile_file;
static int entered, kernel_seen, timed;

static enum counter ring_of(uint64_t va)
{
	if (va < 1ull << 47)
		return USER;
	return va >= 0xffff800000000000ull && va < 0xffff880000000000ull ? HYPERVISOR : KERNEL;
}

/* What the instruction tells the processor about translations; NR_COUNTERS: nothing. Either syntax of the disassembler's. */
static enum counter told(const struct qemu_plugin_insn *insn)
{
	char *text = qemu_plugin_insn_disas(insn), *to;
	enum counter c = NR_COUNTERS;

	if (!text)
		return c;
	if (!strncmp(text, "invlpg", 6) || !strncmp(text, "invpcid", 7)) {
		c = PAGE;
	} else if (!strncmp(text, "mov", 3) && (to = strstr(text, "cr")) && (to[2] == '3' || to[2] == '4')) {
		/* written: last with %, first without */
		if ((to[-1] == '%') == !strchr(to, ','))
			c = to[2] == '3' ? CR3 : CR4;
	}
	free(text);
	return c;
}

static int is_gate(uint64_t va)
{
	for (unsigned i = 0; i < nr_gates; i++)
		if (gates[i] == va)
			return 1;
	return 0;
}

static void read_gates(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	while (nr_gates < sizeof(gates) / sizeof(gates[0]) && fscanf(f, "%lx", &gates[nr_gates]) == 1)
		nr_gates++;
	fclose(f);
}

static void log_totals(const char *what)
{
	fprintf(log_file, "%s", what);
	for (int c = 0; c < NR_COUNTERS; c++)
		fprintf(log_file, " %lu", count(c));
	fprintf(log_file, "\n");
}

static void on_mark(unsigned cpu, void *data)
{
	timed = end || !timed;
	log_totals("mark");
}

static void on_end(unsigned cpu, void *data)
{
	timed = 0;
	log_totals("end");
}

static struct profiled *profiled_insn(uint64_t va)
{
	struct profiled **head = &insn_at[(va ^ va >> 16) & 0xffff], *p;

	for (p = *head; p && p->va != va; p = p->next)
		;
	if (!p && (p = calloc(1, sizeof(*p)))) {
		p->va = va;
		p->next = *head;
		*head = p;
	}
	return p;
}

static void on_profiled(unsigned cpu, void *data)
{
	struct profiled *p = data;

	if (!kernel_seen || timed)
		p->count++;
}

static void write_profile(const char *last)
{
	for (size_t i = 0; i < sizeof(insn_at) / sizeof(insn_at[0]); i++)
		for (struct profiled *p = insn_at[i]; p; p = p->next) {
			if (p->count)
				fprintf(profile_file, "%lx %lu\n", p->va, p->count);
			p->count = 0;
		}
	fprintf(profile_file, "%s\n", last);
}

static void on_next(unsigned cpu, void *data)
{
	write_profile("next");
}

/* Translation comes right before the first execution. */
static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t va = qemu_plugin_insn_vaddr(insn);
		enum counter ring = ring_of(va), about;

		if (entry && !entered && va == entry) {
			entered = 1;
			log_totals("entry");
		}
		if (!kernel_seen && ring == KERNEL) {
			kernel_seen = 1;
			log_totals("kernel");
			if (profile_file)
				write_profile("boot");
		}
		count_insn(insn, ring);
		if (ring != USER && (about = told(insn)) != NR_COUNTERS)
			count_insn(insn, about);
		if (ring != USER && is_gate(va))
			count_insn(insn, IRQ);
		if (calls && va == calls)
			count_insn(insn, CALL);
		if (va == mark)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, NO_REGS, NULL);
		if (end && va == end)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, NO_REGS, NULL);
		if (profile_file && va == next)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_next, NO_REGS, NULL);
		if (profile_file && (ring == HYPERVISOR || (entered && !kernel_seen))) {
			struct profiled *p = profiled_insn(va);

			if (p)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, on_profiled, NO_REGS, p);
		}
	}
}

static FILE *open_log(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f)
		setvbuf(f, NULL, _IOLBF, 0);
	return f;
}

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "mark=", 5))
			mark = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "entry=", 6))
			entry = strtoull(argv[i] + 6, NULL, 0);
		else if (!strncmp(argv[i], "end=", 4))
			end = strtoull(argv[i] + 4, NULL, 0);
		else if (!strncmp(argv[i], "gates=", 6))
			read_gates(argv[i] + 6);
		else if (!strncmp(argv[i], "calls=", 6))
			calls = strtoull(argv[i] + 6, NULL, 0);
		else if (!strncmp(argv[i], "next=", 5))
			next = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "log=", 4))
			log_file = open_log(argv[i] + 4);
		else if (!strncmp(argv[i], "profile=", 8) && !(profile_file = open_log(argv[i] + 8)))
			return 1;
	}
	if (!log_file) {
		fprintf(stderr, "rings: log=FILE is needed, and must be possible to write\n");
		return 1;
	}
	counters_init();
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
