/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TENON_TYPES_H
#define TENON_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITS_PER_LONG	(8 * (int)sizeof(long))

/* System time: nanoseconds since the hypervisor's clock started. */
typedef int64_t s_time_t;
#define STIME_MAX	((s_time_t)INT64_MAX)
#define MICROSECS(n)	((s_time_t)(n) * 1000)
#define MILLISECS(n)	((s_time_t)(n) * 1000000)
#define SECONDS(n)	((s_time_t)(n) * 1000000000)

#endif
