/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rings - QEMU plugin: who executes the instructions of a benchmark.
 *
 * Counts executed instructions by virtual address: user space (below the canonical
 * hole), the hypervisor (0xffff800000000000 to 0xffff87ffffffffff, the range that
 * the 64-bit PV interface reserves for it), the kernel (the rest). Whenever the
 * address mark= is executed (ubench's clock reading), a line with the three
 * totals so far goes to log=.
 *
 *   -plugin rings.so,mark=ADDRESS,log=FILE        (one CPU: the counters are plain)
 *
 * The first time that code of the kernel is about to run, a line "kernel" with the totals is written.
 *
 * Plugin interface version 1 (QEMU 4.2 to 8.2); its header is in no Debian 12 package, so the few
 * functions used are declared here.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*cb)(unsigned, void *), int flags, void *data);

enum { ADD_U64 = 0, NO_REGS = 0 };
enum ring { USER, KERNEL, HYPERVISOR };

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed[3], mark;
static FILE *log_file;
static int kernel_seen;

static enum ring ring_of(uint64_t va)
{
	if (va < 1ull << 47)
		return USER;
	return va >= 0xffff800000000000ull && va < 0xffff880000000000ull ? HYPERVISOR : KERNEL;
}

static void on_mark(unsigned cpu, void *data)
{
	fprintf(log_file, "%lu %lu %lu\n", executed[USER], executed[KERNEL], executed[HYPERVISOR]);
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t va = qemu_plugin_insn_vaddr(insn);

		if (!kernel_seen && ring_of(va) == KERNEL) {
			kernel_seen = 1;
			fprintf(log_file, "kernel %lu %lu %lu\n", executed[USER], executed[KERNEL], executed[HYPERVISOR]);
		}
		qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &executed[ring_of(va)], 1);
		if (va == mark)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, NO_REGS, NULL);
	}
}

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "mark=", 5))
			mark = strtoull(argv[i] + 5, NULL, 0);
		else if (!strncmp(argv[i], "log=", 4))
			log_file = fopen(argv[i] + 4, "w");
	}
	if (!mark || !log_file) {
		fprintf(stderr, "rings: mark=ADDRESS and log=FILE are needed\n");
		return 1;
	}
	setvbuf(log_file, NULL, _IOLBF, 0);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
