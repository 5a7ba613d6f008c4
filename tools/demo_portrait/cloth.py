# SPDX-License-Identifier: Apache-2.0
"""A crew-neck sweater, lofted round the bust. Lengths in centimetres."""
import numpy as np

from noise import Noise, smoothstep

# Rings from the collar's inner edge down (cm):
# half width, front z, back z, height at front, at the side, at the back.
RINGS = np.array([
    [4.8, 4.4, -4.4, -13.5, -11.7, -9.9],
    [4.9, 4.6, -4.6, -12.9, -11.1, -9.3],
    [5.35, 5.1, -5.1, -12.7, -10.9, -9.1],
    [5.85, 5.7, -5.6, -13.1, -11.3, -9.5],
    [6.45, 6.4, -6.1, -14.0, -12.0, -10.1],
    [7.0, 6.9, -6.5, -14.9, -12.6, -10.6],
    [7.2, 7.0, -6.6, -15.15, -12.75, -10.75],
    [8.60, 7.6, -7.2, -16.0, -13.2, -11.3],
    [11.2, 8.4, -8.1, -18.0, -14.2, -12.7],
    [14.0, 9.2, -8.9, -20.4, -15.6, -14.4],
    [16.4, 9.9, -9.4, -23.5, -17.5, -16.7],
    [17.9, 10.6, -9.7, -27.0, -20.6, -20.0],
    [18.7, 11.0, -10.0, -32.0, -26.5, -26.0],
    [19.3, 11.0, -10.0, -46.0, -44.0, -44.0]])
COLLAR_RINGS = 6
RAISE_CM = 1.2
TURN = np.radians(7)      # the shoulders face a little to the side of the camera
N_AROUND, N_DOWN = 480, 260


def _catmull(table, t):
    i = np.clip(t.astype(int), 0, len(table) - 2)
    f = (t - i)[:, None]
    p0, p1 = table[np.maximum(i - 1, 0)], table[i]
    p2, p3 = table[i + 1], table[np.minimum(i + 2, len(table) - 1)]
    return 0.5 * (2 * p1 + (p2 - p0) * f + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f ** 2
                  + (3 * p1 - p0 - 3 * p2 + p3) * f ** 3)


def sweater(bust, seed):
    """The sweater, kept outside `bust` (a groom.Surface).

    Returns vertices [n][3], quads [m][4], texture coordinates [n][2] (turns round, cm down) and
    the ring number of every vertex [n].
    """
    noise = Noise(seed)
    row = _catmull(RINGS, np.linspace(0, len(RINGS) - 1, N_DOWN))
    theta = np.linspace(0, 2 * np.pi, N_AROUND + 1)
    c, s = np.cos(theta)[None], np.sin(theta)[None]
    width, front, back, y_front, y_side, y_back = (row[:, k:k + 1] for k in range(6))
    x = width * np.sign(s) * np.abs(s) ** 0.92
    z = np.where(c > 0, front, -back) * np.sign(c) * np.abs(c) ** 0.95
    y = y_side + (np.where(c > 0, y_front, y_back) - y_side) * np.abs(c) ** 1.5
    y = y + RAISE_CM
    p = np.stack([x, y, z], -1).reshape(-1, 3)
    t = np.repeat(np.linspace(0, len(RINGS) - 1, N_DOWN), N_AROUND + 1)
    height, n = bust.at(p)
    push = np.clip(0.35 - height, 0, 2.0) * smoothstep(-16.5, -15.0, p[:, 1]) * (t > 1.5)
    p = p + n * push[:, None]
    outward = np.stack([p[:, 0], 0 * t, p[:, 2]], 1)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    loose = smoothstep(COLLAR_RINGS, COLLAR_RINGS + 2.5, t)
    lean = np.stack([p[:, 0] - 0.5 * np.abs(p[:, 1] + 14), 0.3 * p[:, 1], p[:, 2]], 1)
    fold = noise.fractal(lean, 4.2, 3, 0.5)
    off_crease = np.abs(p[:, 0]) - 13.6 + 0.25 * (p[:, 1] + 26)
    crease = np.exp(-0.5 * off_crease ** 2) * smoothstep(-19, -25, p[:, 1]) * (p[:, 2] > 2)
    p = p + outward * (loose * (0.22 * fold - 0.7 * crease))[:, None]
    turn = TURN * smoothstep(4.0, 10.0, t)
    p = np.stack([p[:, 0] * np.cos(turn) + p[:, 2] * np.sin(turn), p[:, 1],
                  p[:, 2] * np.cos(turn) - p[:, 0] * np.sin(turn)], 1)
    across = np.repeat(theta[None], N_DOWN, 0).reshape(-1) / (2 * np.pi)
    ring = p.reshape(N_DOWN, N_AROUND + 1, 3)
    down = np.r_[0, np.cumsum(np.linalg.norm(np.diff(ring[:, 0], axis=0), axis=1))]
    uv = np.stack([across, np.repeat(down, N_AROUND + 1)], 1)
    i = np.arange(N_DOWN - 1)[:, None] * (N_AROUND + 1) + np.arange(N_AROUND)[None]
    quads = np.stack([i, i + N_AROUND + 1, i + N_AROUND + 2, i + 1], -1).reshape(-1, 4)
    return p, quads, uv, t


def knit_tile(size=64):
    """Height [size][size] 0..1 of one plain-knit stitch (a V), periodic both ways."""
    y, x = np.mgrid[0:size, 0:size] / size
    side = np.abs(x - 0.5) * 2
    lean = (y + 0.55 * side) % 1.0
    across = 1 - ((side - 0.5) / 0.5) ** 2
    along = np.sin(np.pi * lean) ** 0.7
    return np.clip(across, 0, 1) ** 0.6 * (0.35 + 0.65 * along)
