# SPDX-License-Identifier: Apache-2.0
"""Clips -> tapes: what the net trains on. A tape is some seconds of clips in a row with pauses
between, heard by the speech encoder as one sound, so that nets meet beginnings, ends and silence.

Per frame k of the encoder (50 Hz, given out with mel frame 2 k + 7): x [181] = the 18 shares,
closure, rounding and jaw, mel frames 2 k + 6 and 2 k + 7 (level-free); y [7] the lips at the time
that the mouth is wanted, SHIFT_S from 20 k ms, less the person's mean, over the person's spread;
shut: lips closed in the picture; ahead: what the encoder makes, in the clean sound, of the time
LEAD_S later; segment: the clip's number, -1 in pauses.
"""

import os
import sys

import numpy as np
import torch
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "speech"))
import export as speech_export  # noqa: E402
import features  # noqa: E402
import net as speech_nets  # noqa: E402
import takes  # noqa: E402

FRAME_S, HOP, TAIL = 0.02, 320, 4000
LEAD_S = 0.03               # the encoder's closures come before their sound by this
TAPE_S, PAUSE_S = 8.0, (0.1, 1.2)
REST_AFTER_S = 0.25         # of a pause: lips at rest from then on
CLOSURE, LABIODENTAL, SIBILANT, POSTALVEOLAR, N_SHARES = 1, 2, 6, 7, 18
SHUT = 0.15                 # of a person's 95th percentile of opening


