# SPDX-License-Identifier: GPL-2.0-or-later
"""What the protocol promises, asked of a daemon; run on Debian's xenstored too (peer), for the same answers."""

import os
import random
import struct
import time

import xs
from xs import StoreError, strings


def refused(error, call, *args, **keywords):
    try:
        got = call(*args, **keywords)
    except StoreError as e:
        assert str(e) == error, f"{e}, not {error}"
    else:
        raise AssertionError(f"{got!r}, not {error}")


def fresh(d, name):
    """A client, and a directory of the test's own."""
    c = d.client()
    c.rm("/t")
    c.mkdir("/t/" + name)
    return c, "/t/" + name


def introduced(d, domid):
    c = d.client()
    g = d.domain(domid)
    c.call(xs.INTRODUCE, strings(domid, 4711, g.port))
    home = f"/local/domain/{domid}"
    c.mkdir(home)
    c.set_perms(home, f"n{domid}")
    return c, g, home


def released(c, g):
    c.call(xs.RELEASE, strings(g.domid))
    g.set_state(None)
    c.rm(f"/local/domain/{g.domid}")


def test_nodes(d):
    """nodes: write, read, mkdir, directory, rm"""
    c, top = fresh(d, "nodes")
    c.write(top + "/a/b/c", "value")
    assert c.read(top + "/a/b/c") == "value"
    assert c.read(top + "/a/b") == ""
    assert c.ls(top) == ["a"]
    c.mkdir(top + "/a/b/c")
    assert c.read(top + "/a/b/c") == "value", "mkdir keeps a value"
    c.write(top + "/bin", bytes(range(256)))
    assert c.call(xs.READ, strings(top + "/bin")) == bytes(range(256))
    c.write(top + "/empty", "")
    assert c.read(top + "/empty") == ""
    c.rm(top + "/a")
    refused("ENOENT", c.read, top + "/a/b/c")
    assert c.ls(top) == ["bin", "empty"]
    c.rm(top + "/a")
    refused("ENOENT", c.rm, top + "/a/b")
    refused("EINVAL", c.rm, "/")
    refused("ENOENT", c.ls, top + "/none")


def test_names(d):
    """names: which are valid"""
    c, top = fresh(d, "names")
    for name in ("/a//b", "/a/", "/a b", "/a\nb", "/ä", "//", "/t/" + "x" * 3073):
        refused("EINVAL", c.write, name, "")
        refused("EINVAL", c.read, name)
    for name in ("/-", "/a@b", "/a_b-c"):
        c.write(top + name, "1")
    c.write("tool/relative", "1")
    assert c.read("/local/domain/0/tool/relative") == "1"
    c.rm("/local/domain/0/tool")


def own_test_malformed(d):
    """messages: without the zeros that they need (Debian's xenstored ends itself: not asked of it)"""
    c = d.client()
    for kind in (xs.DIRECTORY, xs.READ, xs.GET_PERMS, xs.WATCH, xs.UNWATCH, xs.TRANSACTION_END, xs.INTRODUCE, xs.RELEASE,
                 xs.GET_DOMAIN_PATH, xs.WRITE, xs.MKDIR, xs.RM, xs.SET_PERMS, xs.IS_DOMAIN_INTRODUCED, xs.RESUME,
                 xs.SET_TARGET, xs.DIRECTORY_PART, xs.CONTROL):
        for payload in (b"", b"/no/zero", b"@introduceDomain", b"\0\0\0\0"):
            try:
                c.call(kind, payload)
            except StoreError:
                pass
    refused("EINVAL", c.call, xs.READ, b"/no/zero")
    refused("EINVAL", c.call, xs.WRITE, b"")
    refused("ENOENT", c.call, xs.TRANSACTION_END, strings("T"))
    refused("EINVAL", c.set_perms, "@unknown", "n0")


def own_test_outside(d):
    """messages: what has nothing to do with transactions, within one (Debian's xenstored may end itself: not asked of it)"""
    c, g, home = introduced(d, 21)
    held = c.call(xs.CONTROL, strings("quota", "21"))
    for _ in range(50):
        tx, other = g.begin(), g.begin()
        g.write(home + "/x", "1", tx=tx)
        g.call(xs.WATCH, strings(home, "t"), tx)
        assert g.all_events() == [(home, "t")]
        g.call(xs.RESET_WATCHES, b"\0", tx)
        for gone in (tx, other):
            refused("ENOENT", g.read, home + "/x", tx=gone)
            refused("ENOENT", g.end, gone)
    assert c.call(xs.CONTROL, strings("quota", "21")) == held
    refused("ENOENT", c.read, home + "/x")
    released(c, g)


