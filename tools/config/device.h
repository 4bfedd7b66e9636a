/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that have a syntax of their own. Devices of a guest as one line of text: items of disk=, vif= and vfb=, and arguments
 * of block-attach and network-attach; sets of processors. The syntax is that of xl.cfg(5), xl-disk-configuration(5) and
 * xl-network-configuration(5).
 *
 * A parser fills its structure with what the text says and with the defaults of what it leaves open; strings in it are the
 * structure's, freed by config_*_clear(). When the text is wrong it returns false, the structure is empty (nothing to be
 * freed) and *fault says what is wrong and where. Nothing outside the text is looked at: whether a file, a bridge or a
 * domain exists is the caller's to see.
 */
#ifndef CONFIG_DEVICE_H
#define CONFIG_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_fault {
	size_t offset;			/* into the text: where what is wrong begins */
	char text[200];			/* "access is one of ro, rw, not 'x'" */
};

/* ---- disks ---- */

enum config_disk_format {
	CONFIG_DISK_RAW, CONFIG_DISK_QCOW, CONFIG_DISK_QCOW2, CONFIG_DISK_QED, CONFIG_DISK_VHD,
	CONFIG_DISK_EMPTY,		/* a drive without a medium; there is no target */
};

/* Who is to serve it: backendtype=. ANY: by what the target is. */
enum config_disk_backend {
	CONFIG_DISK_BACKEND_ANY, CONFIG_DISK_BACKEND_PHY, CONFIG_DISK_BACKEND_TAP, CONFIG_DISK_BACKEND_QDISK,
	CONFIG_DISK_BACKEND_STANDALONE,
};

struct config_disk {
	char *target;			/* a path or what the script understands; NULL: CONFIG_DISK_EMPTY */
	enum config_disk_format format;
	enum config_disk_backend backend_type;
	char *backend;			/* the domain that serves it, by name or number; NULL: domain 0 */
	char *script;			/* "block-iscsi", a name or a path; NULL: none is named */
	char *vdev;			/* as it was written: "xvda1" */
	uint32_t number;		/* vdev's, as in device/vbd/NUMBER */
	bool writable;
	bool shared;			/* access w!: others may use the target too */
	bool cdrom;			/* removable, and read-only if nothing else is said */
	bool direct_io_safe;
	bool discard_set, discard;	/* discard, no-discard */
	bool trusted_set, trusted;	/* trusted, untrusted: of the backend, for the guest's driver */
	bool persistent_set, persistent; /* grant_usage=: persistent grants */
};

bool config_disk_parse(struct config_disk *disk, const char *text, struct config_fault *fault);
void config_disk_clear(struct config_disk *disk);

/* "raw", "qcow2", ...: as format= has it. */
const char *config_disk_format_name(enum config_disk_format format);

/*
 * The number of a virtual disk's name: xvda, xvdb3, sda1, hdc, d2p1, or the number itself (0xca00, 51712). 0: it is none.
 * The numbers are Xen's: 202 << 8 | disk << 4 | partition for xvd up to xvdp15, 1 << 28 | disk << 8 | partition beyond.
 */
uint32_t config_vdev_number(const char *name);

/* The other way round, as xvd names; false: @number is none of theirs. @out: "xvda". */
bool config_vdev_name(uint32_t number, char out[16]);

/* ---- networks ---- */

enum { CONFIG_VIF_ADDRESSES_MAX = 16 };

struct config_vif {
	bool mac_set;			/* else the caller chooses one */
	uint8_t mac[6];
	char *bridge;			/* NULL: the script's default */
	char *gatewaydev;		/* vif-route's; NULL: none */
	char *script;			/* "vif-nat", a name or a path; NULL: vif-bridge */
	char *vifname;			/* of the device in dom0; NULL: vifDOMID.DEVID */
	char *backend;			/* the domain that serves it; NULL: domain 0 */
	/* ip=: addresses of either family, each perhaps with /LENGTH; separated by blanks in the text. All else is spoofed. */
	char *addresses[CONFIG_VIF_ADDRESSES_MAX];
	size_t address_count;
	/* rate=: the guest may send so many bytes in each interval. 0: no limit. As xen-netback's node "rate" has them. */
	uint64_t rate_bytes;
	uint32_t rate_interval_us;
	unsigned int mtu;		/* 0: the bridge's, or 1500 */
	int devid;			/* -1: the lowest that is free */
	bool trusted_set, trusted;
};

bool config_vif_parse(struct config_vif *vif, const char *text, struct config_fault *fault);
void config_vif_clear(struct config_vif *vif);

/* 00:16:3e:01:02:03. False: it is no address of one card. */
bool config_mac_parse(const char *text, uint8_t mac[6]);

/* ---- framebuffers ---- */

enum { CONFIG_VFB_DISPLAY_MAX = 65535 - 5900 };	/* display N is port 5900 + N */

/* One that is seen by VNC; what asks for a window on this host is refused. */
struct config_vfb {
	char *listen;			/* address or name, without brackets; NULL: 127.0.0.1 */
	unsigned int display;
	bool unused;			/* the display, or the next that nobody has */
	char *password;			/* NULL or "": none */
	char *keymap;			/* NULL: as the viewer says */
};

bool config_vfb_parse(struct config_vfb *vfb, const char *text, struct config_fault *fault);
void config_vfb_clear(struct config_vfb *vfb);

/* ---- sets of processors: cpus=, cpus_soft=, vcpu-pin ---- */

/*
 * "all", "3", "0-2", "0-7,^3", "all,^0-1", "nodes:0-1,^node:1": parts between commas, of which those with ^ take away. @count:
 * processors there are, numbered from 0 on; @nodes: the node of each, CONFIG_NODES_MAX for none, or NULL: any node has them all.
 * Processor n becomes bit n % 8 of bits[n / 8], of which there are (@count + 7) / 8.
 */
#define CONFIG_NODES_MAX	255
bool config_cpus_parse(const char *text, unsigned int count, const uint8_t nodes[], uint8_t bits[], struct config_fault *fault);

/* ---- between the parts ---- */

/* One field of a text, up to a comma; leading blanks are no part of it. Not ended by a zero. */
struct config_field {
	const char *begin;		/* of the field, in the text */
	size_t size;
	const char *value;		/* behind the first '='; NULL: the field has none */
	size_t value_size;
	size_t key_size;		/* of what is before '='; with no value: of all */
};

/* Moves *@at over the next field of @text and its comma. False: there is none. An empty text has none. */
bool config_field_next(const char **at, struct config_field *field);
bool config_field_is(const struct config_field *field, const char *key);

/* Sets *@place to a copy of the text. False, fault set: it was set before. */
bool config_take(char **place, const char *what, const char *text, size_t size, const char *whole, struct config_fault *fault);

/* Always false. @at: within @whole. */
bool config_fault_at(struct config_fault *fault, const char *whole, const char *at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Where the text stands in @words (NULL at the end), or -1 with the fault "KEY is one of ...". */
int config_choose(const char *key, const char *const words[], const char *text, size_t size, const char *whole,
		  struct config_fault *fault);

#endif
