dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl The hypervisor and the guests run without an operating system: flags that a distribution gives
dnl for its programs (-fPIE -fstack-protector-strong -fcf-protection -D_FORTIFY_SOURCE ...) would break them,
dnl and automake puts the user's CFLAGS behind a target's own. So the user's flags are put aside here as HOST_*
dnl for programs that run on the host, and the plain variables stay empty.

dnl TN_FLAGS_STASH: before the compiler is looked for. (The probes use the user's flags: they belong to host programs.)
AC_DEFUN([TN_FLAGS_STASH], [
  : "${CFLAGS=-g -O2}"
])

AC_DEFUN([TN_FLAGS_SPLIT], [
  HOST_CFLAGS=$CFLAGS
  HOST_CPPFLAGS=$CPPFLAGS
  HOST_LDFLAGS=$LDFLAGS
  CFLAGS=
  CPPFLAGS=
  CCASFLAGS=
  LDFLAGS=
  AC_SUBST([HOST_CFLAGS])
  AC_SUBST([HOST_CPPFLAGS])
  AC_SUBST([HOST_LDFLAGS])
])

dnl TN_TRY_CFLAG(FLAG, VARIABLE): appends FLAG to VARIABLE if the compiler takes it.
AC_DEFUN([TN_TRY_CFLAG], [
  AC_MSG_CHECKING([whether $CC takes $1])
  tn_save=$CFLAGS
  CFLAGS="-Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int x;]])],
    [AC_MSG_RESULT([yes]); $2="$$2 $1"], [AC_MSG_RESULT([no])])
  CFLAGS=$tn_save
])

dnl TN_TRY_LDFLAG(FLAG, VARIABLE): the same for the linker, called directly.
AC_DEFUN([TN_TRY_LDFLAG], [
  AC_MSG_CHECKING([whether $LD takes $1])
  AS_IF([$LD --help 2>/dev/null | $EGREP -e "$1" >/dev/null],
    [AC_MSG_RESULT([yes]); $2="$$2 $1"], [AC_MSG_RESULT([no])])
])
