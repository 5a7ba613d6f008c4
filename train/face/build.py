# SPDX-License-Identifier: Apache-2.0
"""Builds models/face.limner from the ICT-FaceKit archive. See README.md.

Usage: build.py ict_facekit.npz -o face.limner [--embedding landmark_embedding.csv]
"""

import argparse
import os

import numpy as np
from scipy.spatial import cKDTree

import container
import decimate
import embedding
import parts
import regions
import shapes
from source import BLOCKS, EYE_SHELL, LASH_RIBBONS, Source

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "..", "..", "include", "limner", "limner.h")
N_WIDE_IDENTITY = 6         # first shapes are large: int16; the others int8
DELTA_MIN_CM = 0.005       # smaller expression deltas are dropped
PARTS = ("HEAD", "MOUTH", "EYE_SOCKETS", "GUMS", "TONGUE", "TEETH_UPPER", "TEETH_LOWER",
         "EYE_LEFT", "EYE_RIGHT", "LACRIMAL", "LASHES")
PART_OF_BLOCK = {"face": 0, "neck": 0, "mouth": 1, "eye_sockets": 2, "gums": 3, "tongue": 4,
                 "teeth_upper": 5, "teeth_lower": 6, "lacrimal": 9}
BUDGET = {"face": 6800, "neck": 900, "mouth": 500, "eye_sockets": 220, "gums": 1000,
          "tongue": 400, "teeth_upper": 950, "teeth_lower": 800, "lacrimal": 100, "lashes": 180}
POSES = ((), ("jawOpen",), ("eyeBlinkLeft", "eyeBlinkRight"),
         ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight"),
         ("mouthPucker",), ("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft",
                            "mouthLowerDownRight", "noseSneerLeft", "noseSneerRight"))


class Face:
    """Everything known about the face, on source vertices, before decimation."""

    def __init__(self, source, names):
        self.source, self.names = source, names
        self.mouth = regions.lip_aperture(source)
        self.eyes = {"L": regions.lid_aperture(source, 1), "R": regions.lid_aperture(source, -1)}
        self.jaw = regions.jaw_weights(source)
        self.label = regions.label_vertices(source, self.mouth, self.eyes, self.jaw)
        self.delta = shapes.arkit_shapes(source, names)
        self.delta.update(shapes.tongue_shapes(source))
        self.mean, self.identity = source.xyz.copy(), source.identity.copy()
        self._shut_lips()
        self._shut_lids()

    def _shut_lips(self):
        """Lips meet in the mean, in every identity shape and at jawOpen = mouthClose = 1."""
        pairs = regions.pair_lines(self.mean[self.mouth.upper], self.mean[self.mouth.lower])
        self.lips = shapes.Closer(self.source, self.mouth, pairs, (7, 8), (0.5,) * 3, (0, 1, 1))
        self.mean += self.lips.correction(self.mean)
        for shape in self.identity:
            shape += self.lips.correction(shape)
        closed = self.mean + self.delta["jawOpen"] + self.delta["mouthClose"]
        self.delta["mouthClose"] += self.lips.correction(closed)

    def _shut_lids(self):
        """The upper lid meets the lower one at eyeBlink = 1; the lower lid stays."""
        self.lids = {}
        for side, name in (("L", "eyeBlinkLeft"), ("R", "eyeBlinkRight")):
            eye = self.eyes[side]
            pairs = [(k, k) for k in range(len(eye.upper))]
            self.lids[side] = shapes.Closer(self.source, eye, pairs, (6, 8), (0.5, 1, 1),
                                            (1, 1, 1))
            shut = self.mean + self.delta[name]
            self.delta[name] += self.lids[side].correction(shut)


