# SPDX-License-Identifier: GPL-2.0-or-later
"""Test functions as TAP points: each function of a module whose name has one of the prefixes."""

import sys
import traceback


def run(module, prefixes, *args):
    tests = [f for name, f in vars(module).items() if name.startswith(prefixes) and callable(f)]
    bad = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().split("\n", maxsplit=1)[0]
        try:
            test(*args)
            print(f"ok {number} - {name}")
        except Exception:  # pylint: disable=broad-except
            bad += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        sys.stdout.flush()
    return bad != 0
