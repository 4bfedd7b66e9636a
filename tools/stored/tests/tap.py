# SPDX-License-Identifier: GPL-2.0-or-later
"""Test functions as TAP points."""

import sys
import traceback


def plan(count):
    print(f"1..{count}", flush=True)


def points(tests, first, prefix, *args):
    """Runs them, numbered from `first` on. Returns how many failed."""
    bad = 0
    for number, test in enumerate(tests, first):
        name = prefix + (test.__doc__ or test.__name__).strip().split("\n", maxsplit=1)[0]
        try:
            test(*args)
            print(f"ok {number} - {name}")
        except Exception:  # pylint: disable=broad-except
            bad += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        sys.stdout.flush()
    return bad


def run(module, prefixes, *args):
    """Each function of a module whose name has one of the prefixes. Returns whether one failed."""
    tests = [f for name, f in vars(module).items() if name.startswith(prefixes) and callable(f)]
    plan(len(tests))
    return points(tests, 1, "", *args) != 0
