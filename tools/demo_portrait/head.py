# SPDX-License-Identifier: Apache-2.0
"""The sitter's head: identity, expression and stylisation of the ICT-FaceKit face.

Everything is in the face model's space: centimetres, x to the subject's left, y up, z to the
camera.Only numpy and scipy are used here, so that the shape can be studied without Blender.
"""
import heapq

import numpy as np

# Vertex ranges of the ICT-FaceKit mesh.
SKIN_END = 14062          # face, neck, mouth socket, eye sockets
NECK_END = 11248          # outer skin only
EYE_RANGES = {"L": (21451, 22221), "R": (23021, 23791)}
TEAR_RANGES = {"L": (24591, 24795), "R": (24795, 24999)}
CARUNCLE_RANGES = {"L": (24999, 25023), "R": (25023, 25047)}

# The 68 iBUG landmarks, as vertices of the mesh.
LANDMARKS = [
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088,
    3443, 268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140,
    2075, 1147, 4269, 3360, 1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732,
    5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216,
    6207, 6470, 5517, 5966]

IDENTITY_SEED = 113
IDENTITY_SPREAD = 0.9
N_IDENTITY = 50
EXPRESSION = {"mouthSmile_L": 0.33, "mouthSmile_R": 0.29,
              "cheekSquint_L": 0.15, "cheekSquint_R": 0.15,
              "eyeBlink_L": 0.10, "eyeBlink_R": 0.11,
              "eyeSquint_L": 0.10, "eyeSquint_R": 0.10, "browDown_L": 0.14, "browDown_R": 0.16}
EYE_SCALE = 1.18          # larger eyes: a drawn look rather than a scanned one
EYE_SCALE_REACH_CM = 2.3


class Head:
    """Posed vertices [n][3] cm, quads [m][4] (-1 ends a triangle), landmark positions and paths."""

    def __init__(self, path):
        data = np.load(path)
        rng = np.random.default_rng(IDENTITY_SEED)
        weights = np.zeros(len(data["identity"]), np.float32)
        weights[:N_IDENTITY] = rng.normal(size=N_IDENTITY) * IDENTITY_SPREAD
        verts = data["neutral"] + np.tensordot(weights, data["identity"].astype(np.float32), 1)
        names = list(data["expression_names"])
        for name, weight in EXPRESSION.items():
            verts = verts + weight * data["expression"][names.index(name)].astype(np.float32)
        self.verts = verts.astype(np.float64)
        self.quads = data["faces"]
        self._scale_eyes()
        self._pin_ears()
        self._slim()
        self.eyes = {side: fit_sphere(self.verts[slice(*EYE_RANGES[side])]) for side in "LR"}
        self.landmarks = self.verts[LANDMARKS]
        self._edges = None

    def _scale_eyes(self):
        """Grow both eyes with lids, lashes and lid fold about their centres."""
        for side in "LR":
            centre, _ = fit_sphere(self.verts[slice(*EYE_RANGES[side])])
            offset = self.verts - centre
            dist = np.linalg.norm(offset * [0.85, 1.0, 0.7], axis=1)
            fall = np.clip((dist - 1.4) / EYE_SCALE_REACH_CM, 0, 1)
            gain = (EYE_SCALE - 1) * (1 - fall * fall * (3 - 2 * fall))
            self.verts = self.verts + offset * gain[:, None]

    def _pin_ears(self):
        """Lay the ears a little closer to the head."""
        x, y, z = self.verts.T
        ear = np.clip((np.abs(x) - 6.5) / 0.8, 0, 1) * ((y > -3) & (y < 6.5) & (z < 3.2) & (z > -5))
        self.verts[:, 0] = np.sign(x) * (np.abs(x) - 0.45 * ear * (np.abs(x) - 6.5))

    def _slim(self):
        """A narrower jaw and neck."""
        x, y, z = self.verts.T
        jaw = np.clip((-1.5 - y) / 4.0, 0, 1) * np.clip((z - 1.0) / 4.0, 0, 1)
        neck = np.clip((-4.0 - y) / 4.0, 0, 1) * np.clip((7.0 - z) / 3.0, 0, 1)
        neck = neck * np.clip((y + 19.0) / 5.0, 0, 1)
        self.verts[:, 0] = x * (1 - np.maximum(0.045 * jaw, 0.09 * neck))

    def faces(self, first, last):
        """Faces whose vertices all lie in [first, last): vertices, list of index tuples from 0."""
        q = self.quads
        low = np.where(q < 0, q[:, :1], q).min(1)
        keep = q[(low >= first) & (q.max(1) < last)] - first
        faces = [tuple(f[:3]) if f[3] < 0 else tuple(f) for f in keep.tolist()]
        return self.verts[first:last], faces

    def path(self, numbers):
        """Shortest way along mesh edges through the given landmarks: points [k][3]."""
        if self._edges is None:
            self._edges = self._adjacency()
        out = []
        for a, b in zip(numbers[:-1], numbers[1:]):
            out += self._shortest(LANDMARKS[a], LANDMARKS[b])[:-1]
        out.append(LANDMARKS[numbers[-1]])
        return self.verts[out]

    def _adjacency(self):
        near = {}
        for f in self.quads:
            ring = [v for v in f if 0 <= v < SKIN_END]
            for a, b in zip(ring, ring[1:] + ring[:1]):
                near.setdefault(a, set()).add(b)
                near.setdefault(b, set()).add(a)
        return near

    def _shortest(self, start, goal):
        best, heap, came = {start: 0.0}, [(0.0, start)], {}
        while heap:
            cost, v = heapq.heappop(heap)
            if v == goal:
                break
            for w in self._edges[v]:
                c = cost + np.linalg.norm(self.verts[v] - self.verts[w])
                if c < best.get(w, 1e9):
                    best[w], came[w] = c, v
                    heapq.heappush(heap, (c, w))
        way = [goal]
        while way[-1] != start:
            way.append(came[way[-1]])
        return way[::-1]


