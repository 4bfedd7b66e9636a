# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# GRUB's configuration file, and the environment block in which GRUB and tenon-bootctl keep what was tried and what has proven
# itself. It is a file of its own beside GRUB's: 1024 bytes, lines name=value after a title line, filled up with "#".

env_size=1024
env_names='tenon_try tenon_tried tenon_confirmed tenon_previous tenon_plain'

# The directory of GRUB's files; fails where there is none.
grub_dir() {
	for directory in "$TENON_ROOT/boot/grub2" "$TENON_ROOT/boot/grub"; do
		for file in grub.cfg grubenv i386-pc x86_64-efi; do
			if [ -e "$directory/$file" ]; then
				printf '%s\n' "$directory"
				return 0
			fi
		done
	done
	return 1
}

# GRUB's configuration; fails where there is none yet. Distributions that keep it elsewhere have a link to it in /etc.
grub_cfg() {
	link=$TENON_ROOT/etc/grub2.cfg
	[ ! -d "$TENON_ROOT/sys/firmware/efi" ] || link=$TENON_ROOT/etc/grub2-efi.cfg
	if [ -L "$link" ]; then
		file=$(readlink "$link")
		case $file in
		/*) file=$TENON_ROOT$file ;;
		*) file=$TENON_ROOT/etc/$file ;;
		esac
		directory=$(cd "$(dirname "$file")" 2>/dev/null && pwd -P) && file=$directory/${file##*/}
	else
		file=$(grub_dir)/grub.cfg || return 1
	fi
	[ -f "$file" ] || return 1
	printf '%s\n' "$file"
}

# May GRUB write to files of this directory in place? Not through LVM or RAID, nor where blocks have checksums.
grub_can_write() { # directory
	abstraction=$("${grub_probe:-$(grub_tool probe)}" --target=abstraction "$1" 2>/dev/null) || return 1
	for layer in $abstraction; do
		case $layer in
		lvm | diskfilter | mdraid* | raid* | dm_nv | ldm) return 1 ;;
		esac
	done
	case $("${grub_probe:-$(grub_tool probe)}" --target=fs "$1" 2>/dev/null) in
	'' | btrfs | cpiofs | newc | odc | romfs | squash4 | tarfs | zfs | iso9660 | f2fs) return 1 ;;
	esac
}

grub_tool() { # name, without "grub-"
	command -v "grub-$1" || command -v "grub2-$1" || {
		warn "there is no program grub-$1"
		return 1
	}
}

# Sets env_file (empty when there is no place for one) and env_writable (yes when GRUB can write to it).
find_env() {
	env_file='' env_writable=no
	case $TENON_GRUB_ENV in
	no) return 0 ;;
	/*)
		env_file=$TENON_ROOT$TENON_GRUB_ENV
		! grub_can_write "${env_file%/*}" || env_writable=yes
		return 0
		;;
	esac
	directory=$(grub_dir) || return 0
	if grub_can_write "$directory"; then
		env_file=$directory/tenon.env env_writable=yes
		return 0
	fi
	# The EFI system partition is FAT: GRUB can write there.
	for esp in "$TENON_ROOT/boot/efi" "$TENON_ROOT/efi"; do
		if [ -d "$esp/EFI" ] && grub_can_write "$esp"; then
			env_file=$esp/EFI/tenon/tenon.env env_writable=yes
			return 0
		fi
	done
	env_file=$directory/tenon.env
}

# The value of a variable; empty when there is none. It is asked for often: no program is started.
env_get() { # name
	[ -n "$env_file" ] && [ -r "$env_file" ] || return 0
	while IFS= read -r line; do
		case $line in
		"$1="*)
			printf '%s\n' "${line#*=}"
			return 0
			;;
		'' | '##'*) return 0 ;;
		esac
	done <"$env_file"
}

# Sets variables and leaves the others. The block is written in place and in one piece, once it is there: GRUB, which reads
# no journal, then sees what is written at once.
env_set() { # name=value...
	[ -n "$env_file" ] || die "there is no place for the environment block (no directory of GRUB in /boot)"
	block='# GRUB Environment Block'
	for field in $env_names; do
		value=$(env_get "$field")
		for assignment; do
			[ "${assignment%%=*}" != "$field" ] || value=${assignment#*=}
		done
		[ -z "$value" ] || block=$block$newline$field=$value
	done
	[ "$((${#block} + 1))" -le "$env_size" ] || die "the environment block $env_file is too small for this"
	write_block || die "$env_file cannot be written; what it said before still holds"
}

write_block() {
	mkdir -p "${env_file%/*}" || return 1
	if [ -f "$env_file" ] && [ "$(wc -c <"$env_file")" -eq "$env_size" ]; then
		print_block | dd of="$env_file" bs="$env_size" iflag=fullblock count=1 conv=notrunc,fsync status=none
		return
	fi
	print_block | dd of="$env_file.new" bs="$env_size" iflag=fullblock count=1 conv=fsync status=none &&
		[ "$(wc -c <"$env_file.new")" -eq "$env_size" ] && mv -f "$env_file.new" "$env_file" && settle "${env_file%/*}" && return
	rm -f "$env_file.new"
	return 1
}

print_block() {
	printf '%s\n' "$block"
	printf "%$((env_size - ${#block} - 1))s" '' | tr ' ' '#'
}

# On the disk, and where GRUB finds it: see helper.c.
settle() { # directory
	sync "$1" 2>/dev/null || sync
	[ -n "$TENON_ROOT" ] || [ ! -x "${helper-}" ] || "$helper" settle "$1"
}

# What is running: the id of its entry, or "plain" and the kernel's version when there is no hypervisor beneath, or nothing
# when it was not started by an entry of ours.
running_id() {
	words=$(cat "$TENON_ROOT/proc/cmdline" 2>/dev/null) || return 0
	for word in $words; do
		case $word in
		tenon.boot=*)
			word=${word#tenon.boot=}
			! is_plain_name "$word" || printf '%s\n' "$word"
			return 0
			;;
		esac
	done
	[ -e "$TENON_ROOT/sys/hypervisor/type" ] || echo plain
}
