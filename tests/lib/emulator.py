# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test must know of the emulator: its version, and its own faults, which look like those of what runs in it."""

import re
import subprocess

VERSION = re.compile(r"version (\d+)\.(\d+)")
# Linux 6.1 says "int3: 0000 [#1]", 6.12 "Oops: int3: 0000 [#1]"; the byte in brackets is the one after the breakpoint.
BREAKPOINT = re.compile(r"\bint3: 0000 \[#1\]")
CODE = re.compile(r"Code: (?:\S\S )*(\S\S) <\S\S>")
INT3 = "cc"


def version(program):
    """The emulator's version, as (major, minor); (0, 0) if it does not say."""
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    match = VERSION.search(said)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def translates_stale_code(command):
    """Whether the emulator that the command starts is a QEMU before 8.1.

    It may keep the translation of an instruction that another processor changes just then. Linux patches its code by way
    of a breakpoint; later it dies of that breakpoint, long gone from its memory, and does so without a hypervisor, too.
    """
    return (0, 0) < version(command[0]) < (8, 1)


def died_of_stale_breakpoint(lines):
    """Whether the kernel's first complaint is of a breakpoint where its memory holds none."""
    lines = iter(lines)
    if not any(BREAKPOINT.search(line) for line in lines):
        return False
    code = next((match for line in lines if (match := CODE.search(line))), None)
    return bool(code) and code.group(1) != INT3


def fault(command, lines, signal):
    """What the emulator did wrong in a run that failed, which then says nothing about what ran in it; None: nothing.

    command: of the emulator; lines: of its console; signal: what it died of by itself, or 0.
    """
    if signal:
        return f"the emulator died of signal {signal}"
    if died_of_stale_breakpoint(lines) and translates_stale_code(command):
        return "the emulator ran a breakpoint that was gone (HACKING)"
    return None
