# SPDX-License-Identifier: Apache-2.0
"""Symmetric decimation by half-edge collapse, so that kept vertices are source vertices.

Method: quadric error metrics (Garland and Heckbert 1997) summed over several poses of the face, so
that what moves keeps its vertices; only collapses of a vertex into a neighbour, so that every basis
stays exact. The left half is decimated and the right half mirrors it. Vertices on the seam, on
open borders and on marked curves only slide along them. Every group has its own budget.
"""

import heapq

import numpy as np

MIN_COSINE = 0.35       # a triangle's normal may turn by about 70 degrees, in any pose
MIN_QUALITY = 0.06      # 4 sqrt(3) area / sum of squared sides; 1 = equilateral
MAX_VALENCE = 11
LENGTH_PENALTY = 2e-3   # pull towards even triangles where the surface is flat


class Decimator:
    """Decimates a triangle mesh given in several poses.

    poses [P][N][3] cm; tri [T][3]; weight [N] importance; group [N] budget number;
    curves [N] bit set of the curves a vertex must stay on; is_locked [N] bool.
    """

    def __init__(self, poses, tri, weight, group, curves, is_locked):
        self.poses, self.weight, self.group = poses, weight, group
        self.curves, self.is_locked = curves, is_locked
        self.tri = [list(t) for t in tri.tolist()]
        self.faces_of = [set() for _ in range(poses.shape[1])]
        for f, t in enumerate(self.tri):
            for v in t:
                self.faces_of[v].add(f)
        self.alive = np.array([bool(s) for s in self.faces_of])
        self.count = np.bincount(group[self.alive], minlength=group.max() + 1)
        self.quadrics = self._quadrics(tri)
        self.stamp = np.zeros(poses.shape[1], np.int64)
        self.heap = []

    def _quadrics(self, tri):
        p = self.poses[:, tri]                                          # [P][T][3][3]
        normal = np.cross(p[:, :, 1] - p[:, :, 0], p[:, :, 2] - p[:, :, 0])
        double_area = np.linalg.norm(normal, axis=2, keepdims=True)
        normal = normal / np.maximum(double_area, 1e-12)
        plane = np.concatenate([normal, -(normal * p[:, :, 0]).sum(2, keepdims=True)], 2)
        q = np.einsum("pti,ptj,ptk->ptij", plane, plane, double_area / 6.0)
        out = np.zeros((self.poses.shape[1], self.poses.shape[0], 4, 4))
        for corner in range(3):
            np.add.at(out, tri[:, corner], q.transpose(1, 0, 2, 3))
        return out

    def neighbours(self, v):
        """Vertices that share a triangle with `v`."""
        return {u for f in self.faces_of[v] for u in self.tri[f]} - {v}

    def _cost(self, a, b):
        """Weighted error of moving `a` onto `b`."""
        x = self.poses[:, b]
        q = self.quadrics[a] + self.quadrics[b]
        h = np.einsum("pi,pij,pj->", x, q[:, :3, :3], x) + 2 * (q[:, 3, :3] * x).sum()
        h += q[:, 3, 3].sum()
        side2 = ((self.poses[0, a] - self.poses[0, b]) ** 2).sum()
        return self.weight[a] * (max(h, 0.0) + LENGTH_PENALTY * side2 * side2)

    def _may_slide(self, a, b):
        if self.is_locked[a]:
            return False
        return (self.curves[a] & ~self.curves[b]) == 0

    def _push(self, a):
        for b in self.neighbours(a):
            if self._may_slide(a, b):
                heapq.heappush(self.heap, (self._cost(a, b), a, b, self.stamp[a], self.stamp[b]))

    def _is_allowed(self, a, b):
        shared_faces = self.faces_of[a] & self.faces_of[b]
        shared = self.neighbours(a) & self.neighbours(b)
        if len(shared) != len(shared_faces):                # would pinch the surface
            return False
        if self.curves[a] and len(shared_faces) == 2 and self._is_border(a):
            return False
        if len(self.neighbours(a) | self.neighbours(b)) - 4 > MAX_VALENCE:
            return False
        kept = [self.tri[f] for f in self.faces_of[a] - shared_faces]
        if not kept:
            return False
        old = np.array(kept)
        new = np.where(old == a, b, old)
        n0, _ = self._normals(old)
        n1, quality = self._normals(new)
        if (n0 * n1).sum(2).min() < MIN_COSINE:
            return False
        return quality[0].min() > MIN_QUALITY

    def _is_border(self, v):
        return len(self.neighbours(v)) != len(self.faces_of[v])

    def _normals(self, tri):
        p = self.poses[:, tri]
        e0, e1, e2 = p[:, :, 1] - p[:, :, 0], p[:, :, 2] - p[:, :, 0], p[:, :, 2] - p[:, :, 1]
        normal = np.cross(e0, e1)
        double_area = np.linalg.norm(normal, axis=2)
        sides2 = (e0 ** 2).sum(2) + (e1 ** 2).sum(2) + (e2 ** 2).sum(2)
        quality = 2 * np.sqrt(3.0) * double_area / np.maximum(sides2, 1e-18)
        return normal / np.maximum(double_area, 1e-12)[:, :, None], quality

    def _collapse(self, a, b):
        for f in list(self.faces_of[a]):
            t = self.tri[f]
            if b in t:
                for v in t:
                    self.faces_of[v].discard(f)
            else:
                t[t.index(a)] = b
                self.faces_of[b].add(f)
        self.faces_of[a] = set()
        self.alive[a] = False
        self.quadrics[b] += self.quadrics[a]
        self.count[self.group[a]] -= 1
        touched = self.neighbours(b) | {b}
        for v in touched:
            self.stamp[v] += 1
        for v in touched | {u for t in touched for u in self.neighbours(t)}:
            self._push(v)

    def run(self, budget):
        """Collapses until each group g has at most budget[g] vertices (or nothing more fits)."""
        for v in np.where(self.alive)[0]:
            self._push(v)
        while self.heap and (self.count > budget).any():
            _, a, b, stamp_a, stamp_b = heapq.heappop(self.heap)
            if not (self.alive[a] and self.alive[b]):
                continue
            if stamp_a != self.stamp[a] or stamp_b != self.stamp[b]:
                continue
            if self.count[self.group[a]] > budget[self.group[a]] and self._is_allowed(a, b):
                self._collapse(a, b)
        return self.alive, np.array([t for f, t in enumerate(self.tri) if f in self.faces_of[t[0]]])


