/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#define FAKE_PIRQS	64

#endif
