# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Steps on a mounted copy of an installed Debian, as lines of TAP. Sourced, after mount.sh; sets old and kernel.
# open_copy IMAGE PACKAGES NAME: the copy, its log, and its removal at the end.

number=0

open_copy() {
	copy=$1.$3 log=$1.$3.log packages=$2
	: >"$log"
	cp --sparse=always "$1" "$copy"
	trap 'close_copy; rm -f "$copy"' EXIT
	old=$(dpkg-deb -f "$packages"/tenon-grub_*_amd64.deb Version)
	mount_copy
	kernel=$(basename "$target"/boot/vmlinuz-*)
	kernel=${kernel#vmlinuz-}
	for package in tenon tenon-grub tenon-hypervisor tenon-tools libtenon0; do
		cp "$packages/${package}_${old}_amd64.deb" "$target/root/"
	done
}

mount_copy() {
	attach_image "$copy"
	mounted=yes
	mount_image
}

close_copy() {
	[ "$mounted" = no ] || detach_image
	mounted=no
}

inside() { # shell commands
	enter_image sh -c "mount -t devpts devpts /dev/pts 2>/dev/null; cd /root; status=0; { $1; } || status=\$?; umount /dev/pts 2>/dev/null; exit \$status" </dev/null
}

# step NAME COMMANDS: they succeed.
step() {
	number=$((number + 1))
	if inside "$2" >>"$log" 2>&1; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		tail -n 15 "$log" | sed 's/^/# /'
	fi
}

# is NAME EXPECTED COMMANDS: what they print is this.
is() {
	number=$((number + 1))
	got=$(inside "$3" 2>>"$log") || :
	if [ "$got" = "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf 'expected:\n%s\ngot:\n%s\n' "$2" "$got" | sed 's/^/# /'
	fi
}

# The same packages under another version: what an upgrade is to dpkg.
reversion() { # from, to, packages...
	from=$1 to=$2
	shift 2
	for package; do
		rm -rf "$target/root/work"
		dpkg-deb -R "$packages/${package}_${from}_amd64.deb" "$target/root/work"
		sed -i "s/$from/$to/g" "$target/root/work/DEBIAN/control" "$target/root/work/DEBIAN/md5sums"
		[ "$package" != tenon-hypervisor ] || mv "$target/root/work/usr/lib/tenon/hypervisor/tenon-$from-x86_64.gz" \
			"$target/root/work/usr/lib/tenon/hypervisor/tenon-$to-x86_64.gz"
		dpkg-deb -b --root-owner-group "$target/root/work" "$target/root/${package}_${to}_amd64.deb" >>"$log"
	done
	rm -rf "$target/root/work"
}

apt='apt-get -y --no-install-recommends'
ids="tenon-grub list | cut -d ' ' -f 1"
next="tenon-bootctl status --json | sed -n 's/.*\"next\": \"\\(.*\\)\",/\\1/p'"
