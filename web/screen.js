// SPDX-License-Identifier: Apache-2.0
// Pictures onto the canvas, each at its time. `base` is the page's time (performance.now, ms) at
// which the session's 0 is shown: as early as the pictures of the last seconds have come, plus a
// little; while sound plays it is the sound's.

const MARGIN_MS = 6, WINDOW = 75, STRAGGLERS = 3, MOST_WAITING = 16;
const MOST_APART_MS = 300, MOST_LOCKED_MS = 2000;

export async function canDecode(codec) {
  if (!('VideoDecoder' in window)) return false;
  try {
    return (await VideoDecoder.isConfigSupported({codec, optimizeForLatency: true})).supported;
  } catch { return false; }
}

export class Screen {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', {alpha: false});
    this.drawn = [];                     // times of the last pictures
    this.nDropped = 0;
    this.onShown = null;                 // (pts, time) for those who measure
    this.start('');
    const draw = time => { this.draw(time); requestAnimationFrame(draw); };
    requestAnimationFrame(draw);
  }

  start(codec) {
    this.stop();
    this.codec = codec;
    this.base = null;
    this.lockedUntil = 0;
    this.arrived = [];                   // when each came, less its pts, ms
    this.clock = [];                     // the same for the session's clock
    this.waiting = [];                   // decoded: {pts, image}
    this.delay = null;
    if (codec.startsWith('avc1')) {
      this.decoder = new VideoDecoder({output: f => this.take(f.timestamp / 1e6, f),
        error: e => console.warn('decoder:', e.message)});
      this.decoder.configure({codec, optimizeForLatency: true});
    }
  }

  stop() {
    if (this.decoder && this.decoder.state !== 'closed') this.decoder.close();
    this.decoder = null;
    for (const w of this.waiting || []) w.image.close();
    this.waiting = [];
  }

  // A picture as it came.
  receive(m, now) {
    this.arrived.push(now - 1e3 * m.pts);
    if (this.arrived.length > WINDOW) this.arrived.shift();
    if (m.kind === 'V') {
      this.decoder.decode(new EncodedVideoChunk({type: m.isKey ? 'key' : 'delta',
        timestamp: Math.round(1e6 * m.pts), data: m.data}));
    } else {
      createImageBitmap(new Blob([m.data], {type: 'image/jpeg'}))
        .then(image => this.take(m.pts, image), () => {});
    }
  }

  // What the session's clock reads now, seconds.
  tick(clock, now) {
    this.clock.push(now - 1e3 * clock);
    if (this.clock.length > 20) this.clock.shift();
  }

  take(pts, image) {
    const at = this.waiting.findIndex(w => w.pts > pts);
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, {pts, image});
    if (this.waiting.length > MOST_WAITING) this.catchUp();
  }

  // Pictures pile up: the time they are held for is that of a stall which is over.
  catchUp() {
    this.waiting.shift().image.close();
    this.nDropped++;
    this.arrived = this.arrived.slice(-MOST_WAITING);
    this.base = null;
    this.lockedUntil = 0;
  }

  // When pictures come: as the latest of the last ones, but for a few that a stall held up.
  get latest() {
    const late = Float64Array.from(this.arrived).sort();
    return late[late.length - 1 - Math.min(STRAGGLERS, late.length >> 3)] + MARGIN_MS;
  }

  // Sound tells the time, unless its device lags so far behind that pictures would pile up.
  lock(base, until) {
    if (Math.abs(base - this.latest) > MOST_APART_MS) return;
    this.base = base;
    this.lockedUntil = Math.min(until, performance.now() + MOST_LOCKED_MS);
  }

  follow(now) {
    if (!this.arrived.length || now < this.lockedUntil) return;
    const latest = this.latest;
    if (this.base === null || Math.abs(latest - this.base) > 300) this.base = latest;
    else if (latest > this.base) this.base += Math.min(latest - this.base, 4);
    else this.base -= Math.min(this.base - latest, 0.5);
  }

  draw(time) {
    this.follow(time);
    let next = null;
    while (this.waiting.length && 1e3 * this.waiting[0].pts + this.base <= time + 8) {
      if (next) { next.image.close(); this.nDropped++; }
      next = this.waiting.shift();
    }
    if (!next) return;
    const {width, height} = this.canvas;
    this.context.drawImage(next.image, 0, 0, width, height);
    next.image.close();
    this.drawn.push(time);
    if (this.clock.length) this.delay = time - 1e3 * next.pts - Math.min(...this.clock);
    if (this.onShown) this.onShown(next.pts, performance.now());
  }

  get fps() {
    const now = performance.now();
    this.drawn = this.drawn.filter(t => t > now - 1000);
    return this.drawn.length;
  }
}
