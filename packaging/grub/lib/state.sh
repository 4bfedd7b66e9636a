# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# What was tried and what has proven itself, seen from Linux. GRUB's half is in boot.sh; doc/packaging.md has the states.

load_state() {
	find_env
	tried_next=$(env_get tenon_try)
	tried=$(env_get tenon_tried)
	confirmed=$(env_get tenon_confirmed)
	previous=$(env_get tenon_previous)
	plain=$(env_get tenon_plain)
	running=$(running_id)
	cfg=$(grub_cfg) || cfg=
}

# Lines of the menu that GRUB has now: id, hypervisor's version, its file, kernel's version, its file, place in the menu.
menu_pairs() {
	[ -n "$cfg" ] || return 0
	sed -n 's/^#tenon-pair //p' "$cfg"
}

in_menu() { # id
	[ -n "$1" ] && menu_pairs | awk -v id="$1" '$1 == id { found = 1 } END { exit !found }'
}

# The pair that is to be the default: what the settings name, or the newest. Nothing when GRUB's own settings decide.
wanted_pair() {
	case $TENON_GRUB_DEFAULT in
	grub) ;;
	auto) menu_pairs | awk 'NR == 1 { print $1 }' ;;
	*) ! in_menu "$TENON_GRUB_DEFAULT" || echo "$TENON_GRUB_DEFAULT" ;;
	esac
}

# Puts the wanted pair on trial for the next boot, unless it has proven itself or has failed before, or somebody went back to
# the plain kernel.
arm_wanted() {
	[ "$TENON_GRUB_TRIAL" = yes ] && [ -n "$env_file" ] && [ "$confirmed" != plain ] || return 0
	want=$(wanted_pair)
	if [ -z "$want" ] || [ "$want" = "$confirmed" ] || [ "$want" = "$tried" ]; then
		[ -z "$tried_next" ] || env_set tenon_try=
		return 0
	fi
	[ "$want" != "$tried_next" ] || return 0
	arm "$want"
}

arm() { # id
	env_set "tenon_try=$1"
	if [ "$env_writable" = yes ]; then
		say "$1 is tried at the next boot; unless it proves itself, the boot after it starts $(after_failure "$1")"
	else
		say "GRUB cannot write to $env_file, so nothing is tried by itself: choose $1 in the menu once; it becomes the default when it has proven itself"
	fi
}

# Which pair is started if that one fails.
after_failure() { # id
	for id in "$confirmed" "$previous"; do
		if [ "$id" != "$1" ] && in_menu "$id"; then
			echo "$id"
			return 0
		fi
	done
	echo "the plain kernel"
}

# As GRUB will choose: see default_candidates in boot.sh.
next_boot() {
	if [ "$TENON_GRUB_TRIAL" = no ]; then
		set -- "$(wanted_pair)"
	elif [ "$env_writable" = yes ]; then
		if in_menu "$tried_next"; then
			echo "$tried_next"
			return 0
		fi
		set -- "$confirmed" "$previous"
	else
		set -- "$TENON_GRUB_DEFAULT" "$confirmed" "$previous"
	fi
	[ "$TENON_GRUB_DEFAULT" != grub ] || set --
	for id; do
		if [ "$id" != "$tried" ] && in_menu "$id"; then
			echo "$id"
			return 0
		fi
	done
	echo plain
}

# The running pair has proven itself: it is what is started from now on.
confirm_running() {
	[ "$running" != plain ] || die "this is the plain kernel, without the hypervisor: there is nothing to confirm"
	[ -n "$running" ] || die "this system was started by no entry of Tenon's (no tenon.boot= on the kernel's command line)"
	in_menu "$running" || die "$running is not in GRUB's menu any more"
	set -- "tenon_confirmed=$running"
	[ -z "$confirmed" ] || [ "$confirmed" = plain ] || [ "$confirmed" = "$running" ] || set -- "$@" "tenon_previous=$confirmed"
	[ "$tried" != "$running" ] || set -- "$@" tenon_tried=
	[ "$tried_next" != "$running" ] || set -- "$@" tenon_try=
	env_set "$@"
}

# A pair on trial, or the first one ever. What somebody started by hand is theirs to confirm.
confirm_is_due() {
	[ "$running" != "$confirmed" ] && in_menu "$running" || return 1
	[ "$running" = "$tried" ] || [ "$running" = "$tried_next" ] || { [ "$confirmed" != plain ] && ! in_menu "$confirmed"; }
}

# The plain kernel runs: its place in the menu, for the day when no pair can be started.
remember_plain() {
	place=$(plain_place "$(running_kernel)")
	[ -n "$place" ] && [ "$place" != "$plain" ] || return 0
	env_set "tenon_plain=$place"
}

running_kernel() {
	cat "$TENON_ROOT/proc/sys/kernel/osrelease"
}

# The distribution's own entry of a kernel, by id: submenu's and entry's, or the name of its boot loader specification file.
plain_place() { # kernel's version
	place=$(awk -v version="$1" '
		function id(line) {
			if (!match(line, /(menuentry_id_option|--id) \x27[^\x27]*\x27/)) return ""
			line = substr(line, RSTART, RLENGTH); sub(/^[^\x27]*\x27/, "", line); sub(/\x27$/, "", line); return line
		}
		/^submenu / { above = id($0) }
		/^}/ { above = "" }
		/^[ \t]*menuentry / {
			own = id($0)
			if (index(own, "gnulinux-" version "-advanced-") == 1) { print (above == "" ? "" : above ">") own; exit }
		}' "$cfg")
	if [ -z "$place" ]; then
		for entry in "$TENON_ROOT"/boot/loader/entries/*-"$1".conf; do
			[ ! -f "$entry" ] || place=$(basename "$entry" .conf)
		done
	fi
	case $place in
	*[!A-Za-z0-9.+~:_\>-]*) ;;
	*) printf '%s\n' "$place" ;;
	esac
}

# on, off, or none where the firmware has nothing of the kind. Shim can be told not to enforce it (MokSBState).
secure_boot() {
	efivars=$TENON_ROOT/sys/firmware/efi/efivars
	[ -d "$efivars" ] || {
		echo none
		return 0
	}
	if [ "$(efi_byte "$efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")" = 1 ] &&
		[ "$(efi_byte "$efivars/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23")" != 1 ]; then
		echo on
	else
		echo off
	fi
}

# The first byte of a variable's value: four bytes of attributes come before it.
efi_byte() { # file
	[ -r "$1" ] || return 0
	od -An -tu1 -j4 -N1 "$1" | tr -d ' '
}
