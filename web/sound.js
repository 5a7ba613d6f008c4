// SPDX-License-Identifier: Apache-2.0
// Sound out, in step with the screen, and the microphone.

const SLIP_S = 0.06, SOON_S = 0.01, TAIL_MS = 250;

export class Sound {
  constructor(rate, screen) {
    this.context = new AudioContext({sampleRate: rate, latencyHint: 'interactive'});
    this.screen = screen;
    this.next = 0;                       // where the last piece ends, the context's time
    this.offset = 0;                     // of the last piece: sound's place less picture's, ms
    this.playing = new Set();
    for (const kind of ['pointerdown', 'keydown'])
      addEventListener(kind, () => this.context.resume(), {capture: true});
  }

  // When what the context plays at `at` is heard, performance.now's time.
  heardAt(at) {
    const t = this.context.getOutputTimestamp();
    if (t.performanceTime > 0) return t.performanceTime + 1e3 * (at - t.contextTime);
    return performance.now() + 1e3 * (at - this.context.currentTime);
  }

  // A piece that belongs to the pictures from pts on.
  receive(m) {
    const context = this.context, screen = this.screen;
    if (context.state !== 'running' || screen.base === null) return;
    const words = new Int16Array(m.data.slice().buffer);
    const buffer = context.createBuffer(1, words.length, context.sampleRate);
    const out = buffer.getChannelData(0);
    for (let i = 0; i < words.length; i++) out[i] = words[i] / 32768;
    const now = context.currentTime;
    const due = now + (1e3 * m.pts + screen.base - this.heardAt(now)) / 1e3;
    const at = Math.abs(due - this.next) < SLIP_S && this.next > now ? this.next
      : Math.max(due, now + SOON_S);
    const source = new AudioBufferSourceNode(context, {buffer});
    source.connect(context.destination);
    source.start(at);
    this.playing.add(source);
    source.onended = () => this.playing.delete(source);
    this.next = at + buffer.duration;
    this.offset = 1e3 * (at - due);
    screen.lock(this.heardAt(at) - 1e3 * m.pts, this.heardAt(this.next) + TAIL_MS);
  }

  stop() {
    for (const source of this.playing) source.stop();
    this.playing.clear();
    this.next = 0;
    this.screen.lockedUntil = 0;
  }
}

export class Microphone {
  // send: takes 20 ms as an Int16Array
  async start(context, send) {
    if (!navigator.mediaDevices)
      throw new Error('A browser gives the microphone only to this machine, or over https.');
    this.stream = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: true}});
    await context.resume();
    if (!this.isLoaded) await context.audioWorklet.addModule('mic.js');
    this.isLoaded = true;
    this.source = context.createMediaStreamSource(this.stream);
    this.node = new AudioWorkletNode(context, 'mic', {numberOfOutputs: 0});
    this.node.port.onmessage = e => send(e.data);
    this.source.connect(this.node);
  }

  stop() {
    if (this.source) this.source.disconnect();
    if (this.node) this.node.port.onmessage = null;
    for (const track of this.stream ? this.stream.getTracks() : []) track.stop();
    this.stream = this.source = this.node = null;
  }
}
