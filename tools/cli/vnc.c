// SPDX-License-Identifier: GPL-2.0-or-later
#include "vnc.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nodes.h"

bool vnc_of(uint16_t domid, struct vnc *vnc)
{
	struct tenon_store *store = want_store();
	char base[48], *address;
	long port;

	if (!store)
		return false;
	snprintf(base, sizeof(base), "/local/domain/%u/console", domid);
	port = node_number(store, base, "vnc-port");
	if (port <= 0 || port > 65535)
		return false;
	address = node_read(store, base, "vnc-listen");
	snprintf(vnc->address, sizeof(vnc->address), "%s", address ? address : "127.0.0.1");
	free(address);
	vnc->port = port;
	return true;
}

void vnc_text(const struct vnc *vnc, char out[80])
{
	snprintf(out, 80, strchr(vnc->address, ':') ? "[%s]:%u" : "%s:%u", vnc->address, vnc->port);
}

struct json_object *json_vnc(uint16_t domid)
{
	struct json_object *object;
	struct vnc vnc;

	if (!vnc_of(domid, &vnc))
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "address", json_object_new_string(vnc.address));
	json_object_object_add(object, "port", json_object_new_int(vnc.port));
	return object;
}
