#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a page of the last benchmark's figures, with plots and the history over releases (doc/performance-history.csv).

It needs what tests/bench/bench leaves in its work directory: native.json, xen.json, tenon.json; what tests/bench/in-guest leaves there is
shown, too. With --record the run becomes the history's entry of a release. The page needs nothing from elsewhere.
"""

import argparse
import csv
import html
import json
import math
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import guest_report  # noqa: E402
import report  # noqa: E402

CONTEXTS = ("native", "xen", "tenon")
STYLE = """body{font:15px sans-serif;margin:2em auto;max-width:64em;color:#222}table{border-collapse:collapse;font-size:13px}
td,th{padding:2px 9px;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
.bad{color:#b00020;font-weight:bold}svg text{font:12px sans-serif}pre{background:#f4f4f4;padding:1em}"""
COLOURS = ("#0b6e99", "#c05717", "#3a7d44", "#7b4ea3", "#a3343f", "#6b6b1f", "#1f6b63", "#555555")


def shares(results):
    """(operation, Xen's instructions, Tenon's) of those that enter the hypervisor."""
    xen, tenon = (report.by_hypervisor(results[k]["operations"]) for k in ("xen", "tenon"))
    return [(k, xen[k], tenon[k]) for k in xen if k in tenon and xen[k] >= report.ENTERS and k not in report.ASYNCHRONOUS]


def goal(name, of_xen):
    return report.LIMITS.get(name, report.SHARES.get(name, report.SHARE_OF_ANY) * of_xen)


def bars(rows):
    """Tenon's share of Xen's instructions for each operation; a line where the goal is."""
    left, width, step = 190, 560, 20
    out = [f'<svg width="{left + width + 110}" height="{step * len(rows) + 30}" role="img">']
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        out.append(f'<line x1="{x}" y1="0" x2="{x}" y2="{step * len(rows)}" stroke="#ddd"/>'
                   f'<text x="{x}" y="{step * len(rows) + 16}" text-anchor="middle">{tick / 10:.1f}</text>')
    for i, (name, of_xen, of_tenon) in enumerate(rows):
        share, limit, y = of_tenon / of_xen, goal(name, of_xen) / of_xen, i * step
        colour = "#b00020" if share > limit else COLOURS[0]
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{html.escape(name)}</text>'
                   f'<rect x="{left}" y="{y + 4}" width="{width * min(share, 1):.1f}" height="{step - 8}" fill="{colour}"/>'
                   f'<line x1="{left + width * min(limit, 1):.1f}" y1="{y + 1}" x2="{left + width * min(limit, 1):.1f}" '
                   f'y2="{y + step - 1}" stroke="#000" stroke-width="2"/>'
                   f'<text x="{left + width + 8}" y="{y + 14}">{share:.2f} ({of_tenon:.0f})</text>')
    return "".join(out) + "</svg>"


def geometric_mean(entries):
    """Of (Xen's, Tenon's)."""
    logs = [math.log(max(t, 1) / x) for x, t in entries if x >= report.ENTERS]
    return math.exp(sum(logs) / len(logs)) if logs else None


def read_history(path):
    """{release: {operation: (Xen's, Tenon's)}}, in the file's order."""
    found = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                found.setdefault(row["release"], {})[row["operation"]] = (float(row["xen"]), float(row["tenon"]))
    return found


def write_history(path, history):
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("release", "operation", "xen", "tenon"))
        for release, operations in history.items():
            out.writerows((release, name, f"{x:.0f}", f"{t:.0f}") for name, (x, t) in operations.items())


def history_plot(history):
    """The geometric mean and some operations over the releases."""
    shown = ("geometric mean", "getpid", "pagefault", "divide_trap", "pipe_pingpong", "fork_exec_wait", "mprotect_64")
    left, width, height = 50, 600, 240
    releases = list(history)
    x_of = lambda i: left + width * (i + 0.5) / len(releases)  # noqa: E731
    out = [f'<svg width="{left + width + 170}" height="{height + 30}" role="img">']
    for tick in range(0, 7):
        y = height - height * tick / 6
        out.append(f'<line x1="{left}" y1="{y}" x2="{left + width}" y2="{y}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{tick / 10:.1f}</text>')
    for i, release in enumerate(releases):
        out.append(f'<text x="{x_of(i)}" y="{height + 18}" text-anchor="middle">{html.escape(release)}</text>')
    for k, name in enumerate(shown):
        points = []
        for i, release in enumerate(releases):
            if name == shown[0]:
                share = geometric_mean(history[release].values())
            else:
                pair = history[release].get(name)
                share = pair[1] / pair[0] if pair else None
            if share is not None:
                points.append((x_of(i), height - height * min(share, 0.6) / 0.6))
        if not points:
            continue
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[k]}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[k]}"/>' for x, y in points]
        out.append(f'<text x="{left + width + 12}" y="{16 + 18 * k}" fill="{COLOURS[k]}">{html.escape(name)}</text>')
    return "".join(out) + "</svg>"


