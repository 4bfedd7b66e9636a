/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms of tenon stats. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include "sample.h"

/* Write a sample to standard output. */
void stats_json(const struct sample *sample);
void stats_prometheus(const struct sample *sample);

/* What a guest calls a disk: "xvda", or its number. Returns @out. */
const char *stats_disk_name(uint32_t devid, char out[16]);

#endif
