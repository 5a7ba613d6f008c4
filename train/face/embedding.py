# SPDX-License-Identifier: Apache-2.0
"""Places the 478 landmarks on our mesh.

landmark_embedding.csv holds, per landmark, a point in the mean face's space (cm), its measured
scatter (cm) and its kind, made by embed.py. The points are put on the nearest skin triangle;
landmarks of the inner lip, the lid margins and the irises have a known meaning and are put on the
contact line, the margin and the iris ring.
"""

import csv

import numpy as np

from regions import REGIONS, R

N_LANDMARKS = 478
KINDS = ("skin", "silhouette", "lip_outer", "lip_inner", "lid", "iris")
SILHOUETTE = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400,
              377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67,
              109)
LIP_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91,
             146)
# from the subject's right corner to the left one
LIP_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIP_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# from the inner to the outer corner
LID_UPPER = {"left": (362, 398, 384, 385, 386, 387, 388, 466, 263),
             "right": (133, 173, 157, 158, 159, 160, 161, 246, 33)}
LID_LOWER = {"left": (362, 382, 381, 380, 374, 373, 390, 249, 263),
             "right": (133, 155, 154, 153, 145, 144, 163, 7, 33)}
IRIS = {"left": range(473, 478), "right": range(468, 473)}     # centre, then four on the ring


def kinds():
    """Kind number per landmark [478] uint8."""
    out = np.zeros(N_LANDMARKS, np.uint8)
    out[list(SILHOUETTE)] = KINDS.index("silhouette")
    out[list(LIP_OUTER)] = KINDS.index("lip_outer")
    out[list(LIP_INNER_UPPER + LIP_INNER_LOWER)] = KINDS.index("lip_inner")
    for side in ("left", "right"):
        out[list(LID_UPPER[side] + LID_LOWER[side])] = KINDS.index("lid")
        out[list(IRIS[side])] = KINDS.index("iris")
    return out


def load(path):
    """(points [478][3] cm, spread [478] cm) of the CSV."""
    points, spread = np.zeros((N_LANDMARKS, 3)), np.zeros(N_LANDMARKS)
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            k = int(row["landmark"])
            points[k] = [float(row[c]) for c in "xyz"]
            spread[k] = float(row["spread_cm"])
    return points, spread


def save(path, points, spread):
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write("landmark,x,y,z,spread_cm,kind\n")
        for k, kind in enumerate(kinds()):
            x, y, z = points[k]
            f.write(f"{k},{x:.4f},{y:.4f},{z:.4f},{spread[k]:.4f},{KINDS[kind]}\n")


def closest_on_triangles(point, corners):
    """Closest points of triangles [T][3][3] to `point`: (distance [T], barycentric [T][3])."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v, w = b - a, c - a, point - a
    uu, uv, vv = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    wu, wv = (w * u).sum(1), (w * v).sum(1)
    det = np.maximum(uu * vv - uv * uv, 1e-15)
    s, t = (vv * wu - uv * wv) / det, (uu * wv - uv * wu) / det
    inside = (s >= 0) & (t >= 0) & (s + t <= 1)
    best = np.stack([1 - s - t, s, t], 1)
    distance = np.where(inside, np.linalg.norm(w - s[:, None] * u - t[:, None] * v, axis=1), np.inf)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        p, q = corners[:, i], corners[:, j]
        e = q - p
        k = np.clip(((point - p) * e).sum(1) / np.maximum((e * e).sum(1), 1e-15), 0, 1)
        d = np.linalg.norm(p + k[:, None] * e - point, axis=1)
        closer = d < distance
        distance[closer] = d[closer]
        best[closer] = 0
        best[closer, i], best[closer, j] = 1 - k[closer], k[closer]
    return distance, best


def _nearest_vertex(xyz, candidates, point, axes):
    d = ((xyz[candidates] - point) * axes) ** 2
    return candidates[np.argmin(d.sum(1))]


def _snapped(mesh, tensors, points):
    """{landmark: vertex} for landmarks with a known meaning (corners: the lines' ends)."""
    xyz, out = mesh.xyz, {}
    lines = [("lips", LIP_INNER_UPPER, LIP_INNER_LOWER, (1, 0, 0))]
    lines += [("lids." + s, LID_UPPER[s], LID_LOWER[s], (1, 0, 0.3)) for s in ("left", "right")]
    for name, upper, lower, axes in lines:
        for line, landmarks in (("upper", upper), ("lower", lower)):
            vertices = np.array(tensors[f"{name}.{line}"], int)
            first = 1 if name == "lips" else 2      # a lid's second landmark: the caruncle's edge
            for k in landmarks[first:-1]:
                out[k] = _nearest_vertex(xyz, vertices[1:-1], points[k], axes)
            out[landmarks[0]], out[landmarks[-1]] = vertices[0], vertices[-1]
    for side, first in zip(("left", "right"), mesh.eye_first):
        centre, *ring = IRIS[side]
        out[centre] = first
        candidates = np.array(tensors["iris_ring." + side], int)
        for k in ring:
            aim = xyz[first] + (points[k] - points[centre])
            out[k] = _nearest_vertex(xyz, candidates, aim, (1, 1, 0))
    return out


def tensors(mesh, tensors_so_far, path):
    """Tensors landmark.vertex, .bary, .spread, .kind."""
    points, spread = load(path)
    skin = np.isin(mesh.tri_label, [R[n] for n in REGIONS[:11]])
    tri = mesh.tri[skin]
    vertex, bary = np.zeros((N_LANDMARKS, 3), np.uint16), np.zeros((N_LANDMARKS, 3), np.float32)
    snapped = _snapped(mesh, tensors_so_far, points)
    for k in range(N_LANDMARKS):
        if k in snapped:
            vertex[k], bary[k] = snapped[k], (1, 0, 0)
            continue
        distance, weights = closest_on_triangles(points[k], mesh.xyz[tri])
        best = int(np.argmin(distance))
        vertex[k], bary[k] = tri[best], weights[best]
    return {"landmark.vertex": vertex, "landmark.bary": bary,
            "landmark.spread": spread.astype(np.float32), "landmark.kind": kinds()}
