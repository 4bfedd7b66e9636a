/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A second domain of the same kernel, and its console. */

#include <guestkit/other.h>
#include <guestkit/domain.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define PAGES		2560U
#define SPARE		256U		/* more than it gets at first */
#define PATIENCE	20000000000UL	/* ns */

static xen_pfn_t frames[PAGES];
static struct kit_domain domain = { .id = KIT_OTHER_ID, .pages = PAGES, .vcpus = 1, .frames = frames };
static volatile struct xencons_interface *console;
static char line[256];
static unsigned int line_length;

static void *map(unsigned long mfn)
{
	unsigned long va = kit_va_alloc(1);

	if (!kit_pte_make(kit_root(), va) || kit_map_foreign(va, mfn, PTE_RW, KIT_OTHER_ID))
		kit_fatal("a frame of the other domain cannot be mapped");
	return (void *)va;
}

void kit_other_build(void)
{
	struct xen_domctl op;
	long ret;

	kit_domain_module(&domain);
	ret = kit_domain_build(&domain);
	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = (PAGES + SPARE) * (PAGE_SIZE / 1024);
	if (!ret)
		ret = kit_domctl(&op, XEN_DOMCTL_max_mem, KIT_OTHER_ID);
	memset(&op, 0, sizeof(op));
	memset(op.u.setdomainhandle.handle, 0x5a, sizeof(op.u.setdomainhandle.handle));
	if (!ret)
		ret = kit_domctl(&op, XEN_DOMCTL_setdomainhandle, KIT_OTHER_ID);
	if (ret)
		kit_fatal("another domain cannot be made: %ld", ret);
	console = map(domain.console);
}

long kit_other_unpause(void)
{
	return kit_domain_do(XEN_DOMCTL_unpausedomain, KIT_OTHER_ID);
}

void *kit_other_map(const volatile void *page)
{
	return map(frames[kit_va_to_pfn(page)]);
}

static void take_line(void)
{
	line[line_length] = '\0';
	line_length = 0;
	if (!strncmp(line, "= ", 2))
		kit_observe("%s", line + 2);
	else if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7))
		kit_check(line[0] == 'o', "the other: %s", line);
	else if (!strncmp(line, "guest-result: ", 14))
		kit_check(!strcmp(line + 14, "success"), "the other's result: %s", line + 14);
	else
		kit_note("the other: %s", line);
}

/* Also when it is gone; then info is zero. */
static bool has_shut_down(struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	return !kit_domain_info(KIT_OTHER_ID, info) || (info->flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

bool kit_other_listen(void)
{
	struct xen_domctl_getdomaininfo info;
	bool down = has_shut_down(&info);
	uint32_t cons = console->out_cons;

	kit_mb();
	for (; cons != console->out_prod; cons++) {
		char c = console->out[MASK_XENCONS_IDX(cons, console->out)];

		if (c == '\n' || line_length == sizeof(line) - 1)
			take_line();
		else
			line[line_length++] = c;
	}
	kit_mb();
	console->out_cons = cons;
	if (!down)
		hc_sched_op(SCHEDOP_yield, NULL);
	return !down;
}

bool kit_other_await(volatile uint32_t *word, uint32_t value)
{
	uint64_t end = kit_time_now() + PATIENCE;

	while (*word != value && kit_time_now() < end && kit_other_listen())
		;
	/* What it printed before. */
	kit_other_listen();
	return kit_check(*word == value, "the other comes to %u", value);
}

void kit_other_wait(void)
{
	struct xen_domctl_getdomaininfo info;
	uint64_t end = kit_time_now() + PATIENCE;

	while (kit_other_listen() && kit_time_now() < end)
		;
	if (kit_check(has_shut_down(&info), "the other domain has ended"))
		kit_observe("the other's end: %u", info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
}

void kit_other_destroy(void)
{
	struct xen_domctl_getdomaininfo info;
	uint64_t end = kit_time_now() + PATIENCE;

	kit_unmap((unsigned long)console);
	kit_check_eq(kit_domain_do(XEN_DOMCTL_destroydomain, KIT_OTHER_ID), 0, "destroy the other domain");
	while (kit_domain_info(KIT_OTHER_ID, &info) && kit_time_now() < end)
		hc_sched_op(SCHEDOP_yield, NULL);
	kit_check(!kit_domain_info(KIT_OTHER_ID, &info), "the other domain is gone");
}
