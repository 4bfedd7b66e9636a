# SPDX-License-Identifier: GPL-2.0-or-later
"""tenon-grub and tenon-bootctl as programs: settings, and what they do where something is in the way."""

import json
import os
import shutil
import subprocess

import machine
from states import Computer, OLD, NEW, installed, pair

SOURCE = os.path.dirname(os.path.dirname(machine.HERE))


def test_settings(root):
    """Settings and options are changed one line at a time"""
    computer = installed(root)
    root.write("etc/default/tenon-grub", "# mine\nTENON_CMDLINE='loglvl=all dom0-mem=1G'  # old\nexport TENON_X=1\n")
    computer.run("tenon-grub", "set", "dom0_mem=2G,max:4G", "console=com1,vga", "com1=115200,8n1", "watchdog=yes", "TENON_GRUB_RECOVERY=no")
    assert root.read("etc/default/tenon-grub") == ("# mine\nTENON_CMDLINE='loglvl=all dom0_mem=2G,max:4G console=com1,vga com1=115200,8n1 watchdog=yes'\n"
                                                   "export TENON_X=1\nTENON_GRUB_RECOVERY='no'\n")
    menu = root.read("boot/grub/grub.cfg")
    assert "loglvl=all dom0_mem=2G,max:4G console=com1,vga com1=115200,8n1 watchdog=yes $tenon_options" in menu
    assert "recovery" not in menu
    assert computer.run("tenon-grub", "get", "dom0_mem") == "dom0_mem=2G,max:4G\n"
    assert computer.run("tenon-grub", "get", "TENON_GRUB_TRIAL_SECONDS") == "600\n"
    computer.run("tenon-grub", "set", "loglvl=", "watchdog=", "TENON_CMDLINE_LINUX=a='b c' d\"e\"")
    assert computer.run("tenon-grub", "get", "TENON_CMDLINE") == "dom0_mem=2G,max:4G console=com1,vga com1=115200,8n1\n"
    assert computer.run("tenon-grub", "get", "TENON_CMDLINE_LINUX") == "a='b c' d\"e\"\n"


def test_settings_that_are_wrong(root):
    """A wrong setting among several changes nothing"""
    computer = installed(root)
    before = root.read("boot/grub/grub.cfg")
    for words, text in (
            (["dom0_mem=2X"], "<size>"), (["dom0_mem=2G,"], "<size>"), (["console=com3"], "com1, com2"), (["com1=fast"], "<baud|auto>"),
            (["watchdog=maybe"], "one of: yes"), (["maxcpus=two"], "a number"), (["conring_size=1x"], "a size"), (["domo_mem=1G"], "has no option domo_mem"),
            (["vga=keep;reboot"], "no blanks, quotes"), (["dom0_mem=1G", "TENON_GRUB_TRIAL=2"], "one of: yes no"), (["TENON_GRUB_TRIL=no"], "no such setting"),
            (["TENON_CMDLINE_LINUX=a\nb"], "one line"), (["TENON_GRUB_DEFAULT=a b"], "auto, grub or"), (["loglvl"], "NAME=VALUE"), ([], "what?")):
        said = computer.fails("tenon-grub", "set", *words)
        assert text in said, (words, said)
    assert not root.exists("etc/default/tenon-grub")
    assert root.read("boot/grub/grub.cfg") == before


def test_options_that_spoil_the_menu(root):
    """Options that are no text for GRUB: told, and the old menu stays"""
    computer = installed(root)
    before = root.read("boot/grub/grub.cfg")
    assert "the old menu stays" in computer.fails("tenon-grub", "set", "TENON_CMDLINE_LINUX=x=\"y")
    assert root.read("boot/grub/grub.cfg") == before
    assert "no text that GRUB can read" in computer.fails("tenon-grub", "update")
    computer.run("tenon-grub", "set", "TENON_CMDLINE_LINUX=")


def test_boot_is_full(root):
    """A full /boot: told, nothing is changed, and refresh succeeds when there is room"""
    computer = installed(root)
    root.package("0.2.0-1")
    before = root.read("boot/grub/grub.cfg")
    root.env["FAKE_FREE"] = "10"
    said = computer.fails("tenon-grub", "refresh")
    assert "is full: the new hypervisor tenon-0.2.0-1-x86_64.gz needs" in said, said
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz"]
    assert root.read("boot/grub/grub.cfg") == before
    assert computer.boot() == pair("0.1.0-1")
    root.env["FAKE_FREE"] = "10000"
    computer.refresh()
    assert computer.boot() == pair("0.2.0-1")


