# SPDX-License-Identifier: Apache-2.0
"""Colours and relief of skin and eyes, computed per vertex. Colours are linear RGB albedo."""
import numpy as np
from scipy.spatial import cKDTree

from groom import BROW_SHIFT, LIDS, hair_cover
from head import smooth_curve, spline
from noise import Noise, smoothstep

SKIN = np.array([0.64, 0.365, 0.255])
LIP = np.array([0.46, 0.135, 0.125])
LINER = np.array([0.10, 0.055, 0.045])
LID_RIM = np.array([0.50, 0.24, 0.20])
SCLERA = np.array([0.78, 0.72, 0.68])
CARUNCLE = np.array([0.58, 0.27, 0.23])
IRIS_OUTER = np.array([0.085, 0.110, 0.075])
IRIS_INNER = np.array([0.235, 0.125, 0.050])
SCALP = np.array([0.075, 0.045, 0.032])
IRIS_RADIUS_CM = 0.70
PUPIL_RADIUS_CM = 0.29
GLOW_ANGLE = -0.9         # where the light that enters the iris gathers, opposite the key light

LIP_OUTER = [48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]
LIP_SHIFT = np.zeros((12, 3))
LIP_SHIFT[[2, 3, 4], 1] = [0.07, -0.03, 0.07]        # Cupid's bow
LIP_SEAM = [60, 61, 62, 63, 64]


def _mix(a, b, w):
    return a + (b - a) * w[:, None]


def _inside(p, loop):
    """Whether points [n][2] lie inside a closed polygon [k][2]."""
    x, y = p.T
    inside = np.zeros(len(p), bool)
    for (x0, y0), (x1, y1) in zip(loop[:-1], loop[1:]):
        crosses = (y0 > y) != (y1 > y)
        inside ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0 + 1e-12) + x0)
    return inside


def _blob(p, centre, size):
    return np.exp(-0.5 * (((p - centre) / size) ** 2).sum(1))


def lip_distance(p, head):
    """Signed distance [n] to the border of the red of the lips, positive inside; -9 far away."""
    out = np.full(len(p), -9.0)
    loop = spline(head.landmarks[LIP_OUTER] + LIP_SHIFT, 360)
    near = np.where((p[:, 2] > 8.0) & (np.abs(p[:, 0]) < 3.2) & (np.abs(p[:, 1] + 3.2) < 2.0))[0]
    dist = cKDTree(loop).query(p[near])[0]
    out[near] = np.where(_inside(p[near, :2], loop[:, :2]), dist, -dist)
    return out


def _distance(p, line):
    return cKDTree(smooth_curve(line, 300, 2)).query(p)[0]


