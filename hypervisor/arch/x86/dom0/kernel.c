/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dom0 kernel: unpacked and looked at. */
#include <asm/decode_env.h>
#include <tenon/bzimage.h>
#include <tenon/init.h>
#include <tenon/mm.h>
#include "dom0.h"

static unsigned int __init order_for(size_t bytes)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < bytes)
		order++;
	return order;
}

/* Gives back the pages of a block behind the first bytes. */
static void __init trim_block(void *p, unsigned int order, size_t bytes)
{
	unsigned long used = PFN_UP(bytes), total = 1UL << order;

	while (used < total) {
		unsigned int o = first_set(used);

		heap_free(virt_to_page((char *)p + used * PAGE_SIZE), o);
		used += 1UL << o;
	}
}

void __init dom0_load_kernel(struct dom0_build *b)
{
	const struct boot_module *m = &boot_info.modules[0];
	const void *data = maddr_to_virt(m->start);
	size_t size = m->end - m->start, out = 0;
	const char *why = NULL;
	void *elf = (void *)data;

	int rc = kernel_image_size(data, size, &out, &why);

	if (rc)
		panic("dom0 kernel (module 0, %zu bytes): %s", size, why);
	if (out) {
		b->elf_order = order_for(out);
		elf = alloc_hv_pages(b->elf_order, MEMF_no_scrub);
		if (!elf)
			panic("dom0 kernel: no memory to unpack %zu MiB", out >> 20);
		b->elf_buffer = elf;
		trim_block(elf, b->elf_order, out);
		printk("Unpacking the dom0 kernel: %zu KiB to %zu KiB\n", size >> 10, out >> 10);
		rc = kernel_image_decode(data, size, elf, &out, &why);
		if (rc)
			panic("dom0 kernel cannot be unpacked: %s", why);
		size = out;
	}
	rc = elf_parse(&b->elf, elf, size, &why);
	if (rc)
		panic("dom0 kernel is not one that can be started: %s", why);
	b->elf_bytes = size;
}

void __init dom0_free_kernel(struct dom0_build *b)
{
	if (b->elf_buffer)
		for (size_t off = 0; off < b->elf_bytes; off += PAGE_SIZE)
			heap_free(virt_to_page((char *)b->elf_buffer + off), 0);
	b->elf_buffer = NULL;
	boot_info.modules[0].start = ROUNDUP(boot_info.modules[0].start, PAGE_SIZE);
	if (boot_info.modules[0].end > boot_info.modules[0].start)
		heap_add_range(_mfn(PFN_DOWN(boot_info.modules[0].start)),
			       PFN_DOWN(boot_info.modules[0].end) - PFN_DOWN(boot_info.modules[0].start), 0);
}
