# SPDX-License-Identifier: Apache-2.0
"""Reads the ICT-FaceKit archive and answers questions about its mesh.

Units: centimetres; x to the subject's left, y up, z to the viewer. The vertex blocks below are
those of the published generic mesh (26 719 vertices). Triangles are counter-clockwise from outside.
"""

from collections import deque

import numpy as np
from scipy.spatial import cKDTree

N_IDENTITY = 60

# name: (first vertex, one past the last)
BLOCKS = {
    "face": (0, 9409),
    "neck": (9409, 11248),
    "mouth": (11248, 13294),
    "eye_sockets": (13294, 14062),
    "gums": (14062, 16593),
    "tongue": (16593, 17039),
    "teeth_upper": (17039, 19247),
    "teeth_lower": (19247, 21451),
    "eye_left": (21451, 23021),
    "eye_right": (23021, 24591),
    "lacrimal": (24591, 24999),
}
EYE_SHELL = {"left": (21451, 22221), "right": (23021, 23791)}   # sclera with cornea
# The middle one of the three ribbons of each lash line: upper left, lower left, upper right, ...
LASH_RIBBONS = ((25465, 25579), (25807, 25921), (26149, 26263), (26491, 26605))


class Source:
    """Mesh, identity and expression of the archive at `path`."""

    def __init__(self, path):
        archive = np.load(path, allow_pickle=False)
        self.xyz = archive["neutral"].astype(np.float64)                    # [N][3]
        self.identity = archive["identity"][:N_IDENTITY].astype(np.float64)  # [60][N][3]
        shapes = archive["expression"].astype(np.float64)
        self.shapes = {str(n): s for n, s in zip(archive["expression_names"], shapes)}
        self.faces = archive["faces"]
        self.tri = triangulate(self.faces)
        self.uv = first_uv(self.faces, archive["faces_uv"], archive["uv"], len(self.xyz))
        self.neighbours = ring_neighbours(self.faces, len(self.xyz))
        self.component = self._components()
        self.mirror = self._mirror()

    def block(self, name):
        """Vertex numbers of a block."""
        return np.arange(*BLOCKS[name])

    def in_block(self, name):
        """Boolean mask [N] of a block."""
        mask = np.zeros(len(self.xyz), bool)
        mask[slice(*BLOCKS[name])] = True
        return mask

    def rings(self, seeds, mask):
        """Distance in edges from `seeds` over vertices in `mask`; -1 where not reached. [N]"""
        distance = np.full(len(self.xyz), -1)
        distance[list(seeds)] = 0
        queue = deque(seeds)
        while queue:
            v = queue.popleft()
            for u in self.neighbours[v]:
                if distance[u] < 0 and mask[u]:
                    distance[u] = distance[v] + 1
                    queue.append(u)
        return distance

    def _components(self):
        label = np.full(len(self.xyz), -1)
        everywhere = np.ones(len(self.xyz), bool)
        n_components = 0
        for v in range(len(self.xyz)):
            if label[v] < 0:
                label[self.rings([v], everywhere) >= 0] = n_components
                n_components += 1
        return label

    def _mirror(self):
        """Vertex at the mirrored place, matched between mirrored components. [N]"""
        flip = np.array([-1.0, 1.0, 1.0])
        mirror = np.full(len(self.xyz), -1)
        groups = [np.where(self.component == c)[0] for c in range(self.component.max() + 1)]
        for group in groups:
            twin = min((g for g in groups if len(g) == len(group)),
                       key=lambda g: cKDTree(self.xyz[g]).query(self.xyz[group] * flip)[0].sum())
            mirror[group] = twin[cKDTree(self.xyz[twin]).query(self.xyz[group] * flip)[1]]
        return mirror


def triangulate(faces):
    """[F][4] quads (last -1 = triangle) to [T][3]."""
    quads = faces[faces[:, 3] >= 0]
    return np.concatenate([faces[:, :3], quads[:, [0, 2, 3]]]).astype(np.int64)


def first_uv(faces, faces_uv, uv, n_vertices):
    """One texture coordinate per vertex (the first that a face gives it). [N][2]"""
    out = np.zeros((n_vertices, 2))
    used = faces >= 0
    vertices, first = np.unique(faces[used], return_index=True)
    out[vertices] = uv[faces_uv[used][first]]
    return out


def ring_neighbours(faces, n_vertices):
    """Neighbours of each vertex along quad sides (not diagonals)."""
    out = [set() for _ in range(n_vertices)]
    for face in faces.tolist():
        corner = [v for v in face if v >= 0]
        for k, v in enumerate(corner):
            out[v].add(corner[k - 1])
            out[corner[k - 1]].add(v)
    return [sorted(s) for s in out]
