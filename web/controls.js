// SPDX-License-Identifier: Apache-2.0
// The sliders: a table, and what they say together as a "controls" message.

const degrees = v => `${v}°`, times = v => `${(+v).toFixed(2)}×`;
const share = v => `${Math.round(100 * v)}%`;
const EMOTIONS = ['happy', 'sad', 'surprised', 'angry', 'afraid', 'disgusted', 'contempt'];

const sliders = [
  // box, id, label, low, high, step, start, shown
  ['gaze', 'gaze_yaw', 'Left, right', -30, 30, 1, 0, degrees],
  ['gaze', 'gaze_pitch', 'Up, down', -30, 30, 1, 0, degrees],
  ...EMOTIONS.map(e => ['emotion', e, e[0].toUpperCase() + e.slice(1), 0, 1, 0.01, 0, share]),
  ['head', 'yaw', 'Turn', -45, 45, 1, 0, degrees],
  ['head', 'pitch', 'Nod', -45, 45, 1, 0, degrees],
  ['head', 'roll', 'Tilt', -45, 45, 1, 0, degrees],
  ['head', 'distance', 'Distance', 0.5, 2, 0.01, 1, times],
  ['life', 'energy', 'Energy', 0, 2, 0.01, 1, times],
  ['life', 'head_gain', 'Head', 0, 3, 0.01, 1, times],
  ['life', 'expression_gain', 'Expression', 0, 3, 0.01, 1, times],
  ['life', 'mouth_gain', 'Mouth', 0, 3, 0.01, 1, times],
  ['life', 'blink_rate', 'Blinks', -1, 60, 1, -1, v => +v < 0 ? 'natural' : `${v}/min`],
];

export class Controls {
  // send: takes the fields of a "controls" message
  constructor(send, canvas) {
    this.send = send;
    this.canvas = canvas;
    this.inputs = {};
    this.point = [0.5, 0.5];
    for (const s of sliders) this.add(...s);
    this.look = [...document.querySelectorAll('input[name=look]')];
    this.still = document.getElementById('still');
    for (const input of [...this.look, this.still]) input.onchange = () => this.change();
    addEventListener('pointermove', e => this.follow(e));
    document.getElementById('reset').onclick = () => this.reset();
  }

  add(box, id, label, low, high, step, start, shown) {
    const row = document.createElement('div');
    row.className = 'slider';
    row.innerHTML = `<label for="${id}">${label}</label>` +
      `<input type="range" id="${id}" min="${low}" max="${high}" step="${step}" value="${start}">` +
      `<output for="${id}"></output>`;
    document.getElementById(box).append(row);
    const [, input, output] = row.children;
    this.inputs[id] = input;
    input.start = start;
    input.show = () => { output.value = shown(input.value); };
    input.oninput = () => { input.show(); this.change(); };
    input.ondblclick = () => { input.value = start; input.oninput(); };
    input.show();
  }

  get mode() { return this.look.find(l => l.checked).value; }

  // At most one message a picture.
  change() {
    if (this.timer) return;
    this.timer = setTimeout(() => { this.timer = null; this.send(this.fields); }, 33);
  }

  get fields() {
    const v = id => +this.inputs[id].value;
    const emotion = {};
    for (const e of EMOTIONS) if (v(e) > 0) emotion[e] = v(e);
    return {gaze: [v('gaze_yaw'), v('gaze_pitch')], look_at: this.point,
      gaze_mode: {free: 'photo', camera: 'camera', point: 'point'}[this.mode],
      pose: [v('yaw'), v('pitch'), v('roll')], distance: v('distance'), emotion,
      energy: v('energy'), head_gain: v('head_gain'), expression_gain: v('expression_gain'),
      mouth_gain: v('mouth_gain'), blink_rate: v('blink_rate') < 0 ? null : v('blink_rate'),
      still: this.still.checked};
  }

  follow(e) {
    if (this.mode !== 'point') return;
    const box = this.canvas.getBoundingClientRect();
    const within = (v, size) => Math.max(-1, Math.min(2, v / size));
    this.point = [within(e.clientX - box.left, box.width), within(e.clientY - box.top, box.height)];
    this.change();
  }

  reset() {
    for (const input of Object.values(this.inputs)) { input.value = input.start; input.show(); }
    this.look[0].checked = true;
    this.still.checked = false;
    this.change();
  }
}
