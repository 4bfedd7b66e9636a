# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed of the benchmark's figures in a guest, and the goals."""

from report import ASYNCHRONOUS, ENTERS, INNER, NOISE, SHARE_OF_ANY, SPREAD, UNORDERED, by_hypervisor, translation_lines

# How far the ratios of two runs of one and the same thing are apart where memory is taken and given back, and where who runs first
# is chance; the rest: SPREAD.
SPREAD_ALLOCATING, SPREAD_UNORDERED = 0.03, 0.15
ALLOCATING = ("mmap_pop_munmap_64", "munmap_64_touched", "fork_exit_wait", "fork_4MiB", "fork_exec_wait", "vfork_exec_wait")
# In dom0 these are the machine's devices, in a guest split drivers with dom0 at the other end: another path, with the goal of any.
SPLIT = ("disk_read_4k", "ping")
CLOCK, CLOCK_LIMIT = "clock_gettime", 2


def ratio(xen, tenon, name):
    return tenon[name] / xen[name] if xen.get(name, 0) >= ENTERS and name in tenon else None


def only_ticks(xen):
    """What the hypervisor does meanwhile is the timer's: how many ticks come is chance."""
    return xen["hypervisor"] < xen["total"] / 1000


def text(dom0, guest):
    """Lines of tables, and those for goals that are missed. dom0: results by context; guest: of a guest on Xen, and on Tenon."""
    native, xen, tenon = dom0["native"]["operations"], guest["xen"]["operations"], guest["tenon"]["operations"]
    of_dom0, of_guest = ([by_hypervisor(results[k]["operations"]) for k in ("xen", "tenon")] for results in (dom0, guest))
    lines = [f"{'in a guest':24}{'-------- instructions --------':^33}{'- ratio to native -':^18}{'--- by the hypervisor ---':^26}{'in dom0':>9}",
             f"{'operation':24}{'native':>11}{'Xen':>11}{'Tenon':>11}{'Xen':>9}{'Tenon':>9}{'Xen':>10}{'Tenon':>9}{'ratio':>7}{'ratio':>9}"]
    missed = []
    for name, t in tenon.items():
        if name not in xen or name not in of_guest[0]:
            continue
        n, x = native.get(name), xen[name]
        there, here = (ratio(*by, name) for by in (of_dom0, of_guest))
        lines.append(f"{name:24}" + (f"{n['total']:>11.0f}" if n else f"{'':>11}") + f"{x['total']:>11.0f}{t['total']:>11.0f}" +
                     (f"{x['total'] / n['total']:>9.2f}{t['total'] / n['total']:>9.2f}" if n else " " * 18) +
                     f"{of_guest[0][name]:>10.0f}{of_guest[1][name]:>9.0f}" +
                     "".join(f"{r:>{w}.3f}" if r is not None else " " * w for r, w in ((here, 7), (there, 9))))
        if only_ticks(x) or name in ASYNCHRONOUS:
            here = there = None
        elif name in SPLIT:
            there = SHARE_OF_ANY
        missed += goals(name, n and n["total"], t, here, there, of_guest[1][name])
    return lines + translation_lines({"native": dom0["native"], **guest}) + [""] + disturbed(native, xen, tenon), missed


def disturbed(native, xen, tenon):
    """Instructions of user space beyond the native ones are those of other programs, dom0's above all."""
    others = {name: max(o[name]["user"] - native[name]["user"] for o in (xen, tenon)) for name in tenon
              if name in native and name in xen and name != CLOCK}
    found = [f"{name} {n:.0f}" for name, n in others.items() if n > NOISE]
    return ["other programs' instructions within the quickest samples: " + (", ".join(found) or "none")]


def goals(name, native, tenon, here, there, executed):
    missed = []
    spread = SPREAD_ALLOCATING if name in ALLOCATING else SPREAD_UNORDERED if name in UNORDERED else SPREAD
    if here is not None and there is not None and name not in INNER.values() and here > there * (1 + spread) + 0.001:
        missed.append(f"{name}: {here:.3f} of Xen's instructions in a guest, more than {there:.3f}")
    if name == CLOCK and native and tenon["total"] > CLOCK_LIMIT * native:
        missed.append(f"{name}: {tenon['total']:.0f} instructions, more than {CLOCK_LIMIT} times {native:.0f}")
    if name == CLOCK and max(tenon["kernel"], executed) > NOISE:
        missed.append(f"{name}: {tenon['kernel']:.0f} instructions of the kernel, {executed:.0f} of the hypervisor: there is to be no call")
    return missed