def own_test_bad_paths(d):
    """messages: paths that are none, of nodes that are there (newer xenstored end themselves: not asked of them)"""
    c, g, home = introduced(d, 22)
    bad = ("/local/domain/", "/local/", "//", "/local//domain", home + "/", "", "/@", "@", "/" + "x" * 3072, "x" * 2049)
    for path in bad[:-4] + bad[-2:]:
        for call in (g.read, g.ls, g.mkdir, g.rm, g.perms):
            refused("EINVAL", call, path)
        refused("EINVAL", g.write, path, "1")
        refused("EINVAL", g.watch, path, "t")
        refused("EINVAL", g.set_perms, path, "n22")
    assert g.ls(home) == []
    released(c, g)


def test_head(d):
    """messages: unknown types; identifiers come back; parts may come in pieces"""
    c = d.client()
    refused("ENOSYS", c.call, 200, b"x\0")
    refused("ENOSYS", c.call, 20, b"x\0")
    refused("ENOENT", c.read, "/", tx=12345)
    ident, data = c.message(xs.READ, strings("/tool"))
    for byte in data:
        c.put(bytes([byte]))
    assert c.reply(ident) == b""
    several = [c.message(xs.GET_DOMAIN_PATH, strings(i)) for i in range(100)]
    c.put(b"".join(data for _, data in several))
    for i, (ident, _) in enumerate(several):
        assert c.reply(ident) == strings(f"/local/domain/{i}")


def test_too_long(d):
    """messages: a longer one than allowed ends the connection, no other"""
    c, other = d.client(), d.client()
    c.put(xs.HEAD.pack(xs.READ, 1, 0, 4097) + bytes(4097))
    try:
        c.next_message()
        raise AssertionError("still open")
    except (xs.Closed, ConnectionError):
        pass
    assert other.read("/tool") == ""
    top = "/t/" + "n" * 60
    value = b"v" * (4096 - len(top) - 1)
    other.write(top, value)
    assert other.call(xs.READ, strings(top)) == value
    other.rm("/t")


def test_perms(d):
    """permissions: text, inheritance, order"""
    c, top = fresh(d, "perms")
    for domid in (5, 6, 7, 8):
        d.domain(domid)
    assert c.perms(top) == ["n0"]
    c.set_perms(top, "n5", "r6", "w7", "b8")
    assert c.perms(top) == ["n5", "r6", "w7", "b8"]
    c.write(top + "/below", "")
    assert c.perms(top + "/below") == ["n5", "r6", "w7", "b8"]
    for bad in ("x0", "n", "nx", ""):
        refused("EINVAL", c.set_perms, top, bad)
    refused("EINVAL", c.call, xs.SET_PERMS, strings(top))
    refused("ENOENT", c.set_perms, top + "/none", "n0")
    refused("ENOENT", c.set_perms, top, "n99")
    c.write(top + "/future", "")
    c.set_perms(top + "/future", "n0", "r98")
    _, g, _ = introduced(d, 98)
    refused("EACCES", g.read, top + "/future")
    released(c, g)
    assert c.perms(top) == ["n5", "r6", "w7", "b8"]


def test_watches(d):
    """watches: the first event, changes at and below the path, tokens, removal"""
    c, top = fresh(d, "watches")
    d.domain(1)
    w = d.client()
    w.watch(top, "token")
    assert w.all_events() == [(top, "token")]
    refused("EEXIST", w.watch, top, "token")
    w.watch(top, "second")
    w.all_events()
    c.write(top + "/x/y", "1")
    assert w.all_events() == [(top + "/x/y", "second"), (top + "/x/y", "token")]
    w.unwatch(top, "second")
    refused("ENOENT", w.unwatch, top, "second")
    c.write(top, "2")
    c.write("/t/elsewhere", "")
    c.write(top + "more", "")
    assert w.all_events() == [(top, "token")]
    c.set_perms(top + "/x", "n0", "r1")
    assert w.all_events() == [(top + "/x", "token")]
    c.rm("/t")
    assert w.all_events() == [(top, "token")]


