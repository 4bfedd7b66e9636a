# shellcheck shell=sh disable=SC2016
# SPDX-License-Identifier: GPL-2.0-or-later
# The part of the menu that GRUB runs before it shows entries: which is the default. doc/packaging.md has the states.

write_boot_choice() {
	write_env_place
	write_finder
	write_begin
	case $TENON_GRUB_DEFAULT in
	grub) candidates= ;;
	*) candidates=$(default_candidates) ;;
	esac
	write_choice
}

# Where a file system is searched, "root" changes: it is put back.
write_env_place() {
	for name in $env_names; do
		echo "set $name="
	done
	echo 'set tenon_env='
	[ -n "$env_file" ] || return 0
	commands=$boot_commands
	directory=${env_file%/*}
	case ${directory#"$TENON_ROOT"} in
	/boot/grub | /boot/grub2) ;;
	*) commands=$(prepare_grub_to_access_device "$("${grub_probe:-grub-probe}" --target=device "$(existing "$directory")")") ;;
	esac
	echo 'set tenon_other_root="$root"'
	printf '%s\n' "$commands"
	printf 'set tenon_env="($root)"%s\n' "$(quoted "$(env_path)")"
	echo 'set root="$tenon_other_root"'
	printf 'if [ -s "$tenon_env" ]; then\n\tload_env --skip-sig -f "$tenon_env" %s\nfi\n' "$env_names"
	for name in tenon_env tenon_try tenon_tried; do
		echo "export $name"
	done
}

# The directory, or the nearest one above it that there is.
existing() { # directory
	above=$1
	while [ ! -d "$above" ]; do
		above=${above%/*}
	done
	printf '%s\n' "$above"
}

env_path() {
	above=$(existing "${env_file%/*}")
	path=$(make_system_path_relative_to_its_root "$above")
	printf '%s%s\n' "${path%/}" "${env_file#"$above"}"
}

# tenon_find ID: sets tenon_path to where the entry lies in the menu, or to nothing.
write_finder() {
	printf 'function tenon_find {\n\tset tenon_path=\n'
	for_each_pair write_finder_line
	echo '}'
}

write_finder_line() {
	id=$(pair_id "$1" "$4")
	printf '\tif [ x"$1" = x%s ]; then set tenon_path=%s; fi\n' "$(quoted "$id")" "$(quoted "$(menu_path "$1" "$id")")"
}

# tenon_begin ID: what an entry does first. A pair that is on trial is started once: that it was is written down before.
write_begin() {
	trial_options=watchdog
	[ "$TENON_GRUB_TRIAL_SECONDS" = 0 ] || trial_options="watchdog dom0_watchdog=$TENON_GRUB_TRIAL_SECONDS"
	cat <<END
function tenon_begin {
	set tenon_options=
	if [ x"\$lockdown" = xy ]; then
		echo 'Secure Boot is on: GRUB loads no hypervisor that is not signed. Turn it off in the firmware,'
		echo 'or with "mokutil --disable-validation" in Linux, to start Tenon.'
		sleep 10
	elif [ x"\$tenon_try" = x"\$1" ]; then
		set tenon_tried="\$1"
		set tenon_try=
		if save_env -f "\$tenon_env" tenon_try tenon_tried; then
			set tenon_options="$trial_options"
		fi
	fi
}
END
}

# Ids in the order in which they are taken, each if the menu has it and its trial has not failed. An entry that the settings
# name has to prove itself too, if it can.
default_candidates() {
	fixed=
	[ "$TENON_GRUB_DEFAULT" = auto ] || fixed=$(quoted "$TENON_GRUB_DEFAULT")
	if [ "$TENON_GRUB_TRIAL" = no ]; then
		printf '%s\n' "${fixed:-$(quoted "$newest_id")}"
	elif [ "$env_writable" = yes ]; then
		echo '"$tenon_confirmed" "$tenon_previous"'
	else
		joined "$fixed" '"$tenon_confirmed" "$tenon_previous"'
	fi
}

# A choice that was made for this one boot (grub-reboot) stands. Under Secure Boot GRUB would load no hypervisor.
write_choice() {
	echo 'set tenon_path='
	echo 'if [ -z "$boot_once" ]; then if [ x"$lockdown" != xy ]; then'
	if [ "$TENON_GRUB_TRIAL" = yes ] && [ "$env_writable" = yes ]; then
		# A test of whether GRUB can write: what cannot be written down is not tried.
		cat <<'END'
	if [ -n "$tenon_try" ]; then
		tenon_find "$tenon_try"
		if [ -n "$tenon_path" ]; then
			if save_env -f "$tenon_env" tenon_try; then true; else set tenon_path=; fi
		fi
	fi
END
	fi
	if [ -n "$candidates" ]; then
		# After a failed trial with no pair to return to: the plain kernel that ran last.
		cat <<END
	for tenon_id in $candidates; do
		if [ -z "\$tenon_path" ]; then if [ x"\$tenon_id" != x"\$tenon_tried" ]; then
			tenon_find "\$tenon_id"
		fi; fi
	done
	if [ -z "\$tenon_path" ]; then if [ -n "\$tenon_tried" ]; then
		set tenon_path="\$tenon_plain"
	fi; fi
END
	fi
	# A default that does not load is followed by the first entry, which is the distribution's own; so is an entry of ours that
	# somebody else chose.
	cat <<'END'
	if [ -n "$tenon_path" ]; then
		set default="$tenon_path"
		if [ -z "$fallback" ]; then set fallback=0; fi
	fi
fi; fi
if [ -z "$fallback" ]; then if regexp '^tenon' "$default"; then set fallback=0; fi; fi
END
}