def border_vertices(tri, n_vertices):
    """Mask [N] of vertices on an edge that only one triangle has."""
    edges = np.sort(np.concatenate([tri[:, [0, 1]], tri[:, [1, 2]], tri[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    mask = np.zeros(n_vertices, bool)
    mask[unique[count == 1].ravel()] = True
    return mask


def decimate_symmetric(source, tri, weight, group, budget, curves, is_locked, poses):
    """Decimates the left half (x >= 0) and mirrors it: (kept vertices mask [N], triangles).

    budget[g] counts the whole head; arrays as in Decimator.
    """
    seam = np.abs(source.xyz[:, 0]) < 1e-4
    left = (source.xyz[:, 0] > 0) | seam
    half = tri[left[tri].all(1)]
    curves = curves.copy()
    curves[seam] |= 1 << 30
    curves[border_vertices(tri, len(weight))] |= 1 << 29
    work = Decimator(poses, half, weight, group, curves, is_locked)
    whole = np.bincount(group[np.unique(tri)], minlength=len(budget))
    half_budget = np.ceil(np.array(budget) * work.count / np.maximum(whole, 1)).astype(int)
    alive, kept = work.run(half_budget)
    mirrored = source.mirror[kept][:, [0, 2, 1]]
    keep = alive.copy()
    keep[source.mirror[np.where(alive)[0]]] = True
    return keep, np.concatenate([kept, mirrored])
