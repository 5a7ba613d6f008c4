// SPDX-License-Identifier: Apache-2.0
// In the sound's own thread: the microphone in pieces of 20 ms, as 16-bit words.

class Mic extends AudioWorkletProcessor {
  constructor() {
    super();
    this.words = new Int16Array(Math.round(sampleRate / 50));
    this.n = 0;
  }

  process([channels]) {
    const first = channels[0];
    for (let i = 0; first && i < first.length; i++) {
      const sum = channels.reduce((total, c) => total + c[i], 0) / channels.length;
      this.words[this.n++] = Math.max(-32768, Math.min(32767, Math.round(32768 * sum)));
      if (this.n === this.words.length) {
        this.port.postMessage(this.words.slice());
        this.n = 0;
      }
    }
    return true;
  }
}
registerProcessor('mic', Mic);
