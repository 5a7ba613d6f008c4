# SPDX-License-Identifier: Apache-2.0
"""Talking video -> models/motion.limner, the net that moves the lips: one resumable command.

    python3 train/motion/lips.py LIMNER DATA WORK OUT.limner [--vector STEM] [--table] [--tracked]
        [--sources FILE]

LIMNER: the command, which tracks; DATA: the folder that sources.txt (or --sources) speaks of; WORK
keeps tracks, sounds and tapes. Every stage that is there is not made again: delete WORK/tapes*
after the speech encoder (models/speech.limner) has changed, WORK/tracks after the tracker has.
--table prints the figures of held-out people; --tracked takes what is tracked already and tracks no
more.
"""

import argparse
import os
import pickle

import numpy as np

import lips_export
import lips_judge
import lips_train
import people
import takes
import tapes
import teacher

HERE = os.path.dirname(os.path.abspath(__file__))
SHIFT_S = 0.0               # the mouth of frame k is that at 20 k ms (src/motion/lips.h)
PASSES, SEED = 4, 1         # the first pass is of clean sound
DEVELOPMENT = 8             # every eighth person of a crowd chooses nets, and trains none
REST = (0.0, None, 0.3, -0.6, 0.0, 0.0, 0.0)    # opening: shut; width: a person's mean


def gather(limner, data, work, sources, is_tracked):
    """(train, development, held) clips; is_tracked: of those that are tracked already."""
    kept, dropped = [], {}
    for clip in takes.listed(data, sources):
        found = takes.read(limner, work, clip, is_tracked)
        if isinstance(found, str):
            dropped[found] = dropped.get(found, 0) + 1
        else:
            kept.append(found)
    print(len(kept), "clips; dropped:", dropped)
    people.name_people(kept)
    patterns = takes.read_held(os.path.join(HERE, "held.txt"))
    held = [c for c in kept if c.person and takes.is_held(c.name, patterns)]
    chosen = [c for c in kept if c.person and "/look" in c.person and
              int(c.person[-3:]) % DEVELOPMENT == 0]
    return [c for c in kept if c not in held and c not in chosen], chosen, held


def made(path, make):
    """What make() gives, kept in `path`."""
    if not os.path.exists(path):
        value = make()
        with open(path + ".part", "wb") as f:
            pickle.dump(value, f)
        os.replace(path + ".part", path)
    with open(path, "rb") as f:
        return pickle.load(f)


def play(train, encoder, work):
    """All passes of tapes, and the typical person's spread."""
    seen = [c for c in train if c.person]
    table = made(f"{work}/tapes-table", lambda: teacher.table(seen, encoder))
    known = tapes.measured_people(seen)
    everyone = sorted(known)
    mean, spread = (np.median([known[p][k] for p in everyone], 0) for k in (0, 1))
    out = []
    for k in range(PASSES):
        out += made(f"{work}/tapes{k}",
                    lambda: tapes.make(train, known, table, encoder, k, SHIFT_S, k > 0))
    rest = np.array([0.0 if x is None else x for x in REST])
    rest[0] = -mean[0] / spread[0]
    lips_train.prepare(out, rest)
    return out, spread


def table(net, spread, clips, encoder, title):
    """Prints the figures of clips: the net, as the file will hold it, and what it must beat."""
    answer = lips_export.rounded(net, spread)
    with open(os.path.join(HERE, "..", "..", "src", "motion", "articulation.c")) as f:
        source = f.read()
    rows = {"net, 106 ms": [], "gestures, 166 ms": [], "gestures, 106 ms": [], "loudness": []}
    for clip in clips:
        x, readings, times, real, silent, keep = lips_judge.heard(clip, encoder, SHIFT_S)
        loud = np.exp(0.25 * x[:, 21:101].max(1))
        made_up = (lips_judge.moved(answer(x)),
                   lips_judge.gestures(source, readings, times, 3, 5),
                   lips_judge.gestures(source, readings, times, -2, 4), np.stack([loud, loud], 1))
        for each, series in zip(rows.values(), made_up):
            each.append(lips_judge.figures(series[keep], real[keep], silent[keep]))
    for name, each in rows.items():
        print(f"{title}, {name}:",
              " ".join(f"{k} {v:.3f}" for k, v in lips_judge.mean_of(each).items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("limner", "data", "work", "out"):
        parser.add_argument(name)
    parser.add_argument("--vector")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--tracked", action="store_true")
    parser.add_argument("--sources", default=os.path.join(HERE, "sources.txt"))
    args = parser.parse_args()
    encoder = tapes.Encoder(os.path.join(HERE, "..", "..", "models", "speech.limner"))
    train, chosen, held = made(f"{args.work}/clips",
                               lambda: gather(args.limner, args.data, args.work, args.sources,
                                              args.tracked))
    played, spread = play(train, encoder, args.work)
    net = made(f"{args.work}/tapes-net", lambda: lips_train.train(played, SEED))
    lips_export.write(net, spread, args.out)
    if args.vector:
        lips_export.write_vector(net, spread, encoder, args.vector)
    if args.table:
        table(net, spread, chosen, encoder, "development")
        table(net, spread, held, encoder, "held out")


if __name__ == "__main__":
    main()