def test_watch_removal(d):
    """watches: removing a tree tells those that watch inside it and above it"""
    c, top = fresh(d, "removal")
    c.write(top + "/a/b/c", "")
    w = d.client()
    for path in (top, top + "/a/b", top + "/a/b/c", top + "/a/none"):
        w.watch(path, "w" + path[len(top):])
    w.all_events()
    c.rm(top + "/a")
    assert w.all_events() == [(top + "/a", "w"), (top + "/a/b", "w/a/b"), (top + "/a/b/c", "w/a/b/c")]


def test_watch_missing(d):
    """watches: a path that does not exist; relative paths; names that are not"""
    c, top = fresh(d, "missing")
    w = d.client()
    w.watch(top + "/not/yet", "t")
    w.watch("missing/rel", "r")
    assert w.all_events() == [(top + "/not/yet", "t"), ("missing/rel", "r")]
    c.write(top + "/not/yet", "")
    c.write("/local/domain/0/missing/rel/x", "")
    assert w.all_events() == [(top + "/not/yet", "t"), ("missing/rel/x", "r")]
    refused("EINVAL", w.watch, "/a//b", "t")
    refused("EINVAL", w.call, xs.WATCH, strings("/a"))
    w.call(xs.RESET_WATCHES, b"\0")
    c.write(top + "/not/yet", "")
    assert w.all_events() == []


def test_transactions(d):
    """transactions: isolation, commit, abort"""
    c, top = fresh(d, "tx")
    c.write(top + "/a", "1")
    other = d.client()
    tx = c.begin()
    c.write(top + "/a", "2", tx)
    c.mkdir(top + "/new", tx)
    assert c.read(top + "/a", tx) == "2"
    assert other.read(top + "/a") == "1"
    assert other.ls(top) == ["a"]
    c.end(tx)
    assert other.read(top + "/a") == "2"
    assert other.ls(top) == ["a", "new"]
    tx = c.begin()
    c.rm(top + "/a", tx)
    refused("ENOENT", c.read, top + "/a", tx)
    c.end(tx, False)
    assert c.read(top + "/a") == "2"
    refused("ENOENT", c.end, tx)
    refused("ENOENT", c.read, top + "/a", tx)
    tx = c.begin()
    refused("EBUSY", c.call, xs.TRANSACTION_START, b"\0", tx)
    refused("EINVAL", c.call, xs.TRANSACTION_END, strings("X"), tx)
    c.end(tx)
    refused("ENOENT", other.read, top + "/a", tx)


def test_conflicts(d):
    """transactions: what was seen and has changed makes them fail"""
    c, top = fresh(d, "conflicts")
    other = d.client()

    def conflict(before, between, change=True):
        c.rm(top)
        for name in ("a", "b", "dir/x"):
            c.write(f"{top}/{name}", "1")
        tx = c.begin()
        before(tx)
        if change:
            c.write(top + "/result", "1", tx)
        between()
        try:
            c.end(tx)
            return False
        except StoreError as e:
            assert str(e) == "EAGAIN"
            assert "result" not in c.ls(top), "a failed transaction leaves nothing"
            return True

    assert not conflict(lambda tx: c.read(top + "/a", tx), lambda: None)
    assert conflict(lambda tx: c.read(top + "/a", tx), lambda: other.write(top + "/a", "2"))
    assert conflict(lambda tx: c.read(top + "/a", tx), lambda: other.rm(top + "/a"))
    assert conflict(lambda tx: c.ls(top + "/dir", tx), lambda: other.write(top + "/dir/new", ""))
    assert conflict(lambda tx: c.ls(top + "/dir", tx), lambda: other.rm(top + "/dir/x"))
    assert conflict(lambda tx: c.write(top + "/a", "3", tx), lambda: other.write(top + "/a", "2"))
    assert conflict(lambda tx: refused("ENOENT", c.read, top + "/none", tx=tx), lambda: other.write(top + "/none", "2"))
    assert not conflict(lambda tx: c.read(top + "/a", tx), lambda: other.write("/t/elsewhere", "2"), False)


