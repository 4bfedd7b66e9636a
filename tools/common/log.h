/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemons: on standard error, with the priority in front that the service manager understands. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* @name: heads each line on a terminal; @highest: less important messages are dropped. */
void log_setup(const char *name, enum log_level highest);
bool log_wanted(enum log_level level);
void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says why and ends the process with status 1. */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define log_error(...)		log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...)	log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)		log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)		do { if (log_wanted(LOG_LEVEL_DEBUG)) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__); } while (0)

#endif
