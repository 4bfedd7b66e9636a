/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Nodes of the store: what a peer writes may be missing, garbage, huge. Control context. */
#ifndef PVD_NODE_H
#define PVD_NODE_H

#include "os.h"

#define PVD_NODE_NAME	48

/* A decimal number, perhaps followed by blanks: the whole of the text. -EINVAL: is none; -ERANGE: above max. */
int pvd_parse_number(const char *text, uint64_t max, uint64_t *value);

/* The number in a node, as above; -ENOENT. */
int pvd_read_number(struct pvd_dev *dev, enum pvd_side side, const char *name, uint64_t max, uint64_t *value);

/* The same where a default is as good: when there is none, or garbage. What is above max is max. */
uint64_t pvd_read_default(struct pvd_dev *dev, enum pvd_side side, const char *name, uint64_t max, uint64_t otherwise);

/* How many queues the peer, a front end, uses: one if it does not say; 0, with a report: an impossible number. */
uint32_t pvd_read_queues(struct pvd_dev *dev, uint32_t max);

int pvd_write_number(struct pvd_dev *dev, const char *name, uint64_t value);

/* Removes these nodes, if they are there, with what is below them. */
int pvd_remove_nodes(struct pvd_dev *dev, const char *const *names, uint32_t n);

/* The same with the directories of the first n queues. */
int pvd_remove_queues(struct pvd_dev *dev, uint32_t n);

/* "queue-3/ring-ref", or without the directory if `queue` is negative; with a number behind the name if that is not. */
void pvd_node_name(char name[PVD_NODE_NAME], int queue, const char *base, int number);

#endif
