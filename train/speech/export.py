# SPDX-License-Identifier: Apache-2.0
"""A trained run -> models/speech.limner, and the vector that the C encoder is tested with.

    python3 train/speech/export.py RUN.pt OUT.limner [--vector OUT]

writes the weights (doc/weight-format.md), and OUT.mel.f32 [T][80] with OUT.out.f32 [K][53] (share
18, closure, rounding, jaw, bottleneck 32), the answer of the stored, rounded weights to noise and
tones made here.
"""

import argparse
import os
import sys

import numpy as np
import torch

import features
import net as nets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "face"))
import container  # noqa: E402  (the face's writer serves both)

LEVEL = ("LEVEL_START", "LEVEL_MIN", "ATTACK", "FALL", "FALL_QUIET", "SPAN", "FLOOR")
FORMAT_GRU = (1, 1, nets.AHEAD, 2)
_NAMES = (
    ("stem.conv1.", "conv1."),
    ("stem.conv2.", "conv2."),
    ("trunk.gru", "gru"),
    ("weight_ih_l0", "input"),
    ("weight_hh_l0", "state"),
    ("bias_ih_l0", "input_bias"),
    ("bias_hh_l0", "state_bias"),
)


def file_name(name):
    """Of a tensor of the net, as the file calls it."""
    name = "input." + name if name in ("mean", "scale") else name
    for old, new in _NAMES:
        name = name.replace(old, new)
    return name


def tensors(net):
    """{name: array} as the file holds them."""
    out = {
        "format": np.array(FORMAT_GRU, np.int32),
        "input.level": np.array([getattr(features, k) for k in LEVEL], np.float32),
    }
    for name, value in net.state_dict().items():
        if name.startswith("phone."):
            continue
        array = value.numpy().astype(np.float32)
        out[file_name(name)] = array.astype(np.float16) if array.ndim > 1 else array
    return out


def rounded(net):
    """The net with its matrices rounded as in the file."""
    with torch.no_grad():
        for value in net.parameters():
            if value.ndim > 1:
                value.copy_(value.half().float())
    return net.eval()


def answer(net, mels):
    """[K][53] for mels [T][80]: all frames whose look-ahead is inside."""
    x = torch.from_numpy(features.net_input(mels))[None]
    with torch.no_grad():
        classes, lips, _, bottleneck = net(x[:, : x.shape[1] // 2 * 2])
    out = torch.cat([classes.softmax(-1), lips.sigmoid(), bottleneck], -1)[0].numpy()
    return out[: max(0, (len(mels) - nets.AHEAD + 1) // 2)]


def test_sound():
    """3 s: a vowel-like buzz, noise bursts, silence; at the end 26 dB louder. Nobody's speech."""
    rng = np.random.default_rng(1)
    t = np.arange(3 * features.RATE_HZ) / features.RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 120 * h * t) / h for h in range(1, 30))
    shape = 0.5 + 0.5 * np.sin(2 * np.pi * np.array([[3.1], [1.7]]) * t)
    sound = 0.02 * shape[0] * buzz + 0.05 * (shape[1] > 0.8) * rng.standard_normal(len(t))
    sound[16000:20000] = 0
    sound[36000:] *= 20
    return np.clip(sound + 1e-4 * rng.standard_normal(len(t)), -1, 1).astype(np.float32)


def weights_of(path):
    """State of a net for Net.load_state_dict from a run, or, all but the phone head, from a .limner
    file."""
    if not path.endswith(".limner"):
        state = torch.load(path, map_location="cpu")
        return state.get("mean") or state["net"]
    with open(path, "rb") as f:
        held = container.loads(f.read())[1]
    out = {}
    for name in nets.Net("gru").state_dict():
        key = file_name(name)
        if key in held:
            out[name] = torch.from_numpy(held[key].astype(np.float32))
    return out


def load(path):
    """The net of a run: the mean of its last weights."""
    state = torch.load(path, map_location="cpu")
    net = nets.Net(state["trunk"])
    net.load_state_dict(state.get("mean") or state["net"])
    return net


def file_bytes(run):
    """The container of a run."""
    return container.dumps("speech", tensors(rounded(load(run))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run")
    parser.add_argument("out")
    parser.add_argument("--vector")
    args = parser.parse_args()
    net = rounded(load(args.run))
    with open(args.out, "wb") as f:
        f.write(file_bytes(args.run))
    if args.vector:
        mels = features.mel(test_sound())
        mels.astype("<f4").tofile(args.vector + ".mel.f32")
        answer(net, mels).astype("<f4").tofile(args.vector + ".out.f32")


if __name__ == "__main__":
    main()
