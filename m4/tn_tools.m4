dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl The tools: daemons, library and command, programs of the host. Called while the user's flags are still in place.
AC_DEFUN([TN_TOOLS], [
  AC_ARG_ENABLE([tools],
    [AS_HELP_STRING([--disable-tools], [the hypervisor alone: no library, no daemons, no tenon command])],
    [], [enable_tools=yes])
  AM_CONDITIONAL([TOOLS], [test "x$enable_tools" != xno])

  AC_ARG_WITH([systemdunitdir],
    [AS_HELP_STRING([--with-systemdunitdir=DIR], [where units are installed @<:@PREFIX/lib/systemd/system@:>@, or no])],
    [systemdunitdir=$withval], [systemdunitdir='${prefix}/lib/systemd/system'])
  AS_IF([test "x$systemdunitdir" = xyes], [systemdunitdir='${prefix}/lib/systemd/system'])
  AM_CONDITIONAL([SYSTEMD_UNITS], [test "x$enable_tools" != xno && test "x$systemdunitdir" != xno])
  AC_SUBST([systemdunitdir])

  AS_IF([test "x$enable_tools" != xno], [
    TN_TOOLS_LIB([ev], [ev.h], [ev_run], [libev-dev], [EV_LIBS])
    TN_TOOLS_LIB([json-c], [json-c/json.h], [json_object_new_object], [libjson-c-dev], [JSON_LIBS])
    TN_TOOLS_LIB([mnl], [libmnl/libmnl.h], [mnl_socket_open2], [libmnl-dev], [MNL_LIBS])
    TN_TOOLS_LIB([ncursesw], [curses.h], [initscr], [libncurses-dev], [CURSES_LIBS])
    TN_TOOLS_LIB([z], [zlib.h], [inflate], [zlib1g-dev], [ZLIB_LIBS])
    TN_TOOLS_LIB([lzma], [lzma.h], [lzma_code], [liblzma-dev], [LZMA_LIBS])
    TN_TOOLS_LIB([lz4], [lz4.h], [LZ4_decompress_safe], [liblz4-dev], [LZ4_LIBS])
    TN_TOOLS_LIB([zstd], [zstd.h], [ZSTD_decompress], [libzstd-dev], [ZSTD_LIBS])
    tn_tools_summary="library, daemons, command"
  ], [tn_tools_summary="not built (--disable-tools)"])

  AC_PROG_YACC
  AC_PROG_LEX([noyywrap])

  TOOLS_CFLAGS="-std=gnu11 -fno-strict-aliasing -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare"
  TOOLS_CFLAGS="$TOOLS_CFLAGS -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla"
  AC_SUBST([TOOLS_CFLAGS])
])

dnl TN_TOOLS_LIB(LIBRARY, HEADER, FUNCTION, PACKAGE, VARIABLE)
AC_DEFUN([TN_TOOLS_LIB], [
  tn_have=yes
  AC_CHECK_HEADER([$2], [], [tn_have=no])
  AC_CHECK_LIB([$1], [$3], [$5=-l$1], [tn_have=no])
  AS_IF([test $tn_have = no],
    [AC_MSG_ERROR([lib$1 is missing: the tools need it; install the package $4, or give --disable-tools])])
  AC_SUBST([$5])
])
