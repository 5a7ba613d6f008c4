// SPDX-License-Identifier: Apache-2.0
// serve_client.mjs PORT TEXT OUT.h264: lets the portrait of `limner serve` say a text, keeps the
// pictures. Node 22, or Node 20 with --experimental-websocket; the same lines work in a browser,
// but for the file.
import {createWriteStream} from 'node:fs';

const [port, text, name] = process.argv.slice(2);
const out = createWriteStream(name);
const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
const tell = message => socket.send(JSON.stringify(message));
let nPictures = 0, nSamples = 0, isHappy = true;

socket.binaryType = 'arraybuffer';
socket.onopen = () => {
  tell({type: 'hello', version: 1, codec: 'h264'});
  tell({type: 'controls', emotion: {happy: 0.5}, gaze_mode: 'camera'});
  tell({type: 'say', text});
};
socket.onmessage = ({data}) => {
  if (typeof data === 'string') {           // JSON
    const message = JSON.parse(data);
    if (['welcome', 'error', 'speaking'].includes(message.type)) console.log(message);
    if (message.type === 'error') isHappy = false;
    if (message.type === 'error' || (message.type === 'speaking' && !message.on)) socket.close();
    return;
  }
  const head = new DataView(data);          // 16 bytes: kind, key, -, -, number, place on the clock
  const kind = String.fromCharCode(head.getUint8(0));
  if (kind === 'V') {                       // a picture: Annex B
    out.write(new Uint8Array(data, 16));
    nPictures++;
  } else if (kind === 'S') {                // its sound: 16-bit samples
    nSamples += (data.byteLength - 16) / 2;
  }
};
socket.onclose = () => {
  console.log(`${nPictures} pictures, ${nSamples} samples`);
  process.exitCode = isHappy && nPictures ? 0 : 1;
};
