# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the store's protocol over a socket or a domain's ring, and daemons to test with it."""

import array
import mmap
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

(CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, TRANSACTION_START, TRANSACTION_END, INTRODUCE, RELEASE,
 GET_DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, WATCH_EVENT, ERROR, IS_DOMAIN_INTRODUCED, RESUME, SET_TARGET) = range(20)
RESET_WATCHES, DIRECTORY_PART = 21, 22
HEAD = struct.Struct("=IIII")
PATIENCE = 20


class StoreError(Exception):
    """An XS_ERROR reply; str() is its name."""


class Closed(Exception):
    """The daemon closed the connection."""


def to_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def strings(*values):
    return b"".join(to_bytes(v) + b"\0" for v in values)


class Client:
    """Requests and replies over a stream; watch events are put aside in self.events."""

    def __init__(self):
        self.buffer = b""
        self.events = []
        self.next_id = 1

    def message(self, kind, payload=b"", tx=0):
        self.next_id += 1
        return self.next_id, HEAD.pack(kind, self.next_id, tx, len(payload)) + payload

    def take(self):
        """The next message in the buffer: (type, id, tx, payload), or None."""
        if len(self.buffer) < HEAD.size:
            return None
        kind, ident, tx, size = HEAD.unpack_from(self.buffer)
        if len(self.buffer) < HEAD.size + size:
            return None
        payload = self.buffer[HEAD.size:HEAD.size + size]
        self.buffer = self.buffer[HEAD.size + size:]
        return kind, ident, tx, payload

    def next_message(self, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while True:
            found = self.take()
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.fill(left)

    def reply(self, ident):
        while True:
            found = self.next_message()
            if not found:
                raise TimeoutError("no reply")
            kind, got, _, payload = found
            if kind == WATCH_EVENT:
                self.events.append(tuple(payload.rstrip(b"\0").decode().split("\0")))
                continue
            assert got == ident, f"reply to request {got}, not {ident}"
            if kind == ERROR:
                raise StoreError(payload.rstrip(b"\0").decode())
            return payload

    def call(self, kind, payload=b"", tx=0):
        ident, data = self.message(kind, payload, tx)
        self.put(data)
        return self.reply(ident)

    def read(self, path, tx=0):
        return self.call(READ, strings(path), tx).decode()

    def write(self, path, value, tx=0):
        return self.call(WRITE, strings(path) + to_bytes(value), tx)

    def mkdir(self, path, tx=0):
        return self.call(MKDIR, strings(path), tx)

    def rm(self, path, tx=0):
        return self.call(RM, strings(path), tx)

    def ls(self, path, tx=0):
        return sorted(n for n in self.call(DIRECTORY, strings(path), tx).decode().split("\0") if n)

    def perms(self, path, tx=0):
        return self.call(GET_PERMS, strings(path), tx).decode().split("\0")[:-1]

    def set_perms(self, path, *perms, tx=0):
        return self.call(SET_PERMS, strings(path, *perms), tx)

    def begin(self):
        return int(self.call(TRANSACTION_START, b"\0").rstrip(b"\0"))

    def end(self, tx, commit=True):
        return self.call(TRANSACTION_END, strings("T" if commit else "F"), tx)

    def watch(self, path, token):
        return self.call(WATCH, strings(path, token))

    def unwatch(self, path, token):
        return self.call(UNWATCH, strings(path, token))

    def event(self, timeout=PATIENCE):
        """The next watch event as (path, token), or None."""
        if self.events:
            return self.events.pop(0)
        found = self.next_message(timeout)
        if not found:
            return None
        assert found[0] == WATCH_EVENT, f"message of type {found[0]} unasked"
        return tuple(found[3].rstrip(b"\0").decode().split("\0"))

    def all_events(self):
        """Those that have come once a request was answered, sorted."""
        self.call(GET_DOMAIN_PATH, strings(0))
        found = self.events
        self.events = []
        while True:
            more = self.event(0.05)
            if not more:
                return sorted(found)
            found.append(more)


class SocketClient(Client):
    def __init__(self, path):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.connect(path)
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def put(self, data):
        self.socket.sendall(data)

    def fill(self, timeout):
        if select.select([self.socket], [], [], timeout)[0]:
            data = self.socket.recv(65536)
            if not data:
                raise Closed()
            self.buffer += data

    def close(self):
        self.socket.close()


class SharedPage:
    """A page that is shared with the daemon as a file. Its 32-bit words are read and written whole."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(4096))
        with open(path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 4096)
        self.words = memoryview(self.page).cast("I")

    def get(self, at):
        return self.words[at // 4]

    def set(self, at, value):
        self.words[at // 4] = value & 0xffffffff


class RingClient(Client, SharedPage):
    """A domain made of files: see hv_fake.c."""

    SIZE = 1024
    REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, FEATURES, CONNECTION, ERROR = (2048 + 4 * i for i in range(7))

    def __init__(self, directory, domid):
        Client.__init__(self)
        self.domid, self.directory = domid, directory
        self.port = domid * 16 + 3 if domid else 8
        self.path = os.path.join(directory, f"{domid}.ring")
        SharedPage.__init__(self, self.path)
        self.set_state("running")
        self.events_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = os.path.join(directory, f"{domid}.events")
        if os.path.exists(address):
            os.unlink(address)
        self.events_socket.bind(address)

    def set_state(self, state):
        path = os.path.join(self.directory, f"{self.domid}.state")
        if state is None:
            os.unlink(path)
            return
        with open(path, "w", encoding="ascii") as f:
            f.write(state)

    def notify(self):
        kick(self.directory, self.port)

    def put(self, data):
        end = time.monotonic() + PATIENCE
        while data:
            prod = self.get(self.REQ_PROD)
            room = self.SIZE - ((prod - self.get(self.REQ_CONS)) & 0xffffffff)
            for byte in data[:room]:
                self.page[prod % self.SIZE] = byte
                prod += 1
            self.set(self.REQ_PROD, prod)
            # As Linux does: who has not taken what was there before needs no telling.
            told = self.get(self.REQ_CONS) == (prod - len(data[:room])) & 0xffffffff
            data = data[room:]
            if told:
                self.notify()
            if data and time.monotonic() > end:
                raise TimeoutError("the request ring stays full")
            if data:
                self.wait(0.05)

    def wait(self, timeout):
        if select.select([self.events_socket], [], [], timeout)[0]:
            self.events_socket.recv(4)

    def fill(self, timeout):
        cons, prod = self.get(self.RSP_CONS), self.get(self.RSP_PROD)
        size = (prod - cons) & 0xffffffff
        if not size:
            self.wait(min(timeout, 0.05))
            return
        assert size <= self.SIZE, "the daemon overran its ring"
        self.buffer += bytes(self.page[1024 + (cons + i) % self.SIZE] for i in range(size))
        self.set(self.RSP_CONS, prod)
        if size == self.SIZE:
            self.notify()


def kick(directory, port, part=""):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                s.sendto(struct.pack("=I", port), os.path.join(directory, part + "events"))
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)


HAND_OVER = """
import os, sys
high = [os.dup2(int(fd), 500 + i, False) for i, fd in enumerate(sys.argv[1].split(","))]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""

DOMAIN_ENDED = 1     # the port of the event that a domain ended


class Daemon:
    """tenon-stored-fake in a directory of its own; with `manager`, a service manager that keeps its descriptors."""

    def __init__(self, program, manager=False, options=()):
        self.dir = tempfile.mkdtemp(prefix="store")
        self.hv = os.path.join(self.dir, "hv")
        os.mkdir(self.hv)
        self.socket, self.read_only = (os.path.join(self.dir, n) for n in ("socket", "socket_ro"))
        self.command = [program, f"--socket={self.socket}", f"--socket-ro={self.read_only}", f"--state={self.dir}/state",
                        *options]
        self.log = open(os.path.join(self.dir, "log"), "ab")
        self.kept = {}
        self.manager = None
        self.listeners = []
        if manager:
            self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.manager.bind(os.path.join(self.dir, "notify"))
            for path in (self.socket, self.read_only):
                s = socket.socket(socket.AF_UNIX)
                s.bind(path)
                s.listen(64)
                self.listeners.append(s)
        self.process = None
        self.start()

    def start(self):
        env = dict(os.environ, TENON_FAKE_HV=self.hv)
        fds = []
        if self.manager:
            self.collect()
            names = ["client", "reader"] + list(self.kept)
            fds = [s.fileno() for s in self.listeners] + list(self.kept.values())
            env.update(NOTIFY_SOCKET=os.path.join(self.dir, "notify"), LISTEN_FDS=str(len(fds)),
                       LISTEN_FDNAMES=":".join(names))

        # The descriptors become 3, 4, ... as sd_listen_fds() wants them.
        script = [sys.executable, "-c", HAND_OVER, ",".join(map(str, fds))] + self.command if fds else self.command
        self.process = subprocess.Popen(script, env=env, stderr=self.log, stdout=self.log, pass_fds=fds)
        if not self.manager:
            SocketClient(self.socket).close()

    def collect(self):
        """Takes what the daemon gave to its service manager."""
        while select.select([self.manager], [], [], 0)[0]:
            data, ancillary, _, _ = self.manager.recvmsg(4096, socket.CMSG_SPACE(4 * 8))
            got = array.array("i")
            for level, kind, value in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    got.frombytes(value[:len(value) - len(value) % 4])
            fields = dict(line.split("=", 1) for line in data.decode().split("\n") if "=" in line)
            name = fields.get("FDNAME")
            if "FDSTOREREMOVE" in fields and name in self.kept:
                os.close(self.kept.pop(name))
            for fd in got:
                if name in self.kept:
                    os.close(self.kept[name])
                self.kept[name] = fd

    def client(self):
        return SocketClient(self.socket)

    def domain(self, domid):
        return RingClient(self.hv, domid)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        status = self.process.returncode
        if self.manager:
            self.collect()
            for fd in self.kept.values():
                os.close(fd)
        self.log.close()
        with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
            text = f.read()
        shutil.rmtree(self.dir)
        return status, text
