/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing more per processor than struct fake_cpu. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

struct arch_percpu {
	char nothing;
};

#endif
