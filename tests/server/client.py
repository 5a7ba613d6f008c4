# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client of 100 lines over Python's own library, for the server's tests: frames by
hand, so that broken ones can be sent too."""
import base64
import json
import os
import socket
import struct
import time


class Closed(Exception):
    """The other side has closed; .status is its close code, None without one."""

    def __init__(self, status=None):
        super().__init__(f"closed with {status}")
        self.status = status


class Refused(Exception):
    """The upgrade was answered with another status."""


class Client:
    def __init__(self, port, path="/", headers=None, hello=None, small_buffer=False):
        self.sock = socket.socket()
        if small_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.settimeout(20)
        self.sock.connect(("127.0.0.1", port))
        self.data = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13", **(headers or {})}
        self.sock.sendall((f"GET {path} HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode())
        while b"\r\n\r\n" not in self.data:
            self._more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        status = head.split()[1].decode()
        if status != "101":
            raise Refused(status)
        if hello is not None:
            self.tell("hello", **hello)

    def _more(self):
        got = self.sock.recv(1 << 16)
        if not got:
            raise Closed()
        self.data += got

    def _take(self, n):
        while len(self.data) < n:
            self._more()
        out, self.data = self.data[:n], self.data[n:]
        return out

    def frame(self, opcode, payload, final=True):
        """Sends one frame as it is given, masked."""
        n = len(payload)
        head = bytes([opcode | (0x80 if final else 0)])
        head += (bytes([0x80 | n]) if n < 126 else bytes([0xFE]) + struct.pack(">H", n)
                 if n < 65536 else bytes([0xFF]) + struct.pack(">Q", n))
        mask = os.urandom(4)
        whole = int.from_bytes((mask * (n // 4 + 1))[:n], "big") ^ int.from_bytes(payload, "big")
        self.sock.sendall(head + mask + whole.to_bytes(n, "big"))

    def tell(self, kind, **fields):
        self.frame(1, json.dumps({"type": kind, **fields}).encode())

    def send(self, payload):
        self.frame(2, payload)

    def receive(self):
        """A dict, or (kind, is_key, number, pts, data)."""
        message = b""
        while True:
            first, second = self._take(2)
            n = second & 127
            if n == 126:
                n = struct.unpack(">H", self._take(2))[0]
            elif n == 127:
                n = struct.unpack(">Q", self._take(8))[0]
            data = self._take(n)
            opcode = first & 15
            if opcode == 8:
                raise Closed(struct.unpack(">H", data[:2])[0] if len(data) >= 2 else None)
            if opcode == 9:
                self.frame(10, data)
            if opcode in (0, 1, 2):
                kind = opcode or kind
                message += data
                if first & 0x80:
                    break
        if kind == 1:
            return json.loads(message)
        letter, is_key, number, pts = struct.unpack("<cB2xIq", message[:16])
        return letter.decode(), bool(is_key), number, pts, message[16:]

    def wait(self, kind, seconds=20):
        """The next JSON message of that type; what comes before it is passed over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            m = self.receive()
            if isinstance(m, dict) and m["type"] == kind:
                return m
        raise TimeoutError(kind)

    def collect(self, seconds):
        """All messages of so many seconds."""
        end, out = time.monotonic() + seconds, []
        while time.monotonic() < end:
            out.append(self.receive())
        return out

    def close(self):
        self.sock.close()
