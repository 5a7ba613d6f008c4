# SPDX-License-Identifier: Apache-2.0
"""Teaches the tracker's prior (src/face/person.c) which coefficients go together in new talk:

    python3 train/face/together.py models/face.limner TALK.csv...

TALK is generated talk (`limner speak --motion-out`). The products of coefficients that answer.py
measured count 1 - SHARE, those of the new talk SHARE, in landmark_answer.npz, which build.py reads,
and in the model file. To be run once whenever the generator moves the mouth in another way: before
it had seen talk that puckers, puckered lips came back with a tenth of what they were. All of the
new talk and nothing else made what other faces do with the same lips come back worse.
"""

import argparse
import csv
import os

import numpy as np

import answer
import container
import shapes

SHARE = 0.4


def read(path, names):
    """Coefficients [n][52] of a motion file."""
    with open(path, encoding="utf-8") as f:
        rows = list(csv.reader(f))
    head = [n[0].lower() + n[1:] for n in rows[0]]
    column = [head.index(n) for n in names]
    return np.array([[float(row[c]) for c in column] for row in rows[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("talk", nargs="+")
    parser.add_argument("--answer", default=os.path.join(answer.HERE, "landmark_answer.npz"))
    args = parser.parse_args()
    names = shapes.arkit_names(os.path.join(answer.ROOT, "include/limner/limner.h"))[:52]
    v = np.concatenate([read(path, names) for path in args.talk])
    v = np.concatenate([v, v[:, answer.mirrored_names(names)]])
    with np.load(args.answer) as old:
        tensors = dict(old)
    value = (1 - SHARE) * tensors["answer.together"] + SHARE * (v.T @ v / len(v))
    tensors["answer.together"] = value.astype(np.float32)
    np.savez_compressed(args.answer, **tensors)
    with open(args.model, "rb") as f:
        kind, model = container.loads(f.read())
    model["answer.together"] = tensors["answer.together"]
    with open(args.model, "wb") as f:
        f.write(container.dumps(kind, model))


if __name__ == "__main__":
    main()
