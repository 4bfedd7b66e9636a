#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small VNC client (RFC 6143, protocol 3.8): looks at a framebuffer, and types.

    rfb.py ADDRESS PORT [--password TEXT] pattern RED GREEN BLUE FIRST-LINE LINES    these lines are all of that colour, and others are not
    rfb.py ADDRESS PORT [--password TEXT] type TEXT                                  its keys, then Enter
    rfb.py ADDRESS PORT [--password TEXT] show                                       Ctrl, Alt and 1 at once: QEMU changes over to its first console
    rfb.py ADDRESS PORT [--password TEXT] refused                                    the server does not let us in
"""

import argparse
import ctypes
import socket
import struct
import sys
import time

RETURN, CONTROL, ALT = 0xFF0D, 0xFFE3, 0xFFE9


class Refused(Exception):
    pass


def des(key, block):
    """One block by DES: triple DES with the same key thrice, which OpenSSL still has."""
    crypto = ctypes.CDLL("libcrypto.so.3")
    crypto.EVP_CIPHER_CTX_new.restype = crypto.EVP_des_ede3_ecb.restype = ctypes.c_void_p
    context, out, size = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new()), ctypes.create_string_buffer(32), ctypes.c_int()
    cipher = ctypes.c_void_p(crypto.EVP_des_ede3_ecb())
    if crypto.EVP_EncryptInit_ex(context, cipher, None, key * 3, None) != 1 or \
            crypto.EVP_EncryptUpdate(context, out, ctypes.byref(size), block, len(block)) != 1:
        raise OSError("DES is not to be had")
    return out.raw[:len(block)]


def answer(password, challenge):
    """The key is the password's first eight bytes, each with its bits the other way round."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode()[:8].ljust(8, b"\0"))
    return des(key, challenge[:8]) + des(key, challenge[8:])


class Viewer:
    def __init__(self, address, port, password):
        self.socket = socket.create_connection((address, port), 60)
        self.read(12)
        self.socket.sendall(b"RFB 003.008\n")
        kinds = self.read(self.read(1)[0])
        self.security(kinds, password)
        self.socket.sendall(b"\1")
        self.width, self.height, _, size = struct.unpack(">HH16sI", self.read(24))
        self.name = self.read(size).decode()
        # 32 bits a pixel, little-endian: blue, green, red, nothing; raw rectangles, and changes of size.
        self.socket.sendall(struct.pack(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0))
        self.socket.sendall(struct.pack(">BxHii", 2, 2, 0, -223))
        self.pixels = {}

    def security(self, kinds, password):
        kind = 2 if password is not None else 1
        if kind not in kinds:
            raise Refused(f"the server knows security types {list(kinds)}")
        self.socket.sendall(bytes((kind,)))
        if kind == 2:
            self.socket.sendall(answer(password, self.read(16)))
        if struct.unpack(">I", self.read(4))[0]:
            raise Refused(self.read(struct.unpack(">I", self.read(4))[0]).decode())

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise Refused("the server has hung up")
            data += more
        return data

    def rectangle(self):
        x, y, width, height, encoding = struct.unpack(">HHHHi", self.read(12))
        if encoding == -223:
            self.width, self.height, self.pixels = width, height, {}
            return
        data = self.read(width * height * 4)
        for line in range(height):
            row = self.pixels.setdefault(y + line, bytearray(self.width * 4))
            row[x * 4:(x + width) * 4] = data[line * width * 4:(line + 1) * width * 4]

    def look(self):
        """Asks for all of it, and takes what comes."""
        self.socket.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, self.width, self.height))
        while (kind := self.read(1)[0]) != 0:
            if kind == 3:       # text for the clipboard
                self.read(struct.unpack(">xxxI", self.read(7))[0])
        for _ in range(struct.unpack(">xH", self.read(3))[0]):
            self.rectangle()

    def colours(self, lines):
        return {bytes(row[i:i + 3]) for line, row in self.pixels.items() if line in lines for i in range(0, len(row), 4)}

    def keys(self, *symbols):
        for down in (1, 0):
            for symbol in symbols:
                self.socket.sendall(struct.pack(">BBxxI", 4, down, symbol))
            time.sleep(0.1)


def pattern(viewer, red, green, blue, first, count):
    lines = range(first, first + count)
    for _ in range(60):
        viewer.look()
        inside, outside = viewer.colours(lines), viewer.colours(range(first))
        if all(line in viewer.pixels for line in lines) and inside == {bytes((blue, green, red))} and outside and outside != inside:
            print(f"{viewer.name}: {viewer.width} x {viewer.height}, {len(outside)} other colours above")
            return 0
        time.sleep(1)
    print(f"{viewer.name}: {viewer.width} x {viewer.height}: {len(inside)} colours, {sorted(inside)[:4]}; above {sorted(outside)[:4]}")
    return 1


def type_in(viewer, text):
    for symbol in [ord(c) for c in text] + [RETURN]:
        viewer.keys(symbol)
    viewer.look()       # whoever answers this has seen the keys
    return 0


def show(viewer):
    viewer.keys(CONTROL, ALT, ord("1"))
    viewer.look()
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--password")
    parser.add_argument("what", choices=("pattern", "type", "show", "refused"))
    parser.add_argument("values", nargs="*")
    opts = parser.parse_args()
    try:
        viewer = Viewer(opts.address, opts.port, opts.password)
    except (Refused, OSError) as e:
        print(f"no entry: {e}")
        return 0 if opts.what == "refused" else 1
    if opts.what == "pattern":
        return pattern(viewer, *(int(v, 0) for v in opts.values))
    if opts.what == "show":
        return show(viewer)
    return type_in(viewer, opts.values[0]) if opts.what == "type" else 1


if __name__ == "__main__":
    sys.exit(main())
