# SPDX-License-Identifier: Apache-2.0
"""The articulation net: dense, causal convolution, GRU, one frame of lips for one of the encoder's.

Outputs: the 7 measures of takes.py in a person's own spread; logits: lips shut in the picture, p b
m and f v as the encoder will say LEAD_S after the mouth's time; opening, width, rounding, sh, s,
tip of the tongue and silence by the gestures of what it will say then, in UNITS.
"""

import torch
import torch.nn.functional as F
from torch import nn

import takes

N_IN, N_SHAPE, N_OUT = 181, len(takes.MEASURES), len(takes.MEASURES) + 10
UNITS = (0.1, 0.1, 0.3, 0.3, 0.3, 0.5, 0.5)      # eye distances, eye distances, shares
WIDTH, TAPS = 64, 5


class Lips(nn.Module):
    def __init__(self, width=WIDTH):
        super().__init__()
        self.register_buffer("mean", torch.zeros(N_IN))
        self.register_buffer("scale", torch.ones(N_IN))
        self.dense = nn.Linear(N_IN, width)
        self.conv = nn.Conv1d(width, width, TAPS)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(2 * width, N_OUT)
        self.drop = nn.Dropout(0.25)

    def forward(self, x):
        """[B][T][181] -> [B][T][17]."""
        x = (x - self.mean) * self.scale
        y = self.drop(F.relu(self.dense(x)))
        y = F.relu(self.conv(F.pad(y.transpose(1, 2), (TAPS - 1, 0)))).transpose(1, 2)
        z, _ = self.gru(self.drop(y))
        return self.out(self.drop(torch.cat([z, y], 2)))
