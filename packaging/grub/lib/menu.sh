# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the part of GRUB's menu that starts Tenon: state and choice of the default (boot.sh), then an entry for the newest pair,
# then for each hypervisor a submenu with an entry and a recovery entry for each kernel. Runs under grub-mkconfig.

write_menu() {
	hypervisors=$(list_hypervisors)
	kernels=$(list_kernels)
	[ -n "$hypervisors" ] || return 0
	if [ -z "$kernels" ]; then
		warn "no kernel in $boot_dir can be dom0 (CONFIG_XEN_DOM0, CONFIG_XEN_PV, CONFIG_X86_64): Tenon gets no entries"
		return 0
	fi
	menu_common
	find_env
	write_pairs
	write_boot_choice
	write_entries
}

# What all entries have alike.
menu_common() {
	os=GNU/Linux
	case ${GRUB_DISTRIBUTOR-} in
	'') ;;
	*Linux*) os=$GRUB_DISTRIBUTOR ;;
	*) os="$GRUB_DISTRIBUTOR GNU/Linux" ;;
	esac
	classes='--class gnu-linux --class gnu --class os --class tenon'
	if [ -n "${GRUB_DISTRIBUTOR-}" ]; then
		classes="--class $(printf '%s' "$GRUB_DISTRIBUTOR" | LC_ALL=C tr '[:upper:]' '[:lower:]' | LC_ALL=C sed 's/ .*//' | LC_ALL=C tr -c 'a-z0-9_' _) $classes"
	fi
	# With a password set, entries can be started by everyone where the distribution's own can.
	! grep -q -e --unrestricted "$TENON_ROOT/etc/grub.d/10_linux" 2>/dev/null || classes="$classes --unrestricted"
	boot_commands=$(prepare_grub_to_access_device "$GRUB_DEVICE_BOOT")
	boot_path=$(make_system_path_relative_to_its_root "$boot_dir")
	boot_path=${boot_path%/}
	# shellcheck disable=SC2153
	root_options=$(joined "root=$(dom0_root) ro" "$(dom0_root_flags)")
	newest_id=$(pair_id "$(printf '%s\n' "$hypervisors" | head -n 1 | cut -f 1)" "$(printf '%s\n' "$kernels" | head -n 1 | cut -f 1)")
	default_id=$newest_id
	case $TENON_GRUB_DEFAULT in
	auto | grub) ;;
	*) default_id=$TENON_GRUB_DEFAULT ;;
	esac
	submenus=yes
	case ${GRUB_DISABLE_SUBMENU-} in
	y | yes | true) submenus=no ;;
	esac
}

# The root= of dom0's kernel, as the distribution's entries have it: by UUID unless that is turned off or cannot be (LVM).
dom0_root() {
	if [ "${GRUB_FS-}" = zfs ]; then
		pool=$("${grub_probe:-grub-probe}" --device "$GRUB_DEVICE" --target=fs_label 2>/dev/null) || :
		file_system=$(make_system_path_relative_to_its_root /)
		printf 'ZFS=%s%s\n' "$pool" "${file_system%@}"
		return 0
	fi
	if [ -e "$TENON_ROOT$GRUB_DEVICE" ] && uses_abstraction "$GRUB_DEVICE" lvm; then
		echo "$GRUB_DEVICE"
	elif [ -n "${GRUB_DEVICE_UUID-}" ] && [ "${GRUB_DISABLE_LINUX_UUID-}" != true ] &&
		[ -e "$TENON_ROOT/dev/disk/by-uuid/$GRUB_DEVICE_UUID" ]; then
		echo "UUID=$GRUB_DEVICE_UUID"
	elif [ -n "${GRUB_DEVICE_PARTUUID-}" ] && [ "${GRUB_DISABLE_LINUX_PARTUUID-true}" != true ] &&
		[ -e "$TENON_ROOT/dev/disk/by-partuuid/$GRUB_DEVICE_PARTUUID" ]; then
		echo "PARTUUID=$GRUB_DEVICE_PARTUUID"
	else
		echo "$GRUB_DEVICE"
	fi
}

