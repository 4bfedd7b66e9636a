// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef TENON_CLI_SPECULATION_H
#define TENON_CLI_SPECULATION_H

#include <json-c/json.h>

/*
 * What the hypervisor's log says of side channels by speculation: a new array of strings, the caller's (json_object_put()). Empty when the log was
 * cleared, has run over, or cannot be read.
 */
struct json_object *speculation_lines(void);

#endif