def importance(face):
    """Weight per source vertex for the decimation [N]."""
    xyz, label = face.mean, face.label
    weight = np.ones(len(xyz))
    weight[label == regions.R["NECK"]] = 0.2
    weight[label == regions.R["SHOULDERS"]] = 0.2
    weight[label == regions.R["EARS"]] = 0.3
    nose = np.linalg.norm((xyz - [0, -0.6, 11.5]) * [1, 1, 0.7], axis=1) < 2.2
    weight[nose] = 3.0
    mouth = face.mouth.ring
    weight[(mouth >= 0) & (mouth <= 20)] = 6.0
    weight[(mouth >= 0) & (mouth <= 16)] = 14.0
    for eye in face.eyes.values():
        weight[(eye.ring >= 0) & (eye.ring <= 12)] = 8.0
    front = np.isin(label, (regions.R["TEETH_UPPER"], regions.R["TEETH_LOWER"],
                            regions.R["GUM_UPPER"], regions.R["GUM_LOWER"]))
    weight[front] = 0.2 + 2.0 * regions.smooth_step((xyz[front, 2] - 7.0) / 3.0)
    return weight


def curves_and_locks(face):
    """Curve bits [N] and locked mask [N] for the decimation."""
    n = len(face.mean)
    curves, locked = np.zeros(n, np.int64), np.zeros(n, bool)
    curves[face.mouth.ring == 0] |= 1
    border = np.where(face.mouth.is_upper, regions.LIP_RINGS_UPPER, regions.LIP_RINGS_LOWER)
    curves[face.mouth.ring == border] |= 2
    locked[np.r_[face.mouth.upper, face.mouth.lower]] = True
    for eye in face.eyes.values():
        curves[eye.ring == 0] |= 4
        locked[np.r_[eye.upper, eye.lower]] = True
    return curves, locked


def decimated(face):
    """(source vertex numbers kept, triangles over source vertices, part per source vertex)."""
    source = face.source
    n = len(source.xyz)
    group, part = np.full(n, -1), np.full(n, -1)
    for k, name in enumerate(BUDGET):
        ranges = LASH_RIBBONS if name == "lashes" else (BLOCKS[name],)
        for first, end in ranges:
            group[first:end] = k
            part[first:end] = PART_OF_BLOCK.get(name, PARTS.index("LASHES"))
    tri = source.tri[(group[source.tri] >= 0).all(1)]
    poses = np.stack([face.mean + sum((face.delta[e] for e in pose), 0.0) for pose in POSES])
    curves, locked = curves_and_locks(face)
    keep, kept_tri = decimate.decimate_symmetric(
        source, tri, importance(face), np.maximum(group, 0), list(BUDGET.values()), curves, locked,
        poses)
    return np.where(keep)[0], kept_tri, part


