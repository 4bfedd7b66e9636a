# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed Debian that boots quickly in an emulator: nothing is left out that the packages deal with. Sourced, after mount.sh
# and steps.sh, with the disk mounted at $target.

# Emulated machines are slow; a step that hangs is the test's to end.
mkdir -p "$target/etc/systemd/system.conf.d" "$target/etc/systemd/journald.conf.d" "$target/etc/systemd/system/systemd-udev-trigger.service.d"
printf '[Manager]\nDefaultTimeoutStartSec=600\nDefaultDeviceTimeoutSec=600\n' >"$target/etc/systemd/system.conf.d/slow.conf"
printf '[Journal]\nStorage=volatile\n' >"$target/etc/systemd/journald.conf.d/volatile.conf"
# Drivers of all that an emulated board has besides: not looked for.
cat >"$target/etc/systemd/system/systemd-udev-trigger.service.d/few.conf" <<'END'
[Service]
ExecStart=
ExecStart=-udevadm trigger --action=add --subsystem-match=block --subsystem-match=tty --subsystem-match=misc --subsystem-match=net
END
# GRUB reads initial RAM disks slowly, and they are made anew here: what this machine's disk needs is enough.
sed -i 's/^MODULES=.*/MODULES=list/' "$target/etc/initramfs-tools/initramfs.conf"
printf 'virtio_pci\nvirtio_blk\next4\n' >>"$target/etc/initramfs-tools/modules"
sed -i 's/^GRUB_CMDLINE_LINUX="/&systemd.show_status=no mitigations=off /; s/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=0/' "$target/etc/default/grub"

quick_units='apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer e2scrub_reap.service
	getty@.service serial-getty@.service systemd-logind.service systemd-random-seed.service systemd-pstore.service systemd-update-utmp.service
	systemd-update-utmp-runlevel.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount
	sys-kernel-config.mount sys-fs-fuse-connections.mount modprobe@.service'

# Run inside.
quicken="quicken() { update-initramfs -u && update-grub && systemctl mask $(echo "$quick_units" | tr -s '\n\t' '  '); }"
