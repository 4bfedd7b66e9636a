# SPDX-License-Identifier: GPL-2.0-or-later
"""The history over releases (doc/performance-history.csv): for each an operation's instructions by Xen and by Tenon, or, named WHERE/PROGRAM,
what a whole program costs on either, in % of native."""

import csv
import math
import os

import report


def is_program(name):
    return "/" in name


def read(path):
    """{release: {name: (Xen's, Tenon's)}}, in the file's order."""
    found = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                found.setdefault(row["release"], {})[row["operation"]] = (float(row["xen"]), float(row["tenon"]))
    return found


def write(path, history):
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("release", "operation", "xen", "tenon"))
        for release, entries in history.items():
            for name, (x, t) in entries.items():
                out.writerow((release, name, f"{x:.2f}", f"{t:.2f}") if is_program(name) else (release, name, f"{x:.0f}", f"{t:.0f}"))


def mean(entries):
    """The geometric mean of Tenon's shares of Xen's instructions, None if there are none."""
    logs = [math.log(max(t, 1) / x) for name, (x, t) in entries.items() if not is_program(name) and x >= report.ENTERS]
    return math.exp(sum(logs) / len(logs)) if logs else None


def share(entries, name):
    """Tenon's of Xen's, None if it is not told or Xen's is nothing."""
    x, t = entries.get(name, (0, 0))
    return t / x if x > 0 else None
