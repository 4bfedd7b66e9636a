# SPDX-License-Identifier: GPL-2.0-or-later
# For the jobs of the boot tests. A job fails by ending with a status other than 0; fail says why.

fail() {
	echo "boot-test: $*"
	exit 1
}

# The value of NAME=VALUE on the kernel's command line.
argument() {
	for word in $(cat /proc/cmdline); do
		case $word in
		"$1="*) echo "${word#*=}" ;;
		esac
	done
}

# What a kernel in trouble says.
quiet_log() {
	if dmesg | grep -E 'BUG:|WARNING:|Oops|general protection|Call Trace|soft lockup|rcu.*stall|Bad page|segfault|trap invalid|nobody cared'; then
		return 1
	fi
}