dom0_root_flags() {
	[ "${GRUB_FS-}" = btrfs ] || return 0
	subvolume=$(make_system_path_relative_to_its_root /)
	subvolume=${subvolume#/}
	[ -z "$subvolume" ] || printf 'rootflags=subvol=%s\n' "$subvolume"
}

for_each_pair() { # command, to be called with: hypervisor's version, file, loader, kernel's version, path, initrd, entry
	printf '%s\n' "$hypervisors" | while IFS=$tab read -r hv hv_file loader; do
		printf '%s\n' "$kernels" | while IFS=$tab read -r kernel kernel_path initrd entry; do
			"$1" "$hv" "$hv_file" "$loader" "$kernel" "$kernel_path" "$initrd" "$entry"
		done
	done
}

# For programs: what tenon-grub and tenon-bootctl know of the menu they read here. Field 1 is the id, the last is where the
# entry lies in the menu.
write_pairs() {
	for_each_pair write_pair
}

write_pair() {
	id=$(pair_id "$1" "$4")
	printf '#tenon-pair %s %s /boot/%s %s %s %s\n' "$id" "$1" "$2" "$4" "$5" "$(menu_path "$1" "$id")"
}

menu_path() { # hypervisor's version, id
	if [ "$2" = "$default_id" ]; then
		echo tenon
	elif [ "$submenus" = yes ]; then
		echo "tenon-$1>$2"
	else
		echo "$2"
	fi
}

write_entries() {
	for_each_pair write_default_entry
	if [ "$submenus" = no ]; then
		for_each_pair write_pair_entries
		return
	fi
	printf '%s\n' "$hypervisors" | while IFS=$tab read -r hv hv_file loader; do
		printf 'submenu %s %s {\n' "$(quoted "$os, with Tenon $hv (all kernels)")" "\$menuentry_id_option $(quoted "tenon-$hv")"
		hypervisors="$hv$tab$hv_file$tab$loader"
		for_each_pair write_pair_entries | sed "s/^/$tab/"
		echo '}'
	done
}

write_default_entry() {
	[ "$(pair_id "$1" "$4")" != "$default_id" ] || write_entry top "$@"
}

write_pair_entries() {
	write_entry normal "$@"
	[ "$TENON_GRUB_RECOVERY" != yes ] || [ "${GRUB_DISABLE_RECOVERY-}" = true ] || write_entry recovery "$@"
}

write_entry() { # kind; then as for_each_pair has it
	kind=$1
	id=$(pair_id "$2" "$5")
	title="$os, with Tenon $2 and Linux $5"
	entry_id=$id started_as=$id
	case $kind in
	top) title="$os, with Tenon hypervisor" entry_id=tenon ;;
	# A system in recovery proves nothing: it is no trial.
	recovery) title="$title (${GRUB_RECOVERY_TITLE:-recovery mode})" entry_id=$id+recovery started_as=$id+recovery ;;
	esac
	entry_options "$kind" "$8"
	printf 'menuentry %s %s %s %s {\n' "$(quoted "$title")" "$classes" "\$menuentry_id_option" "$(quoted "$entry_id")"
	{
		[ "$kind" = recovery ] || save_default_entry
		printf 'tenon_begin %s\n' "$(quoted "$started_as")"
		printf '%s\n' "$boot_commands"
		# shellcheck disable=SC2016
		echo 'if [ x$grub_platform = xefi ]; then load_video; fi'
		echo 'insmod gzio'
		printf 'echo %s\n' "$(quoted "Loading Tenon $2 ...")"
		joined "$4" "$(quoted "$boot_path/$3")" "$hv_options"
		printf 'echo %s\n' "$(quoted "Loading Linux $5 ...")"
		module=module${4#multiboot}
		joined "$module" "$(quoted "$(in_boot "$6")")" "$linux_options" "tenon.boot=$started_as"
		if [ "$7" != - ]; then
			printf 'echo %s\n' "$(quoted "Loading initial ramdisk ...")"
			printf '%s --nounzip %s\n' "$module" "$(quoted "$(in_boot "$7")")"
		fi
	} | sed "s/^/$tab/"
	echo '}'
}

# Texts that are not empty, with one blank between two.
joined() { # texts...
	whole=
	for text; do
		text=${text#"${text%%[! ]*}"}
		text=${text%"${text##*[! ]}"}
		[ -z "$text" ] || whole="$whole${whole:+ }$text"
	done
	printf '%s\n' "$whole"
}

# A path of ours as GRUB has it, for whom /boot may be the root.
in_boot() { # path
	printf '%s%s\n' "$boot_path" "${1#/boot}"
}

# Sets hv_options and linux_options. Options stand in the menu as they were written, as GRUB's own scripts do it: they may
# use GRUB's variables and quotes.
entry_options() { # kind, entry of the boot loader specification or "-"
	normal=$(joined "${GRUB_CMDLINE_LINUX-}" "${GRUB_CMDLINE_LINUX_DEFAULT-}")
	[ "$2" = - ] || normal=$(bls_value "$TENON_ROOT$2" options)
	hv_normal=$(joined "$TENON_CMDLINE" "$TENON_CMDLINE_DEFAULT")
	carry_console "$normal" "$hv_normal"
	if [ "$1" = recovery ]; then
		linux_options=$(joined "$root_options" "${GRUB_CMDLINE_LINUX_RECOVERY:-single}" "${GRUB_CMDLINE_LINUX-}" "$TENON_CMDLINE_LINUX")
		hv_options=$(joined "$hv_console" 'loglvl=all noreboot' "$TENON_CMDLINE")
	else
		linux_options=$(joined "$(with_root "$normal")" "$TENON_CMDLINE_LINUX" "$TENON_CMDLINE_LINUX_DEFAULT")
		hv_options=$(joined "$hv_console" "$hv_normal" "\$tenon_options")
	fi
	linux_options=$(for_dom0 "$linux_options")
}

# Entries of the boot loader specification name the root themselves, or in GRUB's variable kernelopts.
with_root() { # options
	case " $1" in
	*' root='* | *' $kernelopts'* | *' ${kernelopts}'*) printf '%s\n' "$1" ;;
	*) joined "$root_options" "$1" ;;
	esac
}
