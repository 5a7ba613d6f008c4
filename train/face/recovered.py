# SPDX-License-Identifier: Apache-2.0
"""How well the tracker gives back what was rendered:

    limner speak PORTRAIT VOICE -o TAKE.mp4 --motion-out SHOWN.csv --seed N
    limner track TAKE.mp4 -o FOUND.csv
    python3 train/face/recovered.py SHOWN.csv FOUND.csv [SHOWN.csv FOUND.csv...]

For each pair: the correlations of the twenty coefficients (without the gaze's) that move most,
blinks, and the largest rise of a coefficient that did not move. A motion that was shown is relative
to a neutral face and one that was found absolute; correlations do not mind.
"""

import csv
import sys

import numpy as np

MOVES = 0.004               # standard deviation from which on a coefficient moves


def read(path):
    """Names of the coefficients and their values [n][52]."""
    with open(path, encoding="utf-8") as f:
        rows = list(csv.reader(f))
    return rows[0][2:54], np.array([[float(v) for v in row[2:54]] for row in rows[1:]])


def blinks(lids):
    n, shut = 0, False
    for v in lids:
        n += not shut and v > 0.5
        shut = v > (0.3 if shut else 0.5)
    return n


def compare(shown_path, found_path):
    names, shown = read(shown_path)
    other, found = read(found_path)
    n = min(len(shown), len(found))
    shown, found = shown[:n], found[:n, [other.index(name) for name in names]]
    faces = [k for k, name in enumerate(names) if not name.startswith("EyeLook")]
    order = sorted(faces, key=lambda k: -shown[:, k].std())
    most = [k for k in order[:20] if shown[:, k].std() > MOVES]
    still = [k for k in faces if shown[:, k].std() <= MOVES]
    r = {names[k]: np.corrcoef(shown[:, k], found[:, k])[0, 1] for k in most}
    lids = [names.index("EyeBlinkLeft"), names.index("EyeBlinkRight")]
    foreign = max([(found[:, k] - found[0, k]).max() for k in still], default=0)
    print(f"{found_path}: {sum(v >= 0.9 for v in r.values())} of {len(r)} at 0.9, mean r "
          f"{np.mean(list(r.values())):.3f}, blinks {blinks(found[:, lids].mean(1))} of "
          f"{blinks(shown[:, lids].mean(1))}, foreign {foreign:.2f}")
    print("  " + ", ".join(f"{name} {v:.3f}" for name, v in r.items()))


def main():
    paths = sys.argv[1:]
    if not paths or len(paths) % 2:
        sys.exit(__doc__)
    for shown, found in zip(paths[::2], paths[1::2]):
        compare(shown, found)


if __name__ == "__main__":
    main()
