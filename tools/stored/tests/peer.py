# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's xenstored and its clients, fetched and unpacked, without a hypervisor."""

import os
import shutil
import subprocess
import tempfile
import time

import conformance
import xs

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("srcdir") or os.path.join(HERE, "..", "..", "..")
BUILD = os.environ.get("builddir", ".")
CC = os.environ.get("CC") or "cc"
PACKAGES = ["xenstore-utils", "libxenstore4", "libxentoolcore1", "xen-utils-4.17", "libxenmisc4.17", "libxenevtchn1",
            "libxen-dev", "libxengnttab1", "libxencall1", "libxenforeignmemory1", "libxendevicemodel1", "libxentoollog1"]


def fetch():
    """Unpacked packages, and the environment in which their programs run."""
    done = subprocess.run([os.path.join(TOP, "tests/tools/debian-fetch"), os.environ.get("TENON_CACHE", f"{BUILD}/cache"),
                           "bookworm", *PACKAGES], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("Debian's packages cannot be fetched: " + done.stderr.strip().split("\n")[-1])
    roots = done.stdout.split()
    libraries = ":".join(os.path.join(root, "usr/lib/x86_64-linux-gnu") for root in roots)
    return dict(zip(PACKAGES, roots)), dict(os.environ, LD_LIBRARY_PATH=libraries)


class Peer(conformance.Peer):
    """Debian's xenstored with domains made of files."""

    def __init__(self, roots, env):
        self.dir = tempfile.mkdtemp(prefix="peer")
        hv = os.path.join(self.dir, "hv")
        os.mkdir(hv)
        shim = os.path.join(self.dir, "shim.so")
        # Its own release's headers: those of this Debian may be another's.
        done = subprocess.run([*CC.split(), "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-o", shim,
                               "-I" + os.path.join(roots["libxen-dev"], "usr/include"),
                               os.path.join(HERE, "peer_shim.c"), os.path.join(HERE, "../../hv/hv_fake.c")],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError("the shim cannot be compiled: " + done.stderr)
        with open(os.path.join(hv, "port"), "w", encoding="ascii") as f:
            f.write("8")
        with open(os.path.join(hv, "0.ring"), "wb") as f:
            f.write(bytes(4096))
        super().__init__(os.path.join(self.dir, "socket"), hv)
        env = dict(env, TENON_FAKE_HV=hv, LD_PRELOAD=shim, XENSTORED_RUNDIR=self.dir, XENSTORED_PATH=self.socket,
                   XENSTORED_ROOTDIR=self.dir)
        self.log = open(os.path.join(self.dir, "log"), "wb")
        self.process = subprocess.Popen([os.path.join(roots["xen-utils-4.17"], "usr/lib/xen-4.17/bin/xenstored"), "-N"],
                                        env=env, stderr=self.log, stdout=self.log)
        end = time.monotonic() + xs.PATIENCE
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
                    raise RuntimeError("it does not start: " + f.read()[-300:])
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.dir)
