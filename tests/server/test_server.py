#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_server.py LIMNER SOURCE_DIR: limner serve over loopback sockets: protocol, limits, refusals,
garbage, slow readers, shutdown. Python's own library only."""
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from client import Client, Closed, Refused     # noqa: E402
from serving import Server                      # noqa: E402

EXE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
HELLO = {"version": 1, "size": 256, "fps": 10}          # cheap, for busy machines


def grey_png(side):
    def chunk(kind, data):
        return (len(data).to_bytes(4, "big") + kind + data +
                zlib.crc32(kind + data).to_bytes(4, "big"))
    size = side.to_bytes(4, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + bytes([8, 0, 0, 0, 0])) +
            chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * side) * side)) + chunk(b"IEND", b""))


class Talk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(EXE)

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        if status != 0 or "ERROR" in said or "runtime error" in said:
            raise AssertionError(f"status {status}: {said}")

    def setUp(self):
        self.server.wait_metric("sessions", 0)
        self.client = Client(self.server.port, hello=HELLO)
        self.welcome = self.client.wait("welcome")

    def tearDown(self):
        self.client.close()

    def test_frames_come_on_a_clock(self):
        self.assertRegex(self.welcome["codec"], r"^avc1\.[0-9a-f]{6}$")
        self.assertIn(self.welcome["encoder"], ("libx264", "libopenh264", "h264_vaapi"))
        frames = [m for m in self.client.collect(3) if isinstance(m, tuple) and m[0] == "V"]
        self.assertGreater(len(frames), 3)
        self.assertTrue(frames[0][1] and frames[0][4][:5] == b"\0\0\0\1\x67", "starts with a key")
        self.assertEqual([f[2] for f in frames], list(range(len(frames))))
        steps = {b[3] - a[3] for a, b in zip(frames, frames[1:])}
        self.assertTrue(all(s % 1600 == 0 and s > 0 for s in steps), steps)

    def test_a_text_is_said_with_its_sound(self):
        self.client.tell("say", text="Good morning.")
        if shutil.which("espeak-ng") is None:
            self.assertIn("espeak-ng", self.client.wait("error")["message"])
            return
        self.assertTrue(self.client.wait("speaking")["on"])
        sound = []
        while True:
            m = self.client.receive()
            if isinstance(m, tuple) and m[0] == "S":
                sound.append(m)
            elif isinstance(m, dict) and m["type"] == "speaking":
                break
        n = sum(len(m[4]) // 2 for m in sound)
        self.assertGreater(n, 8000)
        for a, b in zip(sound, sound[1:]):
            self.assertGreaterEqual(b[3], a[3] + len(a[4]) // 2, "pieces do not overlap")
        self.client.tell("say", text="x", voice="nobody")
        self.assertIn("nobody", self.client.wait("error")["message"])

    def count_said(self, stalls=False):
        """Samples of a text's sound; the whole server may stand still for a while."""
        n = 0
        self.client.tell("say", text="One, two, three, four, five, six, seven, eight.")
        self.assertTrue(self.client.wait("speaking")["on"])
        while True:
            m = self.client.receive()
            if isinstance(m, tuple) and m[0] == "S":
                self.assertGreater(len(m[4]), 0)
                n += len(m[4]) // 2
            elif isinstance(m, dict) and m["type"] == "speaking":
                return n
            if stalls and n > 5000:
                stalls = False
                self.server.child.send_signal(signal.SIGSTOP)
                time.sleep(2.5)
                self.server.child.send_signal(signal.SIGCONT)

    @unittest.skipUnless(shutil.which("espeak-ng"), "no espeak-ng")
    def test_a_stall_swallows_no_words(self):
        self.assertEqual(self.count_said(), self.count_said(stalls=True))

    def test_controls_are_checked(self):
        self.client.tell("controls", gaze=[10, 0], emotion={"happy": 1}, pose=[0, 0, 5], still=True)
        for fields, word in (({"gaze": [31, 0]}, "gaze"), ({"emotion": {"bored": 1}}, "bored"),
                             ({"distance": "far"}, "distance"), ({"nose": 1}, "nose"),
                             ({"blink_rate": 99}, "blink_rate"), ({"pose": [1, 2]}, "pose")):
            self.client.tell("controls", **fields)
            self.assertIn(word, self.client.wait("error")["message"])

    def test_photos_are_taken_or_refused(self):
        self.client.send(b"P" + os.urandom(5000))
        self.assertEqual(self.client.wait("error")["code"], "photo")
        self.client.send(b"P" + grey_png(64))
        self.assertIn("face", self.client.wait("error", 60)["message"])
        self.client.send(b"P" + (SOURCE / "assets/demo.jpg").read_bytes())
        self.assertEqual(self.client.wait("portrait")["state"], "working")
        self.assertEqual(self.client.wait("portrait", 60)["state"], "ready")

    def test_sound_files_are_played_or_refused(self):
        playlist = (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"
                    b"#EXT-X-ENDLIST\n")
        for data in (b"no sound at all" * 9, playlist):     # nothing but the upload is ever opened
            self.client.send(b"A" + data)
            self.assertEqual(self.client.wait("error")["code"], "sound")
        words = b"\0\x10\0\xf0" * 4000
        head = b"RIFF" + (36 + len(words)).to_bytes(4, "little") + b"WAVEfmt " + bytes.fromhex(
            "1000000001000100803e0000007d000002001000") + b"data" + len(words).to_bytes(4, "little")
        self.client.send(b"A" + head + words)
        self.assertTrue(self.client.wait("speaking")["on"])
        self.assertFalse(self.client.wait("speaking")["on"])

    def test_a_sound_without_an_end_is_played_and_said(self):
        if not shutil.which("ffmpeg"):
            self.skipTest("no ffmpeg")
        whole = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1",
                                "-c:a", "flac", "-page_duration", "100000", "-f", "ogg", "-"],
                               check=True, capture_output=True).stdout
        for data, is_cut in ((whole, False), (whole[:-1000], True)):
            self.client.send(b"A" + data)
            told = [m for m in self.client.collect(3)
                    if isinstance(m, dict) and m["type"] != "stats"]
            self.assertEqual([m["type"] for m in told], ["note"] * is_cut + ["speaking"] * 2)
            self.assertIn("cut short", told[0].get("message", "cut short"))

    def check_recording(self, client):
        client.tell("record", on=True)
        client.wait("recording")
        client.send(b"S" + bytes(3200))
        client.collect(2)
        client.tell("record", on=False)
        ready = client.wait("recording", 30)
        data = b""
        while True:
            m = client.receive()
            if isinstance(m, tuple) and m[0] == "R":
                self.assertEqual(m[3], len(data))
                data += m[4]
                if m[1]:
                    break
        self.assertEqual(len(data), ready["bytes"])
        self.assertEqual(data[4:8], b"ftyp")
        self.assertIn(b"Synthetic video made by Limner", data)
        self.assertIn(b"avc1", data)

    def test_a_recording_is_labelled(self):
        for _ in range(2):
            self.check_recording(self.client)
        self.client.tell("record", on=True)
        self.client.tell("record", on=True)
        self.assertEqual(self.client.wait("error")["code"], "record")

    def test_jpeg_pictures_are_recorded_too(self):
        other = Client(self.server.port, hello={**HELLO, "codec": "jpeg"})
        welcome = other.wait("welcome")
        self.assertEqual((welcome["codec"], welcome["encoder"]), ("jpeg", "mjpeg"))
        pictures = [m for m in other.collect(2) if isinstance(m, tuple) and m[0] == "J"]
        self.assertTrue(pictures and all(p[4][:2] == b"\xff\xd8" for p in pictures))
        self.check_recording(other)
        other.close()

    def test_garbage_is_answered_and_ends(self):
        before = self.server.metric("bad_messages_total")
        too_long = b'{"type":"say","text":"' + b"a" * 2001 + b'"}'
        for payload in (b"{", b"\xff\xfe", b"[]", b'{"type":"dance"}', b'{"type":1}', b"[" * 9000,
                        b'{"type":"say","text":" "}', too_long):
            self.client.frame(1, payload)
            self.assertEqual(self.client.wait("error")["code"], "message")
        for payload in (b"", b"Q123", b"S", b"S1"):
            self.client.send(payload)
            self.assertEqual(self.client.wait("error")["code"], "message")
        with self.assertRaises(Closed) as end:
            for _ in range(8):          # the twentieth is the last
                self.client.tell("nothing")
            self.client.collect(20)
        self.assertEqual(end.exception.status, 1008)
        self.assertGreaterEqual(self.server.metric("bad_messages_total") - before, 20)

    def test_no_message_grows_beyond_its_limit(self):
        before = self.server.metric("oversized_messages_total")
        self.client.frame(1, b" " * 16000, final=False)
        self.client.frame(0, b" " * 16000)
        with self.assertRaises(Closed) as end:
            self.client.collect(20)
        self.assertEqual(end.exception.status, 1009)
        other = Client(self.server.port, hello=HELLO)
        other.wait("welcome")
        with self.assertRaises((Closed, ConnectionError)):
            other.send(b"P" + bytes(21 << 20))
            other.collect(20)
        other.close()
        self.assertEqual(self.server.metric("oversized_messages_total") - before, 2)

    def test_raw_bytes_harm_nobody(self):
        self.client.sock.sendall(os.urandom(4000))          # no frames: the connection ends
        with self.assertRaises((Closed, ConnectionError)):
            self.client.collect(20)
        with socket.create_connection(("127.0.0.1", self.server.port)) as s:
            s.sendall(b"\0\1\2 nonsense\r\n\r\n" * 50)
        other = Client(self.server.port, hello=HELLO)
        other.wait("welcome")
        other.close()

    def test_a_cut_message_is_counted(self):
        before = self.server.metric("cut_connections_total")
        self.client.frame(1, b'{"type":', final=False)
        time.sleep(0.3)
        self.client.close()
        self.assertEqual(self.server.wait_metric("cut_connections_total", before + 1), before + 1)
        self.assertEqual(self.server.wait_metric("sessions", 0), 0)

    def test_a_flood_is_dropped(self):
        before = self.server.metric("excess_messages_total")
        for _ in range(1500):
            self.client.tell("ping", t=1)
        self.client.tell("ping", t=2)
        self.client.collect(1)
        self.assertGreater(self.server.metric("excess_messages_total"), before)
        sound = self.server.metric("sound_dropped_samples_total")
        time.sleep(1)
        for _ in range(10):
            self.client.send(b"S" + bytes(60000))
        self.client.collect(1)
        self.assertGreater(self.server.metric("sound_dropped_samples_total"), sound)

    def test_a_hello_comes_first(self):
        other = Client(self.server.port)
        other.tell("say", text="hi")
        self.assertIn("hello", other.wait("error")["message"])
        other.tell("hello", version=2)
        self.assertIn("version 1", other.wait("error")["message"])
        other.close()

    def test_pages_health_and_metrics_are_there(self):
        self.assertIn("<canvas", self.server.get("/"))
        self.assertIn("WebSocket", self.server.get("/link.js"))
        health = json.loads(self.server.get("/health"))
        self.assertEqual(health["status"], "ok")
        self.assertEqual(health["sessions"], 1)
        self.assertEqual(health["encoder"], self.welcome["encoder"])
        for line in self.server.get("/metrics").splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) limner_\w+ .+|"
                                   r"limner_\w+(\{[^}]*\})? [0-9.e+-]+)$")
        for path, headers, status in (("/nothing", {}, 404), ("/", {"Host": "evil.example"}, 403)):
            with self.assertRaises(urllib.error.HTTPError) as answer:
                self.server.get(path, **headers)
            self.assertEqual(answer.exception.code, status)

    def test_foreign_pages_may_not_connect(self):
        own = f"http://127.0.0.1:{self.server.port}"
        Client(self.server.port, headers={"Origin": own}).close()
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Host": "evil.example"}):
            with self.assertRaises(Refused) as answer:
                Client(self.server.port, headers=headers)
            self.assertEqual(str(answer.exception), "403")


