# SPDX-License-Identifier: Apache-2.0
"""Hair, brows and lashes as strands.

A groom is a dict: points [strands][k][3] cm, radius [strands][k] cm, tint [strands][3] (linear
multiplier of the hair colour). Guides grow step by step in a comb field, kept outside the skull
and the clothes; strands follow the nearest guides, then gather in locks.
"""
import numpy as np
from scipy.spatial import cKDTree

from head import smooth_curve, triangles
from noise import Noise, smoothstep

N_GUIDES = 3500
PART_X_CM = 1.9           # the parting, on the subject's left
SKULL_AXIS_Z_CM = 1.0

# Hairline: height y over the angle from the front around the skull, degrees to cm.
HAIRLINE = np.array([[0, 10.45], [12, 10.6], [24, 10.35], [36, 9.5], [47, 8.3], [57, 6.8],
                     [65, 5.2], [71, 3.4], [77, 2.2], [82, 3.2], [87, 5.4], [100, 5.7],
                     [110, 4.2], [122, 0.5], [138, -2.4], [180, -4.0]])


def hair_cover(points, noise):
    """How much hair grows at skin points [n][3]: 0 bare to 1 full."""
    angle = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] - SKULL_AXIS_Z_CM))
    line = np.interp(angle, HAIRLINE[:, 0], HAIRLINE[:, 1])
    line = line + 0.16 * noise.fractal(points, 1.1, 3)
    return smoothstep(-0.25, 0.95, points[:, 1] - line)


class Surface:
    """Nearest-point queries on a dense point cloud with normals."""

    def __init__(self, points, normals):
        self._tree, self._points, self._normals = cKDTree(points), points, normals

    def at(self, p):
        """Signed height above the surface [n] and normal [n][3], averaged over near points."""
        dist, near = self._tree.query(p, k=4)
        w = 1 / (dist + 0.05)
        w /= w.sum(1, keepdims=True)
        n = (self._normals[near] * w[..., None]).sum(1)
        n /= np.linalg.norm(n, axis=1, keepdims=True)
        foot = (self._points[near] * w[..., None]).sum(1)
        return ((p - foot) * n).sum(1), n


