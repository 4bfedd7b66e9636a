/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the interface headers want of it. */
#ifndef PVL_STDINT_H
#define PVL_STDINT_H

#include <linux/types.h>

#ifndef UINT32_MAX
#define UINT32_MAX	0xffffffffU
#endif
#ifndef UINT64_MAX
#define UINT64_MAX	0xffffffffffffffffULL
#endif

#endif
