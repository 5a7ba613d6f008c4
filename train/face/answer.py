# SPDX-License-Identifier: Apache-2.0
"""How the landmark net answers the model's shapes: writes landmark_answer.npz for build.py.

    python3 train/face/answer.py models/face.limner SEEN... --takes TAKE.csv... \\
        -o train/face/landmark_answer.npz

SEEN are files of answer.c from several portraits, by their names: random_* of random motions,
talk_* of generated talk, others of recorded takes. What the landmarks do beyond the model's
geometry is explained, by ridge regression over all frames and their mirror images, by coefficients,
gaze and the head's turn; what is left, without what a change of pose would look like, gives the
errors that come together (its principal components) and the rest's spread. TAKE are Live Link
recordings for the products of coefficients; the generated talk among SEEN gives the other half.
"""

import argparse
import csv
import os
import re

import numpy as np

import model
import shapes

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
N_LANDMARKS, N_ERRORS, N_SHAPES = 478, 32, 53
RIDGE = 5.0
FLOOR_CM = 0.02             # no landmark is better than this
GAZE_DEG = TURN_DEG = 30.0  # units of gaze and turn
YAW_SHARE = 0.5             # people differ: half of the mean answer to yaw errs least
FIT_FLOATS = 60 + 53 + 9 + 3 + 2 + 1 + 2 + 1


def mirrored_landmarks():
    """The landmark on the other side, from src/portrait/landmarks.c."""
    with open(os.path.join(ROOT, "src/portrait/landmarks.c"), encoding="utf-8") as f:
        table = re.search(r"mirror\[LIMNER_N_LANDMARK\] = \{(.*?)\}", f.read(), re.S).group(1)
    return np.array([int(v) for v in table.replace("\n", " ").split(",")])


def mirrored_names(names):
    """Index of the shape of the other side."""
    swap = {"Left": "Right", "Right": "Left"}
    out = []
    for n in names:
        side = next((s for s in swap if n.endswith(s)), None)
        out.append(names.index(n[:-len(side)] + swap[side]) if side else names.index(n))
    return np.array(out)


def rotations(angles):
    """Ry(yaw) Rx(pitch) Rz(roll) of [...][3] degrees."""
    a = np.deg2rad(angles)
    (cy, cp, cr), (sy, sp, sr) = np.moveaxis(np.cos(a), -1, 0), np.moveaxis(np.sin(a), -1, 0)
    o, i = np.zeros_like(cy), np.ones_like(cy)
    y = np.stack([cy, o, sy, o, i, o, -sy, o, cy], -1).reshape(cy.shape + (3, 3))
    x = np.stack([i, o, o, o, cp, -sp, o, sp, cp], -1).reshape(cy.shape + (3, 3))
    z = np.stack([cr, -sr, o, sr, cr, o, o, o, i], -1).reshape(cy.shape + (3, 3))
    return y @ x @ z


class Landmarks:
    """The model at its landmarks: mean, identity and expression shapes [..][478][3], cm."""

    def __init__(self, face):
        t = face.tensors
        self.vertex, self.bary = t["landmark.vertex"].astype(int), t["landmark.bary"]
        self.pivot = t["neck_pivot"].astype(float)
        self.mean = self.at(face.mean)
        self.identity = np.stack([self.at(b) for b in face.identity])
        neutral = face.shape()
        self.shape = np.stack([self.at(face.shape(None, {n: 1.0}) - neutral) for n in face.names])

    def at(self, xyz):
        return (xyz[self.vertex] * self.bary[:, :, None]).sum(1)


