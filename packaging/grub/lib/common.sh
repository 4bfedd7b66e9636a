# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# What the generator, tenon-grub and tenon-bootctl share: messages, names, settings. doc/packaging.md explains the whole.
# TENON_ROOT is put before each path that is looked at (tests give one); what is written into the menu is without it.

TENON_ROOT=${TENON_ROOT-}
settings_file=$TENON_ROOT/etc/default/tenon-grub
tab='	'
newline='
'

warn() {
	printf '%s: %s\n' "${program:-tenon-grub}" "$*" >&2
}

die() {
	warn "$@"
	exit 1
}

# Names that stand in entries' ids, in environment blocks and on kernels' command lines: nothing that any of these reads
# in a way of its own.
is_plain_name() { # text
	case $1 in
	'' | *[!A-Za-z0-9.+~:_-]*) return 1 ;;
	esac
}

is_number() { # text
	case $1 in
	'' | *[!0-9]* | ???????*) return 1 ;;
	esac
}

# A word of GRUB's script language that stands for this text and nothing else.
quoted() { # text
	case $1 in
	*\'*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
	*) printf "'%s'" "$1" ;;
	esac
}

# Sorts lines that begin with a version and a tab. A release candidate is older than the release, and so is a saved ".old".
newest_first() {
	awk -F '\t' '{ key = $1; gsub(/[._-](rc|pre|alpha|beta|old)/, "~&", key); print key "\t" $0 }' |
		LC_ALL=C sort -t "$tab" -k 1,1Vr | cut -f 2-
}

# The settings file belongs to the administrator and is read as shell, as /etc/default/grub is: after that one, so that it may
# build on its variables.
load_settings() {
	TENON_GRUB_DEFAULT=auto
	TENON_GRUB_TRIAL=yes
	TENON_GRUB_TRIAL_SECONDS=600
	TENON_GRUB_CONSOLE=auto
	TENON_GRUB_RECOVERY=yes
	TENON_GRUB_ENV=auto
	TENON_CMDLINE=
	TENON_CMDLINE_DEFAULT=
	TENON_CMDLINE_LINUX=
	TENON_CMDLINE_LINUX_DEFAULT=
	# grub-mkconfig hands on what it knows alone; Debian's knows nothing of the boot loader specification.
	GRUB_SAVEDEFAULT=${GRUB_SAVEDEFAULT-$(grub_setting GRUB_SAVEDEFAULT)}
	GRUB_ENABLE_BLSCFG=${GRUB_ENABLE_BLSCFG-$(grub_setting GRUB_ENABLE_BLSCFG)}
	read_settings
	# Where GRUB remembers what was chosen in its menu, that is the default.
	[ "$TENON_GRUB_DEFAULT" != auto ] || [ "$GRUB_SAVEDEFAULT" != true ] || TENON_GRUB_DEFAULT=grub
}

# A setting of GRUB's own, as grub-mkconfig reads it.
grub_setting() { # name
	(
		set +eu
		for file in "$TENON_ROOT/etc/default/grub" "$TENON_ROOT"/etc/default/grub.d/*.cfg; do
			# shellcheck disable=SC1090
			[ ! -r "$file" ] || . "$file" >/dev/null 2>&1
		done
		eval "printf '%s' \"\${$1-}\""
	)
}

read_settings() {
	[ -e "$settings_file" ] || return 0
	wrong=$(sh -n "$settings_file" 2>&1) || die "the settings cannot be read, and nothing is changed: $wrong"
	set +eu
	# shellcheck disable=SC1090
	. "$settings_file"
	set -eu
	check_settings
}

check_settings() {
	for name in TENON_GRUB_DEFAULT TENON_GRUB_TRIAL TENON_GRUB_TRIAL_SECONDS TENON_GRUB_CONSOLE TENON_GRUB_RECOVERY \
		TENON_GRUB_ENV TENON_CMDLINE TENON_CMDLINE_DEFAULT TENON_CMDLINE_LINUX TENON_CMDLINE_LINUX_DEFAULT; do
		eval "value=\${$name-}"
		# shellcheck disable=SC2154
		why=$(setting_wrong "$name" "$value") || die "$settings_file: $name=$value: $why"
	done
}

# Fails, and says why, when a setting cannot have this value.
setting_wrong() { # name, value
	case $2 in
	*"$newline"*)
		echo "it must be one line"
		return 1
		;;
	esac
	case $1 in
	TENON_GRUB_DEFAULT) is_plain_name "$2" || wrong_value "auto, grub or an entry's id (tenon-grub list)" ;;
	TENON_GRUB_TRIAL | TENON_GRUB_RECOVERY) one_of "$2" yes no ;;
	TENON_GRUB_TRIAL_SECONDS) is_number "$2" || wrong_value "seconds, at most 999999; 0 for no limit" ;;
	TENON_GRUB_CONSOLE) one_of "$2" auto no ;;
	TENON_GRUB_ENV)
		case $2 in
		auto | no) ;;
		/*) is_plain_name "$(printf %s "$2" | tr -d /)" || wrong_value "a path of plain characters" ;;
		*) wrong_value "auto, no, or a path" ;;
		esac
		;;
	TENON_CMDLINE*) ;;
	*) wrong_value "there is no such setting" ;;
	esac
}

wrong_value() { # what would be right
	echo "$1"
	return 1
}

one_of() { # value, values that are right...
	given=$1
	shift
	for right; do
		[ "$given" != "$right" ] || return 0
	done
	wrong_value "one of: $*"
}
