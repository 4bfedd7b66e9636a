// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon vcpu-pin: where vCPUs may run, and would like to. */
#include <errno.h>
#include <string.h>

#include "cli.h"

static bool force;

static void take(int option, char *value)
{
	force = true;
}

static const struct option more[] = {
	{ "force", no_argument, NULL, 'f' },
	{ 0 },
};

/* A set for each; NULL: as it is. The call changes what it is given to what is in force. */
static void pin(uint16_t domid, uint32_t vcpu, const struct tenon_cpus *hard, const struct tenon_cpus *soft)
{
	struct tenon_cpus new_hard, new_soft;
	int error;

	if (hard)
		new_hard = *hard;
	if (soft)
		new_soft = *soft;
	error = (force ? tenon_force_affinity : tenon_set_affinity)(need_hypervisor(), domid, vcpu, hard ? &new_hard : NULL,
								    soft ? &new_soft : NULL);
	if (error == -EBUSY)
		fail("vCPU %u is held by the domain's own kernel: --force ends that", vcpu);
	if (error == -EINVAL)
		fail("vCPU %u cannot be pinned: none of these processors is in the domain's pool", vcpu);
	if (error)
		fail("vCPU %u cannot be pinned: %s", vcpu, strerror(-error));
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, more, "f", take), error;
	struct tenon_cpus hard, soft, *hard_wish = NULL, *soft_wish = NULL;
	struct tenon_domain domain;
	unsigned int cpus;
	uint32_t vcpu;

	need_arguments(argc, first, 3, 4);
	error = tenon_get_domain(need_hypervisor(), need_domain(argv[first]), &domain);
	if (error)
		fail("domain %s cannot be asked for: %s", argv[first], strerror(-error));
	if (!domain.vcpus)
		fail("domain %s has no vCPUs", argv[first]);
	cpus = need_processors();
	if (strcmp(argv[first + 2], "-")) {
		hard = need_cpus(argv[first + 2], cpus);
		hard_wish = &hard;
	}
	if (first + 3 < argc && strcmp(argv[first + 3], "-")) {
		soft = need_cpus(argv[first + 3], cpus);
		soft_wish = &soft;
	}
	if (!hard_wish && !soft_wish)
		fail_usage("nothing is to be changed: give a set of processors");
	if (strcmp(argv[first + 1], "all")) {
		vcpu = need_number("VCPU", argv[first + 1], 0, domain.vcpus - 1);
		pin(domain.domid, vcpu, hard_wish, soft_wish);
		return STATUS_DONE;
	}
	for (vcpu = 0; vcpu < domain.vcpus; vcpu++)
		pin(domain.domid, vcpu, hard_wish, soft_wish);
	return STATUS_DONE;
}

const struct command command_vcpu_pin = {
	.name = "vcpu-pin", .arguments = "[-f] DOMAIN VCPU|all HARD|- [SOFT|-]",
	.summary = "Says which processors vCPUs may use (HARD) and prefer (SOFT)",
	.options = "  -f, --force         end a pinning that the domain's kernel asked for\n"
		   "\nHARD, SOFT: as all, 3, 0-2 or 0-7,^3; -: as it is.\n",
	.run = run,
};
