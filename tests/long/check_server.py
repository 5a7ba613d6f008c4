#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_server.py LIMNER [SECONDS [SIZE [FPS]]]: a crowd at limner serve (600 s, 256 px, 10
frames/s).

Eight clients talk at once, by microphone and by text, and move their sliders, while others read
slowly or not at all, cut their connections in the middle of messages, send garbage within and
without WebSocket frames, and ask for more places than there are. The others pause twice, and
memory is compared between the pauses. Fails when one of the eight is cut off, misses a picture's
number, waits longer than MAX_GAP_S for one or gets less than LEAST_SHARE of those due; when the
server's memory, threads or open files grow; when it crashes or does not end; and when the bad ones
did nothing bad. Long tier: no part of make check; a size and rate that the machine can serve to
eight, or the late pictures are what it measures.
"""
import itertools
import json
import math
import os
import pathlib
import random
import socket
import statistics
import struct
import sys
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))
from client import Client, Closed, Refused      # noqa: E402
from serving import Server                      # noqa: E402

TALKERS, PLACES, RATE_HZ, PIECE_S = 8, 12, 16000, 0.02
MAX_GAP_S, LEAST_SHARE = 2.0, 0.5       # of pictures, for a good client
MAX_HEALTH_S = 2.0
MAX_GROWTH, MAX_GROWTH_MIB = 1.05, 24   # with the eight alone; at rest
BAD_TIMES = ((0, 0.35), (0.5, 0.8))     # shares of the time in which the bad ones begin something
DEMO = pathlib.Path(__file__).resolve().parents[2] / "assets/demo.jpg"
GONE = (Closed, Refused, ConnectionError, socket.timeout, BrokenPipeError)


def voice():
    """Pieces of something like syllables, over and over."""
    for n in itertools.count():
        words = []
        for i in range(int(RATE_HZ * PIECE_S)):
            t = n * PIECE_S + i / RATE_HZ
            loud = max(0.0, math.sin(2 * math.pi * 2.2 * t)) * (t % 6 < 4)
            words.append(int(9000 * loud * sum(math.sin(2 * math.pi * 130 * k * t) / k
                                               for k in range(1, 6))))
        yield struct.pack(f"<{len(words)}h", *(max(-32768, min(32767, w)) for w in words))


VOICE = list(itertools.islice(voice(), 300))            # 6 s, from silence to silence


class Talker(threading.Thread):
    """A well-behaved client: reads all, talks, says, moves its sliders, records now and then."""

    def __init__(self, server, number, end, size, fps):
        super().__init__(daemon=True)
        self.server, self.number, self.end, self.size, self.fps = server, number, end, size, fps
        self.lock = threading.Lock()    # of what is sent: two threads do
        self.times, self.bytes, self.dropped, self.errors, self.files = [], 0, 0, [], 0
        self.wrong = None

    def tell(self, kind, **fields):
        with self.lock:
            self.client.tell(kind, **fields)

    def talk(self):
        chance = random.Random(self.number)
        start = time.monotonic()
        for n in itertools.count():
            time.sleep(max(0.0, start + n * PIECE_S - time.monotonic()))
            if time.monotonic() > self.end:
                return
            with self.lock:
                self.client.send(b"S" + VOICE[n % len(VOICE)])
            if n % 100 == 50:
                self.tell("controls", gaze=[chance.uniform(-20, 20), 0],
                          energy=chance.uniform(0, 2),
                          pose=[chance.uniform(-20, 20), 0, 0], emotion={"happy": chance.random()})
            if n % 1500 == 300 + 100 * self.number:
                self.tell("say", text="Here I am, and I go on talking.")
            if n % 3000 in (200, 600) and self.number < 2:
                self.tell("record", on=n % 3000 == 200)

    def hear(self):
        expected = 0
        while time.monotonic() < self.end:
            m = self.client.receive()
            if isinstance(m, tuple):
                self.bytes += len(m[4])
                self.files += m[0] == "R" and m[1]
                if m[0] == "V":
                    self.times.append(time.monotonic())
                    if m[2] != expected:
                        self.wrong = f"picture {m[2]} came where {expected} was due"
                    expected = m[2] + 1
            elif m["type"] == "stats":
                self.dropped = m["dropped"]
            elif m["type"] in ("error", "bye"):
                self.errors.append(m.get("message") or m["reason"])

    def run(self):
        try:
            self.client = Client(self.server.port, hello={
                "version": 1, "size": self.size, "fps": self.fps, "rate_hz": RATE_HZ, "echo": True,
                "seed": self.number})
            self.client.wait("welcome")
            talk = threading.Thread(target=self.talk, daemon=True)
            talk.start()
            self.hear()
            talk.join()
            self.client.close()
        except Exception as e:          # whatever it is, it is the claim that fails
            self.wrong = self.wrong or repr(e)

    def gap(self):
        return max((b - a for a, b in zip(self.times, self.times[1:])), default=math.inf)


# ---- those who behave badly: each returns when it has done its harm ----

def reads_nothing(port, chance):
    """The sound of a text fills what the kernel keeps for it; half stay until they are sent
    away."""
    c = Client(port, hello={"version": 1, "size": 512, "fps": 10, "rate_hz": 48000},
               small_buffer=True)
    c.tell("say", text="I shall not hear a word of what I say. " * 20)
    time.sleep(chance.choice((3, 25)))
    c.close()


def reads_slowly(port, chance):
    c = Client(port, hello={"version": 1, "size": 512, "fps": 10, "rate_hz": 48000},
               small_buffer=True)
    c.tell("say", text="I hear it by and by. " * 20)
    for _ in range(30):
        c.receive()
        time.sleep(0.5)
    c.close()


def cuts_messages(port, chance):
    c = Client(port, hello={"version": 1, "size": 128, "fps": 5})
    cut = chance.choice(((1, b'{"type":"sa'), (2, b"P" + DEMO.read_bytes()[:90000])))
    c.frame(*cut, final=False)
    time.sleep(chance.uniform(0, 1))
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))     # a reset
    c.close()


def cuts_at_once(port, chance):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nHost: local"[:chance.randrange(1, 50)])
    s.close()
    Client(port, hello={"version": 1}).close()


def sends_garbage(port, chance):
    c = Client(port, hello={"version": 1, "size": 128, "fps": 5})
    for _ in range(30):
        c.frame(chance.choice((1, 2)), chance.randbytes(chance.randrange(300)))
    c.collect(20)


def breaks_frames(port, chance):
    """Reserved opcodes, no mask, lengths that are lies, a continuation of nothing, bare noise."""
    c = Client(port, hello={"version": 1, "size": 128, "fps": 5})
    c.sock.sendall(chance.choice((
        b"\x83\x80\0\0\0\0", b"\x81\x05hello", b"\x82\xff" + b"\x7f" + b"\xff" * 7 + b"\0" * 4,
        b"\x80\x80\0\0\0\0", b"\xf1\x80\0\0\0\0", b"\x89\xfe\xff\xff" + b"\0" * 200,
        chance.randbytes(4000))))
    c.collect(3)
    c.close()


def sends_too_much(port, chance):
    c = Client(port, hello={"version": 1, "size": 128, "fps": 5})
    for _ in range(600):
        c.tell("ping", t=1)
    c.frame(1, b'{"type":"say","text":"' + b"a" * 15000, final=False)
    c.frame(0, b"a" * 9000)
    c.collect(5)


def sends_wrong_files(port, chance):
    c = Client(port, hello={"version": 1, "size": 128, "fps": 5})
    demo = DEMO.read_bytes()
    c.send(b"A" + chance.choice((demo, chance.randbytes(3000))))
    c.send(b"P" + chance.choice((demo[:len(demo) // 3], chance.randbytes(3000))))
    c.collect(2)
    c.send(b"P" + demo)
    while c.wait("portrait", 60)["state"] != "ready":
        pass
    c.close()


def wants_more_places(port, chance):
    crowd = []
    for _ in range(PLACES):
        crowd.append(Client(port, hello={"version": 1, "size": 128, "fps": 5}))
    time.sleep(1)
    for c in crowd:
        c.close()


BAD = (reads_nothing, reads_slowly, cuts_messages, cuts_at_once, sends_garbage, breaks_frames,
       sends_too_much, sends_wrong_files, wants_more_places)
SEEN = {"bad_messages_total": sends_garbage, "oversized_messages_total": sends_too_much,
        "excess_messages_total": sends_too_much, "cut_connections_total": cuts_messages,
        "photos_total": sends_wrong_files, "photos_refused_total": sends_wrong_files,
        "slow_clients_total": reads_nothing, 'refused_total{reason="full"}': wants_more_places,
        'frames_dropped_total{reason="slow_client"}': reads_slowly}


def misbehave(port, start, seconds, seed, faults):
    chance, acts = random.Random(seed), []
    for begin, end in BAD_TIMES:
        time.sleep(max(0.0, start + begin * seconds - time.monotonic()))
        while time.monotonic() < start + end * seconds:
            acts = acts or chance.sample(BAD, len(BAD))
            act = acts.pop()
            try:
                act(port, chance)
            except GONE:
                pass                    # that is what they get
            except Exception:
                faults.append(traceback.format_exc())


# ---- the server, seen from outside ----

def sizes(pid):
    """MiB in memory, threads, open files."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return (int(fields["VmRSS"].split()[0]) / 1024, int(fields["Threads"]),
            len(os.listdir(f"/proc/{pid}/fd")))


