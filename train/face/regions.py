# SPDX-License-Identifier: Apache-2.0
"""What each part of the surface is: labels, contact lines, weights. On source vertices.

The source's mouth and eyes are concentric edge rings. Ring 0 is where skin and socket meet; lips
touch along ring 7 (74 vertices). Ring 2 (42 vertices) is the inner edge of the lid margins; the
lids meet along the outer edge, ring 3, where the landmark net sees them too.
"""

import numpy as np

from source import LASH_RIBBONS

LIP_CONTACT_RING, LIP_CREASE_RING, LID_INNER_EDGE_RING = 7, 10, 2
CANTHUS = 3128                              # inner corner of the left eye, before the caruncle
LIP_RINGS_UPPER, LIP_RINGS_LOWER = 14, 12   # border of the vermilion
LID_STRIP_RINGS = 8

REGIONS = ("FACE", "EARS", "NECK", "SHOULDERS", "LIP_UPPER", "LIP_LOWER", "LIP_INNER",
           "LID_UPPER_L", "LID_LOWER_L", "LID_UPPER_R", "LID_LOWER_R", "MOUTH_SOCKET",
           "EYE_SOCKET", "GUM_UPPER", "GUM_LOWER", "TONGUE", "TEETH_UPPER", "TEETH_LOWER",
           "SCLERA_L", "IRIS_L", "SCLERA_R", "IRIS_R", "LACRIMAL", "LASHES")
R = {name: k for k, name in enumerate(REGIONS)}

NECK_PIVOT = (0.0, -8.0, -2.0)


class Aperture:
    """Rings around the mouth or an eye, and the two lines that meet when it shuts."""

    def __init__(self, source, socket, mask, contact_ring):
        face = source.in_block("face") & mask
        inside = source.in_block(socket) & mask
        border = [v for v in np.where(face)[0] if any(inside[u] for u in source.neighbours[v])]
        outer = source.rings(border, face)
        inner = source.rings(border, inside)
        self.ring = np.where(outer >= 0, outer, np.where(inner > 0, -inner, 10 ** 6))
        self.contact_ring = contact_ring
        self.loop = order_loop(source, np.where(self.ring == contact_ring)[0])
        self.upper, self.lower = split_loop(source.xyz, self.loop)
        self.is_upper = self._sides(source)

    def _sides(self, source):
        """Mask [N]: the nearest contact vertex (in edges) is on the upper line."""
        reach = np.abs(self.ring - self.contact_ring) < 40
        up = source.rings(list(self.upper[1:-1]), reach)
        low = source.rings(list(self.lower[1:-1]), reach)
        return (up >= 0) & ((up < low) | ((up == low) & (source.xyz[:, 1] >
                                                         source.xyz[self.loop, 1].mean())))

    def spread(self, source, line, is_upper, inner_reach, outer_reach, sigma_cm=0.12):
        """Weights (vertices [m], matrix [m][len(line)]) that spread a move of `line` smoothly.

        Gaussian along the line, times a smooth step over rings: 1 on the contact ring, 0 at
        `inner_reach` rings inwards and `outer_reach` outwards.
        """
        steps = self.ring - self.contact_ring
        near = (steps > -inner_reach) & (steps < outer_reach)
        ends = np.isin(np.arange(len(near)), self.upper[[0, -1]])
        near &= (self.is_upper == is_upper) | ends
        vertices = np.where(near)[0]
        d2 = ((source.xyz[vertices][:, None] - source.xyz[line][None]) ** 2).sum(2)
        d2 = d2 - d2.min(1, keepdims=True)
        weights = np.exp(-d2 / (2 * sigma_cm ** 2))
        weights /= weights.sum(1, keepdims=True)
        on_line = np.isin(vertices, line)
        weights[on_line] = vertices[on_line][:, None] == line[None]
        s = steps[vertices]
        t = np.where(s < 0, -s / inner_reach, s / outer_reach)
        return vertices, weights * (1 - t * t * (3 - 2 * t))[:, None]


def order_loop(source, vertices):
    """Ring vertices in walking order."""
    members = set(vertices.tolist())
    loop = [int(vertices[0])]
    while True:
        step = [u for u in source.neighbours[loop[-1]] if u in members and u not in loop[-2:]]
        if not step or step[0] == loop[0] or len(loop) > len(members):
            return np.array(loop)
        loop.append(step[0])


