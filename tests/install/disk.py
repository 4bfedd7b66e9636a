# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk with an installed Debian whose boots run one step after the other (mkplan, agent), and the machine that it is in."""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lib"))

SAYS = re.compile(r"@@(\w+) ?(.*)$")
# Code and variables.
FIRMWARE = {"uefi": ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
            "secure": ("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd")}
ROOT_OFFSET = 66 << 20      # of the root file system on the disk: see mkimage


def pair(hypervisor, kernel):
    return f"tenon-{hypervisor}+linux-{kernel}"


def image(version):
    return f"tenon-{version}-x86_64.gz"


def said(machine, deadline):
    """What the agent and broken hypervisors say until the deadline: (word, text)."""
    while (new := machine.next_lines(deadline)) is not None:
        for line in new:
            match = SAYS.search(line)
            if match:
                yield match[1], match[2].strip()


class Disk:
    def __init__(self, opts, work):
        self.opts, self.work = opts, work
        self.path = opts.disk or os.path.join(work, "disk.img")
        self.second = ""        # a second disk's file, while there is one

    def versions(self):
        """Tenon's, the kernel's, and the second kernel's, which is empty when there is none but the first."""
        opts = self.opts
        old = subprocess.run(["dpkg-deb", "-f", next(os.path.join(opts.packages, f) for f in sorted(os.listdir(opts.packages)) if f.startswith("tenon-grub_")),
                              "Version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        second = os.path.basename(opts.kernel).removeprefix("linux-image-").split("_")[0] if opts.kernel else ""
        first = subprocess.run(["debugfs", "-R", "ls -p /boot", f"{opts.image}?offset={ROOT_OFFSET}"], check=True, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True).stdout
        kernel = re.search(r"/vmlinuz-([^/]+)/", first)[1]
        return old, kernel, second if second != kernel else ""

    def make(self, plan_of):
        """
        Prepares the disk, unless it is there. plan_of gets the versions and gives scripts by their names: numbers, from opts.first on if
        that is set; and "prepare", which is run in a chroot.
        """
        opts, plan = self.opts, os.path.join(self.work, "plan")
        os.mkdir(plan)
        scripts = plan_of(*self.versions())
        if os.path.exists(self.path):
            return
        scripts["next"] = str(getattr(opts, "first", 0))
        for name, script in scripts.items():
            with open(os.path.join(plan, name), "w", encoding="ascii") as f:
                f.write(script.strip() + "\n")
        subprocess.run([os.path.join(HERE, "mkplan"), opts.image, self.path, opts.packages, plan] + ([opts.kernel] if opts.kernel else []),
                       check=True, stdout=subprocess.DEVNULL)

    def drive(self):
        return [word for path in (self.path, self.second) if path for word in ("-drive", f"file={path},format=raw,if=virtio,cache=unsafe")]

    def add_second(self):
        """An empty one, of the first one's size."""
        self.second = self.path + ".second"
        with open(self.second, "wb") as f:
            f.truncate(os.path.getsize(self.path))

    def change_to_second(self):
        """It is the only one from now on."""
        os.replace(self.second, self.path)
        self.second = ""

    def command(self):
        # It ends when the machine is reset: whoever watches starts it again.
        firmware = getattr(self.opts, "firmware", "bios")
        command = [self.opts.qemu, "-machine", "q35,smm=on" if firmware == "secure" else "q35", "-accel", "tcg", "-cpu", "max,-smap,-monitor", "-m", "1280M", "-smp", str(self.opts.smp), "-display", "none",
                   "-no-reboot", "-serial", "stdio", "-monitor", "none", "-nic", "none", *self.drive()]
        if firmware != "bios":
            code, fresh = FIRMWARE[firmware]
            variables = os.path.join(self.work, "vars.fd")
            if not os.path.exists(variables):
                shutil.copyfile(fresh, variables)
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}", "-drive", f"if=pflash,format=raw,file={variables}"]
        if firmware == "secure":
            # The variables are the firmware's, and it sleeps to no RAM.
            command += ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
        return command


def add_options(parser):
    parser.add_argument("--image", required=True, help="an installed Debian (mkimage)")
    parser.add_argument("--packages", required=True, help="a directory with the Debian packages of Tenon")
    parser.add_argument("--disk", default="", help="the prepared disk, which is made if it is not there, and stays")
    parser.add_argument("--only-make", action="store_true", help="make --disk and boot nothing")
    parser.add_argument("--kernel", default="", help="the package of a second kernel")
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--smp", type=int, default=2, help="processors")
    parser.add_argument("--timeout", type=int, default=2400, help="seconds for a boot and its step")
    parser.add_argument("--log", help="a file for the console")
