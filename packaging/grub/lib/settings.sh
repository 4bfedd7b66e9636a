# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# tenon-grub get and set: /etc/default/tenon-grub stays the administrator's file, of which single lines are changed.

setting_names='TENON_GRUB_DEFAULT TENON_GRUB_TRIAL TENON_GRUB_TRIAL_SECONDS TENON_GRUB_CONSOLE TENON_GRUB_RECOVERY
TENON_GRUB_ENV TENON_CMDLINE TENON_CMDLINE_DEFAULT TENON_CMDLINE_LINUX TENON_CMDLINE_LINUX_DEFAULT'
# Lines "name kind", made from the hypervisor's sources.
options_list=${TENON_OPTIONS_LIST:-$lib/hypervisor-options}

get_settings() { # name, or nothing for all settings
	[ $# -gt 0 ] || {
		for name in $setting_names; do
			eval "printf '%s=%s\n' \"$name\" \"\$$name\""
		done
		return 0
	}
	for name; do
		case " $(echo "$setting_names" | tr '\n' ' ') " in
		*" $name "*) eval "printf '%s\n' \"\$$name\"" ;;
		*)
			option_kind "$name" >/dev/null || die "there is neither a setting nor an option of the hypervisor named $name"
			option_in_use "$name"
			;;
		esac
	done
}

# All are checked before any is written.
set_settings() { # name=value...
	[ $# -gt 0 ] || die "set: what? (NAME=VALUE)"
	new_cmdline=$TENON_CMDLINE
	for assignment; do
		name=${assignment%%=*} value=${assignment#*=}
		[ "$name" != "$assignment" ] || die "set: $assignment is not of the form NAME=VALUE"
		case $name in
		TENON_CMDLINE) new_cmdline=$value ;;
		TENON_*) check_setting "$name" "$value" ;;
		*) new_cmdline=$(changed_option "$new_cmdline" "$name" "$value") || exit 1 ;;
		esac
	done
	text=$(cat "$settings_file" 2>/dev/null || :)
	for assignment; do
		case $assignment in
		TENON_CMDLINE=*) ;;
		TENON_*) text=$(changed_text "$text" "${assignment%%=*}" "${assignment#*=}") ;;
		esac
	done
	[ "$new_cmdline" = "$TENON_CMDLINE" ] || text=$(changed_text "$text" TENON_CMDLINE "$new_cmdline")
	write_settings "$text"
}

check_setting() { # name, value
	why=$(setting_wrong "$1" "$2") || die "set: $1=$2: $why"
	case $1=$2 in
	TENON_GRUB_DEFAULT=auto | TENON_GRUB_DEFAULT=grub) ;;
	TENON_GRUB_DEFAULT=*)
		load_state
		in_menu "$2" || die "set: GRUB's menu has no entry $2: tenon-grub list shows all"
		;;
	esac
}

# The text with the last line that assigns the variable changed, or a line more.
changed_text() { # text, name, value
	line=$2=$(quoted "$3")
	if printf '%s\n' "$1" | grep -q "^[ $tab]*$2="; then
		printf '%s\n' "$1" | LINE=$line awk -v name="$2" '{ text[NR] = $0; if ($0 ~ "^[ \t]*" name "=") last = NR }
			END { for (i = 1; i <= NR; i++) print i == last ? ENVIRON["LINE"] : text[i] }'
	else
		[ -z "$1" ] || printf '%s\n' "$1"
		printf '%s\n' "$line"
	fi
}

write_settings() { # text
	new=$settings_file.new
	mkdir -p "${settings_file%/*}"
	printf '%s\n' "$1" >"$new" 2>/dev/null || die "$new cannot be written; the settings stay as they were"
	wrong=$(sh -n "$new" 2>&1) || {
		rm -f "$new"
		die "$settings_file is too involved to be changed here (edit it by hand): $wrong"
	}
	[ ! -e "$settings_file" ] || chmod --reference="$settings_file" "$new"
	sync "$new"
	mv -f "$new" "$settings_file"
}

option_kind() { # option of the hypervisor
	kind=$(awk -v name="$(printf %s "$1" | tr - _)" '$1 == name { print $2 }' "$options_list")
	[ -n "$kind" ] && echo "$kind"
}

option_in_use() { # option
	for word in $TENON_CMDLINE $TENON_CMDLINE_DEFAULT; do
		case $(printf %s "$word" | tr - _) in
		"$1" | "no_$1" | "$1="*) printf '%s\n' "$word" ;;
		esac
	done
}

# The hypervisor's options with one set, or with an empty value taken away.
changed_option() { # options, name, value
	kind=$(option_kind "$2") || die "set: the hypervisor has no option $2; it has: $(cut -d ' ' -f 1 "$options_list" | tr '\n' ' ')"
	name=$(printf %s "$2" | tr - _)
	[ -z "$3" ] || why=$(option_wrong "$name" "$kind" "$3") || die "set: $2=$3: $why"
	rest=
	for word in $1; do
		case $(printf %s "$word" | tr - _) in
		"$name" | "no_$name" | "$name="*) ;;
		*) rest="$rest $word" ;;
		esac
	done
	[ -z "$3" ] || rest="$rest $name=$3"
	printf '%s\n' "${rest# }"
}

# As the hypervisor reads them (doc/command-line.md), for the options whose mistakes cost a boot.
option_wrong() { # name, kind, value
	case $3 in
	*[!A-Za-z0-9.,:_+-]*) wrong_value "a value has no blanks, quotes or other signs" || return 1 ;;
	esac
	case $1:$2 in
	dom0_mem:*) matches "$3" '^\(\(min:\|max:\)\{0,1\}-\{0,1\}[0-9]\+[bkmgtBKMGT]\{0,1\}\(,\|$\)\)\+$' "<size>[,min:<size>][,max:<size>], a size as 2g or 512m" ;;
	dom0_max_vcpus:*) matches "$3" '^[0-9]\+\(-[0-9]\+\)\{0,1\}$' "<n> or <min>-<max>" ;;
	console:*) matches "$3" '^\(\(com1\|com2\|vga\|none\)\(,\|$\)\)\+$' "com1, com2, vga, none, or several with commas" ;;
	com1:* | com2:*) matches "$3" '^\([0-9]\+\|auto\)\(,[5-8][noe][12]\(,\(0x\)\{0,1\}[0-9a-fA-F]\+\(,[0-9]\+\)\{0,1\}\)\{0,1\}\)\{0,1\}$' "<baud|auto>[,8n1[,<port>[,<irq>]]]" ;;
	loglvl:*) one_of "$3" error warning info debug all ;;
	*:BOOL) one_of "$3" yes no on off true false enable disable 1 0 ;;
	*:UINT) matches "$3" '^\(0x[0-9a-fA-F]\+\|[0-9]\+\)$' "a number" ;;
	*:SIZE) matches "$3" '^[0-9]\+[bkmgtBKMGT]\{0,1\}$' "a size, as 64k or 1m" ;;
	esac
}

matches() { # value, pattern, what would be right
	case $1 in
	*,) wrong_value "$3" ;;
	*) printf '%s\n' "$1" | grep -q "$2" || wrong_value "$3" ;;
	esac
}