def test_transaction_watches(d):
    """transactions: watches fire at the commit, not before, and not for an abort"""
    c, top = fresh(d, "txwatch")
    c.write(top + "/old/x", "")
    w = d.client()
    w.watch(top, "t")
    w.watch(top + "/old/x", "x")
    w.all_events()
    tx = c.begin()
    c.write(top + "/a", "1", tx)
    c.rm(top + "/old", tx)
    assert w.all_events() == []
    c.end(tx)
    assert w.all_events() == [(top + "/a", "t"), (top + "/old", "t"), (top + "/old/x", "x")]
    tx = c.begin()
    c.write(top + "/a", "2", tx)
    c.end(tx, False)
    assert w.all_events() == []


def test_directory_part(d):
    """directory: a long list comes in parts"""
    c, top = fresh(d, "parts")
    names = [f"a-name-that-is-somewhat-long-{i:04}" for i in range(300)]
    for name in names:
        c.write(f"{top}/{name}", "")
    refused("E2BIG", c.ls, top)
    found, generations = b"", set()
    while True:
        payload = c.call(xs.DIRECTORY_PART, strings(top, len(found)))
        generation, part = payload.split(b"\0", 1)
        generations.add(generation)
        if part.endswith(b"\0\0") or part == b"\0":
            found += part[:-1]
            break
        found += part
    assert sorted(found.decode().split("\0")[:-1]) == names
    assert len(generations) == 1
    c.write(top + "/zz", "")
    again = c.call(xs.DIRECTORY_PART, strings(top, 0)).split(b"\0", 1)[0]
    assert again not in generations, "the number changes with the list"
    c.rm(top)


def test_domain_path(d):
    """domains: paths, and who is introduced"""
    c = d.client()
    assert c.call(xs.GET_DOMAIN_PATH, strings(7)) == strings("/local/domain/7")
    assert c.call(xs.IS_DOMAIN_INTRODUCED, strings(0)) == strings("T")
    assert c.call(xs.IS_DOMAIN_INTRODUCED, strings(7)) == strings("F")
    refused("ENOENT", c.call, xs.RELEASE, strings(7))
    refused("EINVAL", c.call, xs.RELEASE, strings(0))
    refused("ENOENT", c.call, xs.RESUME, strings(7))
    refused("EINVAL", c.call, xs.INTRODUCE, strings(7, 1))
    refused("ENOENT", c.call, xs.INTRODUCE, strings(77, 1, 77 * 16))


def test_introduce(d):
    """domains: introduced and released ones are told; a ring works; home is what relative means"""
    w = d.client()
    w.watch("@introduceDomain", "i")
    w.watch("@releaseDomain", "r")
    assert w.all_events() == [("@introduceDomain", "i"), ("@releaseDomain", "r")]
    c, g, home = introduced(d, 7)
    assert w.all_events() == [("@introduceDomain", "i")]
    assert c.call(xs.IS_DOMAIN_INTRODUCED, strings(7)) == strings("T")
    g.write("data/x", "guest")
    assert c.read(home + "/data/x") == "guest"
    assert c.perms(home + "/data") == ["n7"]
    assert g.read(home + "/data/x") == "guest"
    g.watch("data", "tok")
    assert g.all_events() == [("data", "tok")]
    c.write(home + "/data/x", "1")
    assert g.all_events() == [("data/x", "tok")]
    g.call(xs.RESET_WATCHES, b"\0")
    released(c, g)
    assert c.call(xs.IS_DOMAIN_INTRODUCED, strings(7)) == strings("F")
    assert w.all_events() == [("@releaseDomain", "r")]


def test_domain_ends(d):
    """domains: shutdown and end are told once each; nodes of the dead go"""
    c, g, home = introduced(d, 8)
    c.mkdir("/t/ends")
    c.set_perms("/t/ends", "b0")
    g.write("/t/ends/mine/x", "1")
    w = d.client()
    w.watch("@releaseDomain", "r")
    w.all_events()
    g.set_state("shutdown")
    xs.kick(d.hv, xs.DOMAIN_ENDED)
    assert w.event() == ("@releaseDomain", "r")
    xs.kick(d.hv, xs.DOMAIN_ENDED)
    assert w.all_events() == []
    c.call(xs.RESUME, strings(8))
    xs.kick(d.hv, xs.DOMAIN_ENDED)
    assert w.event() == ("@releaseDomain", "r")
    g.set_state(None)
    xs.kick(d.hv, xs.DOMAIN_ENDED)
    assert w.event() == ("@releaseDomain", "r")
    assert c.call(xs.IS_DOMAIN_INTRODUCED, strings(8)) == strings("F")
    refused("ENOENT", c.read, "/t/ends/mine/x")
    refused("ENOENT", c.read, home)
    c.rm("/t")


