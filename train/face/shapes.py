# SPDX-License-Identifier: Apache-2.0
"""ARKit's expressions from the source's, lips and lids that shut, and shapes of the tongue.

All functions take and give source vertices (cm). ARKit's order is read from the C header, which is
its only definition in the project.
"""

import re

import numpy as np

from regions import smooth_step

MERGED = {"browInnerUp": ("browInnerUp_L", "browInnerUp_R"),
          "cheekPuff": ("cheekPuff_L", "cheekPuff_R")}
OWN = ("tongueOut", "tongueUp")


def arkit_names(header_path):
    """The 52 names in the order of enum limner_expression, then tongueUp."""
    with open(header_path, encoding="utf-8") as f:
        body = re.search(r"enum limner_expression \{(.*?)LIMNER_N_EXPRESSION", f.read(), re.S)[1]
    names = []
    for constant in re.findall(r"LIMNER_(\w+),", body):
        first, *rest = constant.lower().split("_")
        names.append(first + "".join(word.capitalize() for word in rest))
    assert len(names) == 52, names
    return names + ["tongueUp"]


def arkit_shapes(source, names):
    """Deltas of each name on the source's vertices, {name: [N][3]}; the eyeballs stay put."""
    out = {}
    for name in names:
        if name in OWN:
            continue
        plain = re.sub("Left$", "_L", re.sub("Right$", "_R", name))
        if plain in source.shapes:
            out[name] = source.shapes[plain].copy()
        elif name in source.shapes:     # jawLeft, mouthRight: a direction, not a half
            out[name] = source.shapes[name].copy()
        else:
            out[name] = sum(source.shapes[part] for part in MERGED[name])
        for block in ("eye_left", "eye_right"):
            out[name][source.block(block)] = 0
    return out


class Closer:
    """Makes the two lines of an aperture meet: a linear operator on vertex fields.

    Paired vertices move to their common mean in y and z (x stays, so that nothing slides along
    the line); the move spreads over the rings around, see Aperture.spread.
    """

    def __init__(self, source, aperture, pairs, inner_reach, outer_reach):
        self.upper, self.lower, self.pairs = aperture.upper, aperture.lower, np.array(pairs)
        reach = (inner_reach, outer_reach)
        self.spread_upper = aperture.spread(source, self.upper, True, *reach)
        self.spread_lower = aperture.spread(source, self.lower, False, *reach)

    def _partner(self, field, own, other, column):
        total = np.zeros((len(own), 3))
        count = np.zeros((len(own), 1))
        np.add.at(total, self.pairs[:, column], field[other[self.pairs[:, 1 - column]]])
        np.add.at(count, self.pairs[:, column], 1)
        return total / count

    def correction(self, field, share=0.5, axes=(0.0, 1.0, 1.0)):
        """Delta [N][3] to add to `field` so that the lines meet; share: part the upper one goes."""
        out = np.zeros_like(field)
        gap_up = self._partner(field, self.upper, self.lower, 0) - field[self.upper]
        gap_low = self._partner(field, self.lower, self.upper, 1) - field[self.lower]
        for (vertices, weights), move in ((self.spread_upper, gap_up * share),
                                          (self.spread_lower, gap_low * (1 - share))):
            out[vertices] += weights @ (move * axes)
        for ends in (0, -1):                    # a corner is in both lines
            out[self.upper[ends]] = 0
        return out

    def gap(self, field):
        """Distance in y, z between the paired vertices, cm."""
        d = field[self.upper[self.pairs[:, 0]]] - field[self.lower[self.pairs[:, 1]]]
        return np.linalg.norm(d[:, 1:], axis=1)


def bend(xyz, hinge_z, tip_z, angle_deg):
    """Positions after bending the tongue upwards about the x axis between hinge and tip."""
    length = tip_z - hinge_z
    s = np.clip((xyz[:, 2] - hinge_z) / length, 0, 1.1)
    grid = np.linspace(0, 1.1, 200)
    theta = np.radians(angle_deg) * smooth_step(grid)
    along = np.cumsum(np.cos(theta)) * (grid[1] * length)
    rise = np.cumsum(np.sin(theta)) * (grid[1] * length)
    turn = np.radians(angle_deg) * smooth_step(s)
    middle = -3.2 - 0.75 * s                        # the tongue's mid line falls to its tip
    off = xyz[:, 1] - middle
    z = np.where(s > 0, hinge_z + np.interp(s, grid, along) - off * np.sin(turn), xyz[:, 2])
    y = np.where(s > 0, middle + np.interp(s, grid, rise) + off * np.cos(turn), xyz[:, 1])
    return np.stack([xyz[:, 0], y, z], 1)


def tongue_shapes(source):
    """tongueUp (tip to the ridge behind the upper teeth) and tongueOut, {name: [N][3]}."""
    tongue = source.block("tongue")
    xyz = source.xyz[tongue]
    out = {name: np.zeros_like(source.xyz) for name in OWN}
    fade = smooth_step((xyz[:, 2] - 5.6) / 2.0)[:, None]
    out["tongueUp"][tongue] = fade * (bend(xyz, 6.4, 9.75, 52.0) - xyz) + fade * [0.0, 0.0, -0.1]
    s = smooth_step((xyz[:, 2] - 3.8) / 6.0)
    mid = -3.2 - 0.75 * np.clip((xyz[:, 2] - 6.4) / 3.35, 0, 1)
    move = np.zeros_like(xyz)
    move[:, 2] = 3.6 * s                            # out of the mouth
    move[:, 1] = 0.9 * s * (1 - s) * 2 + 0.25 * s   # over the lower teeth
    move[:, 1] -= 0.45 * s * (xyz[:, 1] - mid)      # flatter
    move[:, 0] = -0.30 * s * xyz[:, 0]              # narrower
    out["tongueOut"][tongue] = move
    return out