def test_menu_does_not_fit(root):
    """The new menu is cut short: the old one stays"""
    computer = installed(root)
    root.kernel(NEW)
    before = root.read("boot/grub/grub.cfg")
    root.write("disk-full", "")
    assert "is not whole" in computer.fails("tenon-grub", "refresh")
    assert root.read("boot/grub/grub.cfg") == before
    assert sorted(os.listdir(root.path("boot/grub"))) == ["grub.cfg", "tenon.env"]


def test_boot_is_read_only(root):
    """A read-only /boot: told, and nothing is changed"""
    computer = installed(root)
    # The program sees whether it can make this file.
    os.mkdir(root.path("boot/.tenon-test"))
    root.package("0.2.0-1")
    assert "is read-only: the new hypervisor" in computer.fails("tenon-grub", "refresh")
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz"] or ".tenon-test" in computer.images
    os.mkdir(root.path("boot/grub/.tenon-test"))
    assert "is read-only: the menu stays" in computer.fails("tenon-grub", "update")
    os.rmdir(root.path("boot/grub/.tenon-test"))
    os.rmdir(root.path("boot/.tenon-test"))
    computer.refresh()


def test_mkconfig_fails(root):
    """grub-mkconfig fails: its message is shown and the old menu stays"""
    computer = installed(root)
    root.kernel(NEW)
    root.write("grub-mkconfig-fails", "")
    before = root.read("boot/grub/grub.cfg")
    said = computer.fails("tenon-grub", "refresh")
    assert "cannot find a device" in said and "the menu stays as it was" in said, said
    assert root.read("boot/grub/grub.cfg") == before
    assert sorted(os.listdir(root.path("boot/grub"))) == ["grub.cfg", "tenon.env"]


def test_no_grub(root):
    """Without GRUB's menu, as where an image of a system is made, there is nothing to do; update says so"""
    computer = Computer(root)
    shutil.rmtree(root.path("boot/grub"))
    root.kernel(OLD)
    root.package("0.1.0-1")
    assert "no menu of GRUB here" in computer.refresh()
    assert computer.images == ["tenon-0.1.0-1-x86_64.gz"]
    assert "install GRUB" in computer.fails("tenon-grub", "update")
    assert computer.status()["next"] == "plain"
    assert "no grub.cfg" in computer.fails("tenon-bootctl", "try")
    os.mkdir(root.path("boot/grub"))
    computer.refresh()


def test_links_to_the_menu(root):
    """Where the distribution has a link to its menu in /etc, that one is made"""
    computer = installed(root)
    os.makedirs(root.path("boot/efi/EFI/fedora"))
    root.write("boot/efi/EFI/fedora/grub.cfg", "# old\n")
    os.symlink("../boot/efi/EFI/fedora/grub.cfg", root.path("etc/grub2-efi.cfg"))
    os.makedirs(root.path("sys/firmware/efi"))
    computer.run("tenon-grub", "update")
    assert "#tenon-pair" in root.read("boot/efi/EFI/fedora/grub.cfg")


def test_menu_with_a_password(root):
    """A menu with a password is for root alone"""
    computer = installed(root)
    assert os.stat(root.path("boot/grub/grub.cfg")).st_mode & 0o777 == 0o444
    root.write("etc/default/tenon-grub", "")
    with open(root.path("boot/grub/custom"), "w", encoding="ascii") as f:
        f.write("password_pbkdf2 root grub.pbkdf2.sha512.1\n")
    root.env["FAKE_HEADER"] = root.path("boot/grub/custom")
    computer.run("tenon-grub", "update")
    assert os.stat(root.path("boot/grub/grub.cfg")).st_mode & 0o777 == 0o600


def test_nothing_to_do(root):
    """refresh leaves a menu that is right as it is, and --force makes it anew"""
    computer = installed(root)
    before = os.stat(root.path("boot/grub/grub.cfg")).st_ino
    assert computer.refresh() == ""
    assert os.stat(root.path("boot/grub/grub.cfg")).st_ino == before
    computer.refresh("--quiet", "--force")
    assert os.stat(root.path("boot/grub/grub.cfg")).st_ino != before


def test_list(root):
    """list shows what the menu has"""
    computer = installed(root, kernels=(OLD, NEW))
    assert computer.run("tenon-grub", "list") == f"{pair('0.1.0-1', NEW)}  (running)  (next boot)\n{pair('0.1.0-1', OLD)}\n"
    listed = json.loads(computer.run("tenon-grub", "list", "--json"))
    assert [entry["id"] for entry in listed] == [pair("0.1.0-1", NEW), pair("0.1.0-1", OLD)]
    assert listed[0]["next"] and listed[0]["hypervisor"] == "/boot/tenon-0.1.0-1-x86_64.gz"
    root.package(None)
    computer.refresh()
    assert json.loads(computer.run("tenon-grub", "list", "--json")) == []


