dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl Flags of the freestanding x86_64 objects.
AC_DEFUN([TN_TARGET_X86_64], [
  AC_REQUIRE([TN_FLAGS_SPLIT])
  AC_MSG_CHECKING([whether $CC makes 64-bit code without an operating system])
  tn_save=$CFLAGS
  CFLAGS="-m64 -ffreestanding -mno-red-zone -mno-sse"
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int f(int x); int f(int x) { return x + 1; }]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$CC cannot make freestanding x86_64 objects; install gcc or clang for x86_64])])
  CFLAGS=$tn_save

  tn_base="-m64 -std=gnu11 -O2 -g -ffreestanding -fno-strict-aliasing -fno-common -fwrapv"
  tn_base="$tn_base -fno-stack-protector -fno-asynchronous-unwind-tables -mno-red-zone"
  tn_base="$tn_base -mno-mmx -mno-sse -mno-sse2 -msoft-float"
  tn_warn="-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla"
  HV_CFLAGS="$tn_base -fpie $tn_warn"
  dnl Indirect jumps by way of hypervisor/arch/x86/speculation/thunks.S: gcc's flags, clang's.
  TN_TRY_CFLAG([-mindirect-branch=thunk-extern], [HV_CFLAGS])
  TN_TRY_CFLAG([-mindirect-branch-register], [HV_CFLAGS])
  TN_TRY_CFLAG([-mretpoline-external-thunk], [HV_CFLAGS])
  GUEST_CFLAGS="$tn_base -fno-pic -fno-pie -mcmodel=large $tn_warn"
  for tn_var in HV_CFLAGS GUEST_CFLAGS; do
    AS_VAR_COPY([tn_flags], [$tn_var])
    TN_TRY_CFLAG([-fcf-protection=none], [tn_flags])
    TN_TRY_CFLAG([-fno-tree-loop-distribute-patterns], [tn_flags])
    TN_TRY_CFLAG([-ffile-prefix-map=/a=/b], [tn_prefix_map])
    AS_VAR_COPY([$tn_var], [tn_flags])
  done
  AS_IF([test -n "$tn_prefix_map"], [HV_PREFIX_MAP='-ffile-prefix-map=$(abs_top_srcdir)/= -ffile-prefix-map=$(top_srcdir)/= -ffile-prefix-map=$(abs_top_builddir)=.'])
  HV_LDFLAGS="-m elf_x86_64 -nostdlib -static -z noexecstack -z max-page-size=4096 -z norelro --build-id=sha1"
  TN_TRY_LDFLAG([--no-warn-rwx-segments], [HV_LDFLAGS])
  AC_SUBST([HV_CFLAGS])
  AC_SUBST([HV_CPPFLAGS])
  AC_SUBST([HV_LDFLAGS])
  AC_SUBST([HV_PREFIX_MAP])
  AC_SUBST([GUEST_CFLAGS])
  tn_target_summary=x86_64
])

dnl The distribution's static decoders, linked into the part of the image that is thrown away after boot.
AC_DEFUN([TN_DECODERS], [
  DECODER_LIBS=
  TN_DECODER([z], [zlib1g-dev])
  TN_DECODER([lzma], [liblzma-dev])
  TN_DECODER([lz4], [liblz4-dev])
  TN_DECODER([zstd], [libzstd-dev])
  AC_SUBST([DECODER_LIBS])
])

AC_DEFUN([TN_DECODER], [
  AC_MSG_CHECKING([for the static library lib$1.a])
  tn_lib=`$CC -m64 -print-file-name=lib$1.a`
  AS_IF([test -f "$tn_lib"], [AC_MSG_RESULT([$tn_lib]); DECODER_LIBS="$DECODER_LIBS $tn_lib"],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([lib$1.a is missing: the boot part of the hypervisor unpacks kernels with it; install the package $2])])
])

dnl Is there a compiler for 32-bit objects? (The interface's 32-bit layout is checked with it.)
AC_DEFUN([TN_ABI32], [
  AC_MSG_CHECKING([whether $CC makes 32-bit objects])
  tn_save=$CFLAGS
  CFLAGS="-m32 -ffreestanding"
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int x;]])], [tn_abi32_summary=checked], [tn_abi32_summary="not checked: $CC has no -m32"])
  CFLAGS=$tn_save
  AC_MSG_RESULT([$tn_abi32_summary])
])

AC_DEFUN([TN_QEMU], [
  AC_PATH_PROGS([QEMU], [qemu-system-x86_64])
  AM_CONDITIONAL([HAVE_QEMU], [test -n "$QEMU"])
])
