# SPDX-License-Identifier: Apache-2.0
"""Draws a sound's spectrogram, waveform, labels and, with --run, what a net hears: to check by eye.

    python3 train/speech/plot.py CORPUS.npz NUMBER OUT.png [--run RUN.pt] [--begin 0 --end 4]
"""

import argparse

import matplotlib
import numpy as np

import corpus
import features
import labels
import phones

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of backend)


def draw(c, k, run, begin, end, out):
    pcm = c.sound(k)
    end = min(end, len(pcm) / 16000)
    times, ids = c.segments(k)
    figure, rows = plt.subplots(3 if run else 2, 1, figsize=(18, 9 if run else 6), sharex=True)
    rows[0].imshow(
        features.mel(pcm).T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-18,
        vmax=-4,
        extent=(-0.005, len(pcm) / 16000, 0, 80),
    )
    t = np.arange(len(pcm)) / 16000
    rows[1].plot(t, pcm / np.abs(pcm).max() / 2 + 1.5, lw=0.4, color="k")
    track = labels.articulators(times, ids, len(pcm) // 320)
    for name, values, colour in zip(("closure", "rounding", "jaw"), track.T, ("r", "b", "g")):
        rows[1].plot((np.arange(len(values)) + 0.5) * 0.02, values, colour, label=name)
    rows[1].legend(loc="upper right")
    for (a, b), phone in zip(times, ids):
        for row in rows:
            row.axvline(a, color="c", lw=0.6)
        if begin <= a < end:
            name = phones.PHONES[phone] if phone >= 0 else "?"
            rows[0].text((a + b) / 2, 74, name, color="w", ha="center")
            rows[1].text((a + b) / 2, 2.02, name, ha="center")
    if run:
        import export
        from evaluate import outputs

        share, _ = outputs(export.load(run).eval(), pcm)
        rows[2].imshow(
            share.T, origin="lower", aspect="auto", extent=(0, len(share) * 0.02, -0.5, 17.5)
        )
        rows[2].set_yticks(range(18), phones.CLASSES)
    rows[0].set_xlim(begin, end)
    figure.tight_layout()
    figure.savefig(out, dpi=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus")
    parser.add_argument("number", type=int)
    parser.add_argument("out")
    parser.add_argument("--run")
    parser.add_argument("--begin", type=float, default=0)
    parser.add_argument("--end", type=float, default=4)
    args = parser.parse_args()
    draw(corpus.Corpus(args.corpus), args.number, args.run, args.begin, args.end, args.out)


if __name__ == "__main__":
    main()
