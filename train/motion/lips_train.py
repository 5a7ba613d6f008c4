# SPDX-License-Identifier: Apache-2.0
"""Trains the articulation net on tapes (tapes.py); fixed seeds, one core, minutes."""

import numpy as np
import torch
from torch import nn

import lips_net
import takes

STEPS, BATCH, STRETCH, RATE = 1500, 12, 160, 3e-3
OFFSET = 0.7                # share of a clip's mean error that is the person's, not ours
VELOCITY, CHANCE, FORESEEN, BIAS = 1.0, 0.5, 1.5, 1.0  # weights of the loss's parts
SHAPE_WEIGHT = (2.0, 1.5, 0.3, 0.6, 0.3, 0.3, 0.4)
REST_WEIGHT, SHUT_WEIGHT = 0.3, 1.0
HELD_VOWEL = 0.15           # share of stretches in which a moment is held, as in singing
SOUND_SHARE = 0.3           # of a frame without a picture, beside one with
NOISE = 0.2                 # of an input's spread


def _normal(net, tapes):
    x = np.concatenate([t.x for t in tapes])
    net.mean.copy_(torch.from_numpy(x.mean(0)))
    net.scale.copy_(torch.from_numpy(1 / (x.std(0) + 0.05)))


def _hold(x, y, aux, w, segment, rng):
    """A voiced, open moment of the stretch goes on for up to a second and a half."""
    loud = np.flatnonzero((w > 0) & (x[:, 0] < 0.1) & (x[:, 11:18].sum(1) > 0.7))
    if not len(loud):
        return x, y, aux, w, segment
    at, n = rng.choice(loud), int(rng.integers(10, 75))
    order = np.concatenate([np.arange(at), np.full(n, at), np.arange(at, len(x))])[: len(x)]
    shaky = x[order] + 0.0
    shaky[at: at + n, 21:] += 0.15 * rng.standard_normal(shaky[at: at + n, 21:].shape)
    return shaky, y[order], aux[order], w[order], segment[order]


def _draw(tapes, share, rng):
    rows = []
    for k in rng.choice(len(tapes), BATCH, p=share):
        t = tapes[k]
        a = rng.integers(0, len(t.x) - STRETCH + 1)
        cut = slice(a, a + STRETCH)
        row = (t.x[cut], t.y[cut], t.aux[cut], t.w[cut], t.segment[cut])
        rows.append(_hold(*row, rng) if rng.random() < HELD_VOWEL else row)
    x, y, aux, w, segment = (np.stack(c) for c in zip(*rows))
    return (*(torch.from_numpy(np.ascontiguousarray(v, np.float32)) for v in (x, y, aux, w)),
            segment)


def _less_offsets(error, w, segment):
    """Takes OFFSET of each clip's mean error out of it."""
    b, t, _ = error.shape
    index = torch.from_numpy((segment + 1 + 64 * np.arange(b)[:, None]).ravel())
    flat, weight = error.reshape(b * t, -1), w.reshape(-1, 1)
    sums = torch.zeros(64 * b, flat.shape[1]).index_add(0, index, flat * weight)
    total = torch.zeros(64 * b, 1).index_add(0, index, weight)
    mean = (sums / (total + 1e-3))[index]
    is_clip = torch.from_numpy((segment >= 0).ravel()[:, None].astype(np.float32))
    return (flat - OFFSET * mean * is_clip).reshape(error.shape)


def _loss(net, batch, weight):
    x, y, aux, w, segment = batch
    out = net(x + NOISE * torch.randn_like(x) / net.scale)
    shape, chance, gesture = out.split((lips_net.N_SHAPE, 3, 7), 2)
    error = _less_offsets(shape - y, w, segment)
    w3 = (w * (1 + SHUT_WEIGHT * aux[..., 0]))[..., None]
    loss = (error**2 * weight * w3).mean()
    step = error[:, 2:] - error[:, :-2]
    loss = loss + VELOCITY * (step**2 * weight * torch.minimum(w3[:, 2:], w3[:, :-2])).mean()
    loss = loss + BIAS * (((shape - y) * w[..., None]).sum((0, 1)) / w.sum()).square().sum()
    bits = nn.functional.binary_cross_entropy_with_logits(chance, aux[..., :3], reduction="none")
    seen = torch.stack([w, torch.ones_like(w), torch.ones_like(w)], 2)
    foreseen = (gesture - aux[..., 3:] / torch.tensor(lips_net.UNITS)) ** 2
    return loss + CHANCE * (bits * seen).mean() + FORESEEN * foreseen.mean()


def prepare(tapes, rest):
    """Fills the pauses with the rest position and joins the logits' targets; rest: [7] spreads."""
    for t in tapes:
        pause = t.segment < 0
        still = pause & np.concatenate([np.zeros(12, bool), pause[:-12]])
        t.y[still] = rest
        t.w[still] = REST_WEIGHT
        t.aux = np.concatenate([t.shut[:, None], t.ahead], 1).astype(np.float32)


def train(tapes, seed, steps=STEPS, watch=None):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = lips_net.Lips()
    _normal(net, tapes)
    weight = torch.tensor(SHAPE_WEIGHT)
    share = np.array([t.w.sum() + SOUND_SHARE * (t.segment >= 0).sum() for t in tapes])
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.05)
    for k in range(steps):
        for group in optimiser.param_groups:
            fade = 0.5 + 0.5 * np.cos(np.pi * k / steps) + 0.01
            group["lr"] = RATE * min(1, (k + 1) / 60) * fade
        loss = _loss(net, _draw(tapes, share / share.sum(), rng), weight)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        if watch and (k + 1) % 250 == 0:
            net.eval()
            watch(net, k + 1, loss.item())
            net.train()
    return net.eval()


def answer(net, x):
    """[T][17] of one sound's inputs, the logits as shares."""
    with torch.no_grad():
        out = net(torch.from_numpy(np.ascontiguousarray(x))[None])[0].numpy()
    chance = slice(lips_net.N_SHAPE, lips_net.N_SHAPE + 3)
    out[:, chance] = 1 / (1 + np.exp(-out[:, chance]))
    return out
