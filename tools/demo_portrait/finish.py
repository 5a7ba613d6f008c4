# SPDX-License-Identifier: Apache-2.0
"""Develops the rendered linear picture: background, noise removal, tone curve, grade, file."""
import numpy as np
from scipy import ndimage

from noise import Noise, smoothstep

EXPOSURE = 1.0 
SATURATION = 1.10
CONTRAST = 0.38           # 0 none, 1 a full smooth S curve
GRAIN = 0.008             # keeps the soft background from banding
N_BOKEH = 26


def blur(picture, sigma):
    """Gaussian blur of every channel of [n][n][c]."""
    return ndimage.gaussian_filter(picture, (sigma, sigma, 0), mode="nearest")


def backdrop(size, seed):
    """An out-of-focus room in warm and cool light: [size][size][3] linear."""
    noise, rng = Noise(seed + 90), np.random.default_rng(seed + 91)
    y, x = np.mgrid[0:size, 0:size] / size
    p = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], 1)
    cloud = noise.fractal(p, 0.60, 2, 0.35).reshape(size, size)
    glow = np.exp(-(((x - 0.74) / 0.46) ** 2 + ((y - 0.34) / 0.52) ** 2))
    warm, cool = np.array([0.46, 0.32, 0.225]), np.array([0.070, 0.092, 0.112])
    wall = cool + (warm - cool) * np.clip(0.85 * glow + 0.04 * cloud, 0, 1)[..., None]
    wall = wall * (1 + 0.05 * cloud[..., None])
    for _ in range(N_BOKEH):
        cx, cy, r = rng.random(), rng.random() * 0.75, 0.03 + 0.05 * rng.random()
        disc = smoothstep(r * 1.06, r * 0.94, np.hypot(x - cx, y - cy))
        tint = np.array([1.0, 0.78, 0.55]) if cx > 0.45 else np.array([0.60, 0.80, 1.0])
        shine = 0.012 + 0.045 * rng.random() * (0.25 + glow[..., None])
        wall = wall + disc[..., None] * tint * shine
    return blur(wall, size * 0.006)


def tone(x):
    """Filmic curve (Hable's form with a gentle shoulder), linear in, display-linear out."""
    a, b, c, d, e = 2.51, 0.03, 2.43, 0.59, 0.14
    return np.clip(x * (a * x + b) / (x * (c * x + d) + e), 0, 1)


def to_srgb(x):
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-8) ** (1 / 2.4) - 0.055)


def despeckle(light):
    """Cap pixels that are far brighter than the median of their neighbourhood."""
    level = light.mean(2)
    cap = 1.35 * ndimage.median_filter(level, 5) + 0.01
    return light * np.minimum(1, cap / np.maximum(level, 1e-6))[..., None]


def smooth_light(light, normal, albedo, alpha, levels=4):
    """Remove noise from diffuse light by edge-stopping a-trous wavelets (Dammertz et al. 2010).

    Steps over 1, 2, 4, ... pixels; edges are those of normal, albedo and outline, and strong
    differences of light itself, measured on a local mean so that noise does not count as an edge.
    """
    taps = np.array([1, 4, 6, 4, 1]) / 16.0
    value = light
    normal = blur(normal, 1.2)
    for level in range(levels):
        step = 2 ** level
        log_mean = np.log(blur(value, 1.5).mean(2) + 0.02)
        total, weight = np.zeros_like(value), np.zeros(value.shape[:2])
        for i, dy in enumerate(range(-2, 3)):
            for j, dx in enumerate(range(-2, 3)):
                shift = (dy * step, dx * step)
                w = taps[i] * taps[j] * _likeness(normal, albedo, alpha, log_mean, shift)
                total += w[..., None] * np.roll(value, shift, (0, 1))
                weight += w
        value = total / np.maximum(weight, 1e-6)[..., None]
    return value


def _likeness(normal, albedo, alpha, log_mean, shift):
    """How far each pixel and its shifted neighbour show the same piece of surface, 0..1."""
    def gap(field):
        d = np.roll(field, shift, (0, 1)) - field
        return d * d if d.ndim == 2 else (d * d).sum(2)
    return np.exp(-gap(normal) / 0.06 - gap(albedo) / 0.02
                  - gap(alpha) / 0.05 - gap(log_mean) / 0.05)


def quieten(rgb, tolerance, reach=2):
    """Edge-keeping noise removal: a bilateral filter that compares 3x3 patches of sqrt values.

    tolerance: [n][n], the difference taken for noise."""
    v = np.sqrt(np.clip(rgb, 0, 9))
    total, weight = v * 1.0, np.ones(v.shape[:2])
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx == dy == 0:
                continue
            moved = np.roll(v, (dy, dx), (0, 1))
            gap = ndimage.uniform_filter(((moved - v) ** 2).sum(2), 3)
            w = np.exp(-gap / (2 * tolerance ** 2) - (dx * dx + dy * dy) / (2.0 * reach))
            total += moved * w[..., None]
            weight += w
    return (total / weight[..., None]) ** 2


def calm_colour(rgb, reach=2.5):
    """Keep each pixel's brightness, take its colour from the neighbourhood (for hair)."""
    level = rgb.mean(2) + 1e-5
    near = blur(rgb, reach)
    return near * (level / (near.mean(2) + 1e-5))[..., None]


def develop(layers, seed, denoise=True):
    """Layers [n][n][14] of scene.render -> picture [n][n][3], sRGB 0..1."""
    size = len(layers)
    layers = layers.astype(np.float64)
    rgb, alpha = layers[..., :3], layers[..., 3]
    light, albedo, normal = layers[..., 4:7], layers[..., 7:10], layers[..., 10:13]
    cloth = layers[..., 13:] > 0.5
    if denoise:
        rest = np.maximum(rgb - light * albedo, 0)
        smooth = smooth_light(despeckle(light), normal, albedo, alpha)
        shine = quieten(rest, np.where(albedo.sum(2) > 0.05, 0.05, 0.022))
        rgb = np.where(cloth, light, smooth) * albedo + shine
    rgb = np.where((albedo.sum(2) < 0.03)[..., None], calm_colour(rgb), rgb)
    picture = rgb * EXPOSURE + backdrop(size, seed) * (1 - alpha[..., None])
    bloom = blur(np.clip(picture - 0.75, 0, 2), size * 0.012)
    picture = tone((picture + 0.35 * bloom) * 0.72)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    picture = picture * (1 - 0.35 * smoothstep(0.42, 0.80, np.hypot(x, y)))[..., None]
    grey = picture @ np.array([0.2126, 0.7152, 0.0722])
    picture = np.clip(grey[..., None] + SATURATION * (picture - grey[..., None]), 0, 1)
    shown = to_srgb(picture)
    shown = shown + CONTRAST * (smoothstep(0, 1, shown) - shown)
    grain = np.random.default_rng(seed + 92).normal(size=(size, size, 1))
    return np.clip(shown + GRAIN * blur(grain, 0.6), 0, 1)
