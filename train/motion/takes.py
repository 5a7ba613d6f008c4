# SPDX-License-Identifier: Apache-2.0
"""Talking video -> what its lips do and what is heard, one file a clip, made once.

Lips are measured on the tracked landmarks, in eye distances and in the head's own upright axes, so
that neither size nor roll matters (MEASURES). A clip is dropped where the face is lost in more than
LOST of its frames, lips lie further than LIP_ERROR off the fitted face, it is shorter than
SHORTEST_S, or the lips hardly part (STILL).
"""

import fnmatch
import glob
import json
import os
import subprocess

import numpy as np

RATE_HZ = 16000
LOST, LIP_ERROR, SHORTEST_S, STILL = 0.1, 0.06, 0.8, 0.012
LONGEST_SOUND_S = 60
EYES = ((263, 362), (33, 133))
MEASURES = ("open", "width", "upper", "chin", "thick_upper", "thick_lower", "corner")


class Clip:
    """name SOURCE/CLIP, person, late_s, weight, fps, lips [n][7], pcm at 16 kHz."""


def listed(data, sources):
    """(name, path, late_s, weight) of every clip of sources.txt."""
    with open(sources) as f:
        rows = [line.split() for line in f if line.strip() and line[0] != "#"]
    for source, pattern, late_ms, weight in rows:
        for path in sorted(glob.glob(os.path.join(data, pattern))):
            stem = os.path.splitext(os.path.basename(path))[0]
            late_s = None if late_ms == "-" else float(late_ms) / 1000
            yield f"{source}/{stem}", path, late_s, float(weight)


def is_held(name, held):
    return any(fnmatch.fnmatch(name, pattern) for pattern in held)


def read_held(path):
    with open(path) as f:
        return [line.strip() for line in f if line.strip() and line[0] != "#"]


def measure(points):
    """[n][478][2] pixels -> [n][7] of MEASURES, eye distances."""
    left, right = (points[:, list(corners)].mean(1) for corners in EYES)
    across = left - right
    unit = np.hypot(*across.T)
    ex = across / unit[:, None]
    ey = np.stack([-ex[:, 1], ex[:, 0]], 1)
    from_eyes = points - ((left + right) / 2)[:, None]
    x = (from_eyes * ex[:, None]).sum(2) / unit[:, None]
    y = (from_eyes * ey[:, None]).sum(2) / unit[:, None]
    between = lambda a, b: np.hypot(x[:, a] - x[:, b], y[:, a] - y[:, b])
    corner = (y[:, 61] + y[:, 291]) / 2
    return np.stack([between(13, 14), between(61, 291), y[:, 13] - y[:, 2], y[:, 152] - y[:, 2],
                     between(0, 13), between(14, 17), corner - y[:, 2]], 1)


def _track(limner, path, base):
    """Tracks into base.{csv,f32,json}; None where the clip is of no use."""
    report = base + ".json"
    if not os.path.exists(report):
        command = [limner, "track", path, "-o", base + ".csv", "--landmarks", base + ".f32",
                   "--report", report + ".part", "--threads", "1", "-q"]
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            with open(report + ".part", "w") as f:
                json.dump({"frames": 0}, f)
        os.replace(report + ".part", report)
    with open(report) as f:
        return json.load(f)


def _sound(path, out):
    """Mono at 16 kHz, 16 bits, kept in `out`."""
    if not os.path.exists(out):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, "-ac", "1", "-ar", str(RATE_HZ),
                        "-f", "s16le", out + ".part"], check=True, stdin=subprocess.DEVNULL)
        os.replace(out + ".part", out)
    return np.fromfile(out, np.int16).astype(np.float32) / 32768


def _filled(lips):
    """NaN frames filled in between their neighbours."""
    there = np.isfinite(lips).all(1)
    t = np.arange(len(lips))
    return np.stack([np.interp(t, t[there], c[there]) for c in lips.T], 1)


def _sound_alone(clip, base):
    out = Clip()
    out.name, out.path, _, out.weight = clip
    out.pcm = _sound(out.path, base + ".s16")[: LONGEST_SOUND_S * RATE_HZ]
    out.late_s, out.fps, out.person = 0.0, 25.0, None
    n = int(len(out.pcm) / RATE_HZ * out.fps)
    out.lips = np.zeros((n, len(MEASURES)))
    return out


def read(limner, work, clip, tracked_only=False):
    """A Clip, or the reason (str) why it is dropped."""
    name, path, late_s, weight = clip
    base = os.path.join(work, "tracks", name.replace("/", "."))
    os.makedirs(os.path.dirname(base), exist_ok=True)
    if tracked_only and late_s is not None and not os.path.exists(base + ".f32"):
        return "not tracked"
    if late_s is None:
        return _sound_alone(clip, base)
    report = _track(limner, path, base)
    if not report["frames"] or report["found"] < (1 - LOST) * report["frames"]:
        return "face lost"
    if report["lip_error"] > LIP_ERROR:
        return "lips badly fitted"
    out = Clip()
    out.name, out.path, out.late_s, out.weight = name, path, late_s, weight
    out.person, out.fps, out.base = name, report["fps"], base
    points = np.fromfile(base + ".f32", np.float32).reshape(-1, 478, 2).astype(float)
    out.lips = _filled(measure(points))
    if len(out.lips) < SHORTEST_S * out.fps:
        return "too short"
    if out.lips[:, 0].std() < STILL:
        return "still lips"
    out.pcm = _sound(path, base + ".s16")
    out.points = points[len(points) // 2]
    return out


def at_times(clip, sound_s):
    """Lips [len][7] and whether there is a picture [len], at times of the sound."""
    at = (sound_s + clip.late_s) * clip.fps
    n = len(clip.lips)
    frames = np.arange(n)
    return (np.stack([np.interp(at, frames, c) for c in clip.lips.T], 1),
            (at >= 0) & (at <= n - 1))
