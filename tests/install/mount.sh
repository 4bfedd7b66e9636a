# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk image's file systems, mounted, and programs run in it as if it were the running system. Sourced.

# attach_image IMAGE [PARTITION]: sets disk, esp and root, the devices, and target, where it will be mounted. PARTITION: the last one, if not 3.
attach_image() {
	target=
	disk=$(losetup -f --show "$1") || return 1
	# Not every kernel reads partition tables; all can be told of partitions.
	partx -a "$disk" || return 1
	esp=${disk}p2 root=${disk}p3
	target=$(mktemp -d)
	if [ ! -b "$root" ] || [ ! -b "${disk}p${2-3}" ]; then
		# Without udev and devtmpfs the kernel's word is taken for the numbers.
		for part in "/sys/block/${disk##*/}/${disk##*/}"p*; do
			numbers=$(cat "$part/dev") || return 1
			[ -b "/dev/${part##*/}" ] || mknod "/dev/${part##*/}" b "${numbers%:*}" "${numbers#*:}" || return 1
		done
	fi
}

# Where attach_image failed nothing is mounted, above all not over this machine's own directories, nor unmounted from there.
attached() {
	[ -n "${target-}" ] && [ -d "$target" ] && [ "$(realpath "$target")" != / ] || {
		echo "no image is attached" >&2
		return 1
	}
}

mount_image() {
	attached || return 1
	mount "$root" "$target"
	mkdir -p "$target/boot/efi" "$target/dev" "$target/proc" "$target/sys"
}

# GRUB's programs look for the device behind the root, and for its link by UUID: copies of one image have the same, so one is worked on at a time.
with_image() { # command...
	attached || return 1
	(
		flock 9
		with_image_alone "$@" 9>&-
	) 9>/tmp/tenon-image.lock
}

with_image_alone() { # command...
	mount --bind /dev "$target/dev"
	mount -t proc proc "$target/proc"
	mount -t sysfs sys "$target/sys"
	uuid_link=/dev/disk/by-uuid/$(blkid -s UUID -o value "$root")
	mkdir -p /dev/disk/by-uuid
	ln -sf "$root" "$uuid_link"
	status=0
	# This machine's directory for files that do not last is none of the image's.
	env -u TMPDIR DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" || status=$?
	rm -f "$uuid_link"
	umount "$target/sys" "$target/proc" "$target/dev"
	return $status
}

enter_image() { # command...
	with_image chroot "$target" "$@"
}

detach_image() {
	attached || return 1
	for place in "$target/sys" "$target/proc" "$target/dev" "$target"; do
		! mountpoint -q "$place" || umount "$place" || umount -l "$place"
	done
	# Another test's name space of mounts that began meanwhile holds on to ours until it ends.
	for second in $(seq 120); do
		! partx -d "$disk" 2>/dev/null || break
		[ "$second" != 120 ] || return 1
		sleep 1
	done
	losetup -d "$disk"
	rmdir "$target"
}
