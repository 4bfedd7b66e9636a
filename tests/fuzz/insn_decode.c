/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target for the instruction decoder and executor. The input: mode, flags, then the
 * instruction's bytes. Memory is not touched; the executor works on made-up operands.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/emulate.h>
#include <tenon/errno.h>

void bug(const char *file, int line, const char *what) __attribute__((noreturn));
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

void bug(const char *file, int line, const char *what)
{
	(void)file, (void)line, (void)what;
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct cpu_user_regs regs;
	struct insn_operands ops = { .mem = { 0x8000000012345067, 0x10 }, .src = 0x1122334455667788 };
	struct insn_result res;
	struct insn insn;
	int rc;

	if (size < 2)
		return 0;
	rc = insn_decode(input + 2, size - 2, input[0] & 1 ? INSN_MODE_64 : INSN_MODE_32, &insn);
	if (rc) {
		if (rc != -EINVAL && !(rc == -EAGAIN && size - 2 < INSN_MAX_LEN))
			abort();
		return 0;
	}
	if (insn.len > INSN_MAX_LEN || insn.len > size - 2 || insn.op == INSN_NONE)
		abort();
	if (!insn_is_mem_write(&insn))
		return 0;
	memset(&regs, input[1], sizeof(regs));
	(void)insn_dest_offset(&insn, &regs);
	insn_execute(&insn, &regs, &ops, &res);
	if (res.nr_regs > 2)
		abort();
	insn_commit(&insn, &regs, &res);
	return 0;
}
