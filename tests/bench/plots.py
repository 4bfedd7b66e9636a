# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots and tables of the benchmark's page: SVG and HTML that is XML, too."""

import html

COLOURS = ("#0b6e99", "#c05717", "#3a7d44", "#7b4ea3", "#a3343f", "#6b6b1f", "#1f6b63", "#555555", "#b08900")
BAD = "#b00020"


def text(x, y, what, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{html.escape(what)}</text>'


def line(x1, y1, x2, y2, colour="#ddd", width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def svg(width, height, parts):
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img">{"".join(parts)}</svg>'


def bars(rows, left=190):
    """rows: (name, share of Xen's, the goal's share, what is written beside it). A black line where the goal is."""
    width, step = 560, 20
    out = []
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        out += [line(x, 0, x, step * len(rows)), text(x, step * len(rows) + 16, f"{tick / 10:.1f}", ' text-anchor="middle"')]
    for i, (name, share, goal, told) in enumerate(rows):
        y, at = i * step, left + width * max(min(goal, 1), 0)
        colour = BAD if share > goal else COLOURS[0]
        out += [text(left - 8, y + 14, name, ' text-anchor="end"'),
                f'<rect x="{left}" y="{y + 4}" width="{width * max(min(share, 1), 0):.1f}" height="{step - 8}" fill="{colour}"/>',
                line(at, y + 1, at, y + step - 1, "#000", 2), text(left + width + 8, y + 14, told)]
    return svg(left + width + 210, step * len(rows) + 30, out)


def lines(labels, curves, top):
    """curves: {name: a value for each of labels, or None}; from 0 to top."""
    left, width, height, ticks = 50, 600, 240, 6
    out = []
    for tick in range(ticks + 1):
        y = height - height * tick / ticks
        out += [line(left, y, left + width, y), text(left - 6, y + 4, f"{top * tick / ticks:.2g}", ' text-anchor="end"')]
    x_of = [left + width * (i + 0.5) / len(labels) for i in range(len(labels))]
    out += [text(x, height + 18, label, ' text-anchor="middle"') for x, label in zip(x_of, labels)]
    for k, (name, values) in enumerate(curves.items()):
        colour = COLOURS[k % len(COLOURS)]
        points = [(x, height - height * max(min(v, top), 0) / top, v) for x, v in zip(x_of, values) if v is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        out += [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
                text(left + width + 12, 16 + 18 * k, name, f' fill="{colour}"')]
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{v:.3f}</title></circle>' for x, y, v in points]
    return svg(left + width + 330, max(height, 18 * len(curves)) + 30, out)


def table(heads, rows):
    """heads: (text, columns that it is over); rows of texts."""
    out = ["<table><tr>" + "".join(f'<th colspan="{n}">{html.escape(what)}</th>' for what, n in heads) + "</tr>"]
    out += ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "\n".join(out) + "</table>"


def goals(missed):
    return "".join(f'<p class="bad">Goal not met: {html.escape(what)}</p>' for what in missed) or "<p>All goals are met.</p>"


def said(what):
    return f"<p>{html.escape(what)}</p>" if what else ""


def pre(what):
    return f"<pre>{html.escape(chr(10).join(what))}</pre>"