def fit_sphere(points):
    """Least-squares sphere through points [n][3]: centre [3], radius."""
    a = np.c_[2 * points, np.ones(len(points))]
    s = np.linalg.lstsq(a, (points ** 2).sum(1), rcond=None)[0]
    return s[:3], float(np.sqrt(s[3] + s[:3] @ s[:3]))


def resample(points, count):
    """A polyline [k][3] at `count` points evenly spaced along its length."""
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    at = np.r_[0, np.cumsum(step)]
    want = np.linspace(0, at[-1], count)
    return np.stack([np.interp(want, at, points[:, k]) for k in range(3)], 1)


def spline(points, count):
    """A closed Catmull-Rom curve through points [k][3], at `count` + 1 points, ends joined."""
    k = len(points)
    t = np.linspace(0, k, count + 1)
    i, f = t.astype(int) % k, (t % 1)[:, None]
    a, b, c, d = (points[(i + j) % k] for j in (-1, 0, 1, 2))
    square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
    return 0.5 * (2 * b + (c - a) * f + square * f ** 2 + cube * f ** 3)


def smooth_curve(points, count, rounds=2):
    """A gently smoothed, resampled copy of a polyline; its ends stay."""
    p = resample(points, count)
    for _ in range(rounds):
        p[1:-1] = (p[:-2] + 2 * p[1:-1] + p[2:]) / 4
    return p


def triangles(faces):
    """Triangles and quads (index tuples) as triangles [m][3]."""
    return np.array([(f[0], f[k], f[k + 1]) for f in faces for k in range(1, len(f) - 1)])


def vertex_normals(verts, faces):
    """Unit normals [n][3] of a mesh given as index tuples."""
    tri = triangles(faces)
    n = np.cross(verts[tri[:, 1]] - verts[tri[:, 0]], verts[tri[:, 2]] - verts[tri[:, 0]])
    out = np.zeros_like(verts)
    for k in range(3):
        np.add.at(out, tri[:, k], n)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
