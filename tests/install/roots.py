# SPDX-License-Identifier: GPL-2.0-or-later
"""Roots to which GRUB cannot write: a plain Debian, booted, makes one on a second disk and copies itself there."""

PARTITIONS = """
sfdisk -q /dev/vdb <<END
label: gpt
size=1MiB, type=21686148-6449-6E6F-744E-656564454649
type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
END
udevadm settle
"""
LVM = """
pvcreate -y /dev/vdb2
vgcreate system /dev/vdb2
lvcreate -y -n root -l 100%FREE system
udevadm settle
root=/dev/mapper/system-root type=ext4 options=errors=remount-ro
mkfs.ext4 -q $root
"""
BTRFS = """
root=/dev/vdb2 type=btrfs options=subvol=@
mkfs.btrfs -q $root
modprobe btrfs
mount $root /mnt
btrfs subvolume create /mnt/@
umount /mnt
"""
# With GRUB's own programs, as an installer does it.
COPY = """
mount -o $options $root /mnt
tar -C / --one-file-system -c . | tar -C /mnt -xp
echo "UUID=$(blkid -s UUID -o value $root) / $type $options 0 0" >/mnt/etc/fstab
for place in dev proc sys run; do
	mount --rbind /$place /mnt/$place
	mount --make-rslave /mnt/$place
done
chroot /mnt update-initramfs -u
chroot /mnt grub-install --target=i386-pc /dev/vdb
chroot /mnt update-grub
umount -R /mnt
"""
MAKE = {"lvm": PARTITIONS + LVM + COPY, "btrfs": PARTITIONS + BTRFS + COPY}
IS = {"lvm": "findmnt -n -o SOURCE / | grep -qx /dev/mapper/system-root\n", "btrfs": "findmnt -n -o FSTYPE,SOURCE / | grep '^btrfs .*\\[/@]$'\n"}
# Installed before.
TOOLS = """
apt-get update
apt-get -y --no-install-recommends install fdisk lvm2 btrfs-progs
rm -rf /var/lib/apt/lists/*
apt-get clean
printf '%s\\n' dm_mod btrfs crc32c_generic >>/etc/initramfs-tools/modules
update-initramfs -u
"""
# Chosen for one boot, as somebody would in the menu: GRUB cannot take note that it was done.
CHOOSE = """
tenon-bootctl status >said
cat said
grep 'GRUB cannot write its environment' said
grub-reboot tenon
"""
CHOSEN = "grub-editenv /boot/grub/grubenv unset next_entry\n"
