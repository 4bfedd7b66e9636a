# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines of Bochs: Intel's processors with what QEMU's emulator has not (PCIDs, MONITOR, VMX). Debian's build starts in its debugger."""

import os
import shutil
import subprocess

NEEDS = {"bochs": "bochs", "grub-mkrescue": "grub-common", "xorriso": "xorriso", "mformat": "mtools"}
FILES = {"/usr/share/bochs/BIOS-bochs-latest": "bochsbios", "/usr/share/vgabios/vgabios.bin": "vgabios", "/usr/lib/grub/i386-pc": "grub-pc-bin"}

CONFIG = """\
megs: {megs}
cpu: model={model}, count={smp}, ips=100000000
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
display_library: rfb, options="timeout=0"
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
log: {log}
com1: enabled=1, mode=file, dev=/proc/self/fd/1
panic: action=fatal, ioapic=report
error: action=report
info: action=ignore
"""


def missing():
    """What has to be installed, as packages; empty if nothing is."""
    return sorted({package for program, package in NEEDS.items() if not shutil.which(program)} |
                  {package for path, package in FILES.items() if not os.path.exists(path)})


def megabytes(mem):
    return int(mem[:-1]) * 1024 if mem.endswith("G") else int(mem.rstrip("M"))


def command(work, model, mem, smp, hv, append, modules):
    """The command of a machine whose GRUB starts hv with append and modules, [(file, arguments)], from a CD made in the directory work."""
    shutil.rmtree(work, ignore_errors=True)
    boot = os.path.join(work, "cd", "boot")
    os.makedirs(os.path.join(boot, "grub"))
    shutil.copy(hv, os.path.join(boot, "hypervisor"))
    entry = [f"multiboot /boot/hypervisor {append}"]
    for i, (path, args) in enumerate(modules):
        shutil.copy(path, os.path.join(boot, f"module{i}"))
        entry.append(f"module /boot/module{i} {args}")
    with open(os.path.join(boot, "grub", "grub.cfg"), "w", encoding="utf-8") as f:
        f.write("set timeout=0\nmenuentry machine {\n" + "".join(f"\t{line}\n" for line in entry) + "}\n")
    iso = os.path.join(work, "cd.iso")
    subprocess.run(["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o", iso, os.path.join(work, "cd")], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    config, go = os.path.join(work, "bochsrc"), os.path.join(work, "go")
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG.format(megs=megabytes(mem), model=model, smp=smp, iso=iso, log=os.path.join(work, "log")))
    with open(go, "w", encoding="utf-8") as f:
        f.write("c\n")
    return ["bochs", "-q", "-f", config, "-rc", go]
