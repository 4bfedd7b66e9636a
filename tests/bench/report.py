# SPDX-License-Identifier: GPL-2.0-or-later
"""What is printed of a benchmark's figures, and the goals."""

import math
import re

# Instructions of the hypervisor on an operation that never enters it: a stray timer interrupt, spread over the samples.
NOISE = 2
IMAGE_LIMIT = 3 << 19
# Goals: instructions of Tenon's for each operation at most; else this much of Xen's.
LIMITS = {
    "getpid": 170, "sched_yield": 170, "signal_handler": 340, "segv_handler": 240, "divide_trap": 240, "pagefault": 570,
    "cow_fault": 1180, "mprotect_64": 13000, "munmap_64_touched": 55000, "mmap_pop_munmap_64": 95000,
    "pipe_pingpong": 2600, "pipe_pingpong_mm": 1800, "hypercall_null": 80, "hypercall_yield": 490,
}
SHARES = {"fork_exit_wait": 0.30, "fork_exec_wait": 0.30, "vfork_exec_wait": 0.30}
SHARE_OF_ANY = 0.6
SHARE_IN_THE_MEAN = 0.30
ENTERS = 100            # fewer of Xen's instructions: an operation that does not enter the hypervisor
# What the benchmark does through a device, less the system call around it.
INNER = {"hypercall_null": "ioctl_hypercall_version", "hypercall_yield": "ioctl_hypercall_yield"}
AROUND = "ioctl_enotty"
# A thread of the emulator's answers: whether the kernel has gone to sleep by then is chance. Its interrupts are not.
ASYNCHRONOUS = ("disk_read_4k",)
# Who of many processes runs first is chance, and so is how often they are switched, to this part.
UNORDERED, SPREAD = ("hackbench_group",), 0.01


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


def by_hypervisor(operations):
    """Instructions of the hypervisor, by operation."""
    found = {name: o["hypervisor"] for name, o in operations.items()}
    if AROUND in found:
        found.update({name: found[outer] - found[AROUND] for name, outer in INNER.items() if outer in found})
    return found


def mean_share(results):
    """Geometric mean of Tenon's share of Xen's instructions, over the operations that enter the hypervisor; None if there are none."""
    xen, tenon = (by_hypervisor(results[k]["operations"]) for k in ("xen", "tenon"))
    logs = [math.log(max(tenon[k], 1) / xen[k]) for k in xen if k in tenon and xen[k] >= ENTERS and k not in ASYNCHRONOUS]
    return math.exp(sum(logs) / len(logs)) if logs else None


def translations(result):
    """The operations of one context; where there are no global pages, loads of CR3 flush all translations as well."""
    operations = result["operations"]
    if result.get("global_pages", True):
        return operations
    return {name: {**o, "flush": o["flush"] + o["cr3"]} if "cr3" in o else o for name, o in operations.items()}


EVENTS = {"cr3": "loads of CR3", "flush": "all flushed", "page": "pages forgotten", "interrupt": "interrupts"}


def translation_lines(results):
    """Loads of CR3, flushes of all translations, pages forgotten, of whomever, and interrupts, for each operation."""
    both = [translations(results[k]) for k in ("native", "xen", "tenon")]
    kinds = [kind for kind in EVENTS if all(kind in o for operations in both for o in operations.values())]
    if not kinds:
        return []
    lines = ["", f"{'':24}" + "".join(f"{'---- ' + EVENTS[kind] + ' ----':^27}" for kind in kinds),
             f"{'operation':24}" + "".join(f"{k:>9}" for k in ("native", "Xen", "Tenon")) * len(kinds)]
    for name in both[2]:
        if name in both[1] and any(both[k][name][kind] >= 0.1 for k in (1, 2) for kind in kinds):
            lines.append(f"{name:24}" + "".join(f"{o[name][kind]:>9.1f}" if name in o else f"{'':>9}" for kind in kinds for o in both))
    return lines


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
    mean = mean_share(results)
    lines = table(results) + translation_lines(results) + [""]
    if mean:
        lines.append(f"geometric mean of what Tenon executes of Xen's: {mean:.3f}")
    return "\n".join(lines + machine_lines(results))


def missed(results):
    """A line for each goal that is not met."""
    xen, tenon = results["xen"], results["tenon"]
    hx, ht = by_hypervisor(xen["operations"]), by_hypervisor(tenon["operations"])
    lines = []
    for name, executed in ht.items():
        if name not in hx or name in INNER.values():
            continue
        share = SHARES.get(name, SHARE_OF_ANY)
        limit = max(LIMITS.get(name, share * hx[name]), NOISE)
        if executed > limit and name not in ASYNCHRONOUS:
            lines.append(f"{name}: Tenon executes {executed:.0f} instructions, more than {limit:.0f} (Xen: {hx[name]:.0f})")
        for what, text in (("cr3", "loads of CR3"), ("flush", "flushes"), ("interrupt", "interrupts")):
            o, of_xen = translations(tenon).get(name, {}), translations(xen).get(name, {})
            spread = SPREAD * of_xen.get(what, 0) if name in UNORDERED else 0
            if what in o and what in of_xen and o[what] > of_xen[what] + 0.1 + spread:
                lines.append(f"{name}: {o[what]:.1f} {text}, more than Xen's {of_xen[what]:.1f}")
    for name, t in tenon["operations"].items():
        if name not in ASYNCHRONOUS and (x := xen["operations"].get(name)) and t["total"] > x["total"] + NOISE:
            lines.append(f"{name}: takes {t['total']:.0f} instructions in all, more than {x['total']:.0f} on Xen")
    mean = mean_share(results)
    if mean and mean > SHARE_IN_THE_MEAN:
        lines.append(f"geometric mean: {mean:.3f} of Xen's instructions, more than {SHARE_IN_THE_MEAN}")
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
