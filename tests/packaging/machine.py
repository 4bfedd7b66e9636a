# SPDX-License-Identifier: GPL-2.0-or-later
"""A made-up installed system below a directory, and the programs under test run on it."""

import gzip
import os
import shutil
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = "0b1c2d3e-0000-4000-8000-000000000001"


def multiboot2_image(size=4096):
    """A file that GRUB takes for a multiboot 2 kernel: the header alone, and zeroes."""
    header = struct.pack("<IIII", 0xe85250d6, 0, 24, -(0xe85250d6 + 24) & 0xffffffff) + struct.pack("<HHI", 0, 0, 8)
    return header + bytes(size - len(header))


class Root:
    def __init__(self, directory, build):
        self.dir = directory
        self.build = os.path.join(build, "packaging", "grub")
        self.lib = os.path.join(os.path.dirname(directory), "lib")
        self.env = {}
        for path in ("boot/grub", "etc/default", "etc/grub.d", "proc", "sys", f"dev/disk/by-uuid/{UUID}", "dev/esp"):
            os.makedirs(self.path(path))
        for name in ("10_linux", "20_linux_tenon"):
            self.write("etc/grub.d/" + name, "#!/bin/sh\n", 0o755)
        self.write("boot/grub/grub.cfg", "# an old menu\n")
        self.write("proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=UUID=1 ro quiet\n")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data, mode=None):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb" if isinstance(data, bytes) else "w", **({} if isinstance(data, bytes) else {"encoding": "utf-8"})) as f:
            f.write(data)
        if mode:
            os.chmod(path, mode)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def remove(self, name):
        os.remove(self.path(name))

    def hypervisor(self, version, where="boot", data=None):
        data = gzip.compress(multiboot2_image(), mtime=0) if data is None else data
        self.write(f"{where}/tenon-{version}-x86_64.gz", data)

    def package(self, version, data=None):
        """What a package brings, of which there is one at a time."""
        shutil.rmtree(self.path("usr/lib/tenon/hypervisor"), ignore_errors=True)
        if version:
            self.hypervisor(version, "usr/lib/tenon/hypervisor", data)

    def kernel(self, version, config="CONFIG_X86_64=y\nCONFIG_XEN_PV=y\nCONFIG_XEN_DOM0=y\n", initrd="initrd.img-{}", name="vmlinuz-{}"):
        self.write("boot/" + name.format(version), f"kernel {version}\n")
        if config:
            self.write(f"boot/config-{version}", config)
        if initrd:
            self.write("boot/" + initrd.format(version), f"initrd {version}\n")

    def drop_kernel(self, version):
        for name in (f"vmlinuz-{version}", f"config-{version}", f"initrd.img-{version}"):
            os.remove(self.path("boot/" + name))

    def environment(self):
        return {"PATH": os.path.join(HERE, "bin") + ":/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TENON_ROOT": self.dir,
                "TENON_GRUB_LIB": self.lib, "pkgdatadir": "/usr/share/grub", "grub_probe": os.path.join(HERE, "bin/grub-probe"),
                "grub_mkrelpath": os.path.join(HERE, "bin/grub-mkrelpath"), "GENERATOR": os.path.join(self.build, "20_linux_tenon"),
                "GRUB_DEVICE": "/dev/vda1", "GRUB_DEVICE_BOOT": "/dev/vda1", "GRUB_DEVICE_UUID": UUID, "GRUB_DISTRIBUTOR": "Debian",
                "GRUB_FS": "ext2", **self.env}

    def run(self, *command, shell="dash"):
        """Runs one of the programs: (status, standard output, messages)."""
        done = subprocess.run([shell, os.path.join(self.build, command[0]), *command[1:]], env=self.environment(), cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout, done.stderr
