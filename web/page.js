// SPDX-License-Identifier: Apache-2.0
// The page: connects, and ties the buttons to the link, the screen and the sound.

import {Link} from './link.js';
import {Screen, canDecode} from './screen.js';
import {Sound, Microphone} from './sound.js';
import {Controls} from './controls.js';

const RATE_HZ = 48000, NOTICE_MS = 4500, MIB = 1 << 20;
const VOICES = {'en': 'English', 'en-us': 'American', 'de': 'Deutsch', 'fr': 'Français',
  'es': 'Español', 'it': 'Italiano', 'pt': 'Português', 'nl': 'Nederlands', 'pl': 'Polski',
  'ru': 'Русский', 'tr': 'Türkçe', 'hi': 'हिन्दी', 'cmn': '中文', 'ja': '日本語'};
const WORDS = {full: 'All places are taken. Please try again later.',
  shutdown: 'The server has been stopped.', time: 'The session is over.',
  token: 'This address needs its token.',
  slow: 'This page was too slow to follow.', size: 'That was more than the server takes.'};
// Where the browser does not know a file's type, its name tells.
const PHOTO = /^image\/|\.(avif|bmp|heic|heif|jxl|tiff?|webp)$/i;
const SPEECH = /^(audio|video)\/|\.(aac|aiff?|amr|flac|m4a|mk[av]|og[ag]|opus|wma)$/i;

const $ = id => document.getElementById(id);
const screen = new Screen($('screen'));
const sound = new Sound(RATE_HZ, screen);
const microphone = new Microphone();
const controls = new Controls(fields => link && link.tell('controls', fields), $('screen'));
const given = {};                // names of the last photo and sound, for what is said of them
let link = null, limits = {}, pieces = [], server = {dropped: 0}, isRecording = false;

for (const [id, name] of Object.entries(VOICES)) $('voice').append(new Option(name, id));

/* ---- words ---- */

function notice(text, isBad = false, stays = false) {
  $('notice').textContent = text;
  $('notice').className = isBad ? 'bad' : '';
  $('notice').hidden = false;
  clearTimeout(notice.timer);
  if (!stays) notice.timer = setTimeout(() => { $('notice').hidden = true; }, NOTICE_MS);
}

function status(text, kind) {
  $('status').textContent = text;
  $('status').className = kind;
}

function veil(text, hasButton) {
  $('veil').hidden = !text;
  $('veil-text').textContent = text || '';
  $('again').hidden = !hasButton;
}

/* ---- messages ---- */

const on = {
  welcome(m) {
    limits = m.limits;
    screen.start(m.codec);
    $('screen').width = $('screen').height = m.size;
    status('live', 'live');
    link.tell('controls', controls.fields);
  },
  media(m, now) {
    if (m.kind === 'V' || m.kind === 'J') {
      screen.receive(m, now);
      if (!$('veil').hidden) veil('');
    } else if (m.kind === 'S') {
      sound.receive(m);
    } else if (m.kind === 'R') {
      pieces.push(m.data);
      if (m.isKey) download();
    }
  },
  stats(m) {
    server = m;
    screen.tick(m.clock / RATE_HZ, performance.now());
    if (isRecording) $('record').lastChild.textContent = `Stop ${m.recorded_s.toFixed(0)} s`;
  },
  pong(m) { screen.tick(m.clock / RATE_HZ, performance.now()); },
  speaking(m) { $('stop').hidden = !m.on; },
  portrait(m) {
    if (m.state === 'working') notice('Looking at the photo', false, true);
    else notice('Here I am');
  },
  recording(m) {
    if (m.state === 'ready') notice('Recording ready');
    else pieces = [];
    showRecord(m.state === 'on');
  },
  note(m) { notice(given[m.code] ? `${given[m.code]}: ${m.message}` : m.message); },
  error(m) {
    notice(given[m.code] ? `${given[m.code]}: ${m.message}` : m.message, true);
    if (m.code === 'record') showRecord(false);
  },
  closed(last) {
    status('not connected', 'lost');
    $('notice').hidden = true;
    setMic(false);
    showRecord(false);
    veil(WORDS[last && (last.code || last.reason)] || 'The connection is lost.', true);
  },
};

