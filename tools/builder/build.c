// SPDX-License-Identifier: LGPL-2.1-or-later
/* The steps that make a domain a guest. */
#include <string.h>

#include "builder.h"

int refused_call(struct tenon_builder *builder, long error, const char *what)
{
	return refuse(&builder->why, error, "domain %u: cannot %s: %s", builder->domid, what, strerror(-error));
}

static int (*const steps[])(struct tenon_builder *builder) = {
	build_limits,
	build_cpuid,
	build_memory,
	build_ports,
	build_contents,
	build_shared_info,
	build_grants,
	build_tables,
	build_registers,
};

int tenon_builder_run(struct tenon_builder *builder, struct tenon *tenon, uint16_t domid, struct tenon_built *built,
		      char why[TENON_WHY_SIZE])
{
	int error = 0;

	why[0] = '\0';
	builder->tenon = tenon;
	builder->domid = domid;
	builder->why.text = builder->ramdisk.why.text = builder->kernel.input.why.text = why;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !error; i++)
		error = steps[i](builder);
	if (!error)
		*built = builder->built;
	builder_forget(builder);
	return error;
}

int tenon_build_pv(struct tenon *tenon, uint16_t domid, const struct tenon_build *what, struct tenon_built *built,
		   char why[TENON_WHY_SIZE])
{
	struct tenon_builder builder;
	int error = builder_open(&builder, what, why);

	if (!error)
		error = tenon_builder_run(&builder, tenon, domid, built, why);
	builder_close(&builder);
	return error;
}