def test_dead_rights(d):
    """domains: who gets the number of a dead one has none of its rights"""
    c, g, home = introduced(d, 23)
    c.write("/t/left/x", "s")
    c.set_perms("/t/left/x", "n0", "b23")
    assert g.read("/t/left/x") == "s"
    g.set_state(None)
    xs.kick(d.hv, xs.DOMAIN_ENDED)
    while c.call(xs.IS_DOMAIN_INTRODUCED, strings(23)) != strings("F"):
        time.sleep(0.01)
    c2, g, home = introduced(d, 23)
    refused("EACCES", g.read, "/t/left/x")
    refused("EACCES", g.write, "/t/left/x", "1")
    g.watch("/t/left", "t")
    g.all_events()
    c2.write("/t/left/x", "2")
    assert g.all_events() == []
    c2.rm("/t")
    released(c2, g)


def test_guest_rights(d):
    """permissions: what a guest may not"""
    c, g, home = introduced(d, 9)
    c.write("/t/secret/x", "s")
    c.write("/t/open", "o")
    c.set_perms("/t/open", "n0", "r9")
    refused("EACCES", g.read, "/t/secret/x")
    refused("EACCES", g.read, "/t/secret/none")
    refused("EACCES", g.write, "/t/secret/x", "1")
    refused("EACCES", g.write, "/t/secret/new", "1")
    refused("EACCES", g.mkdir, "/t/secret/new")
    refused("EACCES", g.rm, "/t/secret/x")
    refused("EACCES", g.rm, home.rsplit("/", 1)[0])
    refused("EACCES", g.ls, "/t/secret")
    refused("EACCES", g.perms, "/t/secret")
    assert g.read("/t/open") == "o"
    refused("EACCES", g.write, "/t/open", "1")
    refused("EACCES", g.set_perms, "/t/open", "n9")
    refused("ENOENT", g.read, home + "/none")
    g.write("mine", "1")
    refused("EPERM", g.set_perms, "mine", "n0")
    g.set_perms("mine", "n9", "r0", "b9")
    assert c.perms(home + "/mine") == ["n9", "r0", "b9"]
    refused("ENOSPC", g.set_perms, "mine", "n9", "r0", "r0", "r0", "r0", "r0")
    for kind, payload in ((xs.INTRODUCE, strings(10, 1, 163)), (xs.RELEASE, strings(9)), (xs.RESUME, strings(9)),
                          (xs.SET_TARGET, strings(9, 9)), (xs.CONTROL, strings("help"))):
        refused("EACCES", g.call, kind, payload)
    c.rm("/t")
    released(c, g)


def test_guest_watches(d):
    """watches: a guest learns only of what it may read"""
    c, g, home = introduced(d, 11)
    g.watch("/t", "t")
    g.all_events()
    c.write("/t/secret", "1")
    assert g.all_events() == []
    c.set_perms("/t/secret", "n0", "r11")
    assert g.all_events() == [("/t/secret", "t")]
    c.write("/t/secret", "2")
    assert g.all_events() == [("/t/secret", "t")]
    c.set_perms("/t/secret", "n0")
    assert g.all_events() == [("/t/secret", "t")]
    c.write("/t/secret", "3")
    assert g.all_events() == []
    g.watch("@releaseDomain", "r")
    g.all_events()
    c.rm("/t")
    g.call(xs.RESET_WATCHES, b"\0")
    released(c, g)


def test_target(d):
    """domains: a domain that acts for another has its rights"""
    c, g, home = introduced(d, 12)
    c2, s, _ = introduced(d, 13)
    c.write(home + "/x", "1")
    refused("EACCES", s.read, home + "/x")
    c.call(xs.SET_TARGET, strings(13, 12))
    assert s.read(home + "/x") == "1"
    s.write(home + "/x", "2")
    assert g.read("x") == "2"
    released(c2, s)
    released(c, g)


