/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the compiler calls in builds with --enable-ubsan where it has found behaviour that the language leaves undefined.
 * Each call brings a description of its own kind, which begins with the place in the source: that is all we say.
 */
#include <tenon/lib.h>

#ifdef TENON_UBSAN

struct place {
	const char *file;
	uint32_t line, column;
};

#define HANDLER(name, what) \
void __ubsan_handle_##name(const struct place *at); \
void __ubsan_handle_##name(const struct place *at) \
{ \
	bug(at->file, (int)at->line, "undefined behaviour: " what); \
}
HANDLER(builtin_unreachable, "what cannot be reached")
HANDLER(divrem_overflow, "division by zero")
HANDLER(invalid_builtin, "argument of a builtin")
HANDLER(load_invalid_value, "value that its type has not")
HANDLER(missing_return, "function without a result")
HANDLER(nonnull_arg, "null argument")
HANDLER(nonnull_return_v1, "null result")
HANDLER(out_of_bounds, "index out of bounds")
HANDLER(pointer_overflow, "pointer that wraps round")
HANDLER(shift_out_of_bounds, "shift by too much")
HANDLER(type_mismatch_v1, "null pointer")
HANDLER(vla_bound_not_positive, "size of an array")

#endif
