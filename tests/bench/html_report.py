#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a page of the last benchmarks' figures, with plots and the history over releases (doc/performance-history.csv).

It needs what tests/bench/bench leaves in its work directory: native.json, xen.json, tenon.json. What the others leave there is shown,
too: tests/bench/in-guest, programs (in dom0, in a guest, split), events, guests, and, with --drivers, tests/drivers/bench. With --record the
run becomes the history's entry of a release. The page needs nothing from elsewhere.
"""

import argparse
import json
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
from script import script  # noqa: E402
import guest_report  # noqa: E402
import history  # noqa: E402
import plots  # noqa: E402
import programs_report  # noqa: E402
import report  # noqa: E402

CONTEXTS = ("native", "xen", "tenon")
STYLE = """body{font:15px sans-serif;margin:2em auto;max-width:72em;color:#222}table{border-collapse:collapse;font-size:13px}
td,th{padding:2px 9px;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
.bad{color:#b00020;font-weight:bold}svg text{font:12px sans-serif}pre{background:#f4f4f4;padding:1em;overflow-x:auto}"""
COUNTS = ("user", "kernel", "hypervisor", "cr3", "flush", "page", "interrupt")
SHOWN = ("getpid", "pagefault", "divide_trap", "pipe_pingpong", "fork_exec_wait", "mprotect_64")
PLACES = {"dom0": ("Whole programs in dom0", "programs", "Natively, in dom0 on Xen and in dom0 on Tenon: what the run, a round or an operation takes."),
          "guest": ("Whole programs in a guest", "programs --in-guest", "In a guest of one vCPU that xl makes, against native Linux."),
          "split": ("Clients in dom0, servers in a guest", "programs --split",
                    "Over the kernel's split network drivers, against clients and servers on one native machine (loopback). "
                    "The goal is half of what it costs on Xen.")}


def shares(results):
    """(operation, Xen's instructions, Tenon's) of those that enter the hypervisor."""
    xen, tenon = (report.by_hypervisor(results[k]["operations"]) for k in ("xen", "tenon"))
    return [(k, xen[k], tenon[k]) for k in xen if k in tenon and xen[k] >= report.ENTERS and k not in report.ASYNCHRONOUS]


def goal(name, of_xen):
    return report.LIMITS.get(name, report.SHARES.get(name, report.SHARE_OF_ANY) * of_xen)


def section(title, made, *parts):
    return f"<h2>{title}</h2><p>{made}</p>" + "".join(parts)


def operations(results):
    """All that is counted for each operation."""
    native, xen, tenon = (results[k]["operations"] for k in CONTEXTS)
    rows = []
    for name, t in tenon.items():
        if name not in xen:
            continue
        both = (xen[name], t)
        ratio = f"{t['hypervisor'] / xen[name]['hypervisor']:.2f}" if xen[name]["hypervisor"] >= report.NOISE else ""
        totals = [f"{o['total']:.0f}" if o else "" for o in (native.get(name), *both)]
        rows.append([name, *totals, ratio] + [f"{o[what]:.{int(what in report.EVENTS)}f}" if what in o else "" for what in COUNTS for o in both])
    heads = [("operation", 1), ("total: native, on Xen, on Tenon", 3), ("ratio, hypervisor", 1)]
    return plots.table(heads + [(f"{what}: Xen, Tenon", 2) for what in COUNTS], rows)


def in_dom0(results):
    mean = report.mean_share(results)
    rows = [(name, t / x, goal(name, x) / x, f"{t / x:.2f} ({t:.0f} of {x:.0f})") for name, x, t in shares(results)]
    return section("Operations in dom0", "Instructions that the hypervisor itself executes (make bench). Black line: the goal.",
                   plots.goals(report.missed(results)), f"<p>Geometric mean of the shares: {f'{mean:.3f}' if mean else 'none'}.</p>", plots.bars(rows),
                   operations(results), plots.pre(report.machine_lines(results)))


def in_guest(results, guest):
    lines, missed = guest_report.text(results, guest)
    return section("Operations in a guest", "The same in a guest of one vCPU that xl makes (tests/bench/in-guest).", plots.goals(missed), plots.pre(lines),
                   operations({"native": results["native"], **guest}))


def whole(where, results):
    title, command, made = PLACES[where]
    missed = programs_report.text(results, where)[1]
    rows = list(programs_report.rows(results, where))
    bars = [(row.name, row.ours / row.theirs, row.goal / row.theirs, f"{row.ours:.2f} %, Xen {row.theirs:.2f} %") for row in rows if (row.theirs or 0) > 0]
    heads = ["", "native", "on Xen", "on Tenon", "Xen costs, %", "Tenon costs, %", "goal, %"]
    cells = [[row.what, *(f"{v:.0f}" if v else "" for v in row[2:5]), *(f"{v:.2f}" if v is not None else "" for v in row[5:8])] for row in rows]
    if results.get("kit"):
        heads += ["with our own drivers", "costs, %"]
        for row, line in zip(rows, cells):
            line += [f"{results['kit'].get(row.name, 0):.0f}", f"{row.kit:.2f}"] if row.kit is not None else ["", ""]
    return section(title, f"{made} (tests/bench/{command}.) Bars: what Tenon costs of what Xen costs. Black line: the goal.",
                   plots.goals(missed), plots.said(programs_report.with_our_drivers(results, where)), plots.bars(bars),
                   plots.table([(what, 1) for what in heads], cells))


def events(found):
    goal = script("bench", "events").GOAL
    missed = [f"{way}: {kinds['hypervisor'][1]:.0f} instructions, more than {goal} of Xen's" for way, kinds in found.items()
              if kinds["hypervisor"][1] > goal * kinds["hypervisor"][0]]
    heads = [(what, 1) for what in ("", "executed by, or counted", "Xen", "Tenon")]
    rows = [[way, kind, *(f"{v:.0f}" for v in both)] for way, kinds in found.items() for kind, both in kinds.items()]
    return section("An event to another domain", "From the send to the other's upcall, medians (tests/bench/events).", plots.goals(missed),
                   plots.table(heads, rows))


def making(found):
    guests = script("bench", "guests")
    lines, missed = guests.report(found["xl"], found["tenon"])
    return section("Making guests", "By xl on Xen and by tenon on Tenon (tests/bench/guests).", plots.goals(missed), plots.pre(lines))


def drivers(logs):
    bench = script("drivers", "bench")
    paths = {pair: os.path.join(logs, f"bench-{pair}.log") for pair in bench.PAIRS}
    found = {pair: bench.costs(path) for pair, path in paths.items()}
    if not any(found.values()):
        return ""
    counted = {pair: bench.counts(logs, pair, bench.told(path, 3)) for pair, path in paths.items()}
    missed, rows = [], []
    for name in (*bench.GOALS, *bench.SHOWN):
        ticks, goal = [found[pair].get(name) for pair in bench.PAIRS], bench.GOALS.get(name)
        for pair, value in zip(bench.PAIRS[1:], ticks[1:]):
            limit = goal if pair == "both" else bench.MIXED
            if goal and ticks[0] and value and value > limit * ticks[0]:
                missed.append(f"{name}, {pair}: {value / ticks[0]:.2f}, more than {limit}")
        rows.append([name, *(str(v or "") for v in ticks), f"{ticks[1] / ticks[0]:.2f}" if ticks[0] and ticks[1] else "", str(goal or ""),
                     *(f"{v:.2f}" if v is not None else "" for pair in bench.PAIRS for v in counted[pair].get(name, (None, None)))])
    heads = [("instructions of the whole machine: the kernel's own drivers, ours at both ends, front end ours, back end ours", 5),
             ("ours of the kernel's own", 1), ("goal", 1), ("interrupts and hypercalls of either end, likewise", 8)]
    return section("Split drivers", "A guest works on a RAM disk of dom0's and sends to it (make bench-drivers).", plots.goals(missed),
                   plots.table(heads, rows))


def past(entries):
    """The history: shares of Xen's instructions, and what whole programs cost of what they cost on Xen."""
    if not entries:
        return ""
    releases = list(entries)
    curves = {"geometric mean": [history.mean(entries[r]) for r in releases]}
    curves.update({name: [history.share(entries[r], name) for r in releases] for name in SHOWN})
    names = sorted({name for r in releases for name in entries[r] if history.is_program(name)})
    out = ["<p>Share of Xen's instructions, release by release.</p>", plots.lines(releases, curves, 0.6)]
    for where in PLACES:
        costs = {name: [history.share(entries[r], name) for r in releases] for name in names if name.startswith(where + "/")}
        if costs:
            out += [f"<p>{PLACES[where][0]}: what Tenon costs of what Xen costs.</p>", plots.lines(releases, costs, 1)]
    rows = [[release, name, f"{x:.10g}", f"{t:.10g}"] for release in releases for name, (x, t) in entries[release].items()]
    heads = [(what, 1) for what in ("release", "operation (instructions), program (% of native)", "Xen", "Tenon")]
    return section("History", "doc/performance-history.csv; make bench-report RELEASE=NAME enters the last run.", *out,
                   "<details><summary>All of it</summary>", plots.table(heads, rows), "</details>")


def page(inputs, entries):
    parts = [in_dom0(inputs["results"])]
    if inputs["guest"]:
        parts.append(in_guest(inputs["results"], inputs["guest"]))
    parts += [whole(where, results) for where, results in inputs["programs"].items()]
    parts += [make(inputs[what]) for what, make in (("events", events), ("guests", making), ("drivers", drivers)) if inputs[what]]
    return ('<!DOCTYPE html>\n<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/><title>Tenon: speed</title>'
            f"<style>{STYLE}</style></head><body><h1>Tenon's speed against Xen's</h1><p>The emulator counts instructions (-icount, one processor), "
            "so that figures do not depend on the machine that measures; doc/performance.md says how each is made.</p>"
            f"{''.join(parts)}{past(entries)}</body></html>\n")


def last(*path):
    """What a run has left, or None."""
    try:
        with open(os.path.join(*path), encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return None


def all_of(names, *path):
    """{name: what a run has left}, or None if one of CONTEXTS is wanted and not there. names: {name: the file's}"""
    found = {name: last(*path, stem + ".json") or {} for name, stem in names.items()}
    return found if all(found[name] for name in CONTEXTS if name in found) else None


def read_inputs(work, logs):
    results = all_of({name: name for name in CONTEXTS}, work)
    guest = all_of({name: name for name in CONTEXTS[1:]}, work, "in-guest")
    programs = {where: all_of(programs_report.labels(where), work, "programs") for where in PLACES}
    return {"results": results, "guest": results and guest and {name: results[name] | guest[name] for name in guest},
            "programs": {where: found for where, found in programs.items() if found},
            "events": last(work, "events.json"), "guests": last(work, "guests.json"), "drivers": logs}


def entry(inputs):
    """The run, as the history has it."""
    found = {name: (x, t) for name, x, t in shares(inputs["results"])}
    for where, results in inputs["programs"].items():
        found.update({f"{where}/{row.name}": (row.theirs, row.ours) for row in programs_report.rows(results, where)})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="work directory of tests/bench/bench")
    parser.add_argument("--drivers", help="logs of tests/drivers/bench")
    parser.add_argument("--history", required=True, help="doc/performance-history.csv")
    parser.add_argument("--out", required=True, help="the page")
    parser.add_argument("--record", metavar="RELEASE", help="enter this run into the history, in place of an earlier one of that name")
    opts = parser.parse_args()
    inputs = read_inputs(opts.work, opts.drivers)
    if not inputs["results"]:
        print(f"html_report: {opts.work} has not {', '.join(name + '.json' for name in CONTEXTS)}: run make bench first", file=sys.stderr)
        return 2
    entries = history.read(opts.history)
    if opts.record:
        entries[opts.record] = entry(inputs)
        history.write(opts.history, entries)
    with open(opts.out, "w", encoding="utf-8") as f:
        f.write(page(inputs, entries))
    print(f"html_report: {opts.out} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
