# SPDX-License-Identifier: Apache-2.0
"""Parts of our own shape: eyeballs with a clean iris ring, and the shoulders.

Their identity deltas follow the source: an affine map per identity shape, fitted to the source's
eyeball shell (residual under 0.01 mm), and the border ring of the source's bust. The source's
eyeballs have a radius of 15.3 mm; ours are of a human size behind the source's limbus.
"""

import numpy as np

IRIS_RADIUS_CM = 0.585          # limbus: horizontal visible diameter 11.7 mm
# Half of an adult's 24 mm (Bekerman, Gottlieb and Vaiman 2014, "Variations in eyeball diameters of
# the healthy adults"). The limbus then turns about a point 10.5 mm behind it, 13.5 mm behind the
# source's cornea, as eyes do (Fry and Hill 1962, "The center of rotation of the eye").
EYE_RADIUS_CM = 1.2
IRIS_RINGS, SCLERA_RINGS, SPOKES = 5, 8, 32
SCLERA_END_DEG = 100.0          # the back of the eyeball is never seen
CORNEA_DEG = 30.0               # the shell bulges within this angle of the optical axis

SHOULDER_RINGS = (              # (outwards factor of x, of z; downwards cm) of the bust's border
    (1.22, 1.10, 1.6),
    (1.44, 1.18, 3.6),
    (1.58, 1.24, 6.4),
    (1.66, 1.28, 10.0),
)


def fit_sphere(points):
    """Least-squares (centre [3], radius)."""
    a = np.c_[2 * points, np.ones(len(points))]
    s = np.linalg.lstsq(a, (points ** 2).sum(1), rcond=None)[0]
    return s[:3], np.sqrt(s[3] + (s[:3] ** 2).sum())


def limbus_depth(radius):
    """Of the plane of the limbus in front of the centre of a ball."""
    return np.sqrt(radius ** 2 - IRIS_RADIUS_CM ** 2)


def eye_geometry(shell):
    """Centre and optical axis of an eyeball of EYE_RADIUS_CM in the shell [n][3].

    The cornea (the tenth of the points farthest from the ball) gives the axis; the ball is fitted
    to the shell outside the cornea, front half only. Ours has its limbus where that ball has it.
    """
    centre, radius = fit_sphere(shell)
    for _ in range(8):
        offset = shell - centre
        distance = np.linalg.norm(offset, axis=1)
        cornea = distance > np.quantile(distance, 0.9)
        axis = offset[cornea].mean(0)
        axis /= np.linalg.norm(axis)
        angle = np.degrees(np.arccos(np.clip(offset @ axis / distance, -1, 1)))
        centre, radius = fit_sphere(shell[(angle > CORNEA_DEG) & (angle < 100)])
    return centre + (limbus_depth(radius) - limbus_depth(EYE_RADIUS_CM)) * axis, axis


def eyeball(shell, identity):
    """Mesh of one eyeball: dict with xyz [n][3], identity [60][n][3], tri [t][3], n_iris, ring.

    Vertex 0 is the pupil's centre; then rings of SPOKES vertices from the pupil outwards; the
    first n_iris vertices are the iris and `ring` its last ring (the limbus), counter-clockwise.
    """
    centre, axis = eye_geometry(shell)
    limbus = np.arcsin(IRIS_RADIUS_CM / EYE_RADIUS_CM)
    iris = limbus * np.arange(1, IRIS_RINGS + 1) / IRIS_RINGS
    step = np.arange(1, SCLERA_RINGS + 1) / SCLERA_RINGS
    sclera = limbus + (np.radians(SCLERA_END_DEG) - limbus) * step ** 1.3
    phi = 2 * np.pi * np.arange(SPOKES) / SPOKES
    points = [np.array([[0.0, 0.0, 1.0]])]
    for theta in np.r_[iris, sclera]:
        points.append(np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi),
                                np.full(SPOKES, np.cos(theta))], 1))
    right = np.cross([0.0, 1.0, 0.0], axis)
    right /= np.linalg.norm(right)
    frame = np.stack([right, np.cross(axis, right), axis])
    xyz = centre + EYE_RADIUS_CM * np.concatenate(points) @ frame
    basis = np.c_[shell, np.ones(len(shell))]
    affine = np.linalg.lstsq(basis, np.moveaxis(identity, 0, 1).reshape(len(shell), -1),
                             rcond=None)[0]

    def follow(p):
        return np.moveaxis((np.c_[p, np.ones(len(p))] @ affine).reshape(len(p), -1, 3), 1, 0)

    return {"xyz": xyz, "identity": follow(xyz), "tri": disc_triangles(IRIS_RINGS + SCLERA_RINGS),
            "n_iris": 1 + IRIS_RINGS * SPOKES,
            "ring": 1 + (IRIS_RINGS - 1) * SPOKES + np.arange(SPOKES),
            "centre": centre, "axis": axis,
            "centre_identity": follow(centre[None])[:, 0]}