async function connect() {
  veil('One moment');
  status('connecting', 'waiting');
  const wish = new URLSearchParams(location.search);
  const codec = wish.get('codec') || (await canDecode('avc1.64001f') ? 'auto' : 'jpeg');
  link = new Link({version: 1, codec, size: +wish.get('size') || 512, fps: +wish.get('fps') || 25,
    rate_hz: RATE_HZ, echo: wish.has('echo')}, on);
}

/* ---- buttons ---- */

$('again').onclick = connect;
$('say').onsubmit = e => {
  e.preventDefault();
  const text = $('text').value.trim();
  if (text) link.tell('say', {text, voice: $('voice').value});
};
$('stop').onclick = () => { link.tell('stop'); sound.stop(); };

async function setMic(isOn) {
  $('mic').setAttribute('aria-pressed', isOn);
  microphone.stop();
  if (!isOn) return;
  try {
    await microphone.start(sound.context, words => link.send('S', words));
    notice('Speak, and it speaks with you');
  } catch (e) {
    $('mic').setAttribute('aria-pressed', false);
    const isRefused = e.name === 'NotAllowedError';
    notice(isRefused ? 'The browser does not allow the microphone.' : e.message, true);
  }
}
$('mic').onclick = () => setMic($('mic').getAttribute('aria-pressed') !== 'true');

function showRecord(isOn) {
  isRecording = isOn;
  $('record').setAttribute('aria-pressed', isOn);
  $('record').lastChild.textContent = isOn ? 'Stop 0 s' : 'Record';
}
$('record').onclick = () => {
  link.tell('record', {on: !isRecording});
  if (isRecording) showRecord(false);
};

function download() {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(new Blob(pieces, {type: 'video/mp4'}));
  a.download = `limner-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}.mp4`;
  a.click();
  pieces = [];
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

/* ---- files ---- */

async function give(file) {
  const what = file.type || file.name, isPhoto = PHOTO.test(what);
  const kind = isPhoto ? 'photo' : 'sound', most = limits[`${kind}_bytes`];
  if (!isPhoto && !SPEECH.test(what)) {
    notice(`${file.name} is neither a photo nor a sound.`, true);
  } else if (file.size === 0) {
    notice(`${file.name} is empty.`, true);
  } else if (file.size > most) {
    const size = Math.ceil(file.size / MIB);
    notice(`${file.name} has ${size} MB, the limit is ${most / MIB} MB.`, true);
  } else {
    given[kind] = file.name;
    await sound.context.resume().catch(() => {});
    link.send(isPhoto ? 'P' : 'A', await file.arrayBuffer());
  }
}
for (const kind of ['photo', 'sound']) {
  const input = $(`${kind}-file`);
  $(kind).onclick = () => input.click();
  input.onchange = () => { if (input.files[0]) give(input.files[0]); input.value = ''; };
}
let depth = 0;
addEventListener('dragenter', e => { e.preventDefault(); depth++; $('drop').hidden = false; });
addEventListener('dragover', e => e.preventDefault());
addEventListener('dragleave', () => { if (--depth <= 0) { depth = 0; $('drop').hidden = true; } });
addEventListener('drop', e => {
  e.preventDefault();
  depth = 0;
  $('drop').hidden = true;
  if (e.dataTransfer.files[0]) give(e.dataTransfer.files[0]);
  else notice('Drop a file from this device.', true);
});

/* ---- numbers ---- */

setInterval(() => {
  $('fps').textContent = screen.fps;
  const isKnown = screen.delay !== null && screen.fps;
  $('delay').textContent = isKnown ? `${Math.round(screen.delay)} ms` : '–';
  $('dropped').textContent = server.dropped + screen.nDropped;
  if (link) link.tell('ping', {t: performance.now()});
}, 1000);

/* For tests and measurements. */
window.limner = {screen, sound, controls, get link() { return link; }, give};
connect();
