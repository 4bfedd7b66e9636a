# SPDX-License-Identifier: GPL-2.0-or-later
"""What the boot tests take from Debian: kernels, initramfs, disks, an emulator. Made once and kept in a cache directory.

The methods of Cache may be called from several threads.
"""

import functools
import hashlib
import lzma
import os
import random
import struct
import subprocess
import threading

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FETCH = os.path.join(TESTS, "tools", "debian-fetch")
BOOT = os.path.join(TESTS, "boot")


class Skip(Exception):
    """Something cannot be made here, for the reason given."""


def sh(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while chunk := f.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def once(method):
    """Remembers results, and lets one thread at a time make them."""
    @functools.wraps(method)
    def wrapper(self, *args):
        with self.lock:
            key = (method.__name__, args)
            if key not in self.made:
                self.made[key] = method(self, *args)
            return self.made[key]
    return wrapper


class Cache:
    def __init__(self, directory):
        self.dir = os.path.abspath(directory)
        self.lock = threading.RLock()
        self.made = {}
        os.makedirs(self.dir, exist_ok=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    @once
    def package(self, suite, name):
        try:
            return sh(FETCH, self.dir, suite, name, text=True).strip()
        except subprocess.CalledProcessError as e:
            if e.returncode == 77:
                raise Skip(f"Debian's package {name} cannot be fetched here") from e
            raise

    def kernel(self, suite, package="linux-image-amd64"):
        boot = os.path.join(self.package(suite, package), "boot")
        return next(os.path.join(boot, f) for f in sorted(os.listdir(boot)) if f.startswith("vmlinuz"))

    @once
    def extra(self):
        """Files of ours that dom0 gets besides busybox."""
        bindir = os.path.join(self.dir, "extra", "bin")
        os.makedirs(bindir, exist_ok=True)
        for name in ("dom0ctl", "stress"):
            source, program = os.path.join(BOOT, name + ".c"), os.path.join(bindir, name)
            if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
                # Whole at once: other runs may use the same cache.
                sh(os.environ.get("CC") or "cc", "-O2", "-Wall", "-static", "-pthread", "-o", f"{program}.{os.getpid()}", source)
                os.replace(f"{program}.{os.getpid()}", program)
        return os.path.dirname(bindir)

    @once
    def initrd(self, suite):
        path = self.path(f"initrd-{suite}.img")
        sh(os.path.join(BOOT, "mkinitramfs"), path, self.package("bookworm", "busybox-static"),
           self.package(suite, "linux-image-amd64"), self.extra())
        return path

    @once
    def system(self, suite):
        """An installed Debian: the directory has disk.img, vmlinuz and initrd.img."""
        directory = self.path(f"system-{suite}")
        done = subprocess.run([os.path.join(BOOT, "mkdisk"), self.dir, suite, self.extra()],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode == 77:
            raise Skip(done.stdout.strip())
        if done.returncode:
            raise RuntimeError("mkdisk: " + " | ".join(done.stdout.strip().splitlines()[-5:]))
        return directory

    @once
    def installed(self, suite):
        """A disk with partitions, GRUB and an installed Debian with two kernels: the ordinary one and the cloud kernel."""
        path = self.path(f"guest-{suite}.img")
        maker = os.path.join(TESTS, "install", "mkimage")
        if os.path.exists(path) and os.path.getmtime(path) >= os.path.getmtime(maker):
            return path
        done = subprocess.run([maker, path, suite, "linux-image-cloud-amd64"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode == 77:
            raise Skip(done.stdout.strip())
        if done.returncode:
            raise RuntimeError("mkimage: " + " | ".join(done.stdout.strip().splitlines()[-5:]))
        return path

    @once
    def data(self, name, mebibytes):
        """A file of bytes that nothing compresses or guesses, the same each time, and its checksum."""
        path = self.path(name)
        if not os.path.exists(path) or os.path.getsize(path) != mebibytes << 20:
            generator = random.Random(name)
            with open(path, "wb") as f:
                for _ in range(mebibytes):
                    f.write(generator.randbytes(1 << 20))
        return path, sha256(path)

    @once
    def emulator(self, version):
        """Command of QEMU `version`, from bookworm-backports. It runs from where it was unpacked."""
        qemu, data, seabios = (self.package("bookworm-backports", p)
                               for p in ("qemu-system-x86", "qemu-system-data", "seabios"))
        ipxe = self.package("bookworm", "ipxe-qemu")
        command = [os.path.join(qemu, "usr/bin/qemu-system-x86_64")]
        for directory in (data + "/usr/share/qemu", seabios + "/usr/share/seabios", ipxe + "/usr/lib/ipxe/qemu"):
            command += ["-L", directory]
        try:
            said = sh(command[0], "--version", text=True, stderr=subprocess.STDOUT)
        except subprocess.CalledProcessError as e:
            raise Skip("bookworm-backports' QEMU does not run here: " + e.stdout.strip()) from e
        if f"version {version}." not in said:
            raise Skip(f"bookworm-backports has no QEMU {version}: {said.splitlines()[0]}")
        return command

    @once
    def truncated(self, path, size):
        out = self.path(f"{os.path.basename(path)}-{size}")
        with open(path, "rb") as f, open(out, "wb") as g:
            g.write(f.read(size))
        return out

    @once
    def repacked(self, kernel, how):
        """The same kernel compressed by gzip, lz4 or zstd, or plain: the ELF file alone."""
        with open(kernel, "rb") as f:
            image = f.read()
        start, size = payload_of(image)
        packed = image[start:start + size]
        # Four bytes after the compressed stream tell its unpacked size.
        plain = unpack(packed[:-4])
        out = self.path(f"{os.path.basename(kernel)}-{how}")
        with open(out, "wb") as f:
            f.write(plain if how == "plain" else with_payload(image, start, pack(plain, how)))
        return out


# bzImage (Linux, Documentation/arch/x86/boot.rst): setup_sects at 0x1f1, syssize at 0x1f4, payload_offset and
# payload_length, counted from the protected-mode part, at 0x248.
def payload_of(image):
    protected = (image[0x1f1] + 1) * 512
    offset, size = struct.unpack_from("<II", image, 0x248)
    return protected + offset, size


def with_payload(image, start, payload):
    new = bytearray(image[:start] + payload)
    new += bytes(-len(new) % 16)
    struct.pack_into("<I", new, 0x1f4, (len(new) - (image[0x1f1] + 1) * 512) // 16)
    struct.pack_into("<I", new, 0x24c, len(payload))
    return bytes(new)


def unpack(data):
    if data.startswith(b"\xfd7zXZ"):
        return lzma.decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return tool("zstd", "-dcq", data=data)
    if data.startswith(b"\x02\x21\x4c\x18"):
        return tool("lz4", "-dcq", data=data)
    raise Skip("kernel is compressed in a way that this test does not know")


def pack(plain, how):
    size = struct.pack("<I", len(plain))
    if how == "gzip":
        return tool("gzip", "-9nc", data=plain)     # ends with the size itself
    if how == "lz4":
        return tool("lz4", "-lczq", data=plain) + size
    if how == "zstd":
        return tool("zstd", "-cq", data=plain) + size
    raise ValueError(how)


def tool(name, *args, data):
    try:
        return sh(name, *args, input=data)
    except FileNotFoundError as e:
        raise Skip(f"no program {name}") from e