def disc_triangles(n_rings):
    """Triangles of a centre vertex and rings of SPOKES vertices, counter-clockwise seen from z."""
    k = np.arange(SPOKES)
    nxt = (k + 1) % SPOKES
    tri = [np.stack([np.zeros(SPOKES, int), 1 + k, 1 + nxt], 1)]
    for ring in range(n_rings - 1):
        a, b = 1 + ring * SPOKES, 1 + (ring + 1) * SPOKES
        tri.append(np.stack([a + k, b + k, b + nxt], 1))
        tri.append(np.stack([a + k, b + nxt, a + nxt], 1))
    return np.concatenate(tri)


def lowest_border(tri, xyz):
    """The border loop of a mesh that lies lowest, as vertices in walking order."""
    follow = {}
    edges = {(t[k], t[(k + 1) % 3]) for t in tri.tolist() for k in range(3)}
    for a, b in edges:
        if (b, a) not in edges:
            follow[a] = b
    loops = []
    while follow:
        v = next(iter(follow))
        loop = []
        while v in follow:
            loop.append(v)
            v = follow.pop(v)
        loops.append(loop)
    return np.array(min(loops, key=lambda loop: xyz[loop, 1].mean()))


def shoulders(xyz, identity, loop):
    """Rings lofted outwards and down from the bust's border `loop` (indices into xyz).

    Returns xyz [m][3], identity [60][m][3], and triangles over (loop, new vertices), where vertex
    numbers below len(loop) mean loop[k]. Identity fades out with the distance from the loop.
    """
    base = xyz[loop]
    centre = np.array([0.0, 0.0, base[:, 2].mean()])
    rings, moves = [], []
    for k, (out_x, out_z, down) in enumerate(SHOULDER_RINGS):
        ring = centre + (base - centre) * [out_x, 1.0, out_z] - [0.0, down, 0.0]
        level = 0.5 * (k + 1) / len(SHOULDER_RINGS)     # the border's waves even out
        ring[:, 1] += level * (ring[:, 1].mean() - ring[:, 1])
        rings.append(ring)
        moves.append(identity[:, loop] * (1.0 - (k + 1) / len(SHOULDER_RINGS)))
    n = len(loop)
    k = np.arange(n)
    nxt = (k + 1) % n
    tri = []
    for r in range(len(rings)):
        a, b = r * n, (r + 1) * n
        tri.append(np.stack([a + k, b + nxt, b + k], 1))
        tri.append(np.stack([a + k, a + nxt, b + nxt], 1))
    return np.concatenate(rings), np.concatenate(moves, 1), flip_if_needed(
        np.concatenate([base] + rings), np.concatenate(tri))


def flip_if_needed(xyz, tri):
    """Orients the loft so that normals point away from the body's axis."""
    p = xyz[tri]
    normal = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    outward = p.mean(1) * [1.0, 0.0, 1.0]
    return tri if (normal * outward).sum() > 0 else tri[:, [0, 2, 1]]
