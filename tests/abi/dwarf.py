# SPDX-License-Identifier: GPL-2.0-or-later
"""Layouts of the types in an object file, from what readelf prints of its debug information."""

import re
import subprocess

ENTRY = re.compile(r"^ *<(\d+)><([0-9a-f]+)>: Abbrev Number: (\d+)(?: \((\w+)\))?")
ATTRIBUTE = re.compile(r"^ *<[0-9a-f]+> +(DW_AT_\w+) *: ?(?:\(\w+\) )?(.*)$")
STANDARD = re.compile(r"__.*|u?int(_least|_fast|max|ptr)?\d*_t|(size|ptrdiff|wchar|max_align)_t")
SIGNED, ADDRESS = ("5", "6", "13"), "address"


class Die:
    def __init__(self, tag):
        self.tag, self.at, self.children = tag, {}, []

    def number(self, key, default=0):
        if key not in self.at:
            return default
        return int(re.match(r"0x[0-9a-f]+|\d+", self.at[key])[0], 0)

    def name(self):
        text = self.at.get("DW_AT_name")
        return text and text.split(": ")[-1].strip()


def load(path):
    """All entries by offset."""
    text = subprocess.run(["readelf", "--wide", "--debug-dump=info", path], check=True,
                          capture_output=True, text=True, errors="replace").stdout
    dies, stack, last = {}, [], None
    for line in text.splitlines():
        match = ENTRY.match(line)
        if match:
            depth, offset, abbrev, tag = int(match[1]), int(match[2], 16), match[3], match[4]
            last = None
            if abbrev == "0":
                continue
            last = dies[offset] = Die(tag)
            del stack[depth:]
            if stack:
                stack[-1].children.append(last)
            stack.append(last)
            continue
        match = ATTRIBUTE.match(line)
        if match and last:
            last.at[match[1]] = match[2]
    return dies


class Layout:
    def __init__(self, dies):
        self.dies = dies

    def target(self, die):
        match = re.search(r"<0x([0-9a-f]+)>", die.at.get("DW_AT_type", ""))
        return self.dies[int(match[1], 16)] if match else None

    def bare(self, die):
        """Without typedefs and qualifiers; an address in the caller's memory stays what it is."""
        while die and die.tag in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"):
            if die.tag == "DW_TAG_typedef" and die.name().startswith("__guest_handle"):
                return die
            die = self.target(die)
        return die

    def lengths(self, die):
        """Product of an array's dimensions."""
        total = 1
        for child in die.children:
            if child.tag == "DW_TAG_subrange_type":
                if "DW_AT_count" in child.at:
                    total *= child.number("DW_AT_count")
                else:
                    total *= child.number("DW_AT_upper_bound", -1) + 1
        return total

    def size(self, die):
        die = self.bare(die)
        if die.tag == "DW_TAG_typedef":
            return self.size(self.target(die))
        if die.tag == "DW_TAG_array_type":
            return self.lengths(die) * self.size(self.target(die))
        return die.number("DW_AT_byte_size")

    def is_handle(self, die):
        return die.tag == "DW_TAG_typedef" or (die.name() or "").startswith("xen_guest_handle")

    def flatten(self, die, path, offset, out):
        """Adds every member below die to out: path -> (offset, size, kind)."""
        die = self.bare(die)
        size = self.size(die)
        if self.is_handle(die) or die.tag == "DW_TAG_pointer_type":
            out[path] = (offset, size, ADDRESS)
        elif die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            if path is not None:
                out[path] = (offset, size, die.tag[7:-5])
            for child in die.children:
                if child.tag == "DW_TAG_member":
                    self.member(child, path, offset, out)
        elif die.tag == "DW_TAG_array_type":
            out[path] = (offset, size, f"array of {self.lengths(die)}")
            self.flatten(self.target(die), f"{path}[]", offset, out)
        else:
            kind = "signed" if die.at.get("DW_AT_encoding", "").split("\t")[0].strip() in SIGNED else "unsigned"
            out[path] = (offset, size, kind)

    def member(self, die, path, offset, out):
        offset += die.number("DW_AT_data_member_location")
        name = die.name()
        if name is None:		# anonymous: its members are the outer one's
            inner = {}
            self.flatten(self.target(die), None, offset, inner)
            inner.pop(None, None)
            out.update({join(path, p): v for p, v in inner.items()})
            return
        where = join(path, name.lstrip("_"))
        if "DW_AT_bit_size" in die.at:
            bits = die.number("DW_AT_data_bit_offset", 32 - die.number("DW_AT_bit_offset") - die.number("DW_AT_bit_size"))
            out[where] = (offset * 8 + bits, die.number("DW_AT_bit_size"), "bits")
        else:
            self.flatten(self.target(die), where, offset, out)


def join(path, name):
    return f"{path}.{name}" if path else name


def types(path):
    """Every named type: "struct x", "union x" or a typedef's name -> {member path: (offset, size, kind)}."""
    dies = load(path)
    layout, found = Layout(dies), {}
    for die in dies.values():
        name = die.name()
        if not name or "DW_AT_declaration" in die.at:
            continue
        if die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            key = f"{'struct' if die.tag[7] == 's' else 'union'} {name}"
        elif die.tag == "DW_TAG_typedef" and not STANDARD.fullmatch(name):
            key = name
        else:
            continue
        layout.flatten(die, "", 0, found.setdefault(key, {}))
    return found