def test_quotas(d):
    """quotas: nodes, watches, transactions, sizes of a guest"""
    c, g, _ = introduced(d, 14)
    made = 0
    try:
        for made in range(2000):
            g.write(f"dir{made // 40}/n{made}", "")
        raise AssertionError("no limit of nodes")
    except StoreError as e:
        assert str(e) == "ENOSPC"
        assert 900 <= made + made // 40 <= 1001, made
    g.rm("dir0")
    g.write("dir1/again", "")
    refused("ENOSPC", g.write, "dir1/again", "x" * 3000)
    try:
        for made in range(1000):
            g.watch("dir1", f"w{made}")
        raise AssertionError("no limit of watches")
    except StoreError as e:
        assert str(e) == "E2BIG" and made in (128, 129), (str(e), made)
    try:
        for made in range(1000):
            g.begin()
        raise AssertionError("no limit of transactions")
    except StoreError as e:
        assert str(e) == "ENOSPC" and made in (9, 10, 11), (str(e), made)
    released(c, g)


def test_quota_in_transaction(d):
    """quotas: a transaction does not evade them"""
    c, g, _ = introduced(d, 15)
    tx = g.begin()
    made = 0
    try:
        for made in range(2000):
            g.write(f"dir{made // 40}/n{made}", "", tx)
        g.end(tx)
        raise AssertionError("no limit of nodes")
    except StoreError as e:
        assert str(e) == "ENOSPC", str(e)
    released(c, g)


def test_broken_ring(d):
    """rings: impossible indices hurt nobody but their domain"""
    c, g, _ = introduced(d, 16)
    c2, other, _ = introduced(d, 17)
    g.write("x", "1")
    g.set(g.REQ_PROD, g.get(g.REQ_PROD) + 5000)
    g.notify()
    for i in range(20):
        other.write("x", str(i))
        assert c.read("/local/domain/17/x") == str(i)
    other.set(other.RSP_CONS, other.get(other.RSP_PROD) + 1)
    other.put(other.message(xs.READ, strings("x"))[1])
    assert c.read("/local/domain/16/x") == "1"
    g.set(g.REQ_CONS, 77)
    g.notify()
    assert c.read("/local/domain/16/x") == "1"
    released(c2, other)
    released(c, g)


def test_quiet_requests(d):
    """rings: a request that comes while others are dealt with is not told, and answered"""
    c, g, _ = introduced(d, 19)
    processors = os.sched_getaffinity(0)
    # Both have to run at once: the daemon comes before its clients.
    os.sched_setaffinity(d.process.pid, {min(processors)})
    os.sched_setaffinity(0, processors - {min(processors)} or processors)
    for _ in range(500):
        # Many, so that they take long enough.
        first = [g.message(xs.GET_DOMAIN_PATH, strings(1)) for _ in range(7)]
        second = g.message(xs.GET_DOMAIN_PATH, strings(2))
        g.put(b"".join(data for _, data in first))
        later = time.monotonic() + random.uniform(0, 0.0001)
        while time.monotonic() < later:
            pass
        g.put(second[1])
        for ident, _ in first:
            assert g.reply(ident) == strings("/local/domain/1")
        assert g.reply(second[0]) == strings("/local/domain/2")
    os.sched_setaffinity(0, processors)
    os.sched_setaffinity(d.process.pid, processors)
    released(c, g)


def test_stalled_clients(d):
    """turns: clients that do not read, or stop in the middle, hold up nobody"""
    c, g, _ = introduced(d, 18)
    silent = d.client()
    silent.write("/t/big", "x" * 2000)
    silent.socket.setblocking(False)
    sent = 0
    try:
        while sent < 4000000:
            sent += silent.socket.send(silent.message(xs.READ, strings("/t/big"))[1] * 50)
    except BlockingIOError:
        pass
    half = d.client()
    half.put(struct.pack("=I", xs.READ))
    g.put(g.message(xs.READ, strings("/t"))[1][:10])
    watcher = d.client()
    watcher.watch("/t", "w")
    for i in range(3000):
        c.write("/t/x", str(i))
    assert c.read("/t/x") == "2999"
    silent.close()
    c.rm("/t")
    released(c, g)


def used_by(pid):
    """Seconds of processor time."""
    with open(f"/proc/{pid}/schedstat") as f:
        return int(f.read().split()[0]) / 1e9


