# SPDX-License-Identifier: Apache-2.0
"""The nets that were compared. All see x [B][2 T][80]; frame k comes from mel frames up to 2 k + 7.

Stem (all): y = relu(conv1(x)), 5 mel frames, +-2; z = relu(conv2(y)), 8 of them at stride 2, so
that z[k] reads y[2 k - 2 .. 2 k + 5] and x[2 k - 4 .. 2 k + 7]. Outside the sound x is 0 after
normalisation; so is y before the first frame. Then one of three trunks, then bottleneck and heads.
"""

import torch
import torch.nn.functional as F
from torch import nn

import phones

N_MEL, N_CLASSES, N_BOTTLENECK = 80, 18, 32
AHEAD = 7  # mel frames after 2 k
STEM, WIDTH = 160, 256


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(N_MEL, STEM, 5)
        self.conv2 = nn.Conv1d(STEM, WIDTH, 8, stride=2)

    def forward(self, x):
        """[B][80][2 T] -> [B][WIDTH][T]."""
        y = F.relu(self.conv1(F.pad(x, (2, AHEAD))))  # y[-] up to 2 T + 4
        return F.relu(self.conv2(F.pad(y, (2, 0))[:, :, : x.shape[2] + 6]))


class Gru(nn.Module):
    """Two GRU layers; the second one's output adds to the first's."""

    def __init__(self, width=WIDTH):
        super().__init__()
        self.gru1 = nn.GRU(width, width, batch_first=True)
        self.gru2 = nn.GRU(width, width, batch_first=True)

    def forward(self, z):
        a, _ = self.gru1(z.transpose(1, 2))
        b, _ = self.gru2(a)
        return a + b


class Tcn(nn.Module):
    """Eight residual blocks: causal convolution of 3 taps, dilated 1, 2, 4, 8 twice, then 1x1."""

    def __init__(self, width=WIDTH, dilations=(1, 2, 4, 8, 1, 2, 4, 8)):
        super().__init__()
        self.dilations = dilations
        self.wide = nn.ModuleList(nn.Conv1d(width, width, 3, dilation=d) for d in dilations)
        self.flat = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in dilations)
        self.norm = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)

    def forward(self, z):
        for d, wide, flat, norm in zip(self.dilations, self.wide, self.flat, self.norm):
            y = norm(z.transpose(1, 2)).transpose(1, 2)
            z = z + flat(F.relu(wide(F.pad(y, (2 * d, 0)))))
        return z.transpose(1, 2)


class Attention(nn.Module):
    """Three blocks: causal depthwise convolution, attention to the last 48 frames, feed-forward."""

    def __init__(self, width=WIDTH, n_blocks=3, heads=4, window=48):
        super().__init__()
        self.heads, self.window = heads, window
        make = lambda f: nn.ModuleList(f() for _ in range(n_blocks))
        self.norm1, self.norm2 = make(lambda: nn.LayerNorm(width)), make(
            lambda: nn.LayerNorm(width)
        )
        self.mix = make(lambda: nn.Conv1d(width, width, 7, groups=width))
        self.qkv, self.out = make(lambda: nn.Linear(width, 3 * width)), make(
            lambda: nn.Linear(width, width)
        )
        self.up, self.down = make(lambda: nn.Linear(width, 3 * width)), make(
            lambda: nn.Linear(3 * width, width)
        )
        self.bias = nn.ParameterList(
            nn.Parameter(torch.zeros(heads, window)) for _ in range(n_blocks)
        )

    def forward(self, z):
        x = z.transpose(1, 2)
        n, t, width = x.shape
        age = torch.arange(t)[:, None] - torch.arange(t)[None]
        hidden = (age < 0) | (age >= self.window)
        for k in range(len(self.qkv)):
            x = x + self.mix[k](F.pad(x.transpose(1, 2), (6, 0))).transpose(1, 2)
            q, key, value = (
                self.qkv[k](self.norm1[k](x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            )
            score = q @ key.transpose(2, 3) * (width // self.heads) ** -0.5
            score = score + self.bias[k][:, age.clamp(0, self.window - 1)]
            mixed = F.softmax(score.masked_fill(hidden, -1e4), -1) @ value
            x = x + self.out[k](mixed.transpose(1, 2).reshape(n, t, width))
            x = x + self.down[k](F.relu(self.up[k](self.norm2[k](x))))
        return x


TRUNKS = {"gru": Gru, "tcn": Tcn, "attention": Attention}


class Net(nn.Module):
    """mean, scale: of net_input per band, from the training set."""

    def __init__(self, trunk):
        super().__init__()
        self.register_buffer("mean", torch.zeros(N_MEL))
        self.register_buffer("scale", torch.ones(N_MEL))
        self.stem, self.trunk = Stem(), TRUNKS[trunk]()
        self.bottleneck = nn.Linear(WIDTH, N_BOTTLENECK)
        self.heads = nn.Linear(N_BOTTLENECK, N_CLASSES + 3)
        self.phone = nn.Linear(WIDTH, len(phones.PHONES))  # for training and aligning only
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        """x [B][2 T][80] -> logits of classes [B][T][18], lips [B][T][3] and phones, bottleneck."""
        x = ((x - self.mean) * self.scale).transpose(1, 2)
        h = self.drop(self.trunk(self.drop(self.stem(x))))
        b = torch.tanh(self.bottleneck(h))
        out = self.heads(b)
        return out[..., :N_CLASSES], out[..., N_CLASSES:], self.phone(h), b
