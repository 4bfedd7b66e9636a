/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns the marked no-ops into stac and clac where the processor has SMAP (SDM 3A 4.6). */
#include <asm/cpu.h>
#include <asm/smap.h>
#include <tenon/init.h>
#include <tenon/lib.h>

struct smap_site {
	int32_t at;			/* relative to its own place */
	uint32_t kind;			/* 0: stac, 1: clac */
};
extern const struct smap_site smap_sites_start[], smap_sites_end[];

void __init smap_patch(void)
{
	static const uint8_t insn[2][3] __initconst = { { 0x0f, 0x01, 0xcb }, { 0x0f, 0x01, 0xca } };

	if (!cpu_has(X86_FEATURE_SMAP))
		return;
	for (const struct smap_site *s = smap_sites_start; s < smap_sites_end; s++)
		memcpy((char *)&s->at + s->at, insn[s->kind & 1], 3);
}
