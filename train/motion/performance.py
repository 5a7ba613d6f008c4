# SPDX-License-Identifier: Apache-2.0
"""A learned generator of head, brows and smile, to be held against the one of src/motion/head.c.

    python3 train/motion/performance.py LIMNER WORK CLIPS.txt [--minutes 40] [--seed 1]

CLIPS.txt: lines PATH [MS [SPLIT]]: a video, by how much its picture is late, and train (the
default) or test; give all clips of a person the same split. WORK keeps what LIMNER (the command)
tracks and hears, and the state of the training, which goes on where it was.

Frames of 40 ms in chunks of two. A causal transformer reads past chunks of motion and the sound up
to 80 ms ahead; what it says of the next chunk conditions a small flow-matching net (Lipman et al.
2023; a head of this kind: Li et al. 2024, arXiv 2406.11838) that makes noise into motion in STEPS
Euler steps. The sound and the size of the clip's movement are left out of one window in ten each,
so that both may be absent, and guidance may strengthen them.
"""

import argparse
import csv
import math
import os
import subprocess
import time

import numpy as np
import torch
from torch import nn

FPS, CHUNK, PAST = 25, 2, 32
WIDTH, LAYERS, HEADS, STEPS = 64, 3, 4, 6
SOUND = 16                          # numbers a frame, see sound()
SCALE = np.array([4.7, 4.2, 3.0, 0.15, 0.08])       # yaw, pitch, roll in degrees; brow; smile
STEP = np.array([0.8, 0.75, 0.4, 0.02, 0.01])       # the same, from frame to frame
DIM = len(SCALE)


# ---- what people do -----------------------------------------------------------------------------

def table(path):
    with open(path) as f:
        rows = list(csv.reader(f))
    number = lambda s: float(s) if s else 0.0
    return {k: np.array([number(r[i]) for r in rows[1:]])
            for i, k in enumerate(rows[0]) if k not in ("Timecode", "time", "class")}


def pose(t):
    """[n, DIM] in SCALE's units less the clip's median, and the times of the rows."""
    degrees = 180 / math.pi
    mean = lambda *names: sum(t[n] for n in names) / len(names)
    v = np.stack([t["HeadYaw"] * degrees, t["HeadPitch"] * degrees, t["HeadRoll"] * degrees,
                  mean("BrowInnerUp", "BrowOuterUpLeft", "BrowOuterUpRight")
                  - mean("BrowDownLeft", "BrowDownRight"),
                  mean("MouthSmileLeft", "MouthSmileRight")], 1)
    v -= np.median(v, 0)
    jaw = t["JawOpen"] - t["JawOpen"].mean()        # the fit takes some jaw for a raised chin
    if jaw.std() > 0.01:
        fast = v[:, 1] - np.convolve(np.pad(v[:, 1], 12, "edge"), np.ones(25) / 25, "valid")
        v[:, 1] -= min(0.0, (fast * jaw).sum() / (jaw ** 2).sum()) * jaw
    return v, t["LimnerSeconds"]


def sound(t, n, late_s):
    """[n, SOUND] at FPS: classes in groups, gestures, loudness and pitch of the speaker's own."""
    loud = t["loudness_db"]
    quiet, high = np.quantile(loud, [0.05, 0.95])
    is_voiced = t["voicing"] > 0.5
    pitch = np.where(is_voiced, np.log2(np.maximum(t["f0_hz"], 50)), 0)
    if is_voiced.any():
        pitch = np.where(is_voiced, pitch - np.median(pitch[is_voiced]), 0)
    slow = np.convolve(np.pad(loud, 50, "edge"), np.ones(101) / 101, "valid")
    at50 = np.stack([t["share_silence"], t["closure"], t["jaw"], t["rounding"], t["voicing"],
                     (loud - quiet) / max(high - quiet, 1), (loud - slow) / 10, 2 * pitch], 1)
    out = []
    for shift in (0, 0.04):                         # now and 40 ms ahead
        at = (np.arange(n) / FPS + late_s + shift + 0.02) * 50
        out.append(np.stack([np.interp(at, np.arange(len(at50)), at50[:, k])
                             for k in range(at50.shape[1])], 1))
    return np.concatenate(out, 1)


