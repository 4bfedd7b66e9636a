# SPDX-License-Identifier: GPL-2.0-or-later
"""An emulated machine whose console is read line by line, until a pattern matches or the time is over."""

import os
import selectors
import subprocess
import time


class Machine:
    def __init__(self, command, log=None):
        self.start = time.monotonic()
        self.log = log
        self.lines = []
        self._data = b""
        self._proc = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
        self._sel = selectors.DefaultSelector()
        self._sel.register(self._proc.stdout, selectors.EVENT_READ)

    @property
    def seconds(self):
        return time.monotonic() - self.start

    @property
    def tail(self):
        """What came after the last whole line, such as a prompt."""
        return self._data.decode("utf-8", "replace")

    def write(self, text):
        self._proc.stdin.write(text.encode())
        self._proc.stdin.flush()

    def next_lines(self, deadline):
        """New whole lines, perhaps none; None when the machine has ended or the deadline (of this clock) is past."""
        left = deadline - self.seconds
        if left <= 0 or not self._sel.select(left):
            return None
        chunk = os.read(self._proc.stdout.fileno(), 65536)
        if not chunk:
            return None
        self._data += chunk
        *whole, self._data = self._data.split(b"\n")
        new = [line.rstrip(b"\r").decode("utf-8", "replace") for line in whole]
        self._keep(new)
        return new

    def _keep(self, new):
        self.lines += new
        if self.log:
            self.log.writelines(f"{self.seconds:8.2f} {line}\n" for line in new)

    def wait_end(self, deadline):
        """Reads on until the emulator has ended by itself; False when it had not at the deadline."""
        while self.next_lines(deadline) is not None:
            pass
        try:
            self._proc.wait(max(0.1, min(5.0, deadline - self.seconds)))
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def signal(self):
        """The number of the signal that the emulator died of by itself, or 0."""
        try:
            return max(0, -self._proc.wait(1.0))
        except subprocess.TimeoutExpired:
            return 0

    def kill(self):
        if self._proc.poll() is None:
            self._proc.kill()
        self._proc.wait()
        self._proc.stdout.close()
        self._proc.stdin.close()
        if self._data:
            self._keep([self._data.decode("utf-8", "replace")])
