/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests of the hypervisor that is made of a file: what a guest's pages are, in the directory of hv_fake.c. */
#ifndef GUEST_TESTS_BUILD_FAKE_H
#define GUEST_TESTS_BUILD_FAKE_H

#include <stdint.h>

/* Its state comes; its pages and state go. */
void fake_guest_begins(uint16_t domid);
void fake_guest_ends(uint16_t domid);

/* open_fake.c: how many a domain has. */
void fake_set_pages(uint16_t domid, unsigned int pages);

#endif
