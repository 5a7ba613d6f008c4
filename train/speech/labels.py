# SPDX-License-Identifier: Apache-2.0
"""Phones with times -> what the net learns, at 50 Hz: phone per frame, lip closure, rounding, jaw.

Coarticulation after Cohen and Massaro (1993): every phone pulls each articulator to its target
(phones.TARGET) with a dominance that is full inside the phone and dies out around it; lips begin to
round well before the vowel, closures stay short, the jaw lies between.
"""

import numpy as np

import phones

FRAME_S = 0.020
UNKNOWN = -1
REACH_S = ((0.016, 0.016), (0.070, 0.045), (0.045, 0.040))  # before and after, per articulator
HELD = 0.75  # share of a p or b during which the lips are shut (then the burst)
_BURST = {phones.ID["p"], phones.ID["b"]}
_TARGET = np.array(phones.TARGET)


def phone_track(times, ids, n):
    """[n] int8: the phone at each frame's middle; UNKNOWN where there is none."""
    out = np.full(n, UNKNOWN, np.int8)
    first = np.clip(np.ceil(np.asarray(times)[:, 0] / FRAME_S - 0.5), 0, n).astype(int)
    last = np.clip(np.ceil(np.asarray(times)[:, 1] / FRAME_S - 0.5), 0, n).astype(int)
    for a, b, phone in zip(first, last, ids):
        out[a:b] = phone
    return out


def articulators(times, ids, n):
    """[n][3] closure, rounding, jaw, 0..1."""
    t = (np.arange(n) + 0.5) * FRAME_S
    total, weight = np.zeros((n, 3)), np.full((n, 3), 1e-4)
    total += weight * _TARGET[phones.SILENCE][[0, 2, 4]]
    for (begin, end), phone in zip(np.asarray(times).tolist(), ids):
        if phone < 0:
            continue
        a, b = max(0, int(begin / FRAME_S) - 16), min(n, int(end / FRAME_S) + 12)
        held = begin + HELD * (end - begin) if phone in _BURST else end
        for k, (before, after) in enumerate(REACH_S):
            stop = held if k == 0 else end
            away = np.maximum((begin - t[a:b]) / before, (t[a:b] - stop) / after)
            pull = _TARGET[phone, 2 * k + 1] * np.exp(-np.maximum(away, 0.0))
            total[a:b, k] += pull * _TARGET[phone, 2 * k]
            weight[a:b, k] += pull
    return total / weight
