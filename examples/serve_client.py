#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serve_client.py PORT TEXT OUT.h264: lets the portrait of `limner serve` say a text, keeps the
pictures."""
import base64, json, os, socket, struct, sys

port, text, out = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], "wb")
sock = socket.create_connection(("127.0.0.1", port))
sock.sendall((f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
              f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n").encode())
stream = sock.makefile("rb")
while stream.readline().strip():            # the answer's head
    pass


def tell(**message):                        # a masked text frame; the mask may be zeros
    data = json.dumps(message).encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    sock.sendall(b"\x81" + size + bytes(4) + data)


def receive():                              # (opcode, data) of the next message
    opcode, n = stream.read(2)
    n = struct.unpack(">H", stream.read(2))[0] if n == 126 else n
    n = struct.unpack(">Q", stream.read(8))[0] if n == 127 else n
    return opcode & 15, stream.read(n)


tell(type="hello", version=1, codec="h264")
tell(type="say", text=text)
n_pictures = n_samples = 0
is_said = False
while not is_said:
    opcode, data = receive()
    if opcode == 1:                         # text: JSON
        message = json.loads(data)
        if message["type"] in ("welcome", "error", "speaking"):
            print(message)
        is_said = message["type"] == "error" or message == {"type": "speaking", "on": False}
    elif opcode == 2 and data[:1] == b"V":  # a picture: 16 bytes of header, then Annex B
        n_pictures += out.write(data[16:]) > 0
    elif opcode == 2 and data[:1] == b"S":  # its sound: 16-bit samples
        n_samples += len(data[16:]) // 2
print(f"{n_pictures} pictures, {n_samples} samples")
