# SPDX-License-Identifier: Apache-2.0
"""Python view of face.limner: evaluates shapes as src/face/face_model.c does, and draws them."""

import numpy as np

import container


class Model:
    """Arrays of a model file; xyz arrays are [N][3] cm."""

    def __init__(self, path, names):
        with open(path, "rb") as f:
            kind, self.tensors = container.loads(f.read())
        assert kind == "face"
        t = self.tensors
        self.names = names
        self.mean = t["mean"].T.astype(np.float64)
        self.tri = t["triangle"].astype(np.int64)
        basis = [t["identity.wide"].astype(np.float32), t["identity.narrow"].astype(np.float32)]
        scale = t["identity.scale"][:, None, None]
        self.identity = (np.concatenate(basis) * scale).transpose(0, 2, 1)

    def shape(self, identity=None, expression=None):
        """Vertices for identity [60] and {expression name: coefficient}."""
        t = self.tensors
        xyz = self.mean.copy()
        if identity is not None:
            xyz += np.tensordot(identity, self.identity, 1)
        for name, value in (expression or {}).items():
            k = self.names.index(name)
            part = slice(t["expression.start"][k], t["expression.start"][k + 1])
            xyz[t["expression.index"][part]] += (
                value * t["expression.scale"][k] * t["expression.delta"][:, part].T)
        return xyz


def vertex_normals(xyz, tri):
    """Area-weighted unit normals [N][3]."""
    p = xyz[tri]
    face = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    out = np.zeros_like(xyz)
    for corner in range(3):
        np.add.at(out, tri[:, corner], face)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def raster(points, tri, size):
    """Z-buffered raster of triangles that face the viewer.

    points [N][3]: pixels (centres at + 0.5, y down) and depth (larger = nearer). Returns the
    triangle per pixel (-1: none) [size][size] and its barycentric coordinates [size][size][3].
    """
    depth = np.full((size, size), -np.inf)
    which = np.full((size, size), -1, np.int64)
    bary = np.zeros((size, size, 3))
    p = points[tri]
    d1, d2 = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    area = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0]
    low = np.clip(np.ceil(p[:, :, :2].min(1) - 0.5), 0, size).astype(int)
    high = np.clip(np.floor(p[:, :, :2].max(1) - 0.5) + 1, 0, size).astype(int)
    for t in np.where((area < -1e-9) & (high > low).all(1))[0]:
        x = np.arange(low[t, 0], high[t, 0]) + 0.5 - p[t, 0, 0]
        y = (np.arange(low[t, 1], high[t, 1]) + 0.5 - p[t, 0, 1])[:, None]
        v = (x * d2[t, 1] - y * d2[t, 0]) / area[t]
        w = (y * d1[t, 0] - x * d1[t, 1]) / area[t]
        z = p[t, 0, 2] + v * d1[t, 2] + w * d2[t, 2]
        box = (slice(low[t, 1], high[t, 1]), slice(low[t, 0], high[t, 0]))
        hit = (v >= 0) & (w >= 0) & (v + w <= 1) & (z > depth[box])
        depth[box][hit] = z[hit]
        which[box][hit] = t
        bary[box][hit] = np.stack([1 - v - w, v, w], -1)[hit]
    return which, bary
