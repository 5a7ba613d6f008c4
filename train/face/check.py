# SPDX-License-Identifier: Apache-2.0
"""Compares shapes of models/face.limner with the same shapes of its source.

Every source vertex of a kept part is bound once to the nearest point of our mesh in the mean
shape; then both are evaluated for random identities with expressions, and the distance between the
source vertex and its bound point is measured. Also measures what the build promises: shut lips and
lids. Exits 1 when a bound is missed, 77 (skipped) when the source is not there.

Usage: check.py face.limner ict_facekit.npz
"""

import os
import sys

MEDIAN_MAX_CM, P95_MAX_CM = 0.03, 0.15
LIP_GAP_MAX_CM, LID_GAP_MAX_CM = 0.01, 0.01
CANDIDATES = 24
N_FACES = 20


def bind(xyz, tri, points):
    """Nearest surface points: (triangle [P], barycentric [P][3], distance [P])."""
    import numpy as np
    from scipy.spatial import cKDTree

    from embedding import closest_on_triangles
    corners = xyz[tri]
    _, near = cKDTree(corners.mean(1)).query(points, k=CANDIDATES)
    flat = near.ravel()
    shifted = corners[flat] - np.repeat(points, CANDIDATES, axis=0)[:, None]
    distance, bary = closest_on_triangles(np.zeros(3), shifted)
    distance = distance.reshape(near.shape)
    best = distance.argmin(1)
    rows = np.arange(len(points))
    return near[rows, best], bary.reshape(*near.shape, 3)[rows, best], distance[rows, best]


def random_faces(names, rng):
    """Pairs (identity [60], {expression: value})."""
    import numpy as np
    for _ in range(N_FACES):
        chosen = rng.choice([n for n in names if not n.startswith("tongue")], 6, replace=False)
        yield rng.standard_normal(60) * 0.8, dict(zip(chosen, np.round(rng.uniform(0, 1, 6), 3)))


def compare(model, source, names):
    """Distances [faces][P] cm over the source vertices of the kept parts."""
    import numpy as np

    from shapes import arkit_shapes
    blocks = ("face", "neck", "mouth", "eye_sockets", "gums", "tongue", "teeth_upper",
              "teeth_lower")
    deltas = arkit_shapes(source, names)
    part = model.tensors["part"]
    parts_of = {"gums": (3, 4), "tongue": (3, 4), "teeth_upper": (5,), "teeth_lower": (6,)}
    out = []
    bound = []
    for name in blocks:
        rows = [np.arange(part[p, 2], part[p, 2] + part[p, 3])
                for p in parts_of.get(name, (0, 1, 2))]
        tri = model.tri[np.concatenate(rows)]
        v = source.block(name)
        t, bary, _ = bind(model.mean, tri, source.xyz[v])
        bound.append((v, tri[t], bary))
    for identity, expression in random_faces(names, np.random.default_rng(5)):
        truth = source.xyz + np.tensordot(identity, source.identity, 1)
        truth += sum(value * deltas[name] for name, value in expression.items())
        ours = model.shape(identity, expression)
        out.append(np.concatenate([
            np.linalg.norm((ours[tri] * bary[:, :, None]).sum(1) - truth[v], axis=1)
            for v, tri, bary in bound]))
    return np.array(out)


def gap(model, name, identity, expression):
    """Largest distance (y, z) between paired vertices of a contact, cm."""
    import numpy as np
    xyz = model.shape(identity, expression)
    d = xyz[model.tensors[name + ".upper"]] - xyz[model.tensors[name + ".lower"]]
    return np.linalg.norm(d[:, 1:], axis=1).max()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if not os.path.exists(sys.argv[2]):
        print("skipped: no", sys.argv[2])
        sys.exit(77)
    try:
        import numpy as np
        import scipy.spatial  # noqa: F401
    except ImportError:
        print("skipped: needs numpy and scipy")
        sys.exit(77)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from model import Model
    from shapes import arkit_names
    from source import Source
    header = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "include",
                          "limner", "limner.h")
    names = arkit_names(header)
    model, source = Model(sys.argv[1], names), Source(sys.argv[2])
    error = compare(model, source, names)
    rng = np.random.default_rng(6)
    lip = max(gap(model, "lips", rng.standard_normal(60) * 0.8, {}) for _ in range(20))
    shut = gap(model, "lips", None, {"jawOpen": 1.0, "mouthClose": 1.0})
    lid = max(gap(model, "lids.left", None, {"eyeBlinkLeft": 1.0}),
              gap(model, "lids.right", None, {"eyeBlinkRight": 1.0}))
    figures = (("median difference", np.median(error), MEDIAN_MAX_CM),
               ("95th percentile", np.percentile(error, 95), P95_MAX_CM),
               ("lip gap, random people", lip, LIP_GAP_MAX_CM),
               ("lip gap, jawOpen = mouthClose = 1", shut, LIP_GAP_MAX_CM),
               ("lid gap, eyeBlink = 1", lid, LID_GAP_MAX_CM))
    for name, value, limit in figures:
        print(f"{name}: {10 * value:.3f} mm (at most {10 * limit:.2f})")
    sys.exit(0 if all(value <= limit for _, value, limit in figures) else 1)


if __name__ == "__main__":
    main()
