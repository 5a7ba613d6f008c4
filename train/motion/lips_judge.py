# SPDX-License-Identifier: Apache-2.0
"""How near the mouth of a clip's sound is to the clip's own: the table of models/motion.md.

Opening and width r (best within 200 ms and at once), lag, amplitude, shut: share of moments in
which the person's lips are closed in speech and ours are too (below 15 % of the 95th percentile,
within 40 ms), and by chance; silent lip: mean absolute deviation of the opening in pauses of 300
ms.
"""

import re

import numpy as np

import tapes
import takes

STEP_S, MOST_LAG = 0.02, 10
SHUT = 0.15
FORESEEN, TOUCHING, APART = (0.07, 0.28), 0.02, 0.1      # as in articulation.c


def gestures(source, readings, times, lead, after):
    """Opening and width [n][2] by one gesture a class, the table in articulation.c (`source`),
    averaged from 120 ms before to `after` behind `lead` past the mouth's time, both in steps of 10
    ms."""
    rows = re.findall(r"\[LIMNER_SPEECH_\w+\] = \{ (-?[\d.]+)f, (-?[\d.]+)f", source)
    table = np.zeros((21, 2))
    table[:18] = np.array(rows, float)
    table[20, 0] = float(re.search(r"HEARD_JAW_OPENS = (-?[\d.]+)f", source)[1])
    table[19, 1] = float(re.search(r"HEARD_ROUND_WIDENS = (-?[\d.]+)f", source)[1])
    closure = np.maximum(readings[:, tapes.CLOSURE], readings[:, tapes.N_SHARES])
    at = times + 0.01 * lead - tapes.LEAD_S
    out = tapes.window(readings @ table, at, 12, after)
    shut = smoothstep(tapes.window(closure[:, None], at, 2, 2)[:, 0], 0.1, 0.3)
    out[:, 0] = np.maximum(out[:, 0], 0) * (1 - shut)
    return out


def moved(mouth):
    """Opening and width [n][2] of the net's answer [n][10], as articulation.c moves the lips."""
    open_ = mouth[:, 0] - TOUCHING * (1 - smoothstep(mouth[:, 0], 0, APART))
    shut = smoothstep(mouth[:, 8], *FORESEEN)
    return np.stack([np.maximum(open_, 0) * (1 - shut), mouth[:, 1]], 1)


def smoothstep(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def r(a, b):
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12)


def _lagged(ours, real):
    """(best r, its lag in ms: ours after real)."""
    best = max(range(-MOST_LAG, MOST_LAG + 1), key=lambda k: r(*_shifted(ours, real, k)))
    return r(*_shifted(ours, real, best)), 1000 * STEP_S * best


def _shifted(ours, real, k):
    return (ours[max(0, k): len(ours) + min(0, k)], real[max(0, -k): len(real) - max(0, k)])


def _runs(flags, least=1):
    edge = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(a, b) for a, b in zip(edge[::2], edge[1::2]) if b - a >= least]


def _shut(ours, real, silent, rng):
    """(moments, ours shut there, shut by chance)."""
    limit = [SHUT * np.percentile(x, 95) for x in (ours, real)]
    met = chance = n = 0
    for a, b in _runs(real < limit[1]):
        if silent[max(0, a - 2): b + 2].mean() > 0.3 or a < 3 or b > len(real) - 3:
            continue
        other = rng.integers(3, len(real) - (b - a) - 3)
        n += 1
        met += ours[a - 2: b + 2].min() < limit[0]
        chance += ours[other - 2: other + b - a + 2].min() < limit[0]
    return n, met, chance


def figures(ours, real, silent):
    """ours, real [n][2]: opening and width at 50 Hz; silent [n]: share of silence heard."""
    rng = np.random.default_rng(0)
    best, lag = _lagged(ours[:, 0], real[:, 0])
    quiet = [np.abs(ours[a:b, 0] - ours[a:b, 0].mean()).mean()
             for a, b in _runs(silent > 0.5, 15)]
    n, met, chance = _shut(ours[:, 0], real[:, 0], silent, rng)
    return {"open_r": r(ours[:, 0], real[:, 0]), "best_r": best, "lag_ms": lag,
            "width_r": r(ours[:, 1], real[:, 1]), "open_amp": ours[:, 0].std() / real[:, 0].std(),
            "width_amp": ours[:, 1].std() / real[:, 1].std(),
            "silent": np.mean(quiet) if quiet else np.nan, "n": n, "met": met, "chance": chance,
            "mean": ours[:, 0].mean(), "p95": np.percentile(ours[:, 0], 95)}


def mean_of(rows):
    """One row of many clips."""
    out = {k: float(np.nanmean([row[k] for row in rows])) if k not in ("n", "met", "chance")
           else sum(row[k] for row in rows) for k in rows[0]}
    out["shut"], out["by_chance"] = out["met"] / max(1, out["n"]), out["chance"] / max(1, out["n"])
    return out


def heard(clip, encoder, shift_s):
    """(inputs [n][181], readings, times [n], real [n][2], silence heard [n]) of a whole clip."""
    pcm = np.concatenate([clip.pcm, np.zeros(tapes.TAIL, np.float32)])
    readings, mels = (v[0] for v in encoder.hear([pcm]))
    n = len(clip.pcm) // tapes.HOP
    times = np.arange(n) * tapes.FRAME_S + shift_s
    lips, there = takes.at_times(clip, times)
    keep = slice(*(np.flatnonzero(there)[[0, -1]] + [0, 1]))
    return (tapes.inputs(readings, mels)[:n], readings, times, lips[:, :2], readings[:n, 0], keep)
