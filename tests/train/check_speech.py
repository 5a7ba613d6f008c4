#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/train/check_speech.py SOURCE: the speech encoder's recipe and weights without torch.

The classes of train/speech stand in the order of include/limner/limner.h; labels do what they
promise; and a net of plain numpy, run from models/speech.limner, gives the stored test vector.
Exits 77 (skipped) without numpy.
"""
import pathlib
import re
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(77)

SOURCE = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(SOURCE / "train" / "speech"), str(SOURCE / "train" / "face")]
sys.dont_write_bytecode = True
import container  # noqa: E402
import features  # noqa: E402
import labels  # noqa: E402
import phones  # noqa: E402

MAX_BYTES = 6_000_000
MAX_ERROR = 1e-4
N_OUT = 18 + 3 + 32


def check(claim, is_true):
    if not is_true:
        sys.exit("false: " + claim)


def classes_match_the_header():
    text = (SOURCE / "include" / "limner" / "limner.h").read_text()
    names = re.findall(r"^    LIMNER_SPEECH_(\w+),", text, re.M)
    check("classes in the header's order", tuple(n.lower() for n in names) == phones.CLASSES)


def names_map_to_phones():
    name = lambda parts: [phones.PHONES[p] for p, _ in parts]
    check("tʃ is one phone", name(phones.of_ipa("tʃ")) == ["C"])
    check("a diphthong is two", name(phones.of_ipa("aɪ")) == ["a", "I"])
    check("aspiration is no phone", name(phones.of_ipa("pʰ")) == ["p"])
    check("CMU's ow", name(phones.of_arpabet("OW")) == ["o", "U"])


def lips_shut_in_a_closure():
    of = phones.ID
    times = [(0.0, 0.2), (0.2, 0.3), (0.3, 0.5)]
    lips = labels.articulators(times, [of["a"], of["m"], of["u"]], 25)
    check("shut in the middle of m", lips[12, 0] > 0.9)
    check("open in a", lips[4, 0] < 0.05 and lips[4, 2] > 0.8)
    check("round in u, and rounding begins early", lips[20, 1] > 0.9 and lips[13, 1] > lips[9, 1])


def level_follower_settles():
    mels = np.full((600, 80), -20.0, np.float32)
    mels[100:300] = -8.0
    level = features.level(mels)
    check("up within 0.3 s", abs(level[130] + 8.0) < 0.3)
    check("slow in silence", level[599] > -9.0)
    bottom = features.level(np.full((9000, 80), -27.0))[-1]
    check("never below its floor", bottom >= features.LEVEL_MIN)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def gru(x, name, w):
    """[T][W] of [T][Win]; torch's order of rows: reset, update, new."""
    given = x @ w[name + ".input"].T + w[name + ".input_bias"]
    h, out, n = np.zeros(w[name + ".state"].shape[1]), [], w[name + ".state"].shape[1]
    for a in given:
        b = w[name + ".state"] @ h + w[name + ".state_bias"]
        reset, update = sigmoid(a[:n] + b[:n]), sigmoid(a[n:2 * n] + b[n:2 * n])
        h = (1 - update) * np.tanh(a[2 * n:] + reset * b[2 * n:]) + update * h
        out.append(h)
    return np.array(out)


def conv(x, weight, bias, step):
    """relu of a convolution of [T][C] without padding."""
    taps = weight.shape[2]
    first = range(0, len(x) - taps + 1, step)
    rows = [sum(weight[:, :, i] @ x[t + i] for i in range(taps)) for t in first]
    return np.maximum(np.array(rows) + bias, 0.0)


def answer(mels, w):
    """What the file's net says of mels [T][80]: [K][53]."""
    x = (features.net_input(mels) - w["input.mean"]) * w["input.scale"]
    y = conv(np.concatenate([np.zeros((2, 80)), x]), w["conv1.weight"], w["conv1.bias"], 1)
    z = conv(np.concatenate([np.zeros((2, y.shape[1])), y]), w["conv2.weight"], w["conv2.bias"], 2)
    a = gru(z, "gru1", w)
    h = a + gru(a, "gru2", w)
    b = np.tanh(h @ w["bottleneck.weight"].T + w["bottleneck.bias"])
    o = b @ w["heads.weight"].T + w["heads.bias"]
    share = np.exp(o[:, :18] - o[:, :18].max(1, keepdims=True))
    return np.concatenate([share / share.sum(1, keepdims=True), sigmoid(o[:, 18:]), b], 1)


def weights_give_the_stored_vector():
    path = SOURCE / "models" / "speech.limner"
    check("weights of at most 6 MB", path.stat().st_size <= MAX_BYTES)
    kind, tensors = container.loads(path.read_bytes())
    check("kind", kind == "speech")
    w = {name: array.astype(np.float64) for name, array in tensors.items()}
    check("finite", all(np.isfinite(a).all() for a in w.values()))
    mels = np.fromfile(SOURCE / "tests/data/speech-vector.mel.f32", "<f4").reshape(-1, 80)
    stored = np.fromfile(SOURCE / "tests/data/speech-vector.out.f32", "<f4").reshape(-1, N_OUT)
    ours = answer(mels, w)
    check("as many frames as stored", len(stored) > 100 and len(ours) >= len(stored))
    error = np.abs(ours[:len(stored)] - stored).max()
    check(f"stored vector within {MAX_ERROR} (is {error:.2g})", error < MAX_ERROR)


for test in (classes_match_the_header, names_map_to_phones, lips_shut_in_a_closure,
             level_follower_settles, weights_give_the_stored_vector):
    test()