def clip(limner, work, path, late_ms):
    name = os.path.splitext(os.path.basename(path))[0]
    made, heard = f"{work}/{name}.csv", f"{work}/{name}.heard.csv"
    if not os.path.exists(made):
        subprocess.run([limner, "track", path, "-o", made, "-q"], check=True)
    if not os.path.exists(heard):
        with open(heard, "w") as f:
            subprocess.run([limner, "listen", path, "--csv"], check=True, stdout=f)
    v, seconds = pose(table(made))
    n = int(seconds[-1] * FPS) + 1
    v = np.stack([np.interp(np.arange(n) / FPS, seconds, v[:, k]) for k in range(DIM)], 1)
    speed = np.sqrt((np.diff(v[:, :3], axis=0) ** 2).mean())
    return {"name": name, "motion": v, "sound": sound(table(heard), n, -late_ms / 1000),
            "size": math.log(max(speed, 0.05) / 0.65)}


def clips(args):
    keep = f"{args.work}/performance.npz"
    if not os.path.exists(keep):
        out = []
        with open(args.clips) as f:
            for line in f:
                path, *rest = line.split()
                c = clip(args.limner, args.work, path, float(rest[0]) if rest else 0.0)
                out.append(dict(c, split=rest[1] if len(rest) > 1 else "train"))
        np.savez(keep, clips=np.array(out, dtype=object))
    return list(np.load(keep, allow_pickle=True)["clips"])


# ---- the net ------------------------------------------------------------------------------------

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.after = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(),
                                  nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(0.1))

    def forward(self, x, bias):
        b, n, _ = x.shape
        q, k, v = self.qkv(self.before(x)).view(b, n, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias).softmax(-1)
        x = x + self.out((a @ v).transpose(1, 2).reshape(b, n, WIDTH))
        return x + self.wide(self.after(x))