def paint_skin(p, head, seed):
    """Albedo [n][3], roughness [n], relief [n] in cm, and hair cover [n] of skin points [n][3]."""
    noise, cover_noise = Noise(seed), Noise(seed + 5)
    colour = np.tile(SKIN, (len(p), 1))
    blotch = noise.fractal(p, 2.6, 4)
    mottle = 0.019 * noise.fractal(p + 9, 0.30, 3, 0.7) + 0.022 * noise(p + 70, 0.09)
    colour *= np.exp(0.028 * blotch)[:, None] * np.exp(mottle[:, None] * [0.7, 1.2, 1.3])
    flush = np.clip(0.5 + 0.4 * noise.fractal(p + 60, 1.2, 3), 0, 1)
    colour = _mix(colour, colour * [0.98, 0.90, 0.87], flush)
    for side in (-1, 1):
        cheek = _blob(p, [side * 4.5, 0.2, 8.2], [1.9, 1.5, 2.6])
        colour = _mix(colour, colour * [0.97, 0.70, 0.68], 0.85 * cheek)
        ear = smoothstep(6.4, 7.4, side * p[:, 0]) * smoothstep(4.0, 1.5, p[:, 2]) \
            * smoothstep(-2.5, -1, p[:, 1]) * smoothstep(6, 5, p[:, 1])
        colour = _mix(colour, colour * [0.98, 0.74, 0.70], 0.8 * ear)
        centre = head.eyes["L" if side > 0 else "R"][0]
        socket = _blob(p, centre + [side * 0.1, 0.1, 1.4], [1.9, 1.15, 1.6])
        colour = _mix(colour, colour * [0.92, 0.82, 0.80], 0.55 * socket)
    nose = _blob(p, [0, 0.1, 12.3], [1.3, 0.9, 1.3])
    colour = _mix(colour, colour * [0.98, 0.76, 0.73], 0.8 * nose)
    chin = _blob(p, [0, -5.6, 10.0], [1.5, 0.9, 1.6])
    colour = _mix(colour, colour * [0.98, 0.86, 0.84], 0.6 * chin)
    colour = _mix(colour, colour * [1.02, 1.0, 0.93], smoothstep(6.5, 9, p[:, 1]))
    nostril = _blob(np.abs(p * [1, 0, 0]) + p * [0, 1, 1], [0.75, -0.85, 10.6], [0.42, 0.30, 0.7])
    colour = _mix(colour, colour * [0.60, 0.40, 0.36], np.clip(1.0 * nostril, 0, 1))
    colour = _freckles(colour, p, seed)
    relief, roughness = _pores(p, noise)
    colour, roughness, relief = _paint_lips(colour, roughness, relief, p, head, noise)
    colour, roughness = _paint_lids(colour, roughness, p, head)
    colour = _paint_brow_shadow(colour, p, head)
    cover = hair_cover(p, cover_noise)
    cover = cover * ((np.abs(p[:, 0]) < 6.6) | (p[:, 1] > 5.2) | (p[:, 2] < -2.5))
    colour = _mix(colour, SCALP * np.ones((len(p), 1)), 0.93 * cover ** 0.8)
    return np.clip(colour, 0, 1), roughness, relief * (1 - cover), cover


def _freckles(colour, p, seed):
    rng = np.random.default_rng(seed + 2)
    front = np.where((p[:, 2] > 6.5) & (p[:, 1] > -2) & (p[:, 1] < 4.5))[0]
    weight = np.exp(-0.5 * ((p[front, 1] - 1.2) / 1.3) ** 2)
    weight = weight * (0.25 + smoothstep(1.0, 3.5, np.abs(p[front, 0])))
    spot = p[rng.choice(front, 150, p=weight / weight.sum())]
    size = 0.022 + 0.040 * rng.random(len(spot)) ** 2
    strength = 0.18 + 0.40 * rng.random(len(spot))
    dist, which = cKDTree(spot).query(p[front])
    mark = strength[which] * smoothstep(1.5, 0.5, dist / size[which])
    colour[front] = _mix(colour[front], colour[front] * [0.62, 0.45, 0.38], mark)
    return colour


def _pores(p, noise):
    fine = noise(p, 0.075) * noise(p + 31, 0.11)
    relief = 0.0012 * fine + 0.0009 * noise(p + 77, 0.14) + 0.0035 * noise.fractal(p + 5, 0.5, 3)
    zone = np.exp(-0.5 * (p[:, 0] / 2.2) ** 2) * smoothstep(5, 8, p[:, 2])
    roughness = 0.47 - 0.07 * zone + 0.03 * noise(p, 0.3)
    return relief, roughness


def _paint_lips(colour, roughness, relief, p, head, noise):
    sd = lip_distance(p, head)
    red = smoothstep(-0.045, 0.055, sd)
    seam = _distance(p, head.path(LIP_SEAM))
    tone = LIP * np.exp(0.07 * noise.fractal(p, 0.5, 3))[:, None]
    tone = _mix(tone, tone * [0.62, 0.55, 0.55], smoothstep(0.30, 0.02, seam))
    tone = _mix(tone, tone * [1.12, 1.35, 1.35], _blob(p, [0, -3.55, 11.0], [0.8, 0.22, 1.0]))
    colour = _mix(colour, tone, 0.92 * red)
    rim = np.exp(-0.5 * ((sd + 0.10) / 0.06) ** 2)
    colour = _mix(colour, colour * [1.05, 1.06, 1.06], rim)
    grooves = noise(p * [1.0, 0.16, 0.16], 0.085)
    relief = relief * (1 - red) + red * (0.0045 * grooves + 0.002 * noise(p, 0.2))
    roughness = roughness * (1 - red) + red * (0.33 + 0.03 * grooves)
    return colour, roughness, relief


