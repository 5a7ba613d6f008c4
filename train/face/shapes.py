# SPDX-License-Identifier: Apache-2.0
"""ARKit's expressions from the source's, lips and lids that shut, and shapes of the tongue.

All functions take and give source vertices (cm). ARKit's order is read from the C header, which is
its only definition in the project.
"""

import re

import numpy as np

from regions import facing_weights, smooth_step

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

    Each vertex goes towards the point where it meets the other line (regions.facing_weights); the
    move spreads over the rings around (Aperture.spread). `share` [x, y, z] is the part of the way
    that the upper line goes, the lower one goes the rest; where `moves` is 0 an axis stays.
    """

    def __init__(self, source, aperture, pairs, reach, share, moves):
        xyz = source.xyz
        self.upper, self.lower, self.pairs = aperture.upper, aperture.lower, np.array(pairs)
        self.faces_up = facing_weights(self.pairs, xyz[self.upper], xyz[self.lower], 0)
        self.faces_low = facing_weights(self.pairs, xyz[self.lower], xyz[self.upper], 1)
        self.spread_upper = aperture.spread(source, self.upper, True, *reach)
        self.spread_lower = aperture.spread(source, self.lower, False, *reach)
        self.share_up = np.array(share) * moves
        self.share_low = (1 - np.array(share)) * moves

    def correction(self, field, rounds=4):
        """Delta [N][3] to add to `field` so that the lines meet."""
        out = np.zeros_like(field)
        for _ in range(rounds):
            up, low = (field + out)[self.upper], (field + out)[self.lower]
            move_up = (self.faces_up @ low - up) * self.share_up
            move_low = (self.faces_low @ up - low) * self.share_low
            move_up[[0, -1]] = move_low[[0, -1]] = 0        # the corners are in both lines
            for (vertices, weights), move in ((self.spread_upper, move_up),
                                              (self.spread_lower, move_low)):
                out[vertices] += weights @ move
        return out


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
    out["tongueUp"][tongue] = fade * (bend(xyz, 6.2, 9.75, 66.0) - xyz) + fade * [0.0, 0.12, 0.25]
    s = smooth_step((xyz[:, 2] - 3.8) / 6.0)
    mid = -3.2 - 0.75 * np.clip((xyz[:, 2] - 6.4) / 3.35, 0, 1)
    move = np.zeros_like(xyz)
    move[:, 2] = 3.6 * s                            # out of the mouth
    move[:, 1] = 0.9 * s * (1 - s) * 2 + 0.25 * s   # over the lower teeth
    move[:, 1] -= 0.45 * s * (xyz[:, 1] - mid)      # flatter
    move[:, 0] = -0.30 * s * xyz[:, 0]              # narrower
    out["tongueOut"][tongue] = move
    return out
