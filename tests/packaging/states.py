# SPDX-License-Identifier: GPL-2.0-or-later
"""What is started, boot after boot: GRUB's part of the states (grubsim) and Linux's (tenon-bootctl) together."""

import json
import re

import grubsim

OLD, NEW = "6.1.0-50-amd64", "6.1.0-56-amd64"


def pair(hypervisor, kernel=OLD):
    return f"tenon-{hypervisor}+linux-{kernel}"


class Computer:
    def __init__(self, root):
        self.root = root
        self.variables = {}
        self.can_write = True
        root.write("proc/sys/kernel/osrelease", OLD + "\n")

    def run(self, *command):
        status, out, said = self.root.run(*command)
        assert status == 0, f"{' '.join(command)}: {status}: {said}"
        return out + said

    def fails(self, *command):
        status, out, said = self.root.run(*command)
        assert status != 0, f"{' '.join(command)} succeeds: {out}"
        return said

    def refresh(self, *words):
        return self.run("tenon-grub", "refresh", *words)

    def boot(self, choose=None):
        """Starts the machine; the id of the pair that runs, or "plain"."""
        self.started = grubsim.start(self.root, choose, self.variables, self.can_write)
        match = re.search(r"tenon\.boot=(\S+)", self.started.kernel)
        self.root.write("proc/cmdline", self.started.kernel + "\n")
        if match:
            self.root.write("sys/hypervisor/type", "xen\n")
            return match[1]
        if self.root.exists("sys/hypervisor/type"):
            self.root.remove("sys/hypervisor/type")
        return "plain"

    def up(self):
        """The end of a boot that went well."""
        return self.run("tenon-bootctl", "confirm", "--if-due")

    def status(self):
        return json.loads(self.run("tenon-bootctl", "status", "--json"))

    @property
    def images(self):
        import os
        return sorted(name for name in os.listdir(self.root.path("boot")) if "tenon-" in name)


def installed(root, version="0.1.0-1", kernels=(OLD,)):
    """A computer on which this version has proven itself."""
    computer = Computer(root)
    for kernel in kernels:
        root.kernel(kernel)
    root.package(version)
    computer.refresh()
    assert computer.boot() == pair(version, kernels[-1])
    computer.up()
    return computer


def test_first_installation_goes_well(root):
    """The first pair is tried, and stays when it has proven itself"""
    computer = Computer(root)
    root.kernel(OLD)
    root.package("0.1.0-1")
    said = computer.refresh()
    assert "is tried at the next boot" in said and "the plain kernel" in said, said
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz"]
    assert computer.status()["next"] == pair("0.1.0-1")
    assert computer.boot() == pair("0.1.0-1")
    assert "watchdog dom0_watchdog=600" in computer.started.options, computer.started.options
    assert "on trial, not confirmed" in computer.run("tenon-bootctl", "status")
    assert "is confirmed" in computer.up()
    for _ in range(3):
        assert computer.boot() == pair("0.1.0-1")
        assert "watchdog" not in computer.started.options, computer.started.options
        computer.up()
    assert computer.status() == {
        "running": pair("0.1.0-1"), "next": pair("0.1.0-1"), "try": "", "tried": "", "confirmed": pair("0.1.0-1"), "previous": "",
        "plain": "", "secure_boot": "none", "environment": "/boot/grub/tenon.env", "grub_can_write": True}


def test_first_installation_fails(root):
    """A first pair that does not come up leaves the plain kernel, once and for all"""
    computer = Computer(root)
    root.kernel(OLD)
    computer.refresh()
    root.package("0.1.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1")
    assert computer.boot() == "plain"
    assert "the trial of tenon-0.1.0-1" in computer.up()
    assert computer.status()["plain"] == f"gnulinux-advanced-0b1c>gnulinux-{OLD}-advanced-0b1c"
    computer.refresh()
    assert computer.boot() == "plain"
    assert computer.started.default == f"gnulinux-advanced-0b1c>gnulinux-{OLD}-advanced-0b1c"
    assert "Failed trial:  " + pair("0.1.0-1") in computer.run("tenon-bootctl", "status")
    computer.run("tenon-bootctl", "try")
    assert computer.boot() == pair("0.1.0-1")
    computer.up()
    assert computer.boot() == pair("0.1.0-1")


