/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_OTHER_H
#define GUESTKIT_OTHER_H

#include <guestkit/kit.h>

/*
 * A second, unprivileged domain of this same kernel, whose file the first is given as module (rows.cfg: module =). What it
 * observes and checks on its console is observed and checked by the first. At most one.
 */
#define KIT_OTHER_ID	1U

/* Makes it, paused; ends the guest if that fails. */
void kit_other_build(void);
long kit_other_unpause(void);
/* Maps its copy of a page of the image, writable. */
void *kit_other_map(const volatile void *page);
/* Reads what it has printed. False when it has shut down and all is read. */
bool kit_other_listen(void);
/* Waits until *word is value, listening; whether it became so within some seconds: a point. */
bool kit_other_await(volatile uint32_t *word, uint32_t value);
/* Listens until it has shut down, and observes why. */
void kit_other_wait(void);
/* Destroys it, and waits until it is gone. */
void kit_other_destroy(void);

#endif
