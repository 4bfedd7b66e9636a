# SPDX-License-Identifier: GPL-2.0-or-later
"""The smallest ELF file that passes as a Xen guest's kernel. It waits for events for ever."""

import struct

BASE = 0xffffffff80000000
# again: mov $29 (sched_op), %eax; mov $1 (SCHEDOP_block), %edi; syscall; jmp again
CODE = b"\xb8\x1d\0\0\0\xbf\x01\0\0\0\x0f\x05\xeb\xf2"


def note(kind, payload):
    payload += bytes(-len(payload) % 4)
    return struct.pack("<III4s", 4, len(payload), kind, b"Xen\0") + payload


def kernel():
    notes = (note(5, b"xen-3.0\0") + note(6, b"linux\0") + note(8, b"generic\0") + note(3, struct.pack("<Q", BASE)) +
             note(1, struct.pack("<Q", BASE + 0x1000)) + note(2, struct.pack("<Q", BASE + 0x2000)) + note(9, b"yes\0"))
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1" + bytes(9), 2, 62, 1, BASE + 0x1000, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 7, 0x1000, BASE + 0x1000, 0x1000, 0x2000, 0x2000, 0x1000)
    where = struct.pack("<IIQQQQQQ", 4, 4, 0x400, 0, 0, len(notes), len(notes), 4)
    image = bytearray(0x3000)
    for offset, part in ((0, header), (64, load + where), (0x400, notes), (0x1000, CODE)):
        image[offset:offset + len(part)] = part
    return bytes(image)
