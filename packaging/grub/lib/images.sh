# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# Hypervisors in /boot. A package brings its image to /usr/lib/tenon/hypervisor; it is copied to /boot here, so that the
# one that works stays there until the new one has proven itself.

package_images=$TENON_ROOT/usr/lib/tenon/hypervisor
image_list=$TENON_ROOT/var/lib/tenon-grub/images

# Brings /boot in line with what is installed.
sync_images() {
	for image in "$package_images"/tenon-[0-9]*-x86_64.gz; do
		[ ! -f "$image" ] || copy_image "$image"
	done
	drop_images
}

copy_image() { # file of the package
	name=${1##*/}
	! cmp -s "$1" "$boot_dir/$name" || {
		own_image "$name"
		return 0
	}
	[ -d "$boot_dir" ] || die "there is no $boot_dir to put the hypervisor into"
	! read_only "$boot_dir" || die "$boot_dir is read-only: the new hypervisor $name is not there. Nothing was changed; make it writable, then: tenon-grub refresh"
	need=$((($(wc -c <"$1") + 1023) / 1024 + 64))
	free=$(df -Pk "$boot_dir" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$need" ] || die "$boot_dir is full: the new hypervisor $name needs $need KiB, and $free are free. Nothing was changed; remove an old kernel, then: tenon-grub refresh"
	# The name is new with each build of a package; a file of this name that differs is no longer what was confirmed.
	[ ! -e "$boot_dir/$name" ] || forget_image "$name"
	if ! { cp "$1" "$boot_dir/.$name.new" && chmod 644 "$boot_dir/.$name.new" && sync "$boot_dir/.$name.new" && cmp -s "$1" "$boot_dir/.$name.new"; } ||
		! mv -f "$boot_dir/.$name.new" "$boot_dir/$name"; then
		rm -f "$boot_dir/.$name.new"
		die "the hypervisor $name cannot be copied to $boot_dir; what was there stays as it was"
	fi
	settle "$boot_dir"
	own_image "$name"
}

read_only() { # directory
	! ( : >"$1/.tenon-test" ) 2>/dev/null || {
		rm -f "$1/.tenon-test"
		return 1
	}
}

own_image() { # name
	grep -qsxF "$1" "$image_list" || {
		mkdir -p "${image_list%/*}"
		printf '%s\n' "$1" >>"$image_list"
	}
}

# The pairs of this hypervisor have to prove themselves again.
forget_image() { # name
	version=${1#tenon-}
	version=${version%-x86_64.gz}
	for variable in try tried confirmed previous; do
		case $(env_get "tenon_$variable") in
		"tenon-$version+linux-"*) env_set "tenon_$variable=" ;;
		esac
	done
}

# Those that no package has any more, and that are not in use: but all of them when no hypervisor is installed.
drop_images() {
	[ -f "$image_list" ] || return 0
	kept=
	while read -r name; do
		[ -n "$name" ] || continue
		if image_is_kept "$name"; then
			kept=$kept$name$newline
		elif [ -e "$boot_dir/$name" ]; then
			rm -f "$boot_dir/$name" || kept=$kept$name$newline
		fi
	done <"$image_list"
	printf '%s' "$kept" >"$image_list.new"
	mv -f "$image_list.new" "$image_list"
	[ -s "$image_list" ] || rm -f "$image_list"
}

image_is_kept() { # name
	[ ! -e "$package_images/$1" ] || return 0
	set -- "$1" "$package_images"/tenon-[0-9]*-x86_64.gz
	[ -e "$2" ] || return 1
	version=${1#tenon-}
	version=${version%-x86_64.gz}
	for id in "$running" "$confirmed" "$previous" "$tried_next"; do
		case $id in
		"tenon-$version+linux-"*) return 0 ;;
		esac
	done
	return 1
}