def test_the_environment_block_is_grubs(root):
    """GRUB's own program reads the block, which stays where it is on the disk"""
    computer = installed(root)
    path = root.path("boot/grub/tenon.env")
    inode = os.stat(path).st_ino
    assert os.path.getsize(path) == 1024
    computer.run("tenon-bootctl", "try", pair("0.1.0-1"))
    assert os.stat(path).st_ino == inode
    listed = subprocess.run(["grub-editenv", path, "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert listed.split() == [f"tenon_try={pair('0.1.0-1')}", f"tenon_confirmed={pair('0.1.0-1')}"], listed


def test_block_is_too_small(root):
    """Names that do not fit into the block are refused, and the block stays"""
    computer = installed(root)
    long = "6.1." + "9" * 240
    root.kernel(long)
    for _ in range(2):
        computer.refresh()
        computer.boot()
        computer.up()
    assert computer.status()["confirmed"] == pair("0.1.0-1", long)


def test_wrong_commands(root):
    """Wrong commands and words are refused"""
    computer = installed(root)
    for words in (["tenon-grub", "upgrade"], ["tenon-bootctl", "yes"]):
        status, _, said = root.run(*words)
        assert status == 2 and "Usage:" in said
    assert "takes no argument" in computer.fails("tenon-grub", "update", "now")
    assert "too many" in computer.fails("tenon-bootctl", "try", "a", "b")
    assert "unknown argument" in computer.fails("tenon-bootctl", "confirm", "--now")
    assert "unknown argument" in computer.fails("tenon-bootctl", "status", "--xml")
    assert "Usage:" in computer.run("tenon-grub", "--help") and "Usage:" in computer.run("tenon-bootctl")
    assert computer.run("tenon-bootctl", "--version").startswith("tenon-bootctl ")


def test_shell_scripts(root):
    """shellcheck finds nothing, and the manual pages are well-formed"""
    scripts = []
    for directory, _, names in os.walk(os.path.join(SOURCE, "packaging")):
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") as f:
                if f.read(30).startswith((b"#!/bin/sh", b"# shellcheck shell=sh")):
                    scripts.append(path)
    assert len(scripts) > 12, scripts
    if shutil.which("shellcheck"):
        # Variables cross the files of the library; dollars in single quotes are GRUB's.
        done = subprocess.run(["shellcheck", "-x", "-P", SOURCE, "-e", "SC2034,SC2154,SC2016", *scripts], stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 0, done.stdout
    if shutil.which("mandoc"):
        pages = [os.path.join(SOURCE, "packaging/man", name) for name in os.listdir(os.path.join(SOURCE, "packaging/man"))]
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_profiles(_root):
    """AppArmor's parser takes the daemons' profiles"""
    profiles = [os.path.join(SOURCE, "packaging/apparmor", name) for name in sorted(os.listdir(os.path.join(SOURCE, "packaging/apparmor")))]
    parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin")
    if parser:
        done = subprocess.run([parser, "--skip-kernel-load", "--skip-cache", *profiles], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_cleanup(root):
    """What a removed package leaves: nothing in /boot, and the plain kernel"""
    computer = installed(root)
    computer.run("tenon-grub", "cleanup")
    assert computer.images == [] and not root.exists("boot/grub/tenon.env") and not root.exists("var/lib/tenon-grub/images")
    assert computer.boot() == "plain"


def foreign_locales(root):
    """Locales made here, where the system has what they are made of: letters that change their case in another way; others' numbers and messages."""
    directory = os.path.join(root.dir, "locales")
    os.mkdir(directory)
    for name, charset in (("tr_TR", "ISO-8859-9"), ("de_DE", "UTF-8"), ("ar_EG", "UTF-8")):
        path = os.path.join(directory, f"{name}.{charset}")
        made = shutil.which("localedef") and subprocess.run(["localedef", "-i", name, "-f", charset, path], stdout=subprocess.DEVNULL,
                                                            stderr=subprocess.DEVNULL, check=False).returncode in (0, 1)
        if made and os.path.isdir(path):
            yield {"LOCPATH": directory, "LC_ALL": os.path.basename(path), "LANGUAGE": name}


def test_foreign_locales(root):
    """Menus and states are the same in every locale"""
    computer = installed(root)
    root.env["GRUB_DISTRIBUTOR"] = "LINUX DISTRIBUTION I"
    computer.run("tenon-grub", "update")
    menu, status = root.read("boot/grub/grub.cfg"), computer.status()
    part = root.run("20_linux_tenon")[1]
    for locale in foreign_locales(root):
        root.env.update(locale)
        computer.run("tenon-grub", "update")
        assert root.read("boot/grub/grub.cfg") == menu and computer.status() == status, locale
        written = root.run("20_linux_tenon")[1]
        assert written == part, (locale, [pair for pair in zip(written.splitlines(), part.splitlines()) if pair[0] != pair[1]][:1])


# Stands for the command: domains are lines of a file, one of whose configurations is refused, one of which does not shut down.
FAKE_TENON = r"""#!/bin/sh
domains=$TENON_ROOT/domains
echo "$*" >>"$TENON_ROOT/calls"
case $1 in
list)
	[ $# = 1 ] || exec grep -q "^$2 " "$domains"
	echo NAME ID MEM/MiB VCPUS STATE CPU/s
	cat "$domains"
	;;
create)
	case $2 in *bad*) exit 1 ;; esac
	name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$2")
	echo "$name $(wc -l <"$domains") 64 1 running 0.1" >>"$domains"
	;;
shutdown)
	sed -i '/^Domain-0\|^deaf/!d' "$domains"
	! grep -q deaf "$domains"
	;;
destroy) sed -i "/^[^ ]* $2 /d" "$domains" ;;
esac
"""


def test_guests_marked_for_start(root):
    """Guests marked for start are made in order, one that is there is passed over, and one that cannot be made is told; all end with the machine"""
    def guests(command):
        root.write("calls", "")
        done = subprocess.run(["dash", os.path.join(root.build, "../system/tenon-guests"), command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**root.environment(), "PATH": root.path("bin") + ":/usr/bin:/bin"}, check=False)
        calls = [line for line in root.read("calls").splitlines() if line.split()[0] in ("create", "shutdown", "destroy")]
        return done.returncode, calls, done.stdout

    root.write("bin/tenon", FAKE_TENON, 0o755)
    root.write("domains", "Domain-0 0 512 1 running 1.0\nthere 1 64 1 running 0.5\n")
    assert guests("start") == (0, [], "")
    for name in ("there", "web", "deaf"):
        root.write(f"etc/tenon/{name}.cfg", f'# name = "x"\nname = "{name}"\nmemory = 64\n')
    marked = root.path("etc/tenon/auto/")
    os.makedirs(marked)
    for link, name in (("00-there", "there"), ("10-web", "web"), ("20-deaf", "deaf"), ("30-gone", "gone")):
        os.symlink(f"../{name}.cfg", marked + link)
    root.write("etc/tenon/auto/10-web.dpkg-old", 'name = "old"\n')
    status, calls, said = guests("start")
    assert (status, calls) == (0, [f"create {marked}10-web", f"create {marked}20-deaf"]), (status, calls, said)
    assert "30-gone leads nowhere" in said
    root.write("etc/tenon/auto/05-bad", 'name = "bad"\n')
    status, calls, said = guests("start")
    assert (status, calls) == (1, [f"create {marked}05-bad"]) and "05-bad: the guest could not be made" in said
    root.write("etc/default/tenon-guests", "TENON_GUESTS_STOP_SECONDS=7\n")
    status, calls, said = guests("stop")
    assert (status, calls) == (0, ["shutdown --wait --timeout=7 1 2 3", "destroy 3"]), (status, calls, said)
    assert "not all guests have shut down" in said
    assert guests("stop") == (0, [], "")


def test_generator_of_units(root):
    """At a boot the daemons of the hypervisor that does not run are masked"""
    def masked(extra=None, enabled=True):
        shutil.rmtree(root.path("run"), ignore_errors=True)
        shutil.rmtree(root.path("sys"), ignore_errors=True)
        shutil.rmtree(root.path("etc/systemd"), ignore_errors=True)
        os.makedirs(root.path("run"))
        if extra:
            root.write("sys/hypervisor/version/extra", extra + "\n")
        if enabled:
            root.write("etc/systemd/system/multi-user.target.wants/tenon-stored.service", "")
        subprocess.run(["dash", os.path.join(SOURCE, "packaging/systemd/tenon-generator"), "/n", root.path("run"), "/l"],
                       env=root.environment(), check=True)
        return sorted(os.listdir(root.path("run")))

    assert masked() == []
    assert masked("-tenon0.1.0") == ["xen.service", "xenconsoled.service", "xenstored.service"]
    assert masked("-tenon0.1.0", enabled=False) == []
    assert masked(".5") == ["tenon-consoled.service", "tenon-guestd.service", "tenon-guests.service", "tenon-stored-ro.socket", "tenon-stored.service", "tenon-stored.socket"]
