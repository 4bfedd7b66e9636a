# SPDX-License-Identifier: GPL-2.0-or-later
"""A hypervisor made of a file, a real store daemon, and the tenon command with them."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "stored", "tests"))
import tap  # noqa: E402, F401 pylint: disable=unused-import
import xs  # noqa: E402

BUILD = os.environ.get("builddir", ".")
STORED = os.path.join(BUILD, "tools/stored/tests/tenon-stored-fake")
TENON = os.path.join(BUILD, "tools/cli/tests/tenon-fake")


class Host:
    def __init__(self):
        self.stored = xs.Daemon(STORED)
        self.file = os.path.join(self.stored.dir, "domains")
        self.client = self.stored.client()
        for domid, name in ((0, "Domain-0"), (3, "web"), (7, "db"), (8, "twin"), (9, "twin")):
            self.client.write(f"/local/domain/{domid}/name", name)
        self.client.write("/local/domain/3/control/shutdown", "")
        self.reset()

    def reset(self):
        self.write("0 20 2 262144\n3 10 1 65536\n7 8 4 131072\n8 2030004 1 16384\n9 10 1 16384\n")
        with open(self.file + ".log", "w", encoding="ascii") as f:
            f.write("(XEN) hello\n")
        with open(self.file + ".more", "w", encoding="ascii") as f:
            f.write("")

    def write(self, text):
        with open(self.file, "w", encoding="ascii") as f:
            f.write(text)

    def run(self, *args, store=None, hypervisor=True):
        env = dict(os.environ, TENON_FAKE_STORE=store or self.stored.socket)
        env.pop("TENON_FAKE_DOMAINS", None)
        if hypervisor:
            env["TENON_FAKE_DOMAINS"] = self.file
        done = subprocess.run([TENON, *args], env=env, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, *args, **keywords):
        status, out, err = self.run(*args, **keywords)
        assert status == 0 and not err, (status, out, err)
        return out

    def bad(self, expected, words, *args, **keywords):
        status, out, err = self.run(*args, **keywords)
        assert status == expected and words in err, (status, out, err)
