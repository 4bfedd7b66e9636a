/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Results of a test guest on the console. */

#include <stdarg.h>
#include <guestkit/report.h>
#include <xen/sched.h>

static enum kit_result worst;
static char reason[160];
static unsigned int points;

static const char *const result_names[] = { "success", "skip", "error", "failure" };

static void raise(enum kit_result result, const char *text)
{
	if (result <= worst)
		return;
	worst = result;
	kit_snprintf(reason, sizeof(reason), "%s", text);
}

void kit_report(enum kit_result result, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (result != KIT_SUCCESS)
		kit_printf("# %s: %s\n", result_names[result], text);
	raise(result, text);
}

void kit_result(void)
{
	kit_printf("1..%u\n", points);
	kit_printf("guest-result: %s%s%s\n", result_names[worst], reason[0] ? " " : "", reason);
}

void kit_finish(void)
{
	kit_result();
	kit_shutdown(SHUTDOWN_reboot);
}

void kit_skip_all(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	raise(KIT_SKIP, text);
	kit_finish();
}

void kit_fatal(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kit_printf("# fatal: %s\n", text);
	raise(KIT_FAILURE, text);
	kit_finish();
}

bool kit_check(bool ok, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kit_printf("%s %u - %s\n", ok ? "ok" : "not ok", ++points, text);
	if (!ok)
		raise(KIT_FAILURE, text);
	return ok;
}

bool kit_check_eq(int64_t got, int64_t want, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!kit_check(got == want, "%s", text)) {
		kit_printf("#   got %ld (0x%lx), want %ld (0x%lx)\n", got, got, want, want);
		return false;
	}
	return true;
}

void kit_skip(const char *what, const char *why)
{
	kit_printf("ok %u - %s # SKIP %s\n", ++points, what, why);
}

void kit_observe(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kit_printf("= %s\n", text);
}

void kit_note(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kit_printf("# %s\n", text);
}

const char *kit_errno_name(long err)
{
	static char number[24];

	switch (err) {
#define NAME(e) case -XEN_##e: return "-" #e
	NAME(EPERM); NAME(ENOENT); NAME(ESRCH); NAME(EIO); NAME(ENXIO);
	NAME(E2BIG); NAME(ENOEXEC); NAME(EBADF); NAME(ECHILD); NAME(EAGAIN); NAME(ENOMEM);
	NAME(EACCES); NAME(EFAULT); NAME(EBUSY); NAME(EEXIST); NAME(EXDEV); NAME(ENODEV);
	NAME(EINVAL); NAME(ENOSPC); NAME(ERANGE); NAME(EDEADLK); NAME(ENOSYS); NAME(ENODATA);
	NAME(EOVERFLOW); NAME(EOPNOTSUPP); NAME(ENOTCONN); NAME(EMSGSIZE); NAME(EISCONN);
	NAME(EADDRINUSE); NAME(ENOBUFS);
#undef NAME
	default:
		break;
	}
	kit_snprintf(number, sizeof(number), "%ld", err);
	return number;
}

void kit_observe_ret(long ret, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	kit_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kit_printf("= %s: %s\n", text, kit_errno_name(ret));
}