class Limits(unittest.TestCase):
    def test_one_more_is_refused_and_a_place_comes_free(self):
        server = Server(EXE, "--sessions", "2")
        clients = [Client(server.port, hello=HELLO) for _ in range(2)]
        for c in clients:
            c.wait("welcome")
        third = Client(server.port, hello=HELLO)
        error = third.wait("error")
        self.assertEqual(error["code"], "full")
        self.assertIn("all 2 places", error["message"])
        with self.assertRaises(Closed) as end:
            third.collect(5)
        self.assertEqual(end.exception.status, 1013)
        clients[0].close()
        self.assertEqual(server.wait_metric("sessions", 1), 1)
        Client(server.port, hello=HELLO).wait("welcome")
        self.assertEqual(server.stop()[0], 0)

    @unittest.skipIf(b"__asan_init" in pathlib.Path(EXE).read_bytes(), "a sanitizer keeps memory")
    def test_memory_of_ended_sessions_goes_back(self):
        def memory_mib():
            time.sleep(0.5)
            status = pathlib.Path(f"/proc/{server.child.pid}/status").read_text(encoding="ascii")
            return int(status.split("VmRSS:")[1].split()[0]) / 1024

        server = Server(EXE, "--sessions", "12")
        before = memory_mib()
        for _ in range(2):
            crowd = [Client(server.port, hello={**HELLO, "size": 128, "fps": 5}) for _ in range(12)]
            for c in crowd:
                c.wait("welcome")
            time.sleep(1)
            for c in crowd:
                c.close()
            server.wait_metric("sessions", 0, 20)
        self.assertLess(memory_mib(), before + 10)
        self.assertEqual(server.stop()[0], 0)

    def test_a_session_ends_at_its_time(self):
        server = Server(EXE, "--seconds", "2")
        c = Client(server.port, hello=HELLO)
        self.assertEqual(c.wait("bye")["reason"], "time")
        with self.assertRaises(Closed) as end:
            c.collect(5)
        self.assertEqual(end.exception.status, 1000)
        server.stop()

    def test_a_slow_reader_hurts_nobody(self):
        server = Server(EXE)
        slow = Client(server.port, hello={**HELLO, "size": 1024, "fps": 25}, small_buffer=True)
        good = Client(server.port, hello=HELLO)
        good.wait("welcome")
        good.collect(1)
        counts = [sum(isinstance(m, tuple) for m in good.collect(4)) for _ in range(5)]
        self.assertGreater(min(counts), 0.5 * max(counts))
        self.assertGreater(server.metric('frames_dropped_total{reason="slow_client"}'), 10)
        self.assertEqual(server.wait_metric("slow_clients_total", 1, 20), 1)
        slow.close()
        status, said = server.stop()
        self.assertEqual(status, 0)
        self.assertEqual(said.count("reads nothing"), 1)