class Performance(nn.Module):
    """motion [b, n, CHUNK, DIM] (n past chunks), sound [b, n, CHUNK, SOUND] (of the chunks to be
    made), size [b] -> what is said of each next chunk, [b, n, WIDTH]."""

    def __init__(self):
        super().__init__()
        flat = CHUNK * DIM
        self.motion, self.sound = nn.Linear(2 * flat, WIDTH), nn.Linear(CHUNK * SOUND, WIDTH)
        self.no_sound, self.size = nn.Parameter(torch.zeros(WIDTH)), nn.Linear(2, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.flow_in = nn.Linear(flat + WIDTH + 8, 2 * WIDTH)
        wide = 2 * WIDTH
        self.flow = nn.ModuleList(nn.Sequential(nn.LayerNorm(wide), nn.Linear(wide, wide),
                                                nn.GELU(), nn.Linear(wide, wide))
                                  for _ in range(2))
        self.flow_out = nn.Linear(2 * WIDTH, flat)
        self.register_buffer("step", torch.tensor(STEP, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(SCALE, dtype=torch.float32))

    def read(self, motion, sound, size, has_sound, has_size):
        b, n = motion.shape[:2]
        past = torch.cat([motion / self.scale, steps(motion) / self.step], -1).flatten(2)
        heard = torch.where(has_sound.view(b, 1, 1), self.sound(sound.flatten(2)), self.no_sound)
        large = self.size(torch.stack([size * has_size, has_size.float()], 1))
        x = self.motion(past) + heard + large[:, None]
        far = (torch.arange(n)[:, None] - torch.arange(n)[None]).float()
        slope = torch.tensor([2.0 ** -(1 + 2 * h) for h in range(HEADS)]).view(-1, 1, 1)
        bias = torch.where((far < 0) | (far >= PAST), torch.tensor(-1e9), -slope * far)
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x)

    def velocity(self, x, t, said):
        wave = t * torch.tensor([1.0, 2.0, 4.0, 8.0]) * math.pi
        h = self.flow_in(torch.cat([x, said, wave.sin(), wave.cos()], -1))
        for layer in self.flow:
            h = h + layer(h)
        return self.flow_out(h)


def steps(motion):
    """[b, n, CHUNK, DIM]: change of each frame from the one before; 0 for the first."""
    flat = motion.flatten(1, 2)
    d = torch.cat([torch.zeros_like(flat[:, :1]), flat[:, 1:] - flat[:, :-1]], 1)
    return d.view_as(motion)


# ---- training -----------------------------------------------------------------------------------

def window(c, n, rng):
    """n + 1 chunks of a clip, at a random speed, size, side: motion, sound, size."""
    speed, amount = math.exp(rng.uniform(-0.15, 0.15)), math.exp(rng.uniform(-0.25, 0.25))
    frames = (n + 1) * CHUNK
    length = len(c["motion"])
    at = rng.uniform(0, max(length - frames * speed, 0)) + np.arange(frames) * speed
    pick = lambda v: np.stack([np.interp(at, np.arange(length), v[:, k])
                               for k in range(v.shape[1])], 1)
    motion = pick(c["motion"]) * amount
    if rng.random() < 0.5:
        motion[:, [0, 2]] *= -1
    heard = pick(c["sound"])
    heard[:, [5, 6, 13, 14]] += rng.normal(0, 0.05, (frames, 4))
    known = at <= length - 1
    return motion, heard, c["size"] + math.log(amount * speed), known


def batch(train, size, n, rng):
    weight = np.array([len(c["motion"]) for c in train], float)
    picks = rng.choice(len(train), size, p=weight / weight.sum())
    motion, heard, large, known = zip(*(window(train[i], n, rng) for i in picks))
    tensor = lambda v: torch.tensor(np.array(v), dtype=torch.float32)
    shape = (size, n + 1, CHUNK, -1)
    return (tensor(motion).view(shape), tensor(heard).view(shape), tensor(large),
            tensor(known).view(size, n + 1, CHUNK).amin(-1))


def loss_of(net, motion, heard, size, known, drop=0.1):
    b = len(motion)
    past, has = motion[:, :-1], lambda p: torch.rand(b) >= p
    is_shaken = torch.rand(b, 1, 1, 1) < 0.5        # own takes are never quite like real ones
    past = past + 0.03 * net.scale * torch.randn_like(past[:, :, :1]) * is_shaken
    said = net.read(past, heard[:, 1:], size, has(drop), has(drop))
    d = (motion[:, 1:] - motion[:, :-1, -1:]) / (net.step * math.sqrt(CHUNK))
    goal, total = d.flatten(2), 0
    for _ in range(3):
        t = torch.rand(b, goal.shape[1], 1)
        noise = torch.randn_like(goal)
        off = net.velocity((1 - t) * noise + t * goal, t, said) - (goal - noise)
        total = total + (off.square().mean(-1) * known[:, 1:]).sum() / known[:, 1:].sum() / 3
    return total


def train(args, data):
    state = f"{args.work}/performance.pt"
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    net, spent, k = Performance(), 0.0, 0
    best = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
    mean = {n: v.clone() for n, v in net.state_dict().items()}
    if os.path.exists(state):
        s = torch.load(state)
        net.load_state_dict(s["net"])
        best.load_state_dict(s["best"])
        mean, spent, k = s["mean"], s["spent"], s["k"]
    split = lambda name: [c for c in data if c["split"] == name]
    limit, began = 60 * args.minutes, time.process_time() - spent
    while spent < limit:
        for group in best.param_groups:
            group["lr"] = 2e-3 * min(1, (k + 1) / 100) * (0.02 + 0.98 * max(0, 1 - spent / limit))
        loss = loss_of(net, *batch(split("train"), 24, 40, rng))
        best.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        best.step()
        for n, v in net.state_dict().items():
            mean[n] += (1 - min(0.995, k / (k + 10))) * (v - mean[n])
        k += 1
        spent = time.process_time() - began
        if k % 100 == 0 or spent >= limit:
            torch.save({"net": net.state_dict(), "best": best.state_dict(), "mean": mean,
                        "spent": spent, "k": k}, state)
            others = test_loss(mean, split("test"))
            print(f"{k} {spent:.0f} s, loss {loss.item():.4f}, test {others:.4f}", flush=True)
    net.load_state_dict(mean)
    return net.eval()


def test_loss(weights, clips_of_others):
    net = Performance()
    net.load_state_dict(weights)
    net.eval()
    rng, keep = np.random.default_rng(0), torch.get_rng_state()
    torch.manual_seed(0)
    with torch.no_grad():
        loss = loss_of(net, *batch(clips_of_others, 64, 40, rng), drop=0.0).item()
    torch.set_rng_state(keep)
    return loss


# ---- takes --------------------------------------------------------------------------------------

@torch.no_grad()
def perform(net, heard, size=0.0, guidance=1.0, seed=1):
    """[n, DIM] from the sound [n, SOUND]; the head at rest at first."""
    torch.manual_seed(seed)
    n = len(heard) // CHUNK
    heard = torch.tensor(heard[:n * CHUNK], dtype=torch.float32).view(1, n, CHUNK, -1)
    motion = torch.zeros(1, n + 1, CHUNK, DIM)
    large, yes = torch.tensor([size]), torch.tensor([True])
    for i in range(n):
        first = max(0, i + 1 - PAST)
        past, ahead = motion[:, first:i + 1], heard[:, first:i + 1]
        read = lambda has: net.read(past, ahead, large, has, yes)[:, -1:]
        said, plain = read(yes), read(~yes) if guidance != 1 else None
        x = torch.randn(1, 1, CHUNK * DIM)
        for s in range(STEPS):
            t = torch.full((1, 1, 1), s / STEPS)
            v = net.velocity(x, t, said)
            if plain is not None:
                v = guidance * v + (1 - guidance) * net.velocity(x, t, plain)
            x = x + v / STEPS
        motion[:, i + 1] = motion[:, i, -1:] + x.view(1, CHUNK, DIM) * net.step * math.sqrt(CHUNK)
    return motion[0, 1:].flatten(0, 1).numpy()


def figures(motion):
    """Of one take [n, DIM]: what doc/evaluation.md calls head_motion, std and speed of yaw, pitch,
    roll, shares of the bands; mean step of the brow, std of the smile."""
    head, step = motion[:, :3], np.diff(motion[:, :3], axis=0)
    window = np.hanning(4 * FPS)
    cut = range(0, len(step) - len(window) + 1, len(window) // 2)
    pieces = [step[i:i + len(window)] for i in cut] or [step]
    power = sum(np.abs(np.fft.rfft((p - p.mean(0)) * np.hanning(len(p))[:, None], 4 * FPS, 0)) ** 2
                for p in pieces).sum(1)
    bands = [power[i:j].sum() for i, j in ((0, 2), (2, 4), (4, 8), (8, 16), (16, 32))]
    return np.array([math.sqrt(head.std(0).mean() * step.var(0).mean()), *head.std(0),
                     *(FPS * step.std(0)), *(np.array(bands) / sum(bands)),
                     np.abs(np.diff(motion[:, 3])).mean(), motion[:, 4].std()])


def report(net, people):
    """Medians over the people of the test, real and made, for three sizes of movement."""
    axes = ("yaw", "pitch", "roll")
    names = ("head motion", *(f"{a}, std" for a in axes), *(f"{a}, deg/s" for a in axes),
             "0-0.5 Hz", "0.5-1", "1-2", "2-4", "4-8", "brow step", "smile std")
    columns = {"real": [figures(c["motion"]) for c in people]}
    for size in (0.0, 0.25, 0.5):
        columns[f"made, size {size}"] = [figures(perform(net, c["sound"], size, seed=s))
                                         for c in people for s in (1, 2, 3)]
    table = np.array([np.median(v, 0) for v in columns.values()])
    print("\n| | " + " | ".join(columns) + " |\n|" + "---|" * (1 + len(columns)))
    for name, row in zip(names, table.T):
        print(f"| {name} | " + " | ".join(f"{v:.3f}" for v in row) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("limner")
    parser.add_argument("work")
    parser.add_argument("clips")
    parser.add_argument("--minutes", type=float, default=40, help="of one core")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    data = clips(args)
    net = train(args, data)
    report(net, [c for c in data if c["split"] == "test" and len(c["motion"]) >= 4 * FPS])


if __name__ == "__main__":
    main()