class Seen:
    """One file of answer.c."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        _, n, size_px, motion_bytes = np.frombuffer(data, np.int32, 4)
        fit = np.frombuffer(data, np.float32, FIT_FLOATS, 16).astype(float)
        rows = np.frombuffer(data, np.float32, offset=16 + 4 * FIT_FLOATS)
        rows = rows[:len(rows) // n * n].reshape(n, -1).astype(float)
        m = motion_bytes // 4
        scale = 512 / size_px
        self.identity, self.rotation = fit[:60], fit[113:122].reshape(3, 3)
        self.angles, self.gaze = fit[122:125], fit[125:127]
        self.scale, self.shift = fit[127] * scale, fit[128:130] * scale
        self.expression = np.concatenate([rows[:, :52], rows[:, 52:53]], 1)
        self.pose, self.xyz, self.distance = rows[:, 53:56], rows[:, 56:59], rows[:, 59]
        self.look = rows[:, 60:62]
        self.landmarks = rows[:, m:m + 3 * N_LANDMARKS].reshape(n, N_LANDMARKS, 3)
        self.is_random = os.path.basename(path).startswith("r")
        self.neutral = np.arange(0, n, 10) if self.is_random else np.arange(min(5, n))


def beyond(s, lm, names):
    """What was seen beyond the model, head axes [n][478][2] cm, and what to explain it by."""
    pivot = s.rotation @ lm.pivot
    centre = np.array([s.scale * pivot[0] + s.shift[0], -s.scale * pivot[1] + s.shift[1]])
    seen = (s.landmarks[:, :, :2] - centre) * s.distance[:, None, None] / s.scale
    seen = seen * [1, -1] - s.xyz[:, None, :2]
    e = s.expression.copy()
    e[:, [i for i, n in enumerate(names) if n.startswith("eyeLook")]] = 0
    r = rotations(s.pose)
    base = lm.mean + np.tensordot(s.identity, lm.identity, 1) - lm.pivot
    rest = seen - np.einsum("nij,nkj->nki", r, base + np.tensordot(e, lm.shape, 1))[:, :, :2]
    own = rest[s.neutral].mean(0)
    own = np.concatenate([own, np.zeros((N_LANDMARKS, 1))], 1) @ r[s.neutral].mean(0)
    rest = rest - np.einsum("nij,kj->nki", r, own)[:, :, :2]
    rest = np.einsum("nji,nkj->nki", r[:, :2, :2], rest)
    gaze = s.look - s.pose[:, :2]
    gaze = (gaze - gaze[s.neutral].mean(0)) / GAZE_DEG
    turn = (s.pose - s.pose[s.neutral].mean(0)) / TURN_DEG
    causes = np.concatenate([e - e[s.neutral].mean(0), gaze[:, :1], np.maximum(gaze[:, 1:], 0),
                             np.maximum(-gaze[:, 1:], 0), turn], 1)
    return rest, causes


def mirror_causes(names):
    """Signed permutation that mirrors the causes [59]."""
    n = N_SHAPES + 6
    p = np.zeros((n, n))
    p[np.arange(N_SHAPES), mirrored_names(names)] = 1
    p[np.arange(N_SHAPES, n), np.arange(N_SHAPES, n)] = [-1, 1, 1, -1, 1, -1]
    return p


def explain(frames, flip, swap):
    """Ridge regression over frames and their mirror images: [59][478][2]."""
    a, b = RIDGE * np.eye(N_SHAPES + 6), 0
    for rest, causes in frames:
        trust = 1 / (1 + (np.abs(rest).max((1, 2)) / 0.8) ** 2)
        for x, y in ((causes, rest), (causes @ swap, rest[:, flip] * [-1, 1])):
            a = a + (x * trust[:, None]).T @ x
            b = b + np.tensordot((x * trust[:, None]).T, y.reshape(len(y), -1), 1)
    return np.linalg.solve(a, b).reshape(-1, N_LANDMARKS, 2)


def pose_directions(base):
    """Orthonormal [956][6]: what small changes of pose look like from the front."""
    g = np.zeros((N_LANDMARKS, 2, 6))
    g[:, 0, 0] = g[:, 1, 1] = 1
    g[:, 0, 2], g[:, 1, 2] = -base[:, 1], base[:, 0]
    g[:, :, 3] = base[:, :2]
    g[:, 0, 4], g[:, 1, 5] = base[:, 2], -base[:, 2]
    return np.linalg.qr(g.reshape(-1, 6))[0]


def errors(frames, answer, lm, flip):
    """Second moments [956][956] of what the answers leave in moderate frames."""
    q = pose_directions(lm.mean - lm.pivot)
    left = []
    for rest, causes, is_random in frames:
        y = (rest - np.tensordot(causes, answer, 1)).reshape(len(rest), -1)
        is_moderate = ((np.abs(causes[:, -3:]).max(1) < 0.3) &
                       (causes[:, :N_SHAPES].sum(1) < 3.0))
        y = y[is_moderate]
        if not is_random and len(y):
            y = y - 0.7 * y.mean(0)
        left.append(y - (y @ q) @ q.T)
    y = np.concatenate(left)
    size = np.sqrt((y ** 2).mean(1))
    y = y[size < np.quantile(size, 0.93)]
    m = (y.reshape(-1, N_LANDMARKS, 2)[:, flip] * [-1, 1]).reshape(len(y), -1)
    return (y.T @ y + m.T @ m) / (2 * len(y))


def take_products(paths, names):
    """Mean products [52][52] of recorded coefficients above the face at rest, both ways round."""
    both = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            rows = list(csv.reader(f))
        head = [n[0].lower() + n[1:] for n in rows[0]]
        column = [head.index(n) for n in names[:52]]
        v = np.array([[float(row[c]) for c in column] for row in rows[1:]])
        low = np.quantile(v, 0.2, 0)
        v = np.clip((v - low) / (1 - low), 0, 1)
        both += [v, v[:, mirrored_names(names)[:52]]]
    v = np.concatenate(both)
    return v.T @ v / len(v)


def quantised(a):
    """[n][478][2] as int16 [n][2][478] and scales [n]."""
    scale = np.maximum(np.abs(a).max((1, 2)), 1e-6) / 32767
    return np.round(a / scale[:, None, None]).astype(np.int16).transpose(0, 2, 1), scale


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("seen", nargs="+")
    parser.add_argument("--takes", nargs="+", required=True)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    names = shapes.arkit_names(os.path.join(ROOT, "include/limner/limner.h"))
    if "tongueUp" not in names:
        names = names + ["tongueUp"]
    lm = Landmarks(model.Model(args.model, names))
    flip, swap = mirrored_landmarks(), mirror_causes(names)
    frames, talk = [], []
    for path in sorted(args.seen):
        s = Seen(path)
        if np.abs(s.angles[:2]).max() > 16:     # a face turned away is seen by half
            continue
        rest, causes = beyond(s, lm, names)
        frames.append((rest, causes, s.is_random))
        if os.path.basename(path).startswith("t"):
            talk.append(causes[:, :52])
    answer = explain([f[:2] for f in frames], flip, swap)
    moments = errors(frames, answer, lm, flip)
    size, shape = np.linalg.eigh(moments)
    size, shape = size[::-1][:N_ERRORS], shape[:, ::-1][:, :N_ERRORS]
    spread = np.sqrt(np.diag(moments) - (shape ** 2 * size).sum(1) + FLOOR_CM ** 2)
    moves = answer[:N_SHAPES] + lm.shape[:, :, :2]
    moves[[i for i, n in enumerate(names) if n.startswith("eyeLook")]] = 0
    turn = answer[N_SHAPES + 3:N_SHAPES + 5] * np.array([YAW_SHARE, 1])[:, None, None]
    moves = np.concatenate([moves, answer[N_SHAPES:N_SHAPES + 3], turn])
    move, move_scale = quantised(moves)
    error, error_scale = quantised((shape * np.sqrt(size)).T.reshape(N_ERRORS, N_LANDMARKS, 2))
    talk = np.concatenate(talk)
    together = 0.5 * (take_products(args.takes, names) + talk.T @ talk / len(talk))
    np.savez_compressed(args.output, **{
        "answer.shape": move, "answer.shape_scale": move_scale.astype(np.float32),
        "answer.error": error, "answer.error_scale": error_scale.astype(np.float32),
        "answer.spread": spread.reshape(-1, 2).T.astype(np.float32),
        "answer.together": together.astype(np.float32)})
    print(f"{len(frames)} files, {sum(len(f[0]) for f in frames)} frames; left beyond answers: "
          f"{np.sqrt(np.trace(moments) / N_LANDMARKS):.3f} cm")


if __name__ == "__main__":
    main()