def test_the_plain_kernel_that_ran_last(root):
    """When the first pair fails and there is a newer kernel too, the plain kernel that ran before is returned to"""
    computer = Computer(root)
    root.kernel(OLD)
    computer.run("tenon-grub", "update")
    assert computer.boot(f"gnulinux-advanced-0b1c>gnulinux-{OLD}-advanced-0b1c") == "plain"
    computer.up()
    root.kernel(NEW)
    root.package("0.1.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1", NEW)
    assert computer.boot() == "plain"
    assert computer.started.kernel == f"linux /boot/vmlinuz-{OLD}", computer.started.kernel


def test_upgrade_goes_well(root):
    """An upgrade of the hypervisor: the old one stays until the new one has proven itself, and one more for a return"""
    computer = installed(root)
    root.package("0.2.0-1")
    assert "unless it proves itself, the boot after it starts " + pair("0.1.0-1") in computer.refresh()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz", "tenon-0.2.0-1-x86_64.gz"]
    assert computer.boot() == pair("0.2.0-1")
    computer.up()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz", "tenon-0.2.0-1-x86_64.gz"]
    assert computer.boot() == pair("0.2.0-1")
    computer.up()
    root.package("0.3.0-1")
    computer.refresh()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz", "tenon-0.2.0-1-x86_64.gz", "tenon-0.3.0-1-x86_64.gz"]
    assert computer.boot() == pair("0.3.0-1")
    computer.up()
    computer.refresh()
    assert computer.images == ["tenon-0.2.0-1-x86_64.gz", "tenon-0.3.0-1-x86_64.gz"]
    assert "0.1.0" not in root.read("boot/grub/grub.cfg")


def test_upgrade_fails(root):
    """A new hypervisor that does not come up: back to the old one by itself, and not tried again but by request"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.2.0-1")
    assert computer.boot() == pair("0.1.0-1")
    assert "the trial of " + pair("0.2.0-1") + " failed" in computer.up()
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1")
    computer.up()
    # A better one.
    root.package("0.2.1-1")
    computer.refresh()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz", "tenon-0.2.1-1-x86_64.gz"]
    assert computer.boot() == pair("0.2.1-1")
    computer.up()
    assert computer.boot() == pair("0.2.1-1")
    assert computer.status()["tried"] == ""


def test_kernel_upgrade(root):
    """A new kernel makes a new pair, which is tried; the old kernel's removal leaves a menu without it"""
    computer = installed(root)
    root.kernel(NEW)
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1", NEW)
    assert computer.boot() == pair("0.1.0-1", OLD)
    computer.up()
    computer.run("tenon-bootctl", "try", pair("0.1.0-1", NEW))
    assert computer.boot() == pair("0.1.0-1", NEW)
    computer.up()
    root.drop_kernel(OLD)
    computer.refresh()
    assert OLD not in root.read("boot/grub/grub.cfg")
    assert computer.boot() == pair("0.1.0-1", NEW)


def test_kernel_of_the_confirmed_pair_is_removed(root):
    """The kernel of the confirmed pair is removed: the other one is tried, with the plain kernel to return to"""
    computer = installed(root, kernels=(OLD, NEW))
    root.drop_kernel(NEW)
    computer.refresh()
    assert computer.status()["next"] == pair("0.1.0-1", OLD)
    assert computer.boot() == pair("0.1.0-1", OLD)
    assert computer.boot() == "plain"


def test_removal(root):
    """Without the package no entry and no image is left; the environment stays until purged"""
    computer = installed(root)
    root.package(None)
    computer.refresh()
    assert computer.images == []
    assert "tenon" not in root.read("boot/grub/grub.cfg").replace("20_linux_tenon", "")
    assert computer.boot() == "plain"
    computer.up()
    assert not root.exists("var/lib/tenon-grub/images")


