/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target for page types. The input: the choices of guests, see tests/lib/pt_machine.h. */
#include <stdio.h>
#include <stdlib.h>
#include "../lib/pt_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void must(const char *problem)
{
	if (!problem)
		return;
	fprintf(stderr, "%s\n", problem);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	pt_feed(input, size);
	pt_start();
	while (!pt_fed()) {
		pt_step(pt_choose(PT_CPUS));
		must(pt_check());
	}
	must(pt_end());
	return 0;
}
