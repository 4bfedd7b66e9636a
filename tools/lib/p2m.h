/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A paravirtual guest's own list of its memory, read from outside. Everything in it is the guest's word. */
#ifndef LIB_P2M_H
#define LIB_P2M_H

#include "call.h"

/* One page: the guest's number and the machine's. As in a core file's .xen_p2m. */
struct p2m_page {
	uint64_t pfn;
	uint64_t mfn;
};

/*
 * The pages that the list names, by pfn; *pages is to be freed. @shared_info_frame: machine frame. @limit: frames that the domain
 * may have; a list that is far longer is refused (-EPROTO). -ENODATA: the guest has no list (it has not got that far).
 * Returns 0 with *count.
 */
int p2m_read(struct tenon *tenon, uint16_t domid, uint64_t shared_info_frame, uint64_t limit, struct p2m_page **pages,
	     uint64_t *count);

#endif
