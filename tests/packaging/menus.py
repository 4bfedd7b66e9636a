# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up systems, whose menus are menus/<name>.cfg."""

from machine import multiboot2_image

NO_XEN = "CONFIG_X86_64=y\n# CONFIG_XEN is not set\n"
PVH_ONLY = "CONFIG_X86_64=y\nCONFIG_XEN_DOM0=y\n# CONFIG_XEN_PV is not set\n"
BITS_32 = "CONFIG_X86_32=y\n# CONFIG_X86_64 is not set\nCONFIG_XEN_PV=y\nCONFIG_XEN_DOM0=y\n"
OLD_NAMES = "CONFIG_X86_64=y\nCONFIG_XEN=y\nCONFIG_XEN_PRIVILEGED_GUEST=y\n"


class Case:
    def __init__(self, make, status, says):
        self.make = make
        self.name = make.__name__.replace("_", "-")
        self.status = status
        self.says = says


CASES = []


def case(status=0, says=()):
    def add(make):
        CASES.append(Case(make, status, says))
        return make
    return add


def cases():
    return CASES


@case()
def plain(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["GRUB_CMDLINE_LINUX_DEFAULT"] = "quiet"


@case()
def nothing_installed(root):
    root.kernel("6.1.0-56-amd64")


@case(says=["no kernel in"])
def no_kernel_for_dom0(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64", NO_XEN)


@case(says=["vmlinuz-6.1 copy", "tenon-0.1 evil"])
def many(root):
    """Versions in their order; what only looks like a hypervisor or a kernel is left out."""
    for version in ("0.1.0-1", "0.10.0-1", "0.9.0~rc1-1", "0.9.0-1"):
        root.hypervisor(version)
    for version in ("6.1.0-9-amd64", "6.1.0-10-amd64", "6.12.0-rc2", "6.12.0", "6.12.0.old"):
        root.kernel(version)
    root.kernel("4.4.0-old-names", OLD_NAMES)
    root.kernel("6.2.0-no-xen", NO_XEN)
    root.kernel("6.3.0-pvh", PVH_ONLY)
    root.kernel("6.4.0-pae", BITS_32)
    root.kernel("6.5.0-no-initrd", initrd=None)
    for name in ("tenon-syms-0.1.0-x86_64", "tenon-0.1.0-x86_64.config", "tenon-0.1.0-1-x86_64.gz.dpkg-new", "vmlinuz-6.1.dpkg-new",
                 "xen-4.17-amd64.gz", "vmlinuz-6.1 copy", "tenon-0.1 evil-x86_64.gz", "config-6.1.dpkg-new"):
        root.write("boot/" + name, "CONFIG_X86_64=y\nCONFIG_XEN_DOM0=y\n")


@case(says=["tenon-0.2.0-x86_64.gz is left out: it is damaged", "tenon-0.3.0-x86_64.gz is left out: it is no hypervisor"])
def damaged(root):
    import gzip
    whole = gzip.compress(multiboot2_image(), mtime=0)
    root.hypervisor("0.1.0")
    root.hypervisor("0.2.0", data=whole[:-6])
    root.hypervisor("0.3.0", data=gzip.compress(bytes(40000)))
    root.kernel("6.1.0-56-amd64")


@case()
def uncompressed(root):
    """A plain image beside the packed one of the same version is one hypervisor, not two."""
    root.hypervisor("0.1.0")
    root.write("boot/tenon-0.1.0-x86_64", multiboot2_image())
    root.write("boot/tenon-0.2.0-x86_64", multiboot2_image())
    root.kernel("6.1.0-56-amd64")


@case()
def boot_partition(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["FAKE_MOUNTS"] = "/boot"


@case()
def lvm(root):
    """GRUB cannot write through LVM: no trials."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("dev/mapper/vg-root", "")
    root.env.update(FAKE_ABSTRACTION="lvm", GRUB_DEVICE="/dev/mapper/vg-root", GRUB_DEVICE_BOOT="/dev/mapper/vg-root")


@case()
def btrfs(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(FAKE_FS="btrfs", GRUB_FS="btrfs", FAKE_SUBVOLUME="/@rootfs")


@case()
def btrfs_uefi(root):
    """The environment is kept on the EFI system partition."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("boot/efi/EFI/debian/grubx64.efi", "")
    root.env.update(FAKE_FS="btrfs", GRUB_FS="btrfs", FAKE_SUBVOLUME="/@rootfs", FAKE_MOUNTS="/boot/efi")


@case()
def zfs(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(FAKE_FS="zfs", GRUB_FS="zfs", FAKE_SUBVOLUME="/ROOT/debian@", FAKE_MOUNTS="/boot")


@case()
def root_by_device(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["GRUB_DISABLE_LINUX_UUID"] = "true"


@case()
def serial(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8 earlyprintk=ttyS0,115200", GRUB_CMDLINE_LINUX_DEFAULT="quiet",
                    GRUB_TERMINAL="console serial", GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200")


@case()
def serial_odd(root):
    """The second port, named by address, parity and bits given; two consoles in a row."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["GRUB_CMDLINE_LINUX"] = "console=ttyS1 console=ttyS1 console=uart8250,io,0x2f8,57600e7 earlycon=uart8250,io,0x2f8,57600 x='a  b'"


@case()
def serial_of_grub(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(GRUB_TERMINAL="serial", GRUB_SERIAL_COMMAND="serial --port=0x2f8 --speed 38400 --parity=even --word=7 --stop=2")


@case()
def serial_own(root):
    """The administrator's own console for the hypervisor stands; the port is not dom0's then."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["GRUB_CMDLINE_LINUX"] = "console=ttyS0,115200 console=ttyS1"
    root.write("etc/default/tenon-grub", "TENON_CMDLINE='console=com2 com2=9600,8n1 dom0_mem=2G'\n")


@case()
def serial_off(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env["GRUB_CMDLINE_LINUX"] = "console=ttyS0,115200"
    root.write("etc/default/tenon-grub", "TENON_GRUB_CONSOLE=no\n")


@case()
def settings(root):
    root.hypervisor("0.1.0")
    root.hypervisor("0.2.0")
    root.kernel("6.1.0-56-amd64")
    root.kernel("6.12.0")
    root.env.update(GRUB_CMDLINE_LINUX="net.ifnames=0", GRUB_CMDLINE_LINUX_DEFAULT="quiet splash", GRUB_DISABLE_SUBMENU="y")
    root.write("etc/default/tenon-grub", """# settings
TENON_GRUB_DEFAULT=tenon-0.1.0+linux-6.1.0-56-amd64
TENON_GRUB_TRIAL_SECONDS=0
TENON_GRUB_RECOVERY=no
TENON_CMDLINE="dom0_mem=2G"
TENON_CMDLINE_DEFAULT="loglvl=warning"
TENON_CMDLINE_LINUX="swiotlb=65536"
TENON_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT"
""")


@case()
def no_trials(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("etc/default/tenon-grub", "TENON_GRUB_TRIAL=no\n")


@case()
def default_of_grub(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("etc/default/tenon-grub", "TENON_GRUB_DEFAULT=grub\n")


@case()
def savedefault(root):
    """GRUB remembers what was chosen in its menu: that is the default."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(GRUB_SAVEDEFAULT="true", GRUB_DEFAULT="saved")


@case()
def names(root):
    """Quotes and signs in the distributor's name, another locale, a password."""
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.env.update(GRUB_DISTRIBUTOR="L'OS $HOME \"x\" ; }", LANG="tr_TR.UTF-8", GRUB_RECOVERY_TITLE="mode d'urgence")
    root.write("etc/grub.d/10_linux", 'CLASS="--class os --unrestricted"\n')


@case(status=1, says=["are no text that GRUB can read"])
def bad_options(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("etc/default/tenon-grub", "TENON_CMDLINE='console=\"com1'\n")


@case(status=1, says=["the settings cannot be read"])
def bad_settings(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("etc/default/tenon-grub", "TENON_CMDLINE='console=com1\n")


@case(status=1, says=["TENON_GRUB_TRIAL=maybe: one of: yes no"])
def bad_value(root):
    root.hypervisor("0.1.0")
    root.kernel("6.1.0-56-amd64")
    root.write("etc/default/tenon-grub", "TENON_GRUB_TRIAL=maybe\n")


def fedora(root):
    root.remove("boot/grub/grub.cfg")
    root.write("boot/grub2/grub.cfg", "# an old menu\n")
    root.hypervisor("0.1.0-1.fc39")
    root.env.update(GRUB_DISTRIBUTOR="Fedora Linux", GRUB_ENABLE_BLSCFG="true", GRUB_DEFAULT="saved", GRUB_CMDLINE_LINUX="rhgb quiet",
                    GRUB_DISABLE_RECOVERY="true", FAKE_MOUNTS="/boot", FAKE_FS="xfs")
    root.write("etc/grub.d/10_linux", 'CLASS="--class gnu-linux --class gnu --class os --unrestricted"\n')


@case()
def bls(root):
    """Entries of the boot loader specification (Fedora): kernels' options are theirs."""
    fedora(root)
    for version in ("6.5.6-300.fc39.x86_64", "6.6.2-201.fc39.x86_64"):
        root.kernel(version, initrd="initramfs-{}.img")
        root.write(f"boot/loader/entries/5f3c-{version}.conf", f"""title Fedora Linux ({version}) 39 (Server Edition)
version {version}
linux /vmlinuz-{version}
initrd /initramfs-{version}.img $tuned_initrd
options root=UUID=1234 ro rootflags=subvol=root rhgb quiet console=ttyS0,115200 $tuned_params
grub_users $grub_users
grub_arg --unrestricted
grub_class fedora
""")
    root.kernel("0-rescue-5f3c", config=None, initrd="initramfs-{}.img")


@case()
def bls_directories(root):
    """Each kernel has a directory of its own, as kernel-install makes them."""
    fedora(root)
    version = "6.6.2-201.fc39.x86_64"
    root.write(f"boot/5f3c/{version}/linux", "kernel")
    root.write(f"boot/5f3c/{version}/initrd", "initrd")
    root.write(f"lib/modules/{version}/config", "CONFIG_X86_64=y\nCONFIG_XEN_PV=y\nCONFIG_XEN_DOM0=y\n")
    root.write(f"boot/loader/entries/5f3c-{version}.conf", f"""title      Fedora Linux 39
version    {version}
machine-id 5f3c
options    root=UUID=1234
options    quiet $kernelopts
linux      /5f3c/{version}/linux
initrd     /5f3c/{version}/initrd
""")
