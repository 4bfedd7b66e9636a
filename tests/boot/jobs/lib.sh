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

# Waits up to 20 s for a condition, given as a command.
await() {
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.2
	done
}

# What a kernel in trouble says. Two warnings are about the processor's model, and appear natively, too.
quiet_log() {
	if dmesg | grep -Ev '(RETBleed|Speculative Return Stack Overflow): WARNING' | grep -E 'BUG:|WARNING:|Oops|general protection|Call Trace|soft lockup|rcu.*stall|Bad page|segfault|trap invalid|nobody cared|I/O error|blocked for more than'; then
		return 1
	fi
}

# irqs=KIND:NAME,...: each NAME has interrupts of that kind in /proc/interrupts, and got some.
check_irqs() {
	grep -E 'xen-pirq' /proc/interrupts | grep -v acpi | sed 's/^/boot-test: interrupts /'
	for word in $(argument irqs | tr ',' ' '); do
		kind=${word%%:*} name=${word#*:}
		awk -v kind="$kind" -v name="$name" '
		index($0, name) {
			for (i = 2; i <= NF && $i != kind; i++)
				if ($i ~ /^[0-9]+$/)
					n += $i
			found += $i == kind
			other += $i != kind
		}
		END { exit !(found && !other && n) }' /proc/interrupts || fail "no interrupts of kind $kind alone for $name"
	done
}

# dom0ctl speaks to the hypervisor through this device.
open_privcmd() {
	[ -e /dev/xen/privcmd ] || modprobe -q xen-privcmd 2>/dev/null
	await test -e /dev/xen/privcmd || fail "there is no /dev/xen/privcmd"
}

# The hypervisor counts the uses of all pages anew: no error may be found. Debug builds of Tenon alone can.
audit() {
	open_privcmd
	dom0ctl keys h || fail "debug keys cannot be pressed"
	sleep 1
	key=$(dom0ctl log | sed -n "s/.* key '\(.\)': recount page types.*/\1/p" | tail -n 1)
	if [ -z "$key" ]; then
		[ -z "$(argument auditor)" ] || fail "this hypervisor should have an auditor"
		echo "boot-test: this hypervisor has no auditor"
		return
	fi
	dom0ctl keys "$key"
	await audit_said || fail "the auditor did not answer"
	dom0ctl log | grep 'audit: d0: ' | tail -n 1 | grep ', 0 errors' || fail "the auditor found errors"
}

audit_said() {
	dom0ctl log | grep -q 'audit: d0: '
}
