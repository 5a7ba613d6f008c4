// SPDX-License-Identifier: Apache-2.0
// page.mjs LIMNER DEMO.jpg OUT_DIR: the page in a real browser. Each claim is checked on the
// canvas's pixels; screenshots for people are left in OUT_DIR.
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {sleep, startBrowser, startServer} from './browser.mjs';

const [exe, demo, out] = process.argv.slice(2);
mkdirSync(out, {recursive: true});
const browser = await startBrowser();
const server = await startServer(exe);
const MOUTH = [0.36, 0.54, 0.24, 0.14], EYES = [0.3, 0.34, 0.4, 0.1], WHOLE = [0, 0, 1, 1];
const wrong = [], CORNER = [0, 0, 0.1, 0.1];

function check(isTrue, claim, value = '') {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${claim} ${value}`);
  if (!isTrue) wrong.push(claim);
}

async function open(path = '', options = {}) {
  const page = await browser.newPage({viewport: {width: 1280, height: 860}, ...options});
  page.on('console', m => {
    if (m.type() === 'error') check(false, 'no console error', m.text());
  });
  page.on('pageerror', e => check(false, 'no script error', e.message));
  await page.goto(server.url + path);
  await page.waitForSelector('#status.live', {timeout: 20000});
  await page.waitForSelector('#veil', {state: 'hidden', timeout: 20000});
  return page;
}

// Mean colour of a part of the canvas and of 16x16 places in it.
const look = (page, box) => page.evaluate(([x, y, w, h]) => {
  const small = new OffscreenCanvas(16, 16).getContext('2d');
  const c = document.getElementById('screen');
  small.drawImage(c, x * c.width, y * c.height, w * c.width, h * c.height, 0, 0, 16, 16);
  return [...small.getImageData(0, 0, 16, 16).data];
}, box);

const differ = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;

// How much a part moves in so long: the mean difference of looks 80 ms apart.
async function movement(page, box, ms) {
  const end = Date.now() + ms;
  let last = await look(page, box), total = 0, n = 0;
  while (Date.now() < end) {
    await sleep(80);
    const now = await look(page, box);
    total += differ(now, last);
    n++;
    last = now;
  }
  return total / n;
}

// A sound device that stalls must not hold up the pictures.
async function outlivesSound(page) {
  await page.evaluate(() => {
    const {sound} = window.limner, heardAt = sound.heardAt.bind(sound);
    sound.heardAt = at => heardAt(at) + 20000;
  });
  await say(page, 'Do you still see me?');
  await page.waitForSelector('#stop:not([hidden])');
  await sleep(2000);
  const fps = await page.evaluate(() => window.limner.screen.fps);
  check(fps > 1, 'pictures go on when the sound device stalls', fps);
  await page.evaluate(() => { delete window.limner.sound.heardAt; });
  await page.click('#stop', {timeout: 1000}).catch(() => {});    // unless it has said all
}

// Pictures that came late once must not be waited for afterwards.
async function outlivesStall(page) {
  await page.evaluate(() => {
    const {screen} = window.limner;
    for (let i = 0; i < 10; i++) screen.arrived.push(screen.latest + 1500);
  });
  await sleep(2000);
  const fps = await page.evaluate(() => window.limner.screen.fps);
  check(fps > 1, 'pictures go on after a stall', fps);
}

const slide = (page, id, value) => page.$eval(`#${id}`, (input, v) => {
  input.value = v;
  input.dispatchEvent(new Event('input'));
}, value);

async function say(page, text) {
  await page.fill('#text', text);
  await page.click('#speak');
}

async function talks(page) {
  await page.check('#still');
  await sleep(800);
  const idle = await movement(page, MOUTH, 1500);
  await say(page, 'Papa and mama are far away, but we are always happy to see you.');
  await page.waitForSelector('#stop:not([hidden])');
  const busy = await movement(page, MOUTH, 2500);
  check(busy > 2 * idle && busy > 0.5, 'the mouth moves when it talks',
    `${idle.toFixed(2)} -> ${busy.toFixed(2)}`);
  await page.screenshot({path: join(out, 'talking.png')});
  await page.click('#stop');
  await page.waitForSelector('#stop', {state: 'hidden'});
  await page.uncheck('#still');
}

// The least difference from `before` in three looks: a blink does not count.
async function change(page, before, box) {
  const all = [];
  for (let i = 0; i < 3; i++) {
    await sleep(400);
    all.push(differ(before, await look(page, box)));
  }
  return Math.min(...all);
}

async function slides(page) {
  for (const [id, value, box] of [['yaw', 25, WHOLE], ['distance', 1.4, WHOLE],
    ['surprised', 1, WHOLE], ['gaze_yaw', 25, EYES]]) {
    await page.check('#still');
    await sleep(2500);                  // until what was before has eased away
    const before = await look(page, box), rest = await change(page, before, box);
    await slide(page, id, value);
    await sleep(500);
    const moved = await change(page, before, box);
    check(moved > 1.2 * rest + 0.1, `the slider ${id} acts`,
      `${rest.toFixed(2)} -> ${moved.toFixed(2)}`);
    await page.click('#reset');
  }
  await page.click('#look label:has([value=point])');
  const box = await (await page.$('#screen')).boundingBox();
  const gaze = async x => {
    await page.mouse.move(x, box.y + box.height / 2);
    await sleep(900);
    return look(page, EYES);
  };
  const left = await gaze(box.x + 5), right = await gaze(box.x + box.width - 5);
  check(differ(left, right) > 0.3, 'the eyes follow the mouse', differ(left, right).toFixed(2));
  await page.click('#reset');
}

