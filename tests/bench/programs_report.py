# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed of whole programs' figures, and the goals."""

import collections

CONTEXTS = ("native", "xen", "tenon")
ALL = CONTEXTS + ("kit",)           # Tenon with our own drivers in both domains, where there is a guest
# Name, what is measured, more is better, what it may cost in %.
FIGURES = (("orders1", "business objects, 1 warehouse, us of a round", False, 0.10),
           ("orders8", "the same, 8 warehouses", False, 0.15),
           ("compile", "gcc -O2 of four files, instructions", False, 1.3),
           ("shell", "200 pipelines of three processes, instructions", False, 65),
           ("redis_set", "redis-benchmark SET, 10 clients, a second", True, 14),
           ("redis_get", "redis-benchmark GET, a second", True, 14),
           ("pgbench", "pgbench, 4 clients, transactions a second", True, 6),
           ("pgbench_read", "the same, only reading", True, 6),
           ("nginx", "nginx and wrk, 8 connections, requests a second", True, 9))
SEVERAL = {"orders8": 3.5}          # the same on several processors, which wait for each other
OF_XEN = 0.5                        # servers in a guest, clients in dom0: what it may cost of what it costs on Xen


Row = collections.namedtuple("Row", "name what native xen tenon theirs ours goal kit")


def labels(where, cpus=1, wall=False):
    """How what is kept of each context is called. where: dom0, guest, or split (the clients in dom0, the servers in a guest)."""
    several = (f"-{cpus}" if cpus > 1 else "") + ("-wall" if wall else "")
    suffix = {"dom0": "", "guest": "-guest", "split": "-split"}[where]
    contexts = CONTEXTS if where == "dom0" else ALL
    return {name: name + ("" if name == "native" and where == "guest" else suffix) + several for name in contexts}


def cost(value, native, more_is_better):
    """In %, None without a value."""
    return 100 * (native - value if more_is_better else value - native) / native if value else None


def rows(results, where, cpus=1):
    """A Row for each figure that is there natively and on Tenon: values, costs in %, the goal, what our own drivers cost; None for what is not there."""
    for key, what, more, goal in FIGURES:
        native, xen, tenon, kit = (results.get(name, {}).get(key) for name in ALL)
        if not native or not tenon or where == "split" and not xen:
            continue
        theirs, ours, with_kit = (cost(value, native, more) for value in (xen, tenon, kit))
        if where == "split":
            goal = OF_XEN * theirs
        elif cpus > 1:
            goal = SEVERAL.get(key, goal)
        yield Row(key, what, native, xen, tenon, theirs, ours, goal, with_kit)


def cell(value, width, digits):
    return f"{value:>{width}.{digits}f}" if value is not None else f"{'-':>{width}}"


def with_our_drivers(results, where, cpus=1):
    """What is said of the goals where this project's drivers are at both ends, empty where they have not run."""
    kit = [row for row in rows(results, where, cpus) if row.kit is not None]
    missed = [row.name for row in kit if row.kit > row.goal]
    return f"With our own drivers {len(kit) - len(missed)} of {len(kit)} goals are met{', not ' * bool(missed)}{', '.join(missed)}." if kit else ""


def text(results, where, cpus=1):
    """Lines of a table, and those for goals that are missed."""
    kit = bool(results.get("kit"))
    lines = [f"{'':50}{'native':>14}{'on Xen':>14}{'on Tenon':>14}{'Xen, %':>9}{'Tenon, %':>9}{'goal':>7}" + (f"{'our drivers, %':>16}" if kit else "")]
    missed = []
    for row in rows(results, where, cpus):
        lines.append(f"{row.what:50}" + "".join(cell(v, 14, 0) for v in row[2:5]) + cell(row.theirs, 9, 2) + cell(row.ours, 9, 2) +
                     cell(row.goal, 7, 2) + (cell(row.kit, 16, 2) if kit else ""))
        if row.ours > row.goal:
            missed.append(f"{row.what}: costs {row.ours:.2f} % of native, more than {row.goal:.2f} %")
        if row.theirs is not None and row.ours > max(row.theirs, 0):
            missed.append(f"{row.what}: costs {row.ours:.2f} % of native, on Xen {row.theirs:.2f} %")
    return lines + [with_our_drivers(results, where, cpus)] * kit, missed