def split_loop(xyz, loop):
    """Upper and lower line of a ring, both from the corner of least x to that of greatest x."""
    start = int(np.argmin(xyz[loop, 0]))
    loop = np.roll(loop, -start)
    end = int(np.argmax(xyz[loop, 0]))
    one, two = loop[:end + 1], np.r_[loop[:1], loop[end:][::-1]]
    return (one, two) if xyz[one, 1].mean() > xyz[two, 1].mean() else (two, one)


def lip_aperture(source):
    """Aperture of the mouth, its lines from corner to corner (subject's right to left).

    The crease between the lips is seen to end a little outside the contact ring's own corners;
    the lines end there.
    """
    mouth = Aperture(source, "mouth", np.ones(len(source.xyz), bool), LIP_CONTACT_RING)
    crease = np.where(mouth.ring == LIP_CREASE_RING)[0]
    ends = crease[[np.argmin(source.xyz[crease, 0]), np.argmax(source.xyz[crease, 0])]]
    mouth.upper = np.r_[ends[0], mouth.upper, ends[1]]
    mouth.lower = np.r_[ends[0], mouth.lower, ends[1]]
    return mouth


def lid_aperture(source, sign):
    """Aperture of the eye at sign * x > 0, its lines from the canthus to the outer corner.

    Below, ring 2 starts with the fold of the caruncle; without it both lines have as many
    vertices and equal positions face each other.
    """
    eye = Aperture(source, "eye_sockets", sign * source.xyz[:, 0] > 0, LID_INNER_EDGE_RING)
    if sign < 0:
        eye.upper, eye.lower = eye.upper[::-1], eye.lower[::-1]
    lower = eye.lower[len(eye.lower) - len(eye.upper):]
    canthus = CANTHUS if sign > 0 else source.mirror[CANTHUS]
    eye.contact_ring += 1
    eye.upper = np.r_[canthus, next_ring(source, eye, eye.upper)]
    eye.lower = np.r_[canthus, next_ring(source, eye, lower)]
    eye.loop = np.r_[eye.upper[1:], eye.lower[-2:0:-1]]      # without the caruncle
    eye.is_upper = eye._sides(source)
    return eye


def next_ring(source, aperture, line):
    """The neighbours of `line` on the contact ring, one each (the last is the outer corner)."""
    out = []
    for v in line:
        steps = [u for u in source.neighbours[v] if aperture.ring[u] == aperture.contact_ring]
        out.append(min(steps, key=lambda u: np.linalg.norm(source.xyz[u] - source.xyz[v])))
    corner = source.neighbours[line[-1]]
    out[-1] = max((u for u in corner if aperture.ring[u] == aperture.contact_ring),
                  key=lambda u: abs(source.xyz[u, 0]))
    return np.array(out)


def facing_weights(pairs, own, other, column):
    """Where each vertex of a line meets the other line: weights [own][other], rows sum to 1.

    own, other: positions [n][3]. A vertex paired with several meets the mean of their arc lengths.
    """
    arc = np.r_[0, np.cumsum(np.linalg.norm(np.diff(other, axis=0), axis=1))]
    meets = np.array([arc[pairs[pairs[:, column] == i, 1 - column]].mean()
                      for i in range(len(own))])
    place = np.interp(meets, arc, np.arange(len(other)))
    low = np.minimum(place.astype(int), len(other) - 2)
    weights = np.zeros((len(own), len(other)))
    rows = np.arange(len(own))
    weights[rows, low] = 1 - (place - low)
    weights[rows, low + 1] = place - low
    return weights


def pair_lines(upper, lower):
    """Pairs (i, j) of two polylines [n][3], [m][3] by dynamic time warping; ends are paired."""
    cost = np.linalg.norm(upper[:, None] - lower[None], axis=2)
    total = np.full((len(upper) + 1, len(lower) + 1), np.inf)
    total[0, 0] = 0
    for i in range(len(upper)):
        for j in range(len(lower)):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = len(upper), len(lower)
    pairs = []
    while i and j:
        pairs.append((i - 1, j - 1))
        step = np.argmin([total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]])
        i, j = i - (step != 2), j - (step != 1)
    return pairs[::-1]