// Lets a file fall onto the page.
const drop = (page, name, type, bytes) => page.evaluate(([fileName, fileType, base64]) => {
  const data = new DataTransfer();
  const content = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  data.items.add(new File([content], fileName, {type: fileType}));
  for (const kind of ['dragenter', 'dragover', 'drop'])
    dispatchEvent(new DragEvent(kind, {cancelable: true, dataTransfer: data}));
}, [name, type, bytes.toString('base64')]);

// What is said of a file; the page stays connected.
async function refuses(page, name, type, bytes, words) {
  await drop(page, name, type, bytes);
  await page.waitForFunction(([n, w]) => {
    const {textContent, className, hidden} = document.getElementById('notice');
    return !hidden && className === 'bad' && textContent.includes(n) && textContent.includes(w);
  }, [name, words], {timeout: 15000}).catch(() => {});
  const said = await page.textContent('#notice');
  check(said.includes(name) && said.includes(words) &&
    await page.textContent('#status') === 'live', `${name} is refused`, said);
}

async function refusesFiles(page) {
  const photo = readFileSync(demo);
  await refuses(page, 'notes.txt', 'text/plain', Buffer.from('words'), 'neither a photo nor');
  await refuses(page, 'empty.jpg', 'image/jpeg', Buffer.from(''), 'empty.jpg is empty');
  await refuses(page, 'vast.jpg', 'image/jpeg', Buffer.alloc(21 << 20), 'limit is 20 MB');
  await refuses(page, 'cut.jpg', 'image/jpeg', photo.subarray(0, 9000), 'cut short');
  await refuses(page, 'odd.heic', '', photo.subarray(0, 9000), 'cut short');
  await refuses(page, 'no.wav', 'audio/wav', Buffer.from('words'), 'damaged');
}

async function changesFace(page) {
  const before = await look(page, CORNER), photo = join(out, 'other.jpg');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', demo, '-vf', 'hflip,hue=h=140', photo]);
  await drop(page, 'other.jpg', 'image/jpeg', readFileSync(photo));
  await page.waitForFunction(() => document.getElementById('notice').textContent === 'Here I am',
    null, {timeout: 30000});
  await sleep(500);
  const moved = differ(before, await look(page, CORNER));
  check(moved > 10, 'another photo takes its place', moved.toFixed(1));
  await page.screenshot({path: join(out, 'other.png')});
}

async function records(page) {
  await page.click('#record');
  await say(page, 'This is kept.');
  await sleep(2500);
  const [download] = await Promise.all([page.waitForEvent('download', {timeout: 30000}),
    page.click('#record')]);
  const file = join(out, 'recording.mp4');
  await download.saveAs(file);
  const told = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_format', '-show_streams',
    '-of', 'json', file]));
  const kinds = told.streams.map(s => s.codec_name).join(' ');
  check(kinds === 'h264 aac', 'the recording holds picture and sound', kinds);
  check(told.format.duration > 1.5 && told.format.duration < 8, 'and is as long as it took',
    told.format.duration);
  check(/synthetic/i.test(told.format.tags.comment || ''), 'and says that it is synthetic');
  execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
  check(readFileSync(file).length > 20000, 'and plays to its end');
}

async function hears(page) {
  await page.click('#mic');
  await page.waitForSelector('#mic[aria-pressed=true]');
  const n = async () => {
    const text = await (await fetch(`${server.url}metrics`)).text();
    return +text.match(/limner_messages_total (\d+)/)[1];
  };
  const before = await n();
  await sleep(2000);
  check(await n() - before > 50, 'the microphone is heard', await n() - before);
  await page.click('#mic');
}

try {
  let page = await open();
  check(await page.evaluate(() => limner.screen.codec.startsWith('avc1')),
    'pictures come as H.264');
  await page.click('h1');
  await talks(page);
  await slides(page);
  await hears(page);
  await outlivesSound(page);
  await outlivesStall(page);
  await records(page);
  await refusesFiles(page);
  await changesFace(page);
  check(+await page.textContent('#fps') > 0, 'frames are counted',
    await page.textContent('.numbers'));
  await page.close();
  page = await open('?codec=jpeg', {viewport: {width: 390, height: 844}, deviceScaleFactor: 2,
    isMobile: true, hasTouch: true});
  check(await movement(page, WHOLE, 1500) > 0.01, 'the pictures of the fallback move');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 390, 'nothing is wider than a phone', wide);
  await page.screenshot({path: join(out, 'phone.png'), fullPage: true});
  await page.setViewportSize({width: 320, height: 568});
  const spills = await page.$$eval('button, .numbers div, .choice span', all => all
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > 320)
    .map(e => e.textContent.trim()));
  check(spills.length === 0, 'no words spill on the smallest phone', spills.join(', '));
  await page.screenshot({path: join(out, 'small.png')});
} catch (e) {
  check(false, 'the steps go through', e.stack);
}
await browser.close();
const status = await server.stop();
check(status === 0, 'the server ends well', status);
console.log(wrong.length ? `wrong: ${wrong.join('; ')}` : 'all right');
process.exit(wrong.length ? 1 : 0);