def test_same_name_other_content(root):
    """A rebuilt hypervisor under the same name takes the other one's place, and has to prove itself again"""
    computer = installed(root)
    import gzip
    import machine
    rebuilt = gzip.compress(machine.multiboot2_image(8192), mtime=0)
    root.package("0.1.0-1", rebuilt)
    computer.refresh()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz"]
    with open(root.path("boot/tenon-0.1.0-1-x86_64.gz"), "rb") as f:
        assert f.read() == rebuilt
    computer.refresh()
    assert computer.status()["next"] == pair("0.1.0-1")
    assert computer.boot() == pair("0.1.0-1")
    assert computer.boot() == "plain"
    computer.run("tenon-bootctl", "try", pair("0.1.0-1"))
    assert computer.boot() == pair("0.1.0-1")
    computer.up()
    computer.refresh()
    assert computer.status()["confirmed"] == pair("0.1.0-1")


def test_image_of_ones_own(root):
    """A hypervisor that was put into /boot by hand stays there"""
    computer = installed(root)
    root.hypervisor("0.0.9")
    root.package("0.2.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.2.0-1")
    computer.up()
    root.package(None)
    computer.refresh()
    assert computer.images == ["tenon-0.0.9-x86_64.gz"]


def test_rollback(root):
    """Back to the pair before; what was left is not tried again by itself; and to the plain kernel"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    computer.boot()
    computer.up()
    assert "starts " + pair("0.1.0-1") in computer.run("tenon-bootctl", "rollback")
    assert computer.boot() == pair("0.1.0-1")
    computer.up()
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1")
    assert computer.run("tenon-bootctl", "rollback", "plain")
    assert computer.boot() == "plain"
    computer.refresh()
    assert computer.boot() == "plain"
    assert computer.run("tenon-bootctl", "rollback", pair("0.2.0-1"))
    assert computer.boot() == pair("0.2.0-1")
    assert "has no entry tenon-9" in computer.fails("tenon-bootctl", "rollback", "tenon-9")


def test_rollback_of_a_trial(root):
    """A trial that has not been started yet is called off"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    computer.run("tenon-bootctl", "rollback", pair("0.1.0-1"))
    assert computer.boot() == pair("0.1.0-1")
    computer = None


def test_choice_by_hand(root):
    """An entry chosen in the menu is started, is not confirmed by itself, and leaves the trial for the next boot"""
    computer = installed(root, kernels=(OLD, NEW))
    root.package("0.2.0-1")
    computer.refresh()
    chosen = f"tenon-0.1.0-1>{pair('0.1.0-1', OLD)}"
    assert computer.boot(chosen) == pair("0.1.0-1", OLD)
    computer.up()
    assert computer.status()["confirmed"] == pair("0.1.0-1", NEW)
    assert computer.boot() == pair("0.2.0-1", NEW)
    assert computer.boot(chosen) == pair("0.1.0-1", OLD)
    computer.run("tenon-bootctl", "confirm")
    assert computer.boot() == pair("0.1.0-1", OLD)


def test_recovery_proves_nothing(root):
    """A recovery entry is no trial and cannot be confirmed"""
    computer = Computer(root)
    root.kernel(OLD)
    root.package("0.1.0-1")
    computer.refresh()
    recovery = pair("0.1.0-1") + "+recovery"
    assert computer.boot(f"tenon-0.1.0-1>{recovery}") == recovery
    computer.up()
    assert "not in GRUB's menu" in computer.fails("tenon-bootctl", "confirm")
    assert computer.boot() == pair("0.1.0-1")


def test_grub_reboot(root):
    """A choice for one boot (grub-reboot) stands, and a trial waits"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    computer.variables = {"boot_once": "true", "default": f"gnulinux-advanced-0b1c>gnulinux-{OLD}-advanced-0b1c"}
    assert computer.boot() == "plain"
    computer.variables = {}
    assert computer.boot() == pair("0.2.0-1")


def test_secure_boot(root):
    """Under Secure Boot GRUB leaves its own default, nothing is put on trial, and what is chosen all the same has failed no trial"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    computer.variables = {"lockdown": "y"}
    assert computer.boot() == "plain"
    computer.boot("tenon")
    assert "watchdog" not in computer.started.options, computer.started.options
    assert computer.status()["try"] == pair("0.2.0-1") and not computer.status()["tried"], computer.status()
    efivars = "sys/firmware/efi/efivars/"
    root.write(efivars + "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", b"\6\0\0\0\1")
    assert computer.status()["secure_boot"] == "on"
    assert "Secure Boot is on" in computer.fails("tenon-bootctl", "try")
    root.write(efivars + "MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23", b"\6\0\0\0\1")
    assert computer.status()["secure_boot"] == "off"


