# SPDX-License-Identifier: Apache-2.0
"""From data to weights in one command, resumable: what exists in WORK is not made again.

    python3 train/speech/make.py DATA WORK models/speech.limner [--trunk gru] [--steps 40000]
        [--start models/speech.limner]

1 synthetic speech, 2 training streams of it, 3 a first net, 4 real speech aligned with it, 5 the
net on all, 6 real speech aligned again and sound without text labelled, twice, 7 the net to its
end, 8 weights. A stopped run goes on where it was.
"""

import argparse
import os

import dataset
import export
import real
import synth
import train

SYNTHETIC = (("espeak", 5, 11, 0.8), ("flite", 5, 12, 0.35), ("festival", 5, 13, 0.6))
REAL = (("kerstin", 4, 21, 1.8), ("english", 10, 22, 0.5))  # name, copies, seed, share of crops
UNTOLD = (("untold", 2, 23, 0.5),)
FIRST_STEPS = 800
STEPS = 40000  # of 16 crops of 2 s: 3 hours on a free core
ROUNDS = (0.25, 0.5)  # of the steps, before real speech is aligned again
BEGUN, BEGUN_SHARE = 0.2, 0.15  # beginnings per utterance and copy; their share of a set's crops


def path(work, *parts):
    return os.path.join(work, *parts)


def build(work, sets, round_name=""):
    """Training streams of corpora, and beginnings; returns the sets."""
    out, bank = [], path(work, "corpus", "espeak.npz")
    for name, copies, seed, share in sets:
        source = path(work, "corpus", name + ".npz")
        base = path(work, "data", name + round_name)
        if not os.path.exists(base + ".start.npy"):
            dataset.build(source, base, copies, seed, bank)
        begun = base + "_begun"
        if not os.path.exists(begun + ".start.npy"):
            dataset.build_beginnings(source, begun, BEGUN * copies, seed + 100, bank)
        out += [dataset.Data(base, share), dataset.Data(begun, BEGUN_SHARE * share)]
    return out


def align_real(data, work, run, done):
    """Corpora of real speech, labelled with the net of `run`; once per name `done`."""
    flag = path(work, "corpus", done)
    if os.path.exists(flag):
        return
    prior = real.prior_of(
        [path(work, "corpus", n + ".npz") for n in ("espeak", "flite", "festival")]
    )
    real.kerstin(data, work, run, prior)
    real.english(data, work, run, prior)
    real.untold(data, work, run)
    with open(flag, "w", encoding="ascii") as f:
        f.write(run + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("work")
    parser.add_argument("out")
    parser.add_argument("--trunk", default="gru")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--start", help="weights (.limner) to begin with instead of chance")
    args = parser.parse_args()
    os.makedirs(path(args.work, "runs"), exist_ok=True)
    synth.main(args.data, args.work)
    made = build(args.work, SYNTHETIC)
    first = path(args.work, "runs", f"first_{args.trunk}.pt")
    train.Run(first, args.trunk, made, start_from=args.start).train(FIRST_STEPS)
    align_real(args.data, args.work, first, "round1")
    long_run = path(args.work, "runs", f"long_{args.trunk}.pt")
    sets = made + build(args.work, REAL)
    for number, part in enumerate(ROUNDS, 2):
        run = train.Run(long_run, args.trunk, sets, start_from=first)
        run.train(args.steps, until=int(part * args.steps))
        align_real(args.data, args.work, long_run, f"round{number}")
        sets = made + build(args.work, REAL + UNTOLD, f"_{number}")
    train.Run(long_run, args.trunk, sets).train(args.steps)
    with open(args.out, "wb") as f:
        f.write(export.file_bytes(long_run))


if __name__ == "__main__":
    main()
