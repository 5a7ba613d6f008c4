# SPDX-License-Identifier: Apache-2.0
"""Corpora -> what the net trains on: WORK/data/NAME.{x,phone,lips,start}.npy with

x [2 N][80] float16 net input (features.net_input), phone [N] int8 (-1 unknown), lips [N][3] uint8
(closure, rounding, jaw times 255), start [S + 1] first frame of each stream.

A stream is a few utterances one after the other with pauses, spoiled together, so that the level
follower is heard at work. Streams come from their number and the corpus only: any order, any
number of processes give the same.
"""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np

import augment
import corpus
import features
import labels
import phones

WARPS = (0.86, 0.9, 0.94, 0.97, 1.0, 1.0, 1.03, 1.06, 1.1, 1.15, 1.2)
N_BANK = 60  # utterances that babble behind others
N_IN_STREAM = 3
START_S = 2.05  # as long as a crop
HELD_SHARE = 0.15  # of beginnings
STYLES = (("whisper", 0.06), ("sing", 0.08), ("creak", 0.02), ("child", 0.06))  # of utterances
EMPTY_SHARE = 0.03  # streams of noise alone
_state = {}


def _open(path, bank_path):
    _state["corpus"] = corpus.Corpus(path)
    bank = corpus.Corpus(bank_path)
    picks = np.flatnonzero(bank.split == "train")[:: max(1, len(bank) // N_BANK)][:N_BANK]
    _state["bank"] = [bank.sound(k) for k in picks]
    _state["pauses"] = None


def _one(k, rng, styles=()):
    """An utterance in a changed voice: (pcm, [(begin, end, phone)])."""
    pcm = _state["corpus"].sound(k)
    times, ids = _state["corpus"].segments(k)
    segments = [(b, e, p) for (b, e), p in zip(times.tolist(), ids.tolist())]
    pcm = pcm / (np.abs(pcm).max() + 1e-6) * 0.5
    style, total = rng.random(), 0.0
    for name, share in styles:
        total += share
        if style < total:
            if name == "sing" and len(pcm) > 80000:
                break
            pcm, segments = augment.revoice(pcm, segments, name, rng)
            break
    if rng.random() < 0.8:
        pcm, segments = augment.speed(pcm, segments, rng.uniform(0.84, 1.22))
    return pcm, segments


def stream(numbers, seed, styles):
    """One training stream of the utterances `numbers`, or of noise when there are none."""
    rng = np.random.default_rng(seed)
    gap = lambda longest: np.zeros(int(rng.uniform(0, longest) ** 2 * 16000), np.float32)
    parts, segments, at = [gap(1.2)], [], 0.0
    for k in numbers:
        start = sum(map(len, parts)) / 16000
        pcm, own = _one(k, rng, styles)
        segments.append((at, start, phones.SILENCE))
        segments += [(b + start, e + start, p) for b, e, p in own]
        parts += [pcm * 10 ** (rng.normal(0, 3) / 20), gap(0.9)]
        at = start + len(pcm) / 16000
    if not numbers:
        parts = [1e-3 * rng.standard_normal(int(rng.uniform(2, 5) * 16000)).astype(np.float32)]
    pcm = np.concatenate(parts)
    segments.append((at, len(pcm) / 16000, phones.SILENCE))
    pcm = augment.spoil(pcm, rng, _state["bank"])
    if not numbers:
        pcm = augment.spoil(pcm, rng, [np.zeros(16000, np.float32) + 1e-3])
    pcm = pcm / (np.abs(pcm).max() + 1e-9) * 10 ** (-rng.uniform(0, 6.3) ** 2 / 20)
    return _frames(pcm.astype(np.float32), segments, float(rng.choice(WARPS)))


def _pauses():
    """The pauses of the corpus that last, breaths and all."""
    c = _state["corpus"]
    if _state["pauses"] is None:
        found = []
        for k in np.flatnonzero(c.split == "train"):
            times, ids = c.segments(k)
            for begin, end in times[(ids == phones.SILENCE) & (times[:, 1] - times[:, 0] > 0.2)]:
                found.append(c.sound(k)[int(begin * 16000 + 320) : int(end * 16000) - 480])
        _state["pauses"] = found
    return _state["pauses"]


def _lead(n, rms, rng):
    """n samples of what comes before a voice of power rms ** 2: smacks and breaths, or the corpus's
    own pauses, louder or not."""
    out, pauses = np.zeros(n, np.float32), _pauses()
    if pauses and rng.random() < 0.6:
        parts = [pauses[rng.integers(len(pauses))] for _ in range(1 + n // 3200)]
        sound = np.concatenate(parts)[:n] * 10 ** (rng.uniform(-3, 16) / 20)
        loudest = np.sqrt(np.convolve(sound**2, np.ones(320) / 320, "same").max()) + 1e-9
        out[n - len(sound) :] = sound * min(1.0, 0.25 * rms / loudest)
        return out
    for made, share in ((augment.breath, 0.5), (augment.smack, 0.4), (augment.smack, 0.2)):
        if rng.random() < share:
            out += made(n, rng) * rms * 10 ** (-rng.uniform(2, 30) / 20)
    return out


def _held(number, rng):
    """A vowel of an utterance sung on one note for seconds."""
    pcm, segments = _one(number, rng)
    vowels = [s for s in segments if s[2] in augment.VOWELS and s[1] - s[0] > 0.07]
    if not vowels:
        return pcm, segments
    begin, end, phone = vowels[rng.integers(len(vowels))]
    f0_hz, length_s = 90 * 2 ** rng.uniform(0, 2.4), rng.uniform(0.6, 2.5)
    pcm = augment.steady(pcm, (begin + end) / 2, f0_hz, length_s, rng)
    return pcm / (np.abs(pcm).max() + 1e-6) * 0.5, [(0.0, length_s, phone)]


def beginning(number, seed):
    """A stream's first START_S: room tone, a smack or a breath, then an utterance, or a held vowel,
    begins, the voice's level not yet known to the follower."""
    rng = np.random.default_rng(seed)
    pcm, segments = (_held if rng.random() < HELD_SHARE else _one)(number, rng)
    n, lead = int(START_S * 16000), int(rng.uniform(0.1, 1.5) * 16000)
    rms = np.sqrt((pcm**2).mean()) + 1e-9
    sound = np.concatenate([np.zeros(lead, np.float32), pcm, np.zeros(n, np.float32)])
    segments = [(b + lead / 16000, e + lead / 16000, p) for b, e, p in segments]
    segments = [(0.0, lead / 16000, phones.SILENCE)] + segments
    segments.append((segments[-1][1], START_S + 1, phones.SILENCE))
    noise = augment.room_tone(len(sound), rng)
    sound = sound + noise * rms / noise.std() * 10 ** (-rng.uniform(12, 45) / 20)
    sound[:lead] += _lead(lead, rms, rng)
    sound = augment.line(sound, rng) if rng.random() < 0.4 else sound
    sound = sound[:n] / np.abs(sound).max() * 10 ** (-rng.uniform(0, 4.5) ** 2 / 20)
    return _frames(sound.astype(np.float32), segments, float(rng.choice(WARPS)))


def _frames(pcm, segments, warp=1.0):
    x = features.net_input(features.mel(pcm, warp))
    n = min(len(x) // 2, features.n_labels(len(pcm)))
    times, ids = np.array([s[:2] for s in segments]), [s[2] for s in segments]
    lips = np.round(labels.articulators(times, ids, n) * 255).astype(np.uint8)
    return x[: 2 * n].astype(np.float16), labels.phone_track(times, ids, n), lips


def _work(job):
    return stream(*job) if isinstance(job[0], list) else beginning(*job)


def plain(c, k):
    """Utterance k of a corpus, unspoiled, for tests: x, phone, lips."""
    times, ids = c.segments(k)
    return _frames(c.sound(k), [(b, e, p) for (b, e), p in zip(times.tolist(), ids.tolist())])


def build(path, out, copies, seed, bank_path, n_workers=2, styles=STYLES):
    """`copies` differently spoiled passes over the training utterances of the corpus at `path`."""
    numbers = np.flatnonzero(corpus.Corpus(path).split == "train")
    jobs = []
    for copy in range(copies):
        rng = np.random.default_rng([seed, copy])
        order = rng.permutation(numbers).tolist()
        for k in range(0, len(order), N_IN_STREAM):
            jobs.append((order[k : k + N_IN_STREAM], [seed, copy, k], styles))
            if rng.random() < EMPTY_SHARE:
                jobs.append(([], [seed, copy, k, 1], styles))
    _run(jobs, path, out, bank_path, n_workers)


def build_beginnings(path, out, share, seed, bank_path, n_workers=2):
    """Beginnings of `share` of the training utterances."""
    rng = np.random.default_rng(seed)
    numbers = np.flatnonzero(corpus.Corpus(path).split == "train")
    picks = rng.choice(numbers, int(share * len(numbers)), replace=share > 1)
    jobs = [(int(k), [seed, at]) for at, k in enumerate(picks)]
    _run(jobs, path, out, bank_path, n_workers)


def _run(jobs, path, out, bank_path, n_workers):
    with ProcessPoolExecutor(n_workers, initializer=_open, initargs=(path, bank_path)) as pool:
        done = list(pool.map(_work, jobs, chunksize=8))
    save(out, done)


def save(out, done):
    x, phone, lips = zip(*done)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    for name, part in (("x", x), ("phone", phone), ("lips", lips)):
        np.save(f"{out}.{name}.npy", np.concatenate(part))
    np.save(f"{out}.start.npy", np.cumsum([0] + [len(p) for p in phone]))
    print(f"{out}: {len(phone)} streams, {sum(map(len, phone)) * 0.02 / 3600:.2f} h", flush=True)


class Data:
    """A built set, mapped; weight: its share of the training crops."""

    def __init__(self, out, weight=1.0):
        self.x, self.phone, self.lips, self.start = (
            np.load(f"{out}.{name}.npy", mmap_mode="r")
            for name in ("x", "phone", "lips", "start")
        )
        self.weight = weight
