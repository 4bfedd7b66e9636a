/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticks: the time stamp counter. Under -icount shift=0 it counts instructions. */
#include <stdio.h>
#include <x86intrin.h>

int main(void)
{
	printf("%llu\n", (unsigned long long)__rdtsc());
	return 0;
}
