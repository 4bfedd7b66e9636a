#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes configure from configure.ac: for a checkout; a release tarball has it.
set -e
cd "$(dirname "$0")"
command -v autoreconf >/dev/null || {
	echo "autogen.sh: autoreconf is missing; install the packages autoconf, automake and libtool" >&2
	exit 1
}
exec autoreconf --install --warnings=all
