/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that Xen's options have for such means. */
#ifndef X86_SPECULATION_XEN_NAMES_H
#define X86_SPECULATION_XEN_NAMES_H

#include <tenon/types.h>

/* Is that a name in Xen's spec-ctrl= alone? It is remembered for xen_names_report(), which tells what to write instead. */
bool xen_name_noted(const char *name);
void xen_names_report(void);

#endif
