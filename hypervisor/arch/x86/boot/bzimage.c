/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's file: an ELF image, or a bzImage with a (mostly compressed) one inside.
 * Layout: "The Linux/x86 Boot Protocol", fields payload_offset and payload_length of version 2.08.
 */
#include <asm/decode_env.h>
#include <tenon/bzimage.h>
#include <tenon/lib.h>
#include "decoders.h"

#define SECTOR			512
#define SETUP_SECTS_DEFAULT	4
#define HEADER_START		0x1f1		/* of the setup header in the file */
#define VERSION_PAYLOAD		0x208

struct setup_header {		/* as far as it is looked at */
	uint8_t setup_sects;
	uint8_t skipped1[0x1fe - 0x1f2];
	uint16_t boot_flag;
	uint8_t jump[2];
	uint8_t magic[4];
	uint16_t version;
	uint8_t skipped2[0x248 - 0x208];
	uint32_t payload_offset, payload_length;
} __packed;
_Static_assert(offsetof(struct setup_header, payload_offset) == 0x248 - HEADER_START, "boot protocol");

struct payload {
	const struct decoder *decoder;
	const uint8_t *in;
	size_t in_size, out_size;
};

static int __init refuse(const char **why, const char *reason)
{
	*why = reason;
	return -ENOEXEC;
}

static int __init payload_bounds(const uint8_t *data, size_t size, struct payload *p, const char **why)
{
	struct setup_header h;
	uint64_t start;

	if (size < HEADER_START + sizeof(h))
		return refuse(why, "it is neither an ELF file nor a bzImage (it is too short for either)");
	memcpy(&h, data + HEADER_START, sizeof(h));
	if (h.boot_flag != 0xaa55 || memcmp(h.magic, "HdrS", 4))
		return refuse(why, "it is neither an ELF file nor a bzImage");
	if (h.version < VERSION_PAYLOAD)
		return refuse(why, "its bzImage is of a boot protocol older than 2.08");
	start = (uint64_t)(h.setup_sects ? h.setup_sects : SETUP_SECTS_DEFAULT) * SECTOR + SECTOR + h.payload_offset;
	if (start > size || h.payload_length > size - start)
		return refuse(why, "its bzImage is truncated");
	p->in = data + start;
	p->in_size = h.payload_length;
	return 0;
}

static int __init payload_find(const uint8_t *data, size_t size, struct payload *p, const char **why)
{
	int rc = payload_bounds(data, size, p, why);
	uint32_t claimed;

	if (rc)
		return rc;
	p->decoder = decoder_find(p->in, p->in_size, why);
	if (!p->decoder)
		return -ENOEXEC;
	p->out_size = p->in_size;
	if (decoder_is_plain(p->decoder))
		return 0;
	/* The last four bytes, in each format. */
	if (p->in_size < 2 * sizeof(claimed))
		return refuse(why, "its bzImage holds too little data");
	memcpy(&claimed, p->in + p->in_size - sizeof(claimed), sizeof(claimed));
	if (!claimed || claimed > KERNEL_SIZE_MAX)
		return refuse(why, "its bzImage claims to unpack to nothing, or to more than 512 MiB");
	p->out_size = claimed;
	if (decoder_size_apart(p->decoder))
		p->in_size -= sizeof(claimed);
	return 0;
}

int __init kernel_image_size(const void *data, size_t size, size_t *out, const char **why)
{
	struct payload p;
	int rc;

	*out = 0;
	if (size >= 4 && !memcmp(data, "\177ELF", 4))
		return 0;
	rc = payload_find(data, size, &p, why);
	if (!rc)
		*out = p.out_size;
	return rc;
}

int __init kernel_image_decode(const void *data, size_t size, void *dest, size_t *out, const char **why)
{
	const char *wrong;
	struct payload p;
	int rc = payload_find(data, size, &p, why);

	if (rc)
		return rc;
	if (p.out_size > *out)
		return refuse(why, "its bzImage has changed while it was read");
	decode_env_enter();
	wrong = decoder_run(p.decoder, p.in, p.in_size, dest, p.out_size);
	decode_env_leave();
	if (wrong)
		return refuse(why, wrong);
	*out = p.out_size;
	return 0;
}