class Access(unittest.TestCase):
    def test_a_token_is_asked_for(self):
        server = Server(EXE, "--token", "secret")
        c = Client(server.port, hello=HELLO)
        self.assertEqual(c.wait("error")["code"], "token")
        with self.assertRaises(Closed) as end:
            c.collect(5)
        self.assertEqual(end.exception.status, 1008)
        Client(server.port, hello={**HELLO, "token": "secret"}).wait("welcome")
        Client(server.port, path="/?token=secret", hello=HELLO).wait("welcome")
        with self.assertRaises(urllib.error.HTTPError) as answer:
            server.get("/metrics")
        self.assertEqual(answer.exception.code, 401)
        self.assertIn("token", server.get("/metrics", Authorization="Bearer secret"))
        server.stop()

    def test_beyond_loopback_a_token_is_made(self):
        server = Server(EXE, "--listen", "0.0.0.0")
        self.assertRegex(server.token, r"^[0-9a-f]{32}$")
        c = Client(server.port, hello=HELLO)
        self.assertEqual(c.wait("error")["code"], "token")
        server.stop()

    def test_a_taken_port_is_said(self):
        server = Server(EXE)
        second = subprocess.run([EXE, "serve", "--port", str(server.port)], capture_output=True,
                                text=True, timeout=60, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"port {server.port} cannot be listened at: the port is taken", second.stderr)
        server.stop()

    def test_what_cannot_be_served_at_is_said(self):
        for options, reason in ((["--listen", "192.0.2.1"], "no address of this machine"),
                                (["--cert", "absent.pem", "--key", "k.pem"],
                                 "absent.pem: there is no such file; check the name"),
                                (["--cert", __file__, "--key", __file__], "is no certificate")):
            tried = subprocess.run([EXE, "serve", "--port", "0", *options], capture_output=True,
                                   text=True, timeout=60, check=False)
            self.assertEqual(tried.returncode, 1)
            self.assertIn(reason, tried.stderr)

    def test_a_token_that_lets_everybody_in_is_refused(self):
        for token in ("", "a&b", "ä"):
            tried = subprocess.run([EXE, "serve", "--port", "0", "--token", token], check=False,
                                   capture_output=True, text=True, timeout=60)
            self.assertEqual(tried.returncode, 2)
            self.assertIn("--token: is empty or holds more than", tried.stderr)

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_tls_is_spoken(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                            "-days", "2", "-subj", "/CN=localhost", "-keyout", "k.pem",
                            "-out", "c.pem"],
                           cwd=folder, check=True, capture_output=True)
            server = Server(EXE, "--cert", f"{folder}/c.pem", "--key", f"{folder}/k.pem")
            self.assertEqual(server.scheme, "https")
            with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/health", timeout=10,
                                        context=ssl._create_unverified_context()) as answer:
                self.assertEqual(json.load(answer)["status"], "ok")
            self.assertEqual(server.stop()[0], 0)


