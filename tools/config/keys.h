/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of each key of a guest's configuration. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config.h"

enum config_key_state {
	CONFIG_KEY_USED,
	CONFIG_KEY_UNUSED,		/* understood, and without effect: a warning */
	CONFIG_KEY_REFUSED,		/* a guest would miss what it asks for: an error */
};

struct config_key {
	const char *name;
	unsigned int kinds;		/* 1 << CONFIG_NUMBER ...: those that a value may have */
	long long least, most;		/* of a number */
	const char *words;		/* that a string may be, separated by blanks; NULL: any */
	const char *otherwise;		/* what holds without the key, for people; NULL: not used */
	enum config_key_state state;
	const char *why;		/* it is not used; NULL if it is */
};

/* Ends with a name of NULL. */
extern const struct config_key config_keys[];

#endif