def table(results):
    native, xen, tenon = (results[k]["operations"] for k in CONTEXTS)
    out = ["<table><tr><th>operation<th>native<th>on Xen<th>on Tenon<th>by Xen<th>by Tenon<th>ratio"
           "<th colspan=2>CR3 loads: Xen, Tenon<th colspan=2>flushes: Xen, Tenon<th colspan=2>interrupts: Xen, Tenon</tr>"]
    for name, t in tenon.items():
        if name not in xen:
            continue
        x, n = xen[name], native.get(name)
        ratio = f"{t['hypervisor'] / x['hypervisor']:.2f}" if x["hypervisor"] >= report.NOISE else ""
        told = "".join(f"<td>{o[what]:.1f}" if what in o else "<td>" for what in ("cr3", "flush", "interrupt") for o in (x, t))
        total = f"{n['total']:.0f}" if n else ""
        out.append(f"<tr><td>{html.escape(name)}<td>{total}<td>{x['total']:.0f}<td>{t['total']:.0f}"
                   f"<td>{x['hypervisor']:.0f}<td>{t['hypervisor']:.0f}<td>{ratio}{told}</tr>")
    return "\n".join(out) + "</table>"


def in_guest(results, guest):
    """The figures of tests/bench/in-guest, if it has run."""
    if not guest:
        return ""
    lines, missed = guest_report.text(results, guest)
    told = "".join(f'<p class="bad">Goal not met: {html.escape(line)}' for line in missed) or "<p>All goals are met."
    return f"<h2>In a guest</h2>{told}<pre>{html.escape(chr(10).join(lines))}</pre>"


def page(results, guest, history):
    rows = shares(results)
    missed = report.missed(results)
    mean = report.mean_share(results)
    told = "".join(f'<p class="bad">Goal not met: {html.escape(line)}' for line in missed) or "<p>All goals are met."
    past = f"<h2>History</h2><p>Share of Xen's instructions, release by release.</p>{history_plot(history)}" if history else ""
    return (f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Tenon: speed</title><style>{STYLE}</style>"
            "<h1>Tenon's speed against Xen's</h1><p>Instructions that the hypervisor itself executes, counted by the emulator "
            "(-icount, one processor), so that figures do not depend on the machine that measures; doc/performance.md says how each is "
            f"made.</p>{told}<p>Geometric mean of the shares: {f'{mean:.3f}' if mean else 'none'}.</p>"
            f"<h2>Share of Xen's instructions</h2><p>Black line: the goal. In brackets: Tenon's instructions.</p>{bars(rows)}"
            f"<h2>All figures</h2>{table(results)}<pre>{html.escape(chr(10).join(report.machine_lines(results)))}</pre>{in_guest(results, guest)}{past}</html>\n")


def last(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return json.load(f)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="work directory of tests/bench/bench")
    parser.add_argument("--history", required=True, help="doc/performance-history.csv")
    parser.add_argument("--out", required=True, help="the page")
    parser.add_argument("--record", metavar="RELEASE", help="enter this run into the history, in place of an earlier one of that name")
    opts = parser.parse_args()
    try:
        results = {name: last(opts.work, name + ".json") for name in CONTEXTS}
    except FileNotFoundError as e:
        print(f"html_report: {e.filename} is not there: run make bench first", file=sys.stderr)
        return 2
    try:
        guest = {name: results[name] | last(opts.work, "in-guest", name + ".json") for name in CONTEXTS[1:]}
    except FileNotFoundError:
        guest = None
    history = read_history(opts.history)
    if opts.record:
        history[opts.record] = {name: (x, t) for name, x, t in shares(results)}
        write_history(opts.history, history)
    with open(opts.out, "w", encoding="utf-8") as f:
        f.write(page(results, guest, history))
    print(f"html_report: {opts.out} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
