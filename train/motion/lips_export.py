# SPDX-License-Identifier: Apache-2.0
"""A trained net -> models/motion.limner, and the vector that src/motion/lips.c is tested with.

The file's last layer gives the mouth at once: opening and width mix what the net says of the
picture, widened by what regression shrinks, and the gestures that it foresees.
"""

import os
import sys

import numpy as np
import torch

import lips_net
import tapes

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "face"))
import container  # noqa: E402

VERSION = 2
OPEN_OFFSET = 0.05          # eye distances: brings the mean opening to that of people
MIX = {"open": (0.6, 1.0), "width": (0.3, 1.2)}     # shares of gesture, of picture (widened)
OPEN, CHIN = 0, 3           # of takes.MEASURES
CHIN_DROPS = 0.32           # what of the opening the chin shows
CHIN_WIDER = 1.3            # regression shrinks the rest
FIRST_CHANCE = 8            # of the answer
HEARD_NOW = 0.5             # weight of a p b m that sounds, as in src/motion/lips.c
_GRU = {"weight_ih_l0": "input", "weight_hh_l0": "state", "bias_ih_l0": "input_bias",
        "bias_hh_l0": "state_bias"}


def last_layer(net, spread):
    """([10][2 width], [10]): open, width, chin, round, hush, teeth, tip, silence; closure, tuck
    (logits)."""
    weight, bias = (v.detach().numpy().astype(float) for v in (net.out.weight, net.out.bias))
    foreseen = np.arange(lips_net.N_SHAPE + 3, lips_net.N_OUT)
    w = weight[foreseen] * np.array(lips_net.UNITS)[:, None]
    b = bias[foreseen] * np.array(lips_net.UNITS)
    for k, what in enumerate(("open", "width")):
        gesture, picture = MIX[what]
        w[k] = gesture * w[k] + picture * spread[k] * weight[k]
        b[k] = gesture * b[k] + picture * spread[k] * bias[k]
    b[0] += OPEN_OFFSET
    chin_w, chin_b = (CHIN_WIDER * (spread[CHIN] * v[CHIN] - CHIN_DROPS * spread[OPEN] * v[OPEN])
                      for v in (weight, bias))
    chances = [lips_net.N_SHAPE + 1, lips_net.N_SHAPE + 2]
    return (np.vstack([w[:2], chin_w, w[2:], weight[chances]]),
            np.concatenate([b[:2], [chin_b], b[2:], bias[chances]]))


def tensors(net, spread):
    """{name: array} as the file holds them."""
    state = {k: v.numpy().astype(np.float32) for k, v in net.state_dict().items()}
    state["out.weight"], state["out.bias"] = last_layer(net, spread)
    out = {"lips.format": np.array([VERSION, lips_net.TAPS], np.int32),
           "lips.level": np.array([getattr(tapes.features, k) for k in tapes.speech_export.LEVEL],
                                  np.float32)}
    for name, value in state.items():
        layer, _, rest = name.partition(".")
        name = f"lips.{layer}.{_GRU.get(rest, rest)}" if rest else f"lips.{name}"
        out[name] = value.astype(np.float16 if value.ndim > 1 else np.float32)
    return out


def rounded(net, spread):
    """Of inputs [T][181] the answer [T][10] of the file's weights: a function."""
    held = tensors(net, spread)
    copy = lips_net.Lips(net.dense.out_features)
    copy.out = torch.nn.Linear(2 * net.dense.out_features, FIRST_CHANCE + 2)
    names = {v: k for k, v in _GRU.items()}
    state = {}
    for name, value in held.items():
        parts = name.split(".")[1:]
        if parts[0] in ("format", "level"):
            continue
        parts[-1] = names.get(parts[-1], parts[-1])
        state[".".join(parts)] = torch.from_numpy(value.astype(np.float32))
    copy.load_state_dict(state)
    copy.eval()

    def answer(x):
        with torch.no_grad():
            out = copy(torch.from_numpy(np.ascontiguousarray(x, np.float32))[None])[0].numpy()
        out[:, FIRST_CHANCE:] = 1 / (1 + np.exp(-out[:, FIRST_CHANCE:]))
        heard = np.maximum(x[:, tapes.CLOSURE], x[:, tapes.N_SHARES])
        out[:, FIRST_CHANCE] = np.maximum(out[:, FIRST_CHANCE], HEARD_NOW * heard)
        return out
    return answer


def write(net, spread, path):
    with open(path, "wb") as f:
        f.write(container.dumps("motion", tensors(net, spread)))


def write_vector(net, spread, encoder, stem):
    """stem.mel.f32 [T][80], stem.heard.f32 [K][21], stem.out.f32 [K][10]: nobody's speech."""
    sound = tapes.speech_export.test_sound()[: 2 * 16000]
    mels = tapes.features.mel(sound)
    readings, level_free = (v[0] for v in encoder.hear([sound]))
    n = (len(mels) - 8) // 2 + 1
    mels[: 2 * n + 6].astype("<f4").tofile(stem + ".mel.f32")
    readings[:n].astype("<f4").tofile(stem + ".heard.f32")
    x = tapes.inputs(readings, level_free)[:n]
    rounded(net, spread)(x).astype("<f4").tofile(stem + ".out.f32")