class Encoder:
    """The Python twin of src/speech on the weights of a .limner file."""

    def __init__(self, path):
        self.net = speech_nets.Net("gru")
        self.net.load_state_dict(speech_export.weights_of(path), strict=False)
        self.net.eval()

    def hear(self, pcms):
        """Sounds of one length -> ([B][K][21] readings, [B][2 K][80] level-free mel)."""
        x = np.stack([features.net_input(features.mel(p)) for p in pcms])
        x = x[:, : x.shape[1] // 2 * 2]
        with torch.no_grad():
            classes, lips, _, _ = self.net(torch.from_numpy(x))
        return torch.cat([classes.softmax(-1), lips.sigmoid()], -1).numpy(), x


def inputs(readings, mels):
    """[K][181] of one sound."""
    n = len(readings)
    at = np.minimum(2 * np.arange(n)[:, None] + np.array([6, 7]), len(mels) - 1)
    return np.hstack([readings, mels[at].reshape(n, -1)]).astype(np.float32)


def measured_people(clips):
    """{person: (mean [7], spread [7], opening of shut lips)}; one's pauses count as well."""
    out = {}
    for person in {c.person for c in clips if c.person}:
        lips = np.concatenate([c.lips for c in clips if c.person == person])
        own = np.concatenate([c.lips - c.lips.mean(0) for c in clips if c.person == person])
        out[person] = lips.mean(0), own.std(0) + 1e-3, SHUT * np.percentile(lips[:, 0], 95)
    return out


def heard_ahead(readings, n, shift_s, table):
    """[n][9] at the mouth's time + LEAD_S: bilabial, labiodental; opening and width by gestures
    (rows of table [4][21]), rounding (the third), sh, s, tip of the tongue (the fourth),
    silence."""
    times = np.arange(n) * FRAME_S + shift_s
    bilabial = np.maximum(readings[:, CLOSURE], readings[:, N_SHARES])
    at = lambda series, reach: window(series.reshape(len(readings), -1), times, *reach)
    return np.hstack([at(bilabial, (2, 2)), at(readings[:, LABIODENTAL], (2, 2)),
                      at(readings @ table[:2].T, (12, 5)), at(readings @ table[2], (10, 5)),
                      at(readings[:, POSTALVEOLAR], (4, 4)), at(readings[:, SIBILANT], (4, 4)),
                      at(readings @ table[3], (3, 3)), at(readings[:, 0], (12, 5))])


def window(series, times, before, after):
    """Means about times + LEAD_S by half a Hann window on each side, in steps of 10 ms."""
    offsets = np.arange(-before, after + 1)
    reach = np.where(offsets < 0, before, after) + 1
    weights = 0.5 + 0.5 * np.cos(np.pi * offsets / reach)
    centres = (np.arange(len(series)) + 0.5) * FRAME_S
    total = sum(w * np.stack([np.interp(times + LEAD_S + 0.01 * o, centres, c)
                              for c in series.T], 1) for w, o in zip(weights, offsets))
    return total / weights.sum()


def _noise(n, rng):
    z = rng.standard_normal(n)
    spectrum = np.fft.rfft(z) / (1 + np.arange(n // 2 + 1)) ** rng.uniform(0, 0.7)
    return np.fft.irfft(spectrum, n)


def _spoil(pcm, others, rng):
    """Another line, room, noise and level."""
    out = pcm
    if rng.random() < 0.5:
        edges = np.sort(rng.uniform(80, 7500, 2))
        kind = rng.choice(["low", "high"])
        edge = np.clip(edges[1] + 1500 if kind == "low" else edges[0] / 8, 60, 7600)
        wet = sosfilt(butter(1, edge, kind, fs=takes.RATE_HZ, output="sos"), out)
        out = wet * 0.8 + out * 0.2
    if rng.random() < 0.4:
        n = int(rng.uniform(0.05, 0.4) * takes.RATE_HZ)
        echo = rng.standard_normal(n) * np.exp(-np.linspace(0, 6, n)) * 0.05
        echo[0] = 1
        out = fftconvolve(out, echo)[: len(out)]
    power = np.mean(out**2) + 1e-9
    if rng.random() < 0.6:
        noise = _noise(len(out), rng)
        if rng.random() < 0.3 and others is not None:
            noise = np.resize(others, len(out))
        gain = np.sqrt(power / (np.mean(noise**2) + 1e-12)) * 10 ** (-rng.uniform(5, 30) / 20)
        out = out + gain * noise
    return out * 10 ** (rng.uniform(-20, 6) / 20)


class Tape:
    """x, y, shut, ahead, segment as above; w: a frame's weight; speech."""


def _pieces(clips, rng):
    """Clips in random order, long ones cut into stretches of at most TAPE_S: (clip, from, to)."""
    out = []
    for c in clips:
        total = min(len(c.lips) / c.fps - c.late_s, len(c.pcm) / takes.RATE_HZ)
        begin = max(0.0, -c.late_s)
        n = int(np.ceil((total - begin) / TAPE_S))
        edges = np.linspace(begin, total, n + 1)
        out += list(zip([c] * n, edges[:-1], edges[1:]))
    return [out[k] for k in rng.permutation(len(out))]


def _stretch(pcm, pace):
    """Sound at another speed and pitch."""
    up = int(round(50 / pace))
    return resample_poly(pcm, up, 50).astype(np.float32), up / 50


def make(clips, people, table, encoder, seed, shift_s, is_spoilt=True, batch=16):
    """Every clip once, on tapes of equal length."""
    rng = np.random.default_rng(seed)
    length = int((TAPE_S + 2) / FRAME_S)
    plans, plan, at = [], [], 0
    for clip, begin, end in _pieces(clips, rng):
        pace = rng.choice([1.0, rng.uniform(0.85, 1.2)]) if is_spoilt else 1.0
        pcm = clip.pcm[int(begin * takes.RATE_HZ): int(end * takes.RATE_HZ)]
        pcm, longer = _stretch(pcm, pace) if pace != 1.0 else (pcm, 1.0)
        n = len(pcm) // HOP
        if at + n > length:
            plans.append(plan)
            plan, at = [], 0
        plan.append((clip, begin, longer, at, pcm[: n * HOP]))
        at += n + int(rng.uniform(*PAUSE_S) / FRAME_S)
    plans.append(plan)
    out = []
    for k in range(0, len(plans), batch):
        out += _play(plans[k: k + batch], length, people, table, encoder, shift_s, is_spoilt, rng)
    return out


def _play(plans, length, people, table, encoder, shift_s, is_spoilt, rng):
    clean, spoilt = [], []
    for plan in plans:
        pcm = np.zeros(length * HOP + TAIL, np.float32)
        for clip, _, _, at, sound in plan:
            pcm[at * HOP: at * HOP + len(sound)] = sound
        clean.append(pcm)
        spoilt.append(_spoil(pcm, rng.choice(plan[-1][0].pcm[None]), rng).astype(np.float32)
                      if is_spoilt else pcm)
    heard = encoder.hear(clean)[0]
    readings, mels = encoder.hear(spoilt) if is_spoilt else encoder.hear(clean)
    return [_tape(plan, length, people, table, heard[b],
                  inputs(readings[b], mels[b])[:length], shift_s)
            for b, plan in enumerate(plans)]


def _tape(plan, length, people, table, heard, x, shift_s):
    t = Tape()
    t.x, t.y = x, np.zeros((length, len(takes.MEASURES)), np.float32)
    t.shut, t.segment = np.zeros(length, np.float32), np.full(length, -1)
    t.w = np.zeros(length, np.float32)
    t.ahead = heard_ahead(heard, length, shift_s, table).astype(np.float32)
    t.speech = 1 - heard[:length, 0]
    t.clips = [clip for clip, *_ in plan]
    for s, (clip, begin, longer, at, sound) in enumerate(plan):
        t.segment[at: at + len(sound) // HOP] = s
        if clip.person is None:
            continue
        mean, spread, shut = people[clip.person]
        n = min(len(sound) // HOP, length - at)
        lips, there = takes.at_times(clip, begin + (np.arange(n) * FRAME_S + shift_s) / longer)
        t.y[at: at + n] = (lips - mean) / spread
        t.shut[at: at + n] = 1 / (1 + np.exp((lips[:, 0] - shut) / (0.15 * shut + 1e-3)))
        t.w[at: at + n] = clip.weight * there
        t.w[at: at + 4] = 0
    return t
