/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done when a guest has ended by itself: its on_poweroff, on_reboot, on_crash, on_watchdog. */
#ifndef GUEST_ENDED_H
#define GUEST_ENDED_H

#include "life.h"

enum sequel {
	SEQUEL_NONE,
	SEQUEL_AGAIN,		/* the record is to be made a guest again: tenon create --again UUID */
	SEQUEL_FRESH,		/* a new guest of the configuration in the file "fresh" beside the record */
};

/* Has it ended, or did somebody leave it half-way? @record: open, need not be locked. */
bool guest_wants_care(const struct ground *ground, const struct record *record);

/*
 * Does what is to be done for a locked record, which is closed. Messages go to the log. @core_dir: where core files are written.
 */
enum sequel guest_care(const struct ground *ground, struct record *record, const char *core_dir);

#endif
