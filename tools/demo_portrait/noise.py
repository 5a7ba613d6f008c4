# SPDX-License-Identifier: Apache-2.0
"""Smooth seeded noise in space, for skin, cloth and background."""
import numpy as np
from scipy import ndimage

_SIZE = 64


class Noise:
    """Periodic cubic-interpolated random lattice; about zero mean, unit deviation."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self._grid = rng.normal(size=(_SIZE,) * 3)
        self._grid = ndimage.spline_filter(self._grid, order=3, mode="grid-wrap")

    def __call__(self, points, period):
        """Value at points [n][3]; `period` is the size of one blob in the points' unit."""
        at = np.asarray(points).T / period
        return 1.5 * ndimage.map_coordinates(self._grid, at, order=3, mode="grid-wrap",
                                             prefilter=False)

    def fractal(self, points, period, octaves=4, gain=0.5):
        """Sum of octaves, each half the size and `gain` times the strength of the one before."""
        total, weight, norm = 0, 1.0, 0.0
        for k in range(octaves):
            total = total + weight * self(np.asarray(points) + 17.3 * k, period / 2 ** k)
            norm += weight * weight
            weight *= gain
        return total / np.sqrt(norm)


def smoothstep(low, high, x):
    """0 below low, 1 above high, smooth between (high < low reverses it)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
