# SPDX-License-Identifier: Apache-2.0
"""Learns what the tracker's fit mixes up (src/face/unmix.h) from takes whose motion is known:

    python3 train/face/unmix.py models/face.limner LIST [--check TAKE...]

LIST: lines TAKE KIND; TAKE is a file of unmix.c, KIND what it shows: talk (of the generator), mixed
(talk whose shapes no longer go together), recorded, or both (recorded and mixed). For every
coefficient of CORRECTED one ridge regression of its error on the inputs of unmix.c, of all takes
and their mirror images. Errors count about their mean over a take and against how much the
coefficient moves in it, as a correlation does. As coefficients cannot fall below 0, every
correction is then raised or lowered by what the mean correlation is best with. What eyes and brows
are mixed up with is looked for among eyes and brows alone, mouths' likewise; cheeks and nose count
with both. The jaw is not corrected: it makes up for what the others part the lips. Writes
unmix.npz, which build.py reads, and the model file. --check prints for each TAKE how many of its
twenty most used coefficients come back with a correlation of 0.9, before and after (the jaw as it
was found).
"""

import argparse
import os
import re

import numpy as np

import answer
import container
import shapes

SHARE = {"talk": 1.0, "mixed": 0.35, "recorded": 0.3, "both": 0.105}
RIDGE = 2e-4
FLOOR = 0.03                # a coefficient that moves less counts as if it moved so much
AT_REST, SPEAKING = 0.1, 0.2        # as in unmix.c
REACH = 2
MOST_CHANGE = 0.3           # as in unmix.c
LEVELS = np.linspace(-0.04, 0.04, 17)
CORRECTED = ("eyeBlink", "eyeSquint", "browDown", "browOuterUp", "mouthClose", "mouthFunnel",
             "mouthPucker", "mouthSmile", "mouthStretch", "mouthPress", "mouthLowerDown",
             "mouthUpperUp", "cheekSquint")
PAIRED = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthSmileLeft",
          "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthPressLeft",
          "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")


def active_names(names):
    """The fit's active expressions, from src/face/fit_prior.c."""
    with open(os.path.join(answer.ROOT, "src/face/fit_prior.c"), encoding="utf-8") as f:
        table = re.search(r" rows\[LIMNER_FIT_N_ACTIVE\] = \{(.*?)\n\};", f.read(), re.S).group(1)
    found = re.findall(r"^    \{E\((\w+)\)", table, re.M)
    by_constant = {re.sub(r"([A-Z])", r"_\1", n).upper(): n for n in names}
    return [by_constant[c] for c in found]


class Inputs:
    """What unmix.c makes of clues, and which of it may correct which coefficient."""

    def __init__(self, active):
        self.active = active
        self.n = len(active)
        self.paired = [active.index(n) for n in PAIRED]
        self.upper = np.array([n.startswith(("eye", "brow")) for n in active])
        self.between = np.array([n.startswith(("cheekSquint", "nose")) for n in active])

    def of(self, clue):
        """[n][inputs] of clues [n][43 + 5]."""
        at = np.arange(len(clue))[:, None] + np.arange(-REACH, REACH + 1)
        window = clue[np.clip(at, 0, len(clue) - 1)].reshape(len(clue), -1)
        v, p = clue[:, :self.n], clue[:, self.paired]
        i, j = np.triu_indices(len(self.paired), 1)
        return np.concatenate([window, p[:, i] * p[:, j], v * v], 1)

    def share(self, clue):
        """[n][1]: how far the mouth is taken to speak."""
        at = np.clip(np.arange(len(clue))[:, None] + np.arange(-REACH, REACH + 1), 0,
                     len(clue) - 1)
        mouth = clue[:, :self.n][:, ~self.upper]
        activity = np.sqrt((mouth ** 2).sum(1))[at].mean(1)
        t = np.clip((activity - AT_REST) / (SPEAKING - AT_REST), 0, 1)
        return (t * t * (3 - 2 * t))[:, None]

    def allowed(self, k):
        """Indices of the inputs, the constant last, of coefficient k's correction."""
        own = self.upper | self.between if self.upper[k] else ~self.upper
        if self.between[k]:
            own = np.ones(self.n, bool)
        frame = np.concatenate([own, np.ones(3, bool), np.full(2, self.upper[k])])
        n_pairs = len(self.paired) * (len(self.paired) - 1) // 2
        return np.flatnonzero(np.concatenate(
            [frame] * (2 * REACH + 1) + [np.full(n_pairs, not self.upper[k]), own, [True]]))


