# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a menu as GRUB would, as far as ours goes: its script language is so near to the shell's that a shell runs it.

Which entry is started, with which lines, and what was written into the environment block.
"""

import re
import shlex
import subprocess

ENTRY = re.compile(r"^(\t*)(menuentry|submenu) '(?:[^']|'\\'')*' .*?\$menuentry_id_option '((?:[^']|'\\'')*)' \{$")

COMMANDS = r'''
load_env() {
	shift 2
	file=$1
	shift
	for name; do
		eval "$name=\$(sed -n \"s/^$name=//p\" \"\$file\")"
	done
}
save_env() {
	[ -z "$CANNOT_WRITE" ] || { echo "error: writes are not supported." >&2; return 1; }
	file=$2
	shift 2
	for name; do
		eval "grub-editenv \"\$file\" set $name=\"\$$name\""
	done
}
search() { root=hd0,msdos1; }
insmod() { :; }
load_video() { :; }
regexp() { printf '%s\n' "$2" | grep -q -E -e "$1"; }
savedefault() { :; }
multiboot2() { printf '@line multiboot2 %s\n' "$*"; }
multiboot() { printf '@line multiboot %s\n' "$*"; }
module2() { printf '@line module2 %s\n' "$*"; }
module() { printf '@line module %s\n' "$*"; }
linux() { printf '@line linux %s\n' "$*"; }
sleep() { :; }
'''


class Started:
    def __init__(self, path, lines, default):
        self.path = path            # of the entry in the menu, by ids; None when the default is none of them
        self.lines = lines
        self.default = default

    @property
    def options(self):
        return next((line for line in self.lines if line.startswith("multiboot")), "")

    @property
    def kernel(self):
        return next((line for line in self.lines if not line.startswith("multiboot")), "")


def split_menu(text):
    """Top-level commands; {path: body}; the first entry's path."""
    top, entries, above, body = [], {}, None, None
    for line in text.splitlines():
        match = ENTRY.match(line)
        if body is not None:
            if line.strip() == "}":
                body = None
            else:
                body.append(line.strip())
        elif match and match[2] == "submenu":
            above = match[3]
        elif match:
            path = f"{above}>{match[3]}" if above else match[3]
            body = entries.setdefault(path, [])
        elif line == "}" and above:
            above = None
        else:
            top.append(line)
    return top, entries


def as_shell(lines):
    text = "\n".join(lines)
    text = re.sub(r"^function (\w+) \{", r"\1() {", text, flags=re.M)
    return re.sub(r"\bset (\w+)=", r"\1=", text)


def start(root, choose=None, variables=None, can_write=True):
    """Starts the default, or the entry at this path. `root` is a machine.Root."""
    with open(root.path("boot/grub/grub.cfg"), encoding="utf-8") as f:
        top, entries = split_menu(f.read())
    script = [COMMANDS, "menuentry_id_option=--id", f"root=hd0,msdos1 default=0 boot_once= lockdown= fallback= grub_platform=pc CANNOT_WRITE={'' if can_write else 'y'}"]
    script += [f"{name}={shlex.quote(value)}" for name, value in (variables or {}).items()]
    # Paths of GRUB: "(hd0,msdos1)/boot" is a directory here.
    script.append(as_shell(top).replace('"($root)"', shlex.quote(root.dir)))
    script.append('printf "@default %s\\n" "$default"')
    if choose:
        script.append(f"default={shlex.quote(choose)}")
    script.append('case $default in')
    for path, body in entries.items():
        script.append(f"{shlex.quote(path)})\nprintf '@path %s\\n' {shlex.quote(path)}\n{as_shell(body)}\n;;")
    script.append("esac")
    done = subprocess.run(["dash", "-c", "\n".join(script) + "\n", "grub"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={"PATH": "/usr/bin:/bin:/usr/sbin"}, check=False)
    if done.returncode:
        raise RuntimeError("the menu does not run: " + done.stderr)
    answers = [line.partition(" ") for line in done.stdout.splitlines()]
    path = next((rest for word, _, rest in answers if word == "@path"), None)
    default = next(rest for word, _, rest in answers if word == "@default")
    return Started(path, [rest for word, _, rest in answers if word == "@line"], default)
