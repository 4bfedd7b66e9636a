/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a domain's framebuffer is seen, as the store says: whoever made it, this command or Xen's tools. */
#ifndef CLI_VNC_H
#define CLI_VNC_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

struct vnc {
	char address[64];		/* as it listens, without brackets */
	unsigned int port;
};

/* False: it has none, or the store's daemon does not run. */
bool vnc_of(uint16_t domid, struct vnc *vnc);

/* 127.0.0.1:5901, [::1]:5901 */
void vnc_text(const struct vnc *vnc, char out[80]);

/* An object with "address" and "port", or NULL. */
struct json_object *json_vnc(uint16_t domid);

#endif
