# SPDX-License-Identifier: Apache-2.0
"""Held-out figures of a run, as the tables of models/speech.md.

    python3 train/speech/evaluate.py WORK RUN.pt [--quick] [--data DATA]

Real: ljspeech and GRID (pocketsphinx' labels; then our aligner's, and how far the two agree; then
ljspeech without text, as pocketsphinx hears it). Synthetic: voices that were never trained on, per
language; steady vowels. Noise and music are mixed in at a ratio to the mean power of the whole
file.
"""

import argparse
import os

import numpy as np
import torch

import augment
import corpus
import dataset
import export
import features
import labels
import phones
import real

COARSE = np.array(phones.COARSE_OF_CLASS)
CLASS_OF = np.array(phones.CLASS_OF)
AHEAD_MS = (7 * 160 + 256 - 160) / 16  # sound needed after a frame's middle


def outputs(net, pcm):
    """share [n][18] and lips [n][3] of a sound that silence follows."""
    x = features.net_input(features.mel(np.concatenate([pcm, np.zeros(1600, np.float32)])))
    with torch.no_grad():
        classes, lips, _, _ = net(torch.from_numpy(x[None, : len(x) // 2 * 2]))
    n = features.n_labels(len(pcm))
    return classes[0].softmax(-1).numpy()[:n], lips[0].sigmoid().numpy()[:n]


def coarse_of(share):
    """[n][8] from [n][18]."""
    return share @ np.eye(len(phones.COARSE))[COARSE]


class Score:
    """Gathers frames; tells the shares that the issue sets bars for."""

    def __init__(self):
        self.table = np.zeros((8, 8), int)
        self.fine = np.zeros(2, int)
        self.lips = []

    def add(self, share, lips, segments):
        times, ids = np.array([s[:2] for s in segments]), [s[2] for s in segments]
        track = labels.phone_track(times, ids, len(share))
        known = track >= 0
        said, heard = CLASS_OF[track[known]], share[known].argmax(1)
        np.add.at(self.table, (COARSE[said], coarse_of(share)[known].argmax(1)), 1)
        self.fine += (int((said == heard).sum()), len(said))
        self.lips.append(
            np.abs(lips - labels.articulators(times, ids, len(share)))[known].mean(0)
        )

    def accuracy(self):
        return np.trace(self.table) / max(1, self.table.sum())

    def f1(self, k):
        return 2 * self.table[k, k] / max(1, self.table[k].sum() + self.table[:, k].sum())

    def row(self, name):
        lip = np.mean(self.lips, 0)
        f1 = " | ".join(f"{self.f1(k):.2f}" for k in (1, 2, 0, 4, 5, 6))
        return (
            f"| {name} | {self.minutes():.1f} | {self.accuracy():.3f} | {f1} | "
            f"{self.fine[0] / max(1, self.fine[1]):.3f} | {lip[0]:.2f} {lip[1]:.2f} {lip[2]:.2f} |"
        )

    def minutes(self):
        return self.table.sum() * labels.FRAME_S / 60


HEAD = (
    "| set | min | 8 classes | p b m | f v | silence | rounded | spread | open | 18 classes | "
    "closure, rounding, jaw: mean error |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def segments_of(c, k):
    times, ids = c.segments(k)
    return [(b, e, p) for (b, e), p in zip(times.tolist(), ids.tolist())]


def over(net, c, picks, change=None):
    """Score of utterances; change(pcm, segments, rng) -> (pcm, segments) spoils them first."""
    score = Score()
    for k in picks:
        pcm, segments = c.sound(k), segments_of(c, k)
        if change:
            pcm, segments = change(pcm, segments, np.random.default_rng(int(k)))
        score.add(*outputs(net, pcm.astype(np.float32)), segments)
    return score


def pink(n, rng):
    """Noise of equal power per octave, power 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n)) / np.sqrt(
        np.maximum(np.arange(n // 2 + 1), 20)
    )
    z = np.fft.irfft(spectrum, n)
    return z / z.std()


def with_noise(snr_db, make=pink):
    def change(pcm, segments, rng):
        z = make(len(pcm), rng)
        level = np.sqrt((pcm**2).mean()) * 10 ** (-snr_db / 20)
        return pcm + z / (z.std() + 1e-9) * level, segments

    return change


def revoiced(mode):
    return lambda pcm, segments, rng: augment.revoice(pcm, segments, mode, rng)


def louder(gain_db):
    return lambda pcm, segments, rng: (pcm * 10 ** (gain_db / 20), segments)


def delays(net, c, picks):
    """ms from the middle of a phone to its class's peak, on the frames' own clock."""
    out = []
    for k in picks:
        share, _ = outputs(net, c.sound(k))
        times, ids = c.segments(k)
        for (begin, end), phone in zip(times.tolist(), ids.tolist()):
            if phone <= phones.SILENCE or not 0.04 <= end - begin <= 0.2:
                continue
            a, b = max(0, int((begin - 0.04) * 50)), min(len(share), int((end + 0.1) * 50))
            track = share[a:b, CLASS_OF[phone]]
            if len(track) and track.max() > 0.4:
                out.append(((a + track.argmax() + 0.5) * 0.02 - (begin + end) / 2) * 1000)
    return np.array(out)


def real_part(net, work):
    english = corpus.Corpus(os.path.join(work, "corpus", "english.npz"))
    test = np.flatnonzero(english.split == "test")
    lj = test[english.voice[test] == "ljspeech"]
    grid = test[english.voice[test] == "grid"]
    print(over(net, english, test).row("real English: ljspeech and GRID"))
    print(over(net, english, lj).row("- ljspeech alone"))
    print(over(net, english, grid).row("- GRID alone"))
    for snr_db in (20, 10, 0):
        print(over(net, english, test, with_noise(snr_db)).row(f"- pink noise, {snr_db} dB"))
    print(over(net, english, test, with_noise(10, augment._music)).row("- music, 10 dB"))
    for gain_db in (-30, 12):
        print(over(net, english, test, louder(gain_db)).row(f"- {gain_db:+d} dB"))
    late = delays(net, english, test)
    middle, most = np.median(late), np.percentile(late, 90)
    print(
        f"\ndelay, phone's middle to peak ({len(late)} phones): median {middle:.0f} ms, 90th "
        f"percentile {most:.0f} ms; with the look-ahead of {AHEAD_MS:.0f} ms: "
        f"{middle + AHEAD_MS:.0f} and {most + AHEAD_MS:.0f} ms\n"
    )


def ceiling_part(net, work, run, data):
    """How far pocketsphinx and our own aligner agree on the test speech: no net can be measured
    better than its labels are. Then the sentences of ljspeech whose text is not known."""
    prior = real.prior_of([os.path.join(work, "corpus", n + ".npz") for n in ("espeak", "flite")])
    english = corpus.Corpus(os.path.join(work, "corpus", "english.npz"))
    test = {name: k for k, name in enumerate(english.name) if english.split[k] == "test"}
    rows = [row for row in real.english_test(data) if row[0] in test]
    names, sounds, texts = zip(*rows)
    ours = real.own_labels(work, run, prior, sounds, texts, "en-us")
    score, aligners = Score(), Score()
    for name, pcm, (segments, _) in zip(names, sounds, ours):
        if segments:
            score.add(*outputs(net, pcm), segments)
            theirs = segments_of(english, test[name])
            aligners.add(*as_outputs(segments, features.n_labels(len(pcm))), theirs)
    print(score.row("- the same, our own aligner's labels"))
    print(aligners.row("- our own aligner, judged by pocketsphinx"))
    heard = Score()
    for _, pcm, segments in real.english_heard(data, work, run, prior):
        heard.add(*outputs(net, pcm), segments)
    print(heard.row("ljspeech as recognised, where the aligners agree"))


def as_outputs(segments, n):
    """Labels in the shape of outputs()."""
    times, ids = np.array([s[:2] for s in segments]), [s[2] for s in segments]
    track = labels.phone_track(times, ids, n)
    share = np.zeros((n, len(phones.CLASSES)))
    share[np.arange(n), CLASS_OF[np.maximum(track, phones.SILENCE)]] = 1.0
    return share, labels.articulators(times, ids, n)


STEADY_S = ((0.0, 0.5), (0.5, 1.5), (1.5, 3.0))


def steady_part(net, work):
    """Vowels held for 3 s: how they are heard as time goes on."""
    flite = corpus.Corpus(os.path.join(work, "corpus", "flite.npz"))
    vowels = [phones.ID[v] for v in ("a", "A", "ae", "E", "i", "o", "O", "u", "er")]
    found, left = [], {v: 2 for v in vowels}
    for k in np.flatnonzero(flite.split == "test"):
        for begin, end, phone in segments_of(flite, k):
            if left.get(phone, 0) and end - begin > 0.1:
                left[phone] -= 1
                for f0_hz in (110, 220):
                    rng = np.random.default_rng([int(k), phone])
                    held = augment.steady(flite.sound(k), (begin + end) / 2, f0_hz, 3.0, rng)
                    found.append(steady_heard(net, held / np.abs(held).max() * 0.3, phone))
    mean = np.mean(found, 0)
    print(f"\n{len(found)} steady vowels:")
    for (begin, end), (quiet, vowel, right) in zip(STEADY_S, mean):
        print(
            f"{begin} to {end} s: silence {quiet:.2f}, a vowel {vowel:.2f}, right class {right:.2f}"
        )


def steady_heard(net, pcm, phone):
    """[3][3] per stretch of STEADY_S: share of frames heard as silence, a vowel, the right
    class."""
    share, _ = outputs(net, np.concatenate([np.zeros(8000, np.float32), pcm]))
    heard = coarse_of(share).argmax(1)
    want, out = COARSE[CLASS_OF[phone]], []
    for begin, end in STEADY_S:
        part = heard[25 + int(begin * 50) : 25 + int(end * 50)]
        out.append(((part == 0).mean(), (part >= 4).mean(), (part == want).mean()))
    return out


def synthetic_part(net, work, per_language):
    espeak = corpus.Corpus(os.path.join(work, "corpus", "espeak.npz"))
    test = np.flatnonzero(espeak.split == "test")
    print(over(net, espeak, test[:200]).row("espeak-ng, held-out voices"))
    for name in ("flite", "festival"):
        c = corpus.Corpus(os.path.join(work, "corpus", name + ".npz"))
        picks = np.flatnonzero(c.split == "test")[::2]
        print(over(net, c, picks).row(f"{name}, held-out voices"))
    flite = corpus.Corpus(os.path.join(work, "corpus", "flite.npz"))
    picks = np.flatnonzero(flite.split == "test")[::3]
    for mode in ("whisper", "sing", "creak", "child"):
        print(over(net, flite, picks, revoiced(mode)).row(f"flite, {mode}"))
    festival = corpus.Corpus(os.path.join(work, "corpus", "festival.npz"))
    picks = np.flatnonzero(festival.split == "test")[::3]
    print(over(net, festival, picks, revoiced("child")).row("festival, child"))
    steady_part(net, work)
    if not per_language:
        return
    print("\n| language | min | 8 classes | p b m | f v | silence |\n|---|---|---|---|---|---|")
    for tongue in sorted(set(espeak.language[test])):
        s = over(net, espeak, test[espeak.language[test] == tongue])
        f1 = " | ".join(f"{s.f1(k):.2f}" for k in (1, 2, 0))
        print(f"| {tongue} | {s.minutes():.1f} | {s.accuracy():.3f} | {f1} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work")
    parser.add_argument("run")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", help="the recordings, to compare the two aligners")
    args = parser.parse_args()
    torch.set_num_threads(1)
    net = export.rounded(export.load(args.run))
    print(HEAD)
    if os.path.exists(os.path.join(args.work, "corpus", "english.npz")):
        real_part(net, args.work)
        if args.data:
            ceiling_part(net, args.work, args.run, args.data)
    synthetic_part(net, args.work, not args.quick)


if __name__ == "__main__":
    main()
