# SPDX-License-Identifier: Apache-2.0
"""Trains a net on built sets for a given time; resumable.

A run lives in WORK/runs/NAME.pt: weights, their running mean (what is exported), optimiser, count
of steps, random states. The learning rate stays, then falls by a half cosine to nothing over the
last part of the run's planned steps.
"""

import os
import time

import numpy as np
import torch
import torch.nn.functional as F

import export
import net as nets
import phones

CROP, BATCH = 100, 16  # 2 s
RATE = 2e-3
FLAT = 0.6  # share of the steps before the rate falls
MEAN_EVERY, MEAN_KEEP = 4, 0.998  # the mean of the last 2000 steps or so
SAVE_EVERY_S = 120
CLASS_OF = torch.tensor(phones.CLASS_OF)
# What the eye sees first counts more.
CLASS_WEIGHT = torch.ones(nets.N_CLASSES)
for _name, _w in (
    ("closure", 2.0),
    ("labiodental", 2.0),
    ("dental", 1.3),
    ("rounded_glide", 1.2),
):
    CLASS_WEIGHT[phones.CLASSES.index(_name)] = _w


def crops(sets, rng):
    """One batch: x [B][2 T][80], phone [B][T], lips [B][T][3]."""
    share = np.array([s.weight for s in sets])
    x = np.zeros((BATCH, 2 * CROP, nets.N_MEL), np.float32)
    phone = np.full((BATCH, CROP), -1, np.int64)
    lips = np.zeros((BATCH, CROP, 3), np.float32)
    for b, which in enumerate(rng.choice(len(sets), BATCH, p=share / share.sum())):
        s = sets[which]
        # A crop begins at a stream's start at times, so that the start is learned too.
        stream = rng.integers(len(s.start) - 1)
        first, last = int(s.start[stream]), int(s.start[stream + 1])
        at = first + (
            0 if rng.random() < 0.2 else int(rng.integers(0, max(1, last - first - CROP + 1)))
        )
        n = min(CROP, len(s.phone) - at)
        x[b, : 2 * n] = s.x[2 * at : 2 * (at + n)]
        phone[b, :n], lips[b, :n] = s.phone[at : at + n], s.lips[at : at + n] / 255.0
    return x, phone, lips


def mask(x, rng):
    """Blanks a band or a moment in some crops (SpecAugment)."""
    for k in range(len(x)):
        if rng.random() < 0.4:
            at, n = rng.integers(0, 72), rng.integers(2, 9)
            x[k, :, at : at + n] = -7.0
        if rng.random() < 0.15:
            at, n = rng.integers(0, 2 * CROP - 12), rng.integers(2, 10)
            x[k, at : at + n] = -9.0
    return x


def loss_of(net, x, phone, lips):
    """Of one batch of numpy arrays: (what is minimised, cross entropy of the classes)."""
    device = net.mean.device
    x, phone, lips = (torch.from_numpy(a).to(device) for a in (x, phone, lips))
    classes, lip_logits, phone_logits, _ = net(x)
    known = phone >= 0
    target = CLASS_OF.to(device)[phone.clamp(min=0)].masked_fill(~known, -100)
    ce = F.cross_entropy(
        classes.flatten(0, 1),
        target.flatten(),
        CLASS_WEIGHT.to(device),
        ignore_index=-100,
        label_smoothing=0.03,
    )
    fine = F.cross_entropy(
        phone_logits.flatten(0, 1),
        phone.masked_fill(~known, -100).flatten(),
        ignore_index=-100,
        label_smoothing=0.03,
    )
    lip = F.binary_cross_entropy_with_logits(lip_logits, lips, reduction="none").mean(2)
    lip = (lip * known).sum() / (known.sum() + 1)
    return ce + 0.4 * fine + 1.5 * lip, ce


def set_norm(net, sets):
    part = np.concatenate([np.asarray(s.x[::37], np.float32) for s in sets])
    net.mean.copy_(torch.from_numpy(part.mean(0)))
    net.scale.copy_(torch.from_numpy(1.0 / (part.std(0) + 1e-3)))


def rate_at(step, n_steps, peak):
    """The learning rate of a step: 150 to warm up, flat, then half a cosine."""
    fallen = max(0.0, (step / n_steps - FLAT) / (1 - FLAT))
    return peak * min(1, (step + 1) / 150) * (0.5 + 0.5 * np.cos(np.pi * fallen)) + 2e-6


class Run:
    """A training run that can stop and go on."""

    def __init__(self, path, trunk, sets, seed=0, start_from=None):
        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        self.path, self.sets = path, sets
        self.rng = np.random.default_rng(seed)
        self.net, self.step, self.seconds = nets.Net(trunk), 0, 0.0
        self.trunk = trunk
        set_norm(self.net, sets)
        self.net.to("cuda" if torch.cuda.is_available() else "cpu")
        self.optimiser = torch.optim.AdamW(self.net.parameters(), RATE, weight_decay=1e-2)
        self.mean = None
        if os.path.exists(path):
            state = torch.load(path, map_location="cpu")
            self.net.load_state_dict(state["net"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.mean = state.get("mean")
            self.step, self.seconds = state["step"], state["seconds"]
            self.rng.bit_generator.state = state["rng"]
            torch.set_rng_state(state["torch_rng"])
        elif start_from:
            self.net.load_state_dict(export.weights_of(start_from), strict=False)
        self.mean = self.mean or {k: v.clone() for k, v in self.net.state_dict().items()}

    def keep_mean(self):
        """Moves the mean towards the weights; fast at first."""
        keep = min(MEAN_KEEP, (self.step + 20) / (self.step + 200))
        for name, value in self.net.state_dict().items():
            self.mean[name] = self.mean[name].to(value) * keep + value * (1 - keep)

    def save(self):
        torch.save(
            {
                "net": self.net.state_dict(),
                "mean": self.mean,
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "trunk": self.trunk,
                "rng": self.rng.bit_generator.state,
                "torch_rng": torch.get_rng_state(),
            },
            self.path + ".part",
        )
        os.replace(self.path + ".part", self.path)

    def train(self, n_steps, peak=RATE, until=None):
        """Until n_steps, or `until` of them, are done in all; returns seconds of processor time."""
        self.net.train()
        begin, saved, sum_ce, count = time.process_time(), time.time(), 0.0, 0
        told = time.time()
        while self.step < (until or n_steps):
            for group in self.optimiser.param_groups:
                group["lr"] = rate_at(self.step, n_steps, peak)
            x, phone, lips = crops(self.sets, self.rng)
            loss, ce = loss_of(self.net, mask(x, self.rng), phone, lips)
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimiser.step()
            self.step, sum_ce, count = self.step + 1, sum_ce + ce.item(), count + 1
            if self.step % MEAN_EVERY == 0:
                self.keep_mean()
            if time.time() - told > 30:
                told = time.time()
                print(
                    f"step {self.step} of {n_steps}, loss {sum_ce / count:.3f}, "
                    f"{time.process_time() - begin:.0f} s of processor time",
                    flush=True,
                )
                sum_ce = count = 0
            if time.time() - saved > SAVE_EVERY_S:
                saved = time.time()
                self.save()
        self.seconds += time.process_time() - begin
        self.save()
        return self.seconds
