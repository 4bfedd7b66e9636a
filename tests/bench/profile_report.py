# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions of the hypervisor executed the instructions that rings.c counted by address."""

import bisect
import subprocess


class Symbols:
    def __init__(self, elf):
        lines = subprocess.run(["nm", elf], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        found = sorted((int(line.split()[0], 16), line.split()[2]) for line in lines if line.split()[1] in "tTwW")
        self.addresses, self.names = [a for a, _ in found], [n for _, n in found]

    def name(self, address):
        """Code that start-up executes at low addresses, before paging, is one function."""
        i = bisect.bisect_right(self.addresses, address) - 1
        return self.names[i] if i >= 0 and address >> 47 else "(before paging)"


def by_function(symbols, counts):
    functions = {}
    for address, n in counts:
        name = symbols.name(address)
        functions[name] = functions.get(name, 0) + n
    return sorted(functions.items(), key=lambda item: -item[1])


def listing(title, functions, unit, lines):
    total = sum(n for _, n in functions)
    out = [f"{title}: {total / unit:.1f}"]
    out += [f"{n / unit:14.1f} {100 * n / total:5.1f} %  {name}" for name, n in functions[:lines] if 1000 * n >= total]
    return out


def sections(path):
    """Lists of (address, count)."""
    found, counts = [], []
    with open(path, encoding="utf-8") as f:
        for words in map(str.split, f):
            if len(words) == 1:
                found.append(counts)
                counts = []
            else:
                counts.append((int(words[0], 16), int(words[1])))
    return found


def text(elf, path, operations, lines):
    symbols = Symbols(elf)
    boot, *timed = sections(path)
    out = listing("instructions from entry to dom0's first", by_function(symbols, boot), 1, lines)
    for (name, op), counts in zip(operations.items(), timed):
        out += [""] + listing(f"the hypervisor's instructions per operation, {name}", by_function(symbols, counts), op["run"], lines)
    return "\n".join(out)