def test_grub_cannot_write(root):
    """What GRUB cannot write down is not tried"""
    computer = installed(root)
    root.package("0.2.0-1")
    computer.refresh()
    computer.can_write = False
    assert computer.boot() == pair("0.1.0-1")
    assert computer.boot() == pair("0.1.0-1")
    computer.can_write = True
    assert computer.boot() == pair("0.2.0-1")


def test_btrfs(root):
    """Where GRUB cannot write by nature, a pair is chosen by hand once, and then becomes the default"""
    root.env.update(FAKE_FS="btrfs")
    computer = Computer(root)
    root.kernel(OLD)
    root.package("0.1.0-1")
    assert "choose tenon-0.1.0-1" in computer.refresh()
    assert computer.boot() == "plain"
    computer.up()
    assert computer.boot("tenon") == pair("0.1.0-1")
    computer.up()
    assert computer.boot() == pair("0.1.0-1")
    root.package("0.2.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1")
    computer.up()
    assert computer.boot("tenon") == pair("0.2.0-1")
    computer.up()
    assert computer.boot() == pair("0.2.0-1")


def test_default_by_id(root):
    """A default that the settings name has to prove itself too"""
    computer = installed(root, kernels=(OLD, NEW))
    computer.run("tenon-grub", "set", f"TENON_GRUB_DEFAULT={pair('0.1.0-1', OLD)}")
    assert computer.boot() == pair("0.1.0-1", OLD)
    computer.up()
    root.kernel("6.1.0-60-amd64")
    root.package("0.2.0-1")
    computer.refresh()
    assert computer.boot() == pair("0.1.0-1", OLD)
    assert "no entry tenon-9" in computer.fails("tenon-grub", "set", "TENON_GRUB_DEFAULT=tenon-9")


def test_default_of_grub(root):
    """With TENON_GRUB_DEFAULT=grub GRUB's own default stays, but what is put on trial by request is tried"""
    computer = installed(root)
    computer.run("tenon-grub", "set", "TENON_GRUB_DEFAULT=grub")
    assert computer.boot() == "plain"
    root.package("0.2.0-1")
    computer.refresh()
    assert computer.boot() == "plain"
    computer.run("tenon-bootctl", "try")
    assert computer.status()["next"] == pair("0.2.0-1")
    assert computer.boot() == pair("0.2.0-1")
    computer.up()
    assert computer.boot() == "plain"


def test_savedefault(root):
    """With GRUB_SAVEDEFAULT in GRUB's own settings GRUB's choice stays, and nothing is tried by itself"""
    root.write("etc/default/grub", "GRUB_DEFAULT=saved\nGRUB_SAVEDEFAULT=true\n")
    root.kernel(OLD)
    root.package("0.1.0-1")
    computer = Computer(root)
    computer.refresh()
    assert computer.status()["try"] == "" and computer.boot() == "plain"
    root.write("etc/default/grub.d/own.cfg", "GRUB_SAVEDEFAULT=false\n")
    assert computer.refresh("--force") and computer.boot() == pair("0.1.0-1")


def test_no_trials(root):
    """With TENON_GRUB_TRIAL=no the newest pair is the default at once"""
    computer = Computer(root)
    root.write("etc/default/tenon-grub", "TENON_GRUB_TRIAL=no\n")
    root.kernel(OLD)
    root.package("0.1.0-1")
    computer.refresh()
    assert computer.status()["next"] == pair("0.1.0-1")
    assert computer.boot() == pair("0.1.0-1")
    assert computer.boot() == pair("0.1.0-1")
    assert "trials are turned off" in computer.fails("tenon-bootctl", "try")


def test_environment_is_damaged(root):
    """An environment block that is cut short, empty or no block at all: GRUB's default, and it is made anew"""
    computer = installed(root)
    for damage in (b"", b"# GRUB Environment Block\ntenon_conf", bytes(1024)):
        root.write("boot/grub/tenon.env", damage)
        assert computer.boot() == "plain"
        root.package("0.2.0-1")
        computer.refresh()
        assert computer.boot() == pair("0.2.0-1")
        computer.up()
        assert computer.boot() == pair("0.2.0-1")