def own_test_pace(shared):
    """turns: a guest that never stops asking has its part of the daemon's time, and is heard again; others are served"""
    d = xs.Daemon(shared.command[0], options=["--quota=watches=2000", "--quota=time=5"])
    c, g, home = introduced(d, 9)
    other, other_guest, other_home = introduced(d, 8)
    c.call(xs.SET_PERMS, strings(home, "n9"))
    # Each write is told to many.
    for i in range(500):
        g.watch(home, f"token{i}")
    flood = g.message(xs.WRITE, strings(home + "/x") + b"1")[1] * 15
    used, begin, laps, done = used_by(d.process.pid), time.monotonic(), 0, 0
    while time.monotonic() < begin + 2:
        if g.SIZE - ((g.get(g.REQ_PROD) - g.get(g.REQ_CONS)) & 0xffffffff) >= len(flood):
            g.put(flood)
        g.fill(0.005)
        g.buffer = b""
        laps += 1
        if laps % 8:
            continue
        other_guest.write(other_home + "/y", str(done))
        assert c.read(other_home + "/y") == str(done)
        done += 1
    used, seconds = used_by(d.process.pid) - used, time.monotonic() - begin
    assert used < 0.1 + 0.005 * seconds, f"{used} s of {seconds}"
    assert done > 5, f"{done} requests of others in {seconds} s"
    consumed = g.get(g.REQ_CONS)
    while g.get(g.REQ_CONS) == consumed:
        assert time.monotonic() < begin + 60, "never heard again"
        g.fill(0.05)
        g.buffer = b""
    status, log = d.stop()
    assert not status, log


def own_test_pace_of_events(shared):
    """turns: events without a request take a part of that time, too"""
    d = xs.Daemon(shared.command[0], options=["--quota=time=10"])
    _, g, home = introduced(d, 9)
    g.ls(home)
    waited = 0
    for _ in range(8):
        for _ in range(1500):
            g.notify()
        begin = time.monotonic()
        g.ls(home)
        waited = max(waited, time.monotonic() - begin)
        if waited > 0.03:
            break
    assert waited > 0.03, f"answered after {waited} s"
    status, log = d.stop()
    assert not status, log


def own_test_priority(d):
    """turns: before ordinary processes while there is little to do, an ordinary one among clients that never stop asking"""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except PermissionError:
        return      # the daemon was not allowed to, either
    policies = set()
    busiest, since, used = 0, time.monotonic(), used_by(d.process.pid)
    end = time.monotonic() + 20
    clients = [d.client() for _ in range(8)]
    request = clients[0].message(xs.READ, strings("/tool"))[1] * 200
    while len(policies) < 2 and time.monotonic() < end:
        for c in clients:
            c.put(request)
        policies.add(os.sched_getscheduler(d.process.pid) & 0xff)
        now = time.monotonic()
        if now > since + 0.3:
            busiest = max(busiest, (used_by(d.process.pid) - used) / (now - since))
            since, used = now, used_by(d.process.pid)
        for c in clients:
            c.fill(1)
            c.buffer = b""
    # On a host that is busy with other things it may never have had enough of a processor.
    assert policies == {os.SCHED_RR, os.SCHED_OTHER} or policies == {os.SCHED_RR} and busiest < 0.9, (policies, busiest)


def own_test_many_clients(d):
    """turns: more clients than allowed are refused, and those that are there go on"""
    first = d.client()
    many = []
    refused_one = False
    for _ in range(300):
        c = d.client()
        many.append(c)
    for c in many:
        try:
            assert c.read("/tool") == ""
        except (xs.Closed, ConnectionError):
            refused_one = True
    assert refused_one
    assert first.read("/tool") == ""
    for c in many:
        c.close()
    assert d.client().read("/tool") == ""


def main(daemon, prefixes):
    import sys
    import tap
    return tap.run(sys.modules[__name__], prefixes, daemon)


class Peer:
    """Debian's xenstored, started by somebody else on its own socket."""

    def __init__(self, path, hv):
        self.socket, self.hv = path, hv

    def client(self):
        return xs.SocketClient(self.socket)

    def domain(self, domid):
        return xs.RingClient(self.hv, domid)


if __name__ == "__main__":
    import sys
    sys.exit(main(Peer(os.environ.get("XENSTORED_SOCKET", "/run/xenstored/socket"), os.environ["TENON_FAKE_HV"]), ("test_",)))