class End(unittest.TestCase):
    def test_everybody_hears_of_the_end(self):
        server = Server(EXE)
        clients = [Client(server.port, hello=HELLO) for _ in range(2)]
        for c in clients:
            c.wait("welcome")
        started = time.monotonic()
        server.child.send_signal(signal.SIGINT)
        for c in clients:
            self.assertEqual(c.wait("bye")["reason"], "shutdown")
            with self.assertRaises(Closed) as end:
                c.collect(5)
            self.assertEqual(end.exception.status, 1001)
        self.assertEqual(server.child.wait(10), 0)
        self.assertLess(time.monotonic() - started, 8)
        server.child.stderr.close()


class Examples(unittest.TestCase):
    def run_client(self, *command):
        server = Server(EXE)
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "out.h264")
            done = subprocess.run([*command, str(server.port), "Hello there.", str(out)],
                                  check=False, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"[1-9]\d* pictures, \d{4,} samples")
            self.assertEqual(out.read_bytes()[:5], b"\0\0\0\1\x67")
        server.stop()

    @unittest.skipUnless(shutil.which("espeak-ng"), "no espeak-ng")
    def test_the_client_in_python(self):
        self.run_client(sys.executable, str(SOURCE / "examples/serve_client.py"))

    @unittest.skipUnless(shutil.which("espeak-ng"), "no espeak-ng")
    def test_the_client_in_javascript(self):
        node = shutil.which("node")
        flags = ["--experimental-websocket"]
        if not node or subprocess.run([node, *flags, "-e", "WebSocket"], check=False,
                                      capture_output=True).returncode != 0:
            self.skipTest("no node with WebSocket")
        self.run_client(node, *flags, str(SOURCE / "examples/serve_client.mjs"))


unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2, warnings="ignore")
