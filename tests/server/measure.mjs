// SPDX-License-Identifier: Apache-2.0
// measure.mjs LIMNER [FPS]: how long from sound sent to pixels changed, frames a second, and how
// far sound and picture are apart, in headless Chromium on this machine. Syllables ("ba", by
// espeak-ng) are sent as a microphone's; the server sends each piece back with its place on the
// clock, so that it is known when what a picture covers was sent. A reaction is the first picture
// whose mouth differs from the pictures before the syllable more than those among themselves.
import {execFileSync} from 'node:child_process';
import {loadavg} from 'node:os';
import {sleep, startBrowser, startServer} from './browser.mjs';

const [exe, fps = '25'] = process.argv.slice(2), N = 20;
const browser = await startBrowser();
const server = await startServer(exe);
const page = await browser.newPage({viewport: {width: 1280, height: 860}});
await page.goto(`${server.url}?echo&fps=${fps}`);
await page.waitForSelector('#veil', {state: 'hidden', timeout: 30000});
await page.check('#still');
await page.click('h1');
await sleep(2500);

const syllable = execFileSync('sh', ['-c', 'espeak-ng -v en -s 160 --stdout ba | ' +
  'ffmpeg -v error -i - -af silenceremove=start_periods=1:start_threshold=-40dB ' +
  '-ac 1 -ar 48000 -f s16le -']);

const told = await page.evaluate(async ([n, base64]) => {
  const PIECE = 960, PERIOD = 75, wait = ms => new Promise(r => setTimeout(r, ms));
  const {screen, sound, link} = window.limner, sent = [], shown = [], onsets = [];
  const vowel = new Int16Array(Uint8Array.from(atob(base64), c => c.charCodeAt(0)).buffer);
  const small = new OffscreenCanvas(24, 16).getContext('2d', {willReadFrequently: true});
  const mouth = () => {
    const c = screen.canvas;
    small.drawImage(c, 0.36 * c.width, 0.54 * c.height, 0.24 * c.width, 0.14 * c.height,
      0, 0, 24, 16);
    return small.getImageData(0, 0, 24, 16).data;
  };
  screen.onShown = (pts, time) => shown.push({pts, time, mouth: mouth()});
  const places = [], hear = link.on.media;      // of the pieces that come back, in order
  link.on.media = (m, now) => {
    hear(m, now);
    if (m.kind === 'S') places.push({pts: m.pts, heard: sound.heardAt(sound.next) - 20});
  };
  const start = performance.now(), nPieces = n * PERIOD;
  for (let k = 0; k < nPieces; k++) {
    while (performance.now() < start + 20 * k) await wait(2);
    const words = new Int16Array(PIECE), at = (k % PERIOD) * PIECE;
    words.set(vowel.subarray(at, at + PIECE));
    if (at === 0) onsets.push(performance.now());
    sent.push(performance.now());
    link.send('S', words);
  }
  await wait(600);
  const delays = [], offsets = [], reactions = [];
  for (const f of shown) {
    const i = places.findIndex(p => p.pts <= f.pts && f.pts < p.pts + 0.02);
    if (i < 0) continue;
    const within = 1e3 * (f.pts - places[i].pts);
    delays.push(f.time - (sent[i] + within - 20));      // "recorded" in the 20 ms before
    offsets.push(f.time - (places[i].heard + within));
  }
  const differ = (a, b) => a.reduce((s, v, i) => s + Math.abs(v - b[i]), 0) / a.length;
  for (const t of onsets.slice(1)) {
    const before = shown.filter(f => f.time > t - 250 && f.time < t + 40);
    if (before.length < 3) continue;
    const last = before[before.length - 1];
    const noise = Math.max(...before.map(f => differ(f.mouth, last.mouth)));
    const first = shown.find(f => f.time > t + 30 && differ(f.mouth, last.mouth) > 2 * noise + 0.5);
    if (first) reactions.push(first.time - t);
  }
  const span = shown[shown.length - 1].time - shown[0].time;
  return {delays, offsets, reactions, fps: 1e3 * (shown.length - 1) / span, n: onsets.length - 1,
    nBack: places.length, nSent: sent.length, context: sound.context.state};
}, [N, syllable.toString('base64')]);

function line(name, values) {
  const v = [...values].sort((a, b) => a - b);
  const at = q => v[Math.floor(q * (v.length - 1))].toFixed(1);
  if (!v.length) return console.log(`${name}: nothing`);
  return console.log(`${name}: p5 ${at(0.05)}, p50 ${at(0.5)}, p95 ${at(0.95)}, ` +
    `most ${at(1)} ms (${v.length})`);
}
console.log(`load ${loadavg().map(l => l.toFixed(1)).join(' ')}; ${told.nBack} of ${told.nSent} ` +
  `pieces came back; sound ${told.context}`);
console.log(`frames/s shown: ${told.fps.toFixed(1)}`);
line('sound sent -> its picture on the canvas', told.delays);
line(`sound sent -> mouth's pixels differ (of ${told.n})`, told.reactions);
line('picture later than its sound', told.offsets);
console.log(await page.textContent('.numbers'));
await browser.close();
await server.stop();