def watch(server, end):
    """Sizes each second, and the longest wait for /health."""
    seen, slowest = [], 0.0
    while time.monotonic() < end and server.child.poll() is None:
        asked = time.monotonic()
        server.get("/health")
        slowest = max(slowest, time.monotonic() - asked)
        seen.append(sizes(server.child.pid))
        if len(seen) % 30 == 0:
            print(f"{len(seen)} s: %.1f MiB, %d threads, %d files" % seen[-1], flush=True)
        time.sleep(max(0.0, 1 - (time.monotonic() - asked)))
    return seen, slowest


def at_rest(server):
    """When everybody has left."""
    server.wait_metric("sessions", 0, 30)
    time.sleep(2)
    return sizes(server.child.pid)


def warm_up(server):
    """One of each, so that what is loaded once is there."""
    chance = random.Random(0)
    for act in BAD:
        try:
            act(server.port, chance)
        except GONE:
            pass
    return at_rest(server)


def main():
    if not 2 <= len(sys.argv) <= 5 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    exe, seconds, size, fps = [*sys.argv[1:], *("600", "256", "10")[len(sys.argv) - 2:]]
    seconds, fps, lines, faults = float(seconds), int(fps), [], []
    server = Server(exe, "--sessions", str(PLACES))
    threading.Thread(target=lambda: lines.extend(server.child.stderr), daemon=True).start()
    before = warm_up(server)
    start = time.monotonic()
    end = start + seconds
    talkers = [Talker(server, n, end, int(size), fps) for n in range(TALKERS)]
    for t in talkers:
        t.start()
        time.sleep(0.1)
    bad = [threading.Thread(target=misbehave, daemon=True,
                            args=(server.port, start, seconds, n, faults)) for n in range(3)]
    for t in bad:
        t.start()
    seen, slowest = watch(server, end)
    for t in [*talkers, *bad]:
        t.join(60)
    after = at_rest(server)
    counted = {name: server.metric(name) for name in SEEN}
    health = json.loads(server.get("/health"))
    server.child.terminate()
    status = server.child.wait(30)
    middle, last = (statistics.median(s[0] for s in part) for part in (
        seen[int(0.45 * len(seen)):len(seen) // 2], seen[int(0.95 * len(seen)):]))
    shares = [len(t.times) / (fps * seconds) for t in talkers]
    print(f"{seconds:.0f} s, {size} px, {fps} frames/s, {health['encoder']}: memory at rest "
          f"{before[0]:.1f} -> {after[0]:.1f} MiB, with the eight {middle:.1f} -> {last:.1f}; "
          f"threads {before[1]} -> {after[1]}; files {before[2]} -> {after[2]}; /health within "
          f"{1e3 * slowest:.0f} ms; {len(lines)} lines logged")
    for t, share in zip(talkers, shares):
        print("; ".join([
            f"  {t.number}: {len(t.times)} pictures ({100 * share:.0f} %), {t.dropped} dropped, "
            f"longest gap {1e3 * t.gap():.0f} ms, {t.bytes >> 10} KiB, {t.files} recordings",
            *([t.wrong] if t.wrong else []), *t.errors]))
    print(" ", counted)
    claims = {
        "the eight are served to the end": not any(t.wrong or t.errors for t in talkers),
        "none of them stalls": max(t.gap() for t in talkers) < MAX_GAP_S and
        min(shares) > LEAST_SHARE and statistics.pstdev(shares) < 0.1,
        "health is answered": slowest < MAX_HEALTH_S,
        "memory does not grow": after[0] < before[0] + MAX_GROWTH_MIB and
        last < MAX_GROWTH * middle,
        "threads and files do not grow": after[1:] == before[1:],
        "the bad ones were bad": all(counted.values()) and not faults,
        "the server ends well": status == 0 and not any(
            "Sanitizer" in line or "runtime error" in line for line in lines),
    }
    for fault in faults[:3]:
        print(fault)
    for claim, is_true in claims.items():
        print("yes:" if is_true else "NO: ", claim)
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
