/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The surroundings in which the distribution's decoder libraries run: see boot/decode_env.c. */
#ifndef ASM_DECODE_ENV_H
#define ASM_DECODE_ENV_H

/* Boot CPU only, before any guest runs; nothing but decoding happens between the two. */
void decode_env_enter(void);
void decode_env_leave(void);

#endif
