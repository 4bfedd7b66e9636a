# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed of a benchmark's figures, and the goals."""

import re

# Instructions of the hypervisor on an operation that never enters it: a stray timer interrupt, spread over the samples.
NOISE = 2
HALF_OF_XEN = ("getpid", "pagefault")
IMAGE_LIMIT = 3 << 19


def memory_taken(name, text):
    """From the output of debug keys: usable by the firmware's map, less dom0's and free memory, in MiB; None if not told."""
    def number(pattern, scale=1):
        found = re.findall(pattern, text)
        return int(found[-1]) * scale if found else None

    if name == "xen":
        usable = number(r"System RAM: \d+MB \((\d+)kB\)")
        free = number(r"Dom heap: (\d+)kB free")
        dom0 = number(r"nr_pages=(\d+)", 4)
    else:
        usable = sum(int(end, 16) + 1 - int(start, 16)
                     for start, end in re.findall(r"\(TEN\)  ([0-9a-f]{16}) - ([0-9a-f]{16}) RAM", text)) // 1024
        free = number(r"Memory: \d+ frames, (\d+) free", 4)
        dom0 = number(r"Domain 0: .*?(\d+) of \d+ pages", 4)
    if None in (usable, free, dom0):
        return None
    return (usable - free - dom0) / 1024


def table(results):
    lines = [f"{'':24}{'-------- instructions --------':^33}{'- ratio to native -':^20}{'- by the hypervisor -':^24}",
             f"{'operation':24}{'native':>11}{'Xen':>11}{'Tenon':>11}{'Xen':>10}{'Tenon':>10}"
             f"{'Xen':>11}{'Tenon':>11}{'ratio':>7}   {'Tenon: user':>11}{'kernel':>11}"]
    native, xen, tenon = (results[k]["operations"] for k in ("native", "xen", "tenon"))
    for name, t in tenon.items():
        if name not in xen:
            continue
        n, x = native.get(name, {}).get("total"), xen[name]
        hx, ht = x["hypervisor"], t["hypervisor"]
        lines.append(f"{name:24}" + (f"{n:>11.0f}" if n else f"{'':>11}") + f"{x['total']:>11.0f}{t['total']:>11.0f}" +
                     (f"{x['total'] / n:>10.2f}{t['total'] / n:>10.2f}" if n else " " * 20) +
                     f"{hx:>11.0f}{ht:>11.0f}" + (f"{ht / hx:>7.2f}" if hx >= NOISE else f"{'':>7}") +
                     f"   {t['user']:>11.0f}{t['kernel']:>11.0f}")
    return lines


def machine_lines(results):
    def row(what, key, show):
        said = {k: show(results[k][key]) for k in ("native", "xen", "tenon") if results[k].get(key) is not None}
        return [f"{what}: " + ", ".join(f"{k} {v}" for k, v in said.items())] if said else []

    return (row("instructions from the hypervisor's entry to the dom0 kernel's first", "boot", lambda v: f"{v / 1e6:.1f} M") +
            row("instructions from reset to the first process", "init", lambda v: f"{v / 1e9:.3f} G") +
            row("memory kept by the hypervisor on a machine of 2 GiB", "memory", lambda v: f"{v:.2f} MiB") +
            row("image, not compressed", "image", lambda v: f"{v} bytes"))


def text(results):
    return "\n".join(table(results) + [""] + machine_lines(results))


def missed(results):
    """A line for each goal that is not met."""
    xen, tenon = results["xen"], results["tenon"]
    lines = []
    for name, t in tenon["operations"].items():
        if not (x := xen["operations"].get(name)):
            continue
        limit = max(x["hypervisor"] * (0.5 if name in HALF_OF_XEN else 1), NOISE)
        share = "half of " if name in HALF_OF_XEN else ""
        if t["hypervisor"] > limit:
            lines.append(f"{name}: Tenon executes {t['hypervisor']:.0f} instructions, more than {share}Xen's {x['hypervisor']:.0f}")
        if t["total"] > x["total"] + NOISE:
            lines.append(f"{name}: takes {t['total']:.0f} instructions in all, more than {x['total']:.0f} on Xen")
    if tenon.get("boot", 0) > xen.get("boot", 0):
        lines.append(f"boot: {tenon['boot']} instructions from entry to dom0's first, more than Xen's {xen['boot']}")
    for what, key in (("instructions from entry to dom0's first", "boot"), ("memory kept", "memory")):
        if any(key in r and r[key] is None for r in (xen, tenon)):
            lines.append(f"{what}: not seen")
    if tenon.get("memory") is not None and xen.get("memory") is not None and tenon["memory"] > xen["memory"]:
        lines.append(f"memory: Tenon keeps {tenon['memory']:.1f} MiB, more than Xen's {xen['memory']:.1f}")
    if tenon.get("image", 0) > IMAGE_LIMIT:
        lines.append(f"image: {tenon['image']} bytes, more than {IMAGE_LIMIT}")
    return lines
