# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed of whole programs' figures, and the goals."""

CONTEXTS = ("native", "xen", "tenon")
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


def labels(where, cpus=1):
    """How what is kept of each context is called. where: dom0, guest, or split (the clients in dom0, the servers in a guest)."""
    several = f"-{cpus}" if cpus > 1 else ""
    suffix = {"dom0": "", "guest": "-guest", "split": "-split"}[where]
    return {name: name + ("" if name == "native" and where == "guest" else suffix) + several for name in CONTEXTS}


def cost(value, native, more_is_better):
    """In %."""
    return 100 * (native - value if more_is_better else value - native) / native


def rows(results, where, cpus=1):
    """(name, what is measured, natively, on Xen, on Tenon, cost on Xen, on Tenon, goal) of each figure that all contexts have."""
    for key, text, more, goal in FIGURES:
        values = [results[name].get(key) for name in CONTEXTS]
        if not all(values):
            continue
        theirs, ours = (cost(value, values[0], more) for value in values[1:])
        if where == "split":
            goal = OF_XEN * theirs
        elif cpus > 1:
            goal = SEVERAL.get(key, goal)
        yield key, text, *values, theirs, ours, goal


def text(results, where, cpus=1):
    """Lines of a table, and those for goals that are missed."""
    lines = [f"{'':50}{'native':>14}{'on Xen':>14}{'on Tenon':>14}{'Xen, %':>9}{'Tenon, %':>9}{'goal':>7}"]
    missed = []
    for _, what, native, xen, tenon, theirs, ours, goal in rows(results, where, cpus):
        lines.append(f"{what:50}{native:>14.0f}{xen:>14.0f}{tenon:>14.0f}{theirs:>9.2f}{ours:>9.2f}{goal:>7.2f}")
        if ours > goal:
            missed.append(f"{what}: costs {ours:.2f} % of native, more than {goal:.2f} %")
        if ours > max(theirs, 0):
            missed.append(f"{what}: costs {ours:.2f} % of native, on Xen {theirs:.2f} %")
    return lines, missed