class Mesh:
    """The finished mesh: arrays over our own vertices, sorted by part."""

    def __init__(self, face):
        self.face = face
        kept, tri, part = decimated(face)
        source = face.source
        head = kept[part[kept] == 0]
        new_of = np.full(len(source.xyz), -1)
        blocks = {p: kept[part[kept] == p] for p in set(part[kept])}
        self.eyes = [parts.eyeball(source.xyz[slice(*EYE_SHELL[s])],
                                   source.identity[:, slice(*EYE_SHELL[s])])
                     for s in ("left", "right")]
        new_of[head] = np.arange(len(head))
        bust = tri[(part[tri] == 0).all(1)]
        loop = new_of[parts.lowest_border(bust, face.mean)]
        loft = parts.shoulders(face.mean[head], face.identity[:, head], loop)
        self._assemble(blocks, new_of, tri, part, loop, loft)

    def _assemble(self, blocks, new_of, tri, part, loop, loft):
        face = self.face
        xyz, identity, origin, label, part_of = [], [], [], [], []

        def add(p, points, basis, source_vertices, labels):
            xyz.append(points)
            identity.append(basis)
            origin.append(source_vertices)
            label.append(labels)
            part_of.append(np.full(len(points), p))

        def add_source(p):
            v = blocks[p]
            new_of[v] = sum(map(len, xyz)) + np.arange(len(v))
            add(p, face.mean[v], face.identity[:, v], v, face.label[v])

        def add_own(p, points, basis, labels):
            first = sum(map(len, xyz))
            add(p, points, basis, np.full(len(points), -1), labels)
            return first

        add_source(0)
        first_loft = add_own(0, loft[0], loft[1],
                             np.full(len(loft[0]), regions.R["SHOULDERS"]))
        for p in range(1, 7):
            add_source(p)
        self.eye_first = []
        for side, eye in zip("LR", self.eyes):
            labels = np.full(len(eye["xyz"]), regions.R["SCLERA_" + side])
            labels[:eye["n_iris"]] = regions.R["IRIS_" + side]
            self.eye_first.append(add_own(7 + "LR".index(side), eye["xyz"], eye["identity"],
                                          labels))
        for p in (9, 10):
            add_source(p)
        self.xyz = np.concatenate(xyz)
        self.identity = np.concatenate(identity, 1)
        self.origin = np.concatenate(origin)
        self.label = np.concatenate(label).astype(np.uint8)
        self.part = np.concatenate(part_of)
        self.new_of = new_of
        n_loop = len(loop)
        loft_tri = np.where(loft[2] < n_loop, loop[np.minimum(loft[2], n_loop - 1)],
                            loft[2] - n_loop + first_loft)
        all_tri = [new_of[tri], loft_tri]
        all_tri += [eye["tri"] + first for eye, first in zip(self.eyes, self.eye_first)]
        self._sort_triangles(np.concatenate(all_tri))

    def _sort_triangles(self, tri):
        part = self.part[tri].max(1)
        order = np.lexsort((tri.min(1), part))
        self.tri = tri[order]
        self.tri_part = part[order]
        self.tri_label = regions.label_triangles(self.label, self.tri)

    def field(self, values, default=0.0):
        """A per-source-vertex field on our vertices (own vertices get `default`)."""
        return np.where((self.origin >= 0).reshape(-1, *[1] * (values.ndim - 1)),
                        values[np.maximum(self.origin, 0)], default)

    def mirror(self):
        """Vertex at the mirrored place per vertex [N]."""
        out = self.new_of[self.face.source.mirror[np.maximum(self.origin, 0)]]
        own = np.where(self.origin < 0)[0]
        out[own] = own[cKDTree(self.xyz[own]).query(self.xyz[own] * [-1, 1, 1])[1]]
        return out


def loops(mesh):
    """Contact pairs and polygons as tensors."""
    face, new_of = mesh.face, mesh.new_of
    out = {}

    def contact(name, closer):
        out[name + ".upper"] = new_of[closer.upper[closer.pairs[:, 0]]]
        out[name + ".lower"] = new_of[closer.lower[closer.pairs[:, 1]]]

    contact("lips", face.lips)
    out["mouth_opening"] = new_of[face.mouth.loop]
    for side, word in (("L", "left"), ("R", "right")):
        contact("lids." + word, face.lids[side])
        out["lid_opening." + word] = new_of[face.eyes[side].loop]
    mouth = face.mouth
    for word, eye, first in zip(("left", "right"), mesh.eyes, mesh.eye_first):
        out["iris_ring." + word] = eye["ring"] + first
    rings = []
    for is_upper, ring in ((True, regions.LIP_RINGS_UPPER), (False, regions.LIP_RINGS_LOWER)):
        v = np.where((mouth.ring == ring) & (mouth.is_upper == is_upper) & (new_of >= 0))[0]
        v = v[np.argsort(face.mean[v, 0])]
        rings.append(new_of[v if is_upper else v[::-1]])
    out["lip_border"] = np.concatenate(rings)
    return {k: v.astype(np.uint16) for k, v in out.items()}


def quantised_identity(identity):
    """Tensors of the identity basis [60][N][3]."""
    scale = np.abs(identity).max((1, 2)) / np.where(np.arange(60) < N_WIDE_IDENTITY, 32767, 127)
    q = np.round(identity / scale[:, None, None]).transpose(0, 2, 1)
    return {"identity.wide": q[:N_WIDE_IDENTITY].astype(np.int16),
            "identity.narrow": q[N_WIDE_IDENTITY:].astype(np.int8),
            "identity.scale": scale.astype(np.float32)}


