/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds with --enable-coverage: the compiler calls us at the start of each basic block, and we note which have run. Blocks of the
 * same word at the same time may be forgotten; they come again. What is thrown away after boot is not looked at.
 */
#include <tenon/init.h>
#include "ctl.h"

#ifdef TENON_COVERAGE

#define MAX_TEXT	(4UL << 20)
#define CALL_BYTES	4		/* the calls are longer: no two of them come back to the same place, so divided */

static struct {
	uint64_t blocks;		/* bits that are set */
	uint64_t text;			/* address of the first bit */
	unsigned long ran[MAX_TEXT / CALL_BYTES / BITS_PER_LONG];
} coverage;

void __sanitizer_cov_trace_pc(void);
__no_coverage void __sanitizer_cov_trace_pc(void)
{
	unsigned long at = ((unsigned long)__builtin_return_address(0) - (unsigned long)text_start) / CALL_BYTES;
	unsigned long *word = &coverage.ran[at / BITS_PER_LONG], bit = 1UL << at % BITS_PER_LONG;

	if (at >= MAX_TEXT / CALL_BYTES || (*word & bit))
		return;
	*word |= bit;
	coverage.blocks++;
}

static size_t coverage_size(void)
{
	return offsetof(typeof(coverage), ran) + ((unsigned long)(text_end - text_start) / CALL_BYTES + 63) / 64 * 8;
}

/* As many bytes as the caller has room for: the first eight tell whether there is anything new. */
long sysctl_coverage_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_coverage_op *c = &op->u.coverage_op;

	switch (c->cmd) {
	case XEN_SYSCTL_COVERAGE_get_size:
		c->size = (uint32_t)coverage_size();
		return 0;
	case XEN_SYSCTL_COVERAGE_read:
		coverage.text = (unsigned long)text_start;
		c->size = (uint32_t)min((size_t)c->size, coverage_size());
		return copy_to_guest(c->buffer, (const char *)&coverage, c->size) ? -EFAULT : 0;
	case XEN_SYSCTL_COVERAGE_reset:
		memset(&coverage, 0, sizeof(coverage));
		return 0;
	}
	return -EOPNOTSUPP;
}

#else

long sysctl_coverage_op(struct vcpu *curr, struct xen_sysctl *op)
{
	return -EOPNOTSUPP;
}

#endif