def _paint_lids(colour, roughness, p, head):
    for upper, lower in LIDS.values():
        up, low = _distance(p, head.path(upper)), _distance(p, head.path(lower))
        dist = np.minimum(up, low)
        colour = _mix(colour, colour * [0.86, 0.66, 0.63], 0.7 * smoothstep(0.30, 0.05, dist))
        colour = _mix(colour, LINER + 0 * colour, 0.75 * smoothstep(0.13, 0.03, up))
        colour = _mix(colour, LID_RIM + 0 * colour, 0.55 * smoothstep(0.10, 0.02, low))
        roughness = roughness - 0.22 * smoothstep(0.16, 0.03, dist)
    return colour, roughness


def _paint_brow_shadow(colour, p, head):
    for marks in ([22, 23, 24, 25, 26], [21, 20, 19, 18, 17]):
        line = smooth_curve(head.landmarks[marks] + BROW_SHIFT, 60, rounds=6)
        dist, at = cKDTree(line).query(p)
        thick = np.interp(at / 59, [0, 0.12, 0.5, 1], [0.26, 0.38, 0.30, 0.09])
        shade = 0.50 * smoothstep(1.15, 0.25, dist / thick)
        colour = _mix(colour, colour * [0.58, 0.47, 0.42], shade)
    return colour


def paint_eye(rho, phi, corner, seed):
    """Albedo [n][3] of the eyeball at distance rho cm from the gaze axis and angle phi round it.

    corner: distance in cm from the inner corner of the lids.
    """
    noise = Noise(seed)
    ring = np.stack([np.cos(phi), np.sin(phi), 0 * phi], 1)
    flat = ring * rho[:, None]
    sclera = SCLERA * np.exp(0.02 * noise.fractal(flat, 0.5, 3))[:, None]
    vein = np.exp(-0.5 * (noise.fractal(flat + 7, 0.55, 4) / 0.05) ** 2)
    sclera = _mix(sclera, sclera * [0.97, 0.70, 0.66], 0.35 * vein * smoothstep(0.9, 1.5, rho))
    sclera = _mix(sclera, sclera * [0.86, 0.72, 0.68], smoothstep(0.95, 1.7, rho))
    pink = CARUNCLE * np.exp(0.08 * noise.fractal(flat, 0.2, 2))[:, None]
    sclera = _mix(sclera, pink, smoothstep(0.42, 0.24, corner))
    t = np.clip((rho - PUPIL_RADIUS_CM) / (IRIS_RADIUS_CM - PUPIL_RADIUS_CM), 0, 1)
    rays = ring * 3.0 + np.stack([0 * t, 0 * t, 0.45 * t], 1)
    fibre = noise.fractal(rays, 0.13, 3, 0.6)
    crypt = noise.fractal(ring * 1.2 + np.stack([0 * t, 0 * t, 0.8 * t], 1) + 3, 0.3, 2)
    edge = 0.30 + 0.10 * noise(2 * ring, 0.3)
    gold = smoothstep(edge + 0.22, edge - 0.16, t)
    iris = _mix(IRIS_OUTER + 0 * ring, IRIS_INNER + 0 * ring, gold)
    iris = iris * np.exp(0.26 * fibre + 0.16 * crypt + 0.35 * np.sin(np.pi * t))[:, None]
    glow = np.maximum(np.cos(phi - GLOW_ANGLE), 0) ** 1.5 * np.sin(np.pi * t) ** 0.7
    iris = iris * (1 + 0.9 * glow)[:, None]
    iris = _mix(iris, iris * 0.16, smoothstep(0.72, 1.0, t))
    iris = _mix(iris, 0.012 + 0 * iris, smoothstep(0.05, -0.04, (rho - PUPIL_RADIUS_CM)))
    blend = smoothstep(IRIS_RADIUS_CM - 0.03, IRIS_RADIUS_CM + 0.055, rho)
    return np.clip(_mix(iris, sclera, blend), 0, 1)