def sparse_expressions(mesh):
    """Tensors of the expression deltas."""
    index, delta, start, scale = [], [], [0], []
    for name in mesh.face.names:
        d = mesh.field(mesh.face.delta[name])
        used = np.where(np.linalg.norm(d, axis=1) > DELTA_MIN_CM)[0]
        scale.append(np.abs(d).max() / 32767)
        index.append(used)
        delta.append(np.round(d[used] / scale[-1]).T)
        start.append(start[-1] + len(used))
    return {"expression.start": np.array(start, np.int32),
            "expression.index": np.concatenate(index).astype(np.uint16),
            "expression.delta": np.concatenate(delta, 1).astype(np.int16),
            "expression.scale": np.array(scale, np.float32)}


def part_ranges(mesh):
    """[parts][first vertex, vertices, first triangle, triangles]."""
    rows = []
    for p in range(len(PARTS)):
        v, t = np.where(mesh.part == p)[0], np.where(mesh.tri_part == p)[0]
        assert len(v) == v[-1] - v[0] + 1 and len(t) == t[-1] - t[0] + 1
        rows.append((v[0], len(v), t[0], len(t)))
    return np.array(rows, np.int32)


def eye_tensors(mesh):
    eyes = mesh.eyes
    size = (parts.EYE_RADIUS_CM, parts.IRIS_RADIUS_CM, parts.limbus_depth(parts.EYE_RADIUS_CM))
    return {"eye.centre": np.array([e["centre"] for e in eyes], np.float32),
            "eye.axis": np.array([e["axis"] for e in eyes], np.float32),
            "eye.centre_identity": np.array([e["centre_identity"] for e in eyes], np.float32),
            "eye.size": np.array(size, np.float32)}


def texture_coordinates(mesh):
    """[N][2] in 0..65535: the source's charts; own parts by a plain projection."""
    uv = mesh.field(mesh.face.source.uv)
    own = mesh.origin < 0
    p = mesh.xyz[own]
    uv[own] = np.stack([0.5 + p[:, 0] / 60, 0.5 + p[:, 1] / 80], 1)
    return np.round(np.clip(uv, 0, 1) * 65535).astype(np.uint16)


def fraction16(values):
    return np.round(np.clip(values, 0, 1) * 65535).astype(np.uint16)


def tensors_of(mesh, embedding_path, answer_path, unmix_path):
    out = {"mean": mesh.xyz.T.astype(np.float32)}
    out.update(quantised_identity(mesh.identity))
    out.update(sparse_expressions(mesh))
    out["triangle"] = mesh.tri.astype(np.uint16)
    out["uv"] = texture_coordinates(mesh)
    out["vertex.region"] = mesh.label
    out["triangle.region"] = mesh.tri_label
    out["mirror"] = mesh.mirror().astype(np.uint16)
    out["part"] = part_ranges(mesh)
    neck = regions.neck_weights(mesh.xyz)
    neck[np.isin(mesh.part, range(1, 11))] = 1.0        # inside the head
    out["neck_weight"] = fraction16(neck)
    out["neck_pivot"] = np.array(regions.NECK_PIVOT, np.float32)
    out["jaw_weight"] = fraction16(mesh.field(mesh.face.jaw))
    out.update(loops(mesh))
    out.update(eye_tensors(mesh))
    out.update(embedding.tensors(mesh, out, embedding_path))
    for path in (answer_path, unmix_path):
        with np.load(path) as learned:
            out.update({name: learned[name] for name in learned.files})
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--embedding", default=os.path.join(HERE, "landmark_embedding.csv"))
    parser.add_argument("--answer", default=os.path.join(HERE, "landmark_answer.npz"))
    parser.add_argument("--unmix", default=os.path.join(HERE, "unmix.npz"))
    args = parser.parse_args()
    face = Face(Source(args.archive), shapes.arkit_names(HEADER))
    mesh = Mesh(face)
    data = container.dumps("face", tensors_of(mesh, args.embedding, args.answer, args.unmix))
    with open(args.output, "wb") as f:
        f.write(data)
    print(f"{len(mesh.xyz)} vertices, {len(mesh.tri)} triangles, {len(data)} bytes")


if __name__ == "__main__":
    main()
