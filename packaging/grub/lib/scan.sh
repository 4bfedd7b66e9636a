# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is in /boot: hypervisors, and kernels that can be dom0. Answers are lines of fields with tabs between them.

boot_dir=$TENON_ROOT/boot

# VERSION, file's name, the loader's command: newest first. Files that only look like one (symbols, configurations, what a
# package manager left) have other names and are passed over without a word; a name that cannot be used is told.
list_hypervisors() {
	seen=
	for file in "$boot_dir"/tenon-[0-9]*-x86_64.gz "$boot_dir"/tenon-[0-9]*-x86_64; do
		[ -f "$file" ] || continue
		name=${file##*/}
		version=${name#tenon-}
		version=${version%.gz}
		version=${version%-x86_64}
		if ! is_plain_name "$version"; then
			warn "$file is left out: its name has characters that entries cannot have"
			continue
		fi
		case " $seen " in
		*" $version "*) continue ;;
		esac
		loader=$(loader_of "$file") || continue
		seen="$seen $version"
		printf '%s\t%s\t%s\n' "$version" "$name" "$loader"
	done | newest_first
}

# A damaged file gets no entry: one that is cut short has a good header all the same.
loader_of() { # file
	case $1 in
	*.gz) gzip -t "$1" 2>/dev/null || {
		warn "$1 is left out: it is damaged"
		return 1
	} ;;
	esac
	if ! command -v grub-file >/dev/null 2>&1; then
		if ! command -v grub2-file >/dev/null 2>&1; then
			echo multiboot2
			return 0
		fi
		grub_file=grub2-file
	else
		grub_file=grub-file
	fi
	for loader in multiboot2 multiboot; do
		if "$grub_file" "--is-x86-$loader" "$1" 2>/dev/null; then
			echo "$loader"
			return 0
		fi
	done
	warn "$1 is left out: it is no hypervisor that GRUB can load"
	return 1
}

# VERSION, kernel's path, initial RAM disk's path or "-", path of its boot loader specification entry or "-": newest first.
list_kernels() {
	{
		kernels_by_name
		kernels_by_entry
	} | awk -F '\t' '!seen[$1]++' | newest_first
}

kernels_by_name() {
	for file in "$boot_dir"/vmlinuz-* "$boot_dir"/vmlinux-* "$boot_dir"/kernel-*; do
		if [ ! -f "$file" ] || [ -L "$file" ]; then
			continue
		fi
		name=${file##*/}
		case $name in
		*.dpkg-* | *.rpmsave | *.rpmnew | *.sig | *.signed | *.hmac | *~) continue ;;
		esac
		# As GRUB's own scripts have it: what follows the last dash before any digit.
		version=$(printf '%s\n' "$name" | LC_ALL=C sed -n '1s/^[^0-9]*-//p')
		if ! is_plain_name "$name" || [ -z "$version" ]; then
			warn "$file is left out: its name has characters that entries cannot have"
			continue
		fi
		fit_for_dom0 "$version" "$file" || continue
		entry=$(bls_entry "$version")
		printf '%s\t/boot/%s\t%s\t%s\n' "$version" "$name" "$(initrd_of "$version")" "${entry:--}"
	done
}

# Where each kernel has a directory of its own (/boot/<machine's id>/<version>/linux), entries alone tell of it.
kernels_by_entry() {
	bls_wanted || return 0
	for entry in "$boot_dir"/loader/entries/*.conf; do
		[ -f "$entry" ] || continue
		version=$(bls_value "$entry" version)
		path=$(bls_value "$entry" linux)
		is_plain_name "$version" || continue
		is_plain_name "$(printf %s "$path" | tr -d /)" || continue
		path=$(beneath_boot "$path") || continue
		initrd=$(bls_value "$entry" initrd)
		initrd=$(beneath_boot "${initrd%% *}") || initrd=-
		fit_for_dom0 "$version" "$TENON_ROOT$path" || continue
		printf '%s\t%s\t%s\t%s\n' "$version" "$path" "$initrd" "${entry#"$TENON_ROOT"}"
	done
}

# Paths in entries count from the root of the file system that holds /boot.
beneath_boot() { # path in an entry
	for path in "/boot$1" "$1"; do
		if [ -n "$1" ] && [ -f "$TENON_ROOT$path" ]; then
			echo "$path"
			return 0
		fi
	done
	return 1
}

bls_wanted() {
	[ "${GRUB_ENABLE_BLSCFG-}" = true ] && [ -d "$boot_dir/loader/entries" ]
}

# The entry of a kernel: its options are the truth where they are kept there (grubby edits them, not /etc/default/grub).
bls_entry() { # version
	bls_wanted || return 0
	for entry in "$boot_dir"/loader/entries/*.conf; do
		if [ -f "$entry" ] && [ "$(bls_value "$entry" version)" = "$1" ]; then
			printf '%s\n' "${entry#"$TENON_ROOT"}"
			return 0
		fi
	done
}

# Keys may come more than once: options are joined, of the others the first counts.
bls_value() { # entry, key
	awk -v key="$2" '$1 == key { sub(/^[ \t]*[^ \t]+[ \t]+/, ""); sub(/[ \t\r]+$/, "")
		value = value (value == "" ? "" : " ") $0; if (key != "options") exit }
		END { print value }' "$1"
}

# Needs the PV interface and that of the first domain, in 64 bits. Without a configuration the kernel's own notes must do.
fit_for_dom0() { # version, file
	config=$(config_of "$1") || {
		kernel_says_dom0 "$2"
		return
	}
	grep -q -e '^CONFIG_XEN_DOM0=y' -e '^CONFIG_XEN_PRIVILEGED_GUEST=y' "$config" &&
		! grep -q '^# CONFIG_XEN_PV is not set' "$config" && grep -q '^CONFIG_X86_64=y' "$config"
}

config_of() { # version
	for config in "$boot_dir/config-$1" "$boot_dir/config-${1%.old}" "$TENON_ROOT/lib/modules/$1/config" \
		"$TENON_ROOT/usr/lib/modules/$1/config" "$TENON_ROOT/etc/kernels/kernel-config-$1"; do
		if [ -r "$config" ]; then
			printf '%s\n' "$config"
			return 0
		fi
	done
	return 1
}

kernel_says_dom0() { # file
	for tool in grub-file grub2-file; do
		command -v "$tool" >/dev/null 2>&1 || continue
		"$tool" --is-x86-xen-dom0 "$1" 2>/dev/null
		return
	done
	return 1
}

initrd_of() { # version
	for version_tried in "$1" "${1%.old}"; do
		for name in "initrd.img-$version_tried" "initrd-$version_tried.img" "initramfs-$version_tried.img" \
			"initrd-$version_tried.gz" "initrd-$version_tried" "initramfs-genkernel-$version_tried"; do
			if [ -f "$boot_dir/$name" ]; then
				echo "/boot/$name"
				return 0
			fi
		done
	done
	echo -
}

pair_id() { # hypervisor's version, kernel's version
	printf 'tenon-%s+linux-%s\n' "$1" "$2"
}