def smooth_step(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def neck_weights(xyz):
    """1 where the skin moves rigidly with the head, smooth to 0 at the neck's base."""
    base = -10.5 - 0.52 * (xyz[:, 2] + 7.5)     # from the seventh vertebra to the breastbone
    top = -3.0 - 0.42 * (xyz[:, 2] + 7.0)       # from the nape to under the chin
    return smooth_step((xyz[:, 1] - base) / np.maximum(top - base, 1.0))


def rigid_fit(p, q):
    """Rotation and translation with q = p @ r.T + t (Kabsch)."""
    u, _, vt = np.linalg.svd((q - q.mean(0)).T @ (p - p.mean(0)))
    r = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
    return r, q.mean(0) - p.mean(0) @ r.T


def jaw_weights(source):
    """How far jawOpen moves a vertex along the rigid motion of the lower teeth, 0..1."""
    teeth = source.block("teeth_lower")
    moved = source.xyz + source.shapes["jawOpen"]
    r, t = rigid_fit(source.xyz[teeth], moved[teeth])
    rigid = source.xyz @ r.T + t - source.xyz
    weight = (rigid * source.shapes["jawOpen"]).sum(1) / np.maximum((rigid ** 2).sum(1), 0.05)
    weight[teeth] = 1.0
    return np.clip(weight, 0, 1)


def label_vertices(source, mouth, eyes, jaw):
    """Region per source vertex [N] uint8; eyes: dict of Aperture for 'L' and 'R'."""
    xyz = source.xyz
    x, y, z = np.abs(xyz[:, 0]), xyz[:, 1], xyz[:, 2]
    label = np.full(len(xyz), R["FACE"], np.uint8)
    face, neck = source.in_block("face"), source.in_block("neck")
    ear = (x > 7.3) & (y > -2.4) & (y < 3.8) & (z > -3.6) & (z < 1.2) & (face | neck)
    label[neck | (face & (y < -8.2 + 0.46 * (9 - z)) & (z < 8.5))] = R["NECK"]
    label[(face | neck) & (y < -10.1 - 0.52 * (z + 7.5))] = R["SHOULDERS"]
    label[ear] = R["EARS"]
    ring, up = mouth.ring, mouth.is_upper
    label[(ring >= 0) & (ring <= LIP_CONTACT_RING)] = R["LIP_INNER"]
    label[(ring > LIP_CONTACT_RING) & (ring <= LIP_RINGS_UPPER) & up] = R["LIP_UPPER"]
    label[(ring > LIP_CONTACT_RING) & (ring <= LIP_RINGS_LOWER) & ~up] = R["LIP_LOWER"]
    for side, eye in eyes.items():
        strip = (eye.ring >= 0) & (eye.ring <= LID_STRIP_RINGS)
        label[strip & eye.is_upper] = R["LID_UPPER_" + side]
        label[strip & ~eye.is_upper] = R["LID_LOWER_" + side]
    label[source.block("mouth")] = R["MOUTH_SOCKET"]
    label[source.block("eye_sockets")] = R["EYE_SOCKET"]
    gums = source.block("gums")
    label[gums] = np.where(jaw[gums] > 0.45, R["GUM_LOWER"], R["GUM_UPPER"])
    for name in ("tongue", "teeth_upper", "teeth_lower"):
        label[source.block(name)] = R[name.upper()]
    label[source.block("lacrimal")] = R["LACRIMAL"]
    for first, end in LASH_RIBBONS:
        label[first:end] = R["LASHES"]
    return label


# Where a triangle's corners differ, the label that comes first here wins: skin keeps its edge.
PRIORITY = ("FACE", "NECK", "SHOULDERS", "EARS", "LIP_UPPER", "LIP_LOWER", "LIP_INNER",
            "LID_UPPER_L", "LID_LOWER_L", "LID_UPPER_R", "LID_LOWER_R", "SCLERA_L", "SCLERA_R",
            "IRIS_L", "IRIS_R", "MOUTH_SOCKET", "EYE_SOCKET", "GUM_UPPER", "GUM_LOWER", "TONGUE",
            "TEETH_UPPER", "TEETH_LOWER", "LACRIMAL", "LASHES")


def label_triangles(vertex_label, tri):
    """Region per triangle [T] uint8."""
    rank = np.zeros(len(REGIONS), int)
    for k, name in enumerate(PRIORITY):
        rank[R[name]] = k
    corner = vertex_label[tri]
    return corner[np.arange(len(tri)), np.argmin(rank[corner], axis=1)].astype(np.uint8)
