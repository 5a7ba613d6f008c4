# SPDX-License-Identifier: Apache-2.0
"""The gesture of each class of speech sounds (src/motion/articulation.c), fitted to people who
talk.

    python3 train/motion/gestures.py LIMNER WORK CLIPS.txt

CLIPS.txt: lines PATH [MS [WEIGHT]]: a video, by how much its picture is late (0), how much it
counts (1). WORK keeps what LIMNER (the command) tracks and hears in them, so that a second run is
quick.

The opening of the inner lips and the width of the mouth, in eye distances, each clip less its own
mean, are explained by the encoder's classes, and its jaw (opening) or rounding (width), averaged
over the window of articulation.c. The weights are drawn to PRIOR, a table by hand, so that rare
classes stay phonetic. Least squares shrinks what it cannot tell, so the result is widened by GAIN.
Prints C.
"""

import csv
import json
import os
import subprocess
import sys

import numpy as np

LEAD_S, BEFORE_S, AFTER_S, STEP_S, FRAME_S = 0.03, 0.12, 0.05, 0.01, 0.02
RIDGE = 100.0
GAIN = {"open": 2.15, "width": 3.6}
MEAN_OPEN = 0.10            # of people who speak
WIDER = 0.025               # than the fit's mean in silence: people's rest lies between
HOVER = 0.05                # opening of a short pause (people: 0.07)
EYES = ((263, 362), (33, 133))
PRIOR = {                   # eye distances, before GAIN: opening, width
    "silence": (.02, 0), "closure": (-.06, 0), "labiodental": (0, 0), "dental": (.07, 0),
    "alveolar": (.08, .01), "lateral": (.09, 0), "sibilant": (.07, .02),
    "postalveolar": (.09, -.05), "velar": (.11, 0), "rhotic": (.08, -.05),
    "rounded_glide": (.02, -.12), "spread": (.10, .06),
    "mid": (.15, .04), "open": (.20, .01), "schwa": (.11, 0), "rounded_open": (.12, -.09),
    "rounded_close": (.05, -.12), "rounded_front": (.06, -.10)}
PRIOR_GAIN = 2.2
PRIOR_EXTRA = {"open": .05, "width": -.1}       # jaw, rounding


def tracked(limner, work, path, name):
    """{open, width: [n]}, frames per second."""
    marks, report = f"{work}/{name}.f32", f"{work}/{name}.json"
    if not os.path.exists(report):
        subprocess.run([limner, "track", path, "-o", f"{work}/{name}.csv", "--landmarks", marks,
                        "--report", report, "-q"], check=True)
    p = np.fromfile(marks, np.float32).reshape(-1, 478, 2).astype(float)
    between = lambda a, b: np.hypot(*(a - b).T)
    unit = between(*(p[:, list(corners)].mean(1) for corners in EYES))
    with open(report) as f:
        fps = json.load(f)["fps"]
    return {"open": between(p[:, 13], p[:, 14]) / unit,
            "width": between(p[:, 61], p[:, 291]) / unit}, fps


def heard(limner, work, path, name):
    """{class or reading: [n]} at 50 Hz."""
    table = f"{work}/{name}.heard.csv"
    if not os.path.exists(table):
        with open(table, "w") as f:
            subprocess.run([limner, "listen", path, "--csv"], check=True, stdout=f)
    with open(table) as f:
        rows = list(csv.reader(f))
    column = {name: k for k, name in enumerate(rows[0])}
    values = np.array([[float(v) for k, v in enumerate(r) if k != 1] for r in rows[1:]])
    return {name: values[:, k - (k > 1)] for name, k in column.items() if k != 1}


def window(series, times):
    """The series averaged as articulation.c does it, at the times of the picture."""
    offsets = np.arange(-BEFORE_S, AFTER_S + 1e-9, STEP_S)
    reach = np.where(offsets < 0, BEFORE_S, AFTER_S) + STEP_S
    weights = 0.5 + 0.5 * np.cos(np.pi * offsets / reach)
    centres = (np.arange(len(series)) + 0.5) * FRAME_S
    return sum(w * np.interp(times + LEAD_S + o, centres, series)
               for w, o in zip(weights / weights.sum(), offsets))


def clips(limner, work, listing):
    os.makedirs(work, exist_ok=True)
    with open(listing) as f:
        for line in f:
            path, *rest = line.split()
            late_s = float(rest[0]) / 1000 if rest else 0.0
            name = os.path.splitext(os.path.basename(path))[0]
            lips, fps = tracked(limner, work, path, name)
            times = np.arange(len(lips["open"])) / fps - late_s
            said = {k: window(v, times) for k, v in heard(limner, work, path, name).items()}
            yield lips, said, float(rest[1]) if len(rest) > 1 else 1.0


def features(said, extra):
    return np.stack([*(said["share_" + c] for c in PRIOR), said[extra]], 1)


def fit(all_clips, what, extra):
    """The weights of the classes and of the reading `extra`."""
    prior = np.array([PRIOR[c]["open width".split().index(what)] / PRIOR_GAIN for c in PRIOR] +
                     [PRIOR_EXTRA[what]])
    gram, right = RIDGE * np.eye(len(prior)), np.zeros(len(prior))
    for lips, said, weight in all_clips:
        x = features(said, extra)
        y = lips[what]
        there = np.isfinite(y)
        x, y = x[there] - x[there].mean(0), y[there] - y[there].mean()
        gram += weight * x.T @ x
        right += weight * x.T @ (y - x @ prior)
    return prior + np.linalg.solve(gram, right)


def table(known):
    """{open, width: weights of the classes, then of the reading}."""
    out = {}
    for what, extra in (("open", "jaw"), ("width", "rounding")):
        weights = GAIN[what] * fit(known, what, extra)
        x = np.concatenate([features(said, extra) for _, said, _ in known])
        silent = x[x[:, 0] > 0.9]
        if what == "open":
            weights[:-1] += MEAN_OPEN - (x @ weights).mean()
            weights[0] = HOVER - weights[-1] * silent[:, -1].mean()
        else:
            weights[:-1] += WIDER - (silent @ weights).mean()
        out[what] = weights
    return out


def main():
    limner, work, listing = sys.argv[1:]
    found = table(list(clips(limner, work, listing)))
    for k, name in enumerate(PRIOR):
        print(f"[LIMNER_SPEECH_{name.upper()}] = "
              f"{{ {found['open'][k]:.2f}f, {found['width'][k]:.2f}f }},")
    print(f"HEARD_JAW_OPENS = {found['open'][-1]:.2f}f, "
          f"HEARD_ROUND_WIDENS = {found['width'][-1]:.2f}f")


if __name__ == "__main__":
    main()
