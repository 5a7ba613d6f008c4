// SPDX-License-Identifier: Apache-2.0
// The WebSocket of doc/protocol.md: JSON and binary messages, in and out.

export const HEADER_BYTES = 16;

// What a binary message holds; pts in seconds.
export function parse(buffer, rate) {
  const v = new DataView(buffer);
  return {kind: String.fromCharCode(v.getUint8(0)), isKey: v.getUint8(1) === 1,
    number: v.getUint32(4, true), place: Number(v.getBigInt64(8, true)),
    pts: Number(v.getBigInt64(8, true)) / rate, data: new Uint8Array(buffer, HEADER_BYTES)};
}

export class Link {
  // on: {welcome, media, closed, and one for each type of message}
  constructor(hello, on) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.on = on;
    this.rate = hello.rate_hz;
    this.last = null;                    // the last error, for what is said when it closes
    this.socket = new WebSocket(`${scheme}://${location.host}/${location.search}`, 'limner');
    this.socket.binaryType = 'arraybuffer';
    this.socket.onopen = () => this.tell('hello', hello);
    this.socket.onclose = e => on.closed(this.last, e.code);
    this.socket.onmessage = e => this.receive(e.data);
  }

  receive(data) {
    if (typeof data !== 'string') {
      this.on.media(parse(data, this.rate), performance.now());
      return;
    }
    const m = JSON.parse(data);
    if (m.type === 'error' || m.type === 'bye') this.last = m;
    if (this.on[m.type]) this.on[m.type](m);
  }

  get isOpen() { return this.socket.readyState === WebSocket.OPEN; }

  tell(type, fields = {}) {
    if (this.isOpen) this.socket.send(JSON.stringify({type, ...fields}));
  }

  // kind: 'S' samples, 'P' photo, 'A' sound file
  send(kind, bytes) {
    if (!this.isOpen) return;
    const message = new Uint8Array(1 + bytes.byteLength);
    message[0] = kind.charCodeAt(0);
    message.set(new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, bytes.byteLength), 1);
    this.socket.send(message);
  }

  close() { this.socket.onclose = null; this.socket.close(); }
}