class Take:
    """A file of unmix.c: shown, found [n][43] and clue [n][48]."""

    def __init__(self, path, active, names):
        with open(path, "rb") as f:
            data = f.read()
        n, n_clue, n_motion = np.frombuffer(data, np.int32, 3)
        rows = np.frombuffer(data, np.float32, offset=12).reshape(n, 2 * n_motion + n_clue)
        column = [names.index(a) for a in active]
        self.shown = rows[:, :n_motion][:, column].astype(float)
        self.found = rows[:, n_motion:2 * n_motion][:, column].astype(float)
        self.clue = rows[:, 2 * n_motion:].astype(float)

    def mirrored(self, swap):
        """The take seen in a mirror."""
        out = object.__new__(Take)
        out.shown, out.found = self.shown[:, swap], self.found[:, swap]
        n = len(swap)
        pose = self.clue[:, n:n + 3] * (-1, 1, -1)
        out.clue = np.concatenate([self.clue[:, :n][:, swap], pose, self.clue[:, [n + 4, n + 3]]],
                                  1)
        return out


def learn(takes, shares, inputs):
    """(weight [inputs][43], bias [43])."""
    x = [inputs.of(t.clue) for t in takes]
    mean, scale = np.concatenate(x).mean(0), np.concatenate(x).std(0) + 0.02
    n_in = len(mean) + 1
    products, answers, weights = [], [], []
    for take, own, share in zip(takes, x, shares):
        row = np.concatenate([(own - mean) / scale, np.ones((len(own), 1))], 1)
        row *= inputs.share(take.clue)
        row -= row.mean(0)
        error = take.shown - take.found
        products.append(row.T @ row)
        answers.append(row.T @ (error - error.mean(0)))
        weights.append(share / (take.shown.var(0) + FLOOR ** 2))
    weights, n_rows = np.array(weights), sum(map(len, x))
    out = np.zeros((n_in, inputs.n))
    for k, name in enumerate(inputs.active):
        if not name.startswith(CORRECTED):
            continue
        use = inputs.allowed(k)
        a = np.tensordot(weights[:, k], products, (0, 0))[np.ix_(use, use)]
        b = sum(w * y[use, k] for w, y in zip(weights[:, k], answers))
        a += RIDGE * weights[:, k].mean() * n_rows * np.eye(len(use))
        out[use, k] = np.linalg.solve(a, b)
    weight = out[:-1] / scale[:, None]
    return weight.astype(np.float32), (out[-1] - mean @ weight).astype(np.float32)


def corrected(take, change):
    """Coefficients [n][43] as unmix.c gives them, but for the jaw and shut lids."""
    return np.clip(take.found + np.clip(change, -MOST_CHANGE, MOST_CHANGE), 0, 1)


def levels(takes, shares, inputs, weight, bias):
    """[43]: what to add to bias: the one of LEVELS that the mean correlation is best with."""
    total = np.zeros((len(LEVELS), inputs.n))
    for take, share in zip(takes, shares):
        spoken, moves = inputs.share(take.clue), take.shown.std(0)
        change = spoken * (inputs.of(take.clue) @ weight + bias)
        for level, sums in zip(LEVELS, total):
            found = corrected(take, change + spoken * level)
            product = ((take.shown - take.shown.mean(0)) * (found - found.mean(0))).mean(0)
            r = product / np.maximum(moves * found.std(0), 1e-9)
            sums += np.where(moves > FLOOR / 2, share * r, 0)
    learned = [name.startswith(CORRECTED) for name in inputs.active]
    return np.where(learned, LEVELS[total.argmax(0)], 0).astype(np.float32)


def correlations(shown, found):
    """Of the twenty that move most."""
    most = np.argsort(-shown.std(0))[:20]
    return np.array([np.corrcoef(shown[:, k], found[:, k])[0, 1] for k in most
                     if shown[:, k].std() > 0.004])


def check(path, take, inputs, weight, bias):
    old = correlations(take.shown, take.found)
    change = inputs.share(take.clue) * (inputs.of(take.clue) @ weight + bias)
    new = correlations(take.shown, corrected(take, change))
    print(f"{path}: {(old >= 0.9).sum()} of {len(old)} before, {(new >= 0.9).sum()} after, "
          f"mean r {old.mean():.3f} and {new.mean():.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("list")
    parser.add_argument("--check", nargs="*", default=[])
    parser.add_argument("--output", default=os.path.join(answer.HERE, "unmix.npz"))
    args = parser.parse_args()
    names = shapes.arkit_names(os.path.join(answer.ROOT, "include/limner/limner.h"))[:52]
    inputs = Inputs(active_names(names))
    swap = answer.mirrored_names(inputs.active)
    takes, shares = [], []
    with open(args.list, encoding="utf-8") as f:
        for path, kind in map(str.split, f):
            take = Take(path, inputs.active, names)
            takes += [take, take.mirrored(swap)]
            shares += [SHARE[kind]] * 2
    weight, bias = learn(takes, shares, inputs)
    bias += levels(takes, shares, inputs, weight, bias)
    np.savez_compressed(args.output, **{"unmix.weight": weight, "unmix.bias": bias})
    with open(args.model, "rb") as f:
        kind, tensors = container.loads(f.read())
    tensors.update({"unmix.weight": weight, "unmix.bias": bias})
    with open(args.model, "wb") as f:
        f.write(container.dumps(kind, tensors))
    for path in args.check:
        check(path, Take(path, inputs.active, names), inputs, weight, bias)


if __name__ == "__main__":
    main()