def scatter(verts, faces, weight, count, rng):
    """Random points on a mesh with density by vertex weight: points [count][3]."""
    tri = triangles(faces)
    a, b, c = verts[tri[:, 0]], verts[tri[:, 1]], verts[tri[:, 2]]
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) * weight[tri].mean(1)
    pick = rng.choice(len(tri), count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    return a[pick] + u * (b - a)[pick] + v * (c - a)[pick]


def _unit(v):
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def _comb(p, side, lift):
    """Comb direction [n][3]: from the parting aside and back, over the ears, then down."""
    x, y, z = p.T
    behind = smoothstep(-0.5, -3.5, z) * smoothstep(7.5, 4.5, y)
    low = smoothstep(2.0, -1.0, y)
    fall = np.maximum(behind, low)
    near_top = smoothstep(9.0, 13.5, y) * smoothstep(4.0, 7.5, z)
    above_ear = np.clip((y - 5.6) / 4.0, 0.0, 1.0)
    out = np.zeros_like(p)
    out[:, 0] = side * (1 - fall) * (0.25 + 0.75 * near_top)
    out[:, 0] += np.sign(x) * fall * 0.16 * smoothstep(3, -4, y)
    out[:, 1] = -(1 - fall) * (0.15 + 0.75 * above_ear) - fall * 1.0
    out[:, 2] = -(1 - fall) * (1.0 + 0.35 * lift) - fall * 0.18
    return _unit(out)


def grow_hair(verts, faces, normals, body, cover, count, seed):
    """The long hair, tucked behind the ears. body: Surface of the clothes."""
    rng = np.random.default_rng(seed)
    noise = Noise(seed + 1)
    ear = (np.abs(verts[:, 0]) > 6.2) & (verts[:, 1] > -2.2) & (verts[:, 1] < 5.4) \
        & (verts[:, 2] > -3.8) & (verts[:, 2] < 2.6)
    skull = Surface(verts[~ear], normals[~ear])
    lead = scatter(verts, faces, cover * ~ear, N_GUIDES, rng)
    side = _side(lead, noise)
    lift = smoothstep(4.0, 9.0, lead[:, 2]) * smoothstep(6.0, 1.0, np.abs(lead[:, 0]))
    volume = 0.45 + 1.05 * smoothstep(5.5, 12.5, lead[:, 1]) + 0.25 * smoothstep(3, -3, lead[:, 2])
    layer = volume * (0.25 + 0.75 * rng.random(N_GUIDES))
    length = 27 + 7 * rng.random(N_GUIDES) + 3.0 * noise(lead, 2.0)
    guide = _march(lead, side, lift, layer, length, skull, body, noise)
    root = scatter(verts, faces, cover * ~ear, count, rng)
    strand = _follow(root, _side(root, noise), lead, side, guide, rng)
    strand = _gather(strand, rng, 900, 0.55)
    strand = _gather(strand, rng, 5200, 0.55)
    strand += _waves(strand, noise)
    strand += _frizz(strand, rng, 0.05)
    k = strand.shape[1]
    taper = np.interp(np.linspace(0, 1, k), [0, 0.08, 0.8, 1], [0.7, 1, 0.9, 0.3])
    fine = 0.55 + 0.45 * smoothstep(0, 1, _nearest_cover(verts, cover, root))
    radius = 0.0105 * fine[:, None] * taper * (0.75 + 0.5 * rng.random((count, 1)))
    streak = 1 + 0.16 * noise(root, 0.9) + 0.10 * rng.normal(size=count)
    warm = 1 + 0.05 * rng.normal(size=count)
    tint = np.clip(streak, 0.45, 1.9)[:, None] * np.stack([warm, np.ones(count), 1 / warm], 1)
    return {"points": strand, "radius": radius, "tint": tint}


def _side(root, noise):
    """+1 on the subject's left of the parting, -1 on the right."""
    line = PART_X_CM * smoothstep(2.0, 6.5, root[:, 2]) + 0.12 * noise(root, 1.5)
    return np.where(root[:, 0] > line, 1.0, -1.0)


def _follow(root, root_side, lead, lead_side, guide, rng):
    """Strands that blend the three nearest guides of their own side of the parting."""
    out = np.empty((len(root), guide.shape[1], 3))
    for side in (-1.0, 1.0):
        own, led = root_side == side, lead_side == side
        dist, near = cKDTree(lead[led]).query(root[own], k=3)
        w = 1 / (dist + 0.02) ** 2 * rng.random(dist.shape)
        w /= w.sum(1, keepdims=True)
        path = (guide[led][near] * w[..., None, None]).sum(1)
        fade = 1 - 0.5 * smoothstep(0, 0.5, np.linspace(0, 1, guide.shape[1]))
        out[own] = path + (root[own] - path[:, 0])[:, None] * fade[None, :, None]
    return out


def _nearest_cover(verts, cover, points):
    return cover[cKDTree(verts).query(points)[1]]


def _march(root, side, lift, layer, length, skull, body, noise, step=0.42, n_steps=84, n_out=30):
    p, way = root.copy(), [root.copy()]
    heading = None
    for i in range(n_steps):
        s = (i + 1) * step
        height, n = skull.at(p)
        want = _comb(p, side, lift)
        want += 0.10 * np.stack([noise(p + 40, 3.5), noise(p + 80, 3.5), noise(p + 120, 3.5)], 1)
        touching = smoothstep(2.0, 0.4, height)[:, None]
        want -= touching * (want * n).sum(1, keepdims=True) * n
        if i < 4:
            want += n * (0.40 - 0.10 * i) * (layer[:, None] / 0.8)
        want = _unit(want)
        heading = want if heading is None else _unit(0.62 * heading + 0.38 * want)
        p = p + heading * step * (s < length)[:, None]
        target = layer * smoothstep(0, 3.0, s)
        height, n = skull.at(p)
        p = p + n * np.clip(target - height, 0, 0.5)[:, None]
        over = smoothstep(2.5, 0.3, height - target) * np.clip(height - target, 0, 0.25) * (s > 2)
        p = p - n * (0.35 * over * (p[:, 1] > 3))[:, None]
        height, n = body.at(p)
        p = p + n * np.clip(0.25 + 0.5 * layer - height, 0, 0.6)[:, None] * (p[:, 1] < -6)[:, None]
        way.append(p.copy())
    way = np.stack(way, 1)
    return _resample_all(way, n_out)


def _resample_all(way, n_out):
    """Every polyline [s][k][3] at n_out points, even in arc length."""
    seg = np.linalg.norm(np.diff(way, axis=1), axis=2)
    at = np.concatenate([np.zeros((len(way), 1)), np.cumsum(seg, 1)], 1)
    out = np.empty((len(way), n_out, 3))
    for i in range(len(way)):
        want = np.linspace(0, at[i, -1], n_out)
        for k in range(3):
            out[i, :, k] = np.interp(want, at[i], way[i, :, k])
    return out


def _gather(strand, rng, n_locks, strength):
    """Pull strands towards the nearest of n_locks chosen strands, more towards the tips."""
    guide = rng.choice(len(strand), n_locks, replace=False)
    key = strand[:, [2, 8]].reshape(len(strand), 6)
    own = guide[cKDTree(key[guide]).query(key)[1]]
    k = strand.shape[1]
    w = strength * smoothstep(0.05, 0.75, np.linspace(0, 1, k))[None, :, None]
    w = w * (0.4 + 0.6 * rng.random((len(strand), 1, 1)))
    return strand * (1 - w) + strand[own] * w


def _waves(strand, noise):
    """Loose waves that the locks share, below the ears."""
    s, k, _ = strand.shape
    root = strand[:, 0]
    phase = 2.2 * noise(root + 200, 3.0)
    size = 0.28 + 0.10 * noise(root + 300, 2.0)
    fall = smoothstep(4.0, -6.0, strand[..., 1])
    turn = 2 * np.pi * strand[..., 1] / 6.5 + phase[:, None]
    swing = np.stack([np.sin(turn), 0 * turn, np.cos(turn)], -1)
    return fall[..., None] * size[:, None, None] * swing


def _shades(count, mean, rng):
    """Grey tints [count][3] that vary from hair to hair."""
    return np.clip(mean + 0.2 * rng.normal(size=(count, 1)), 0.5, 1.8) * np.ones((1, 3))


def _frizz(strand, rng, amount):
    s, k, _ = strand.shape
    coarse = rng.normal(size=(s, 7, 3))
    t = np.linspace(0, 6, k)
    i = np.minimum(t.astype(int), 5)
    f = (t - i)[None, :, None]
    f = f * f * (3 - 2 * f)
    wave = coarse[:, i] * (1 - f) + coarse[:, i + 1] * f
    grow = np.linspace(0, 1, k)[None, :, None] ** 0.7
    return amount * wave * grow * (0.3 + 1.2 * rng.random((s, 1, 1)) ** 3)


# From the inner to the outer end: a flatter arch than the mesh has.
BROW_SHIFT = np.array([[0, -0.24, 0], [0, -0.24, 0], [0, -0.17, 0], [0, -0.08, 0], [0, 0.16, 0]])


def grow_brows(head, skin, seed, count=760):
    """Both eyebrows, from many short hairs that lie on the skin. skin: Surface of the face."""
    rng = np.random.default_rng(seed)
    all_points, all_radius = [], []
    for marks in ([22, 23, 24, 25, 26], [21, 20, 19, 18, 17]):
        line = smooth_curve(head.landmarks[marks] + BROW_SHIFT, 60, rounds=6)
        sign = np.sign(line[:, 0].mean())
        t = 0.90 * rng.random(count) ** 0.95
        across = np.clip(rng.normal(size=count) * 0.55, -1, 1)
        at = (t * 59).astype(int)
        thick = np.interp(t, [0, 0.12, 0.5, 1], [0.26, 0.38, 0.31, 0.10])
        root = line[at] + np.stack([rng.normal(size=count) * 0.04, across * thick, 0 * t], 1)
        along = np.gradient(line, axis=0)[at]
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        rise = np.interp(t, [0, 0.15, 0.5, 1], [1.8, 0.9, 0.30, 0.05])
        rise = rise - 0.75 * across * smoothstep(0.1, 0.5, t)
        aim = _unit(along + rise[:, None] * np.array([0, 1.0, 0]))
        size = np.interp(t, [0, 0.2, 0.6, 1], [0.55, 0.78, 0.70, 0.40])
        size = size * (0.7 + 0.5 * rng.random(count))
        curve = []
        for s in np.linspace(0, 1, 6):
            bend = aim + np.array([sign * 0.25, -0.25, 0]) * s
            p = root + bend * (s * size)[:, None]
            height, n = skin.at(p)
            curve.append(p + n * (0.015 + 0.07 * s * (1 - s) + 0.01 * s - height)[:, None])
        all_points.append(np.stack(curve, 1))
        all_radius.append(0.0105 * (0.7 + 0.5 * rng.random((count, 1))) * np.linspace(1, 0.25, 6))
    points = np.concatenate(all_points)
    return {"points": points, "radius": np.concatenate(all_radius),
            "tint": _shades(len(points), 1.0, rng)}


WISP_ENDS = {1.0: ((7.6, -4.2, 3.0), (7.3, -1.2, 3.4)),
             -1.0: ((7.5, -3.2, 3.2), (7.9, -5.6, 2.2))}


def grow_wisps(count, seed):
    """A few loose locks that fall from the temples in front of the ears."""
    rng = np.random.default_rng(seed)
    out = []
    for side, ends in WISP_ENDS.items():
        for end in ends:
            n = count // 4
            start = np.array([6.15 * side, 7.3, 5.0]) + rng.normal(size=(n, 3)) * [0.10, 0.45, 0.35]
            stop = np.array(end) * [side, 1, 1] + rng.normal(size=(n, 3)) * [0.22, 0.8, 0.25]
            t = np.linspace(0, 1, 30)[None, :, None]
            phase, swing = rng.normal() * 0.8, 0.20 + 0.12 * rng.random()
            away = np.array([side, 0, 0.25]) * (0.85 * np.sin(np.pi * t ** 0.75))
            wave = np.array([side, 0, 0.4]) * swing * np.sin(6.0 * t + phase) * t
            lock = start[:, None] + (stop - start)[:, None] * t + away + wave
            out.append(lock + _frizz(lock, rng, 0.07))
    points = np.concatenate(out)
    taper = np.interp(np.linspace(0, 1, 30), [0, 0.1, 0.7, 1], [0.6, 1, 0.8, 0.2])
    return {"points": points, "radius": 0.0085 * taper[None] * np.ones((len(points), 1)),
            "tint": _shades(len(points), 1.1, rng)}


LIDS = {"L": ([42, 43, 44, 45], [42, 47, 46, 45]), "R": ([39, 38, 37, 36], [39, 40, 41, 36])}


def grow_lashes(head, seed):
    """Upper and lower lashes of both eyes along the lid margins."""
    rng = np.random.default_rng(seed)
    groups = []
    for side in "LR":
        sign = 1.0 if side == "L" else -1.0
        upper, lower = LIDS[side]
        groups.append(_lash_row(head.path(upper), sign, 1.0, 120, (0.40, 0.74, 0.95), rng))
        groups.append(_lash_row(head.path(lower), sign, -1.0, 60, (0.18, 0.34, 0.40), rng))
    points = np.concatenate([g[0] for g in groups])
    return {"points": points, "radius": np.concatenate([g[1] for g in groups]),
            "tint": np.ones((len(points), 3))}


def _lash_row(margin, sign, up, count, lengths, rng):
    line = smooth_curve(margin, 200, rounds=12)
    t = np.clip(0.06 + 0.93 * (np.arange(count) + rng.random(count)) / count, 0, 1)
    root = line[(t * 199).astype(int)]
    size = np.interp(t, [0.06, 0.6, 1], lengths) * (0.75 + 0.35 * rng.random(count))
    fan = np.interp(t, [0, 0.45, 1], [-0.35, 0.15, 1.05]) + 0.10 * rng.normal(size=count)
    curve = []
    for s in np.linspace(0, 1, 8):
        out = np.stack([sign * fan * s, np.full(count, up * (-0.08 * s + 0.62 * s * s)),
                        np.full(count, 0.95 * s - 0.30 * s * s)], 1)
        curve.append(root + out * size[:, None])
    radius = 0.013 if up > 0 else 0.008
    thick = radius * np.linspace(1, 0.15, 8)[None] * (0.8 + 0.4 * rng.random((count, 1)))
    return np.stack(curve, 1), thick
