# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of the tests as modules, although their files have no suffix."""

import importlib.machinery
import importlib.util
import os

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def script(directory, name):
    """tests/DIRECTORY/NAME, not run as a program."""
    loader = importlib.machinery.SourceFileLoader(f"{directory}_{name}".replace("-", "_"), os.path.join(TESTS, directory, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module
