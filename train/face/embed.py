# SPDX-License-Identifier: Apache-2.0
"""Measures where the 478 landmarks of the landmark net lie on the face: landmark_embedding.csv.

Method: draw random faces of the model (identity, pose, expression, colours, light), run the net on
the pictures, read back which surface point each landmark hit, as a point of the mean face; take the
median over pictures, and the scatter about it.

Usage: embed.py face.limner --landmarks-command "PROGRAM ..." -o landmark_embedding.csv
PROGRAM is called with a folder and PNG files and writes FOLDER/NAME.json per picture with "lm", 478
[x, y, z] in pixels (pixel centres at + 0.5), and "faces", how many faces it saw.
"""

import argparse
import json
import os
import shlex
import subprocess
import tempfile

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

import embedding
from build import HEADER
from model import Model, raster, vertex_normals
from regions import R, smooth_step
from shapes import arkit_names

SIZE_PX, FIELD_CM = 640, 33.0
MIN_HITS = 8
# right half of the brow line on the mean face, cm (x, y)
BROW = np.array([(1.2, 5.75), (2.4, 6.0), (3.8, 6.1), (4.9, 5.85), (5.8, 5.1)])
HIDDEN = ("LASHES", "LACRIMAL")
MOVING = ("jawOpen", "mouthSmile", "browInnerUp", "browOuterUp", "browDown", "mouthPucker",
          "eyeSquint", "eyeBlink", "mouthUpperUp", "mouthLowerDown")
MOST = {"jawOpen": 0.35, "eyeBlink": 0.35, "mouthPucker": 0.5}


def skin_colours(model, rng):
    """Colour per vertex, BGR 0..255 [N][3]."""
    label, xyz = model.tensors["vertex.region"], model.mean
    tone = np.array([(205, 170, 150), (170, 130, 105), (120, 85, 65), (225, 190, 175)][
        rng.integers(4)], float)[::-1] * rng.uniform(0.85, 1.1)
    hair = np.array([(25, 20, 20), (50, 70, 100), (60, 110, 150)][rng.integers(3)], float)
    colour = np.tile(tone, (len(xyz), 1))
    lips = np.isin(label, (R["LIP_UPPER"], R["LIP_LOWER"], R["LIP_INNER"]))
    colour[lips] = tone * [0.72, 0.62, 0.92]
    x = np.abs(xyz[:, 0])
    line = np.interp(x, BROW[:, 0], BROW[:, 1])
    brow = np.exp(-((xyz[:, 1] - line) / 0.28) ** 2) * (xyz[:, 2] > 5)
    brow *= smooth_step((x - 1.0) / 0.4) * smooth_step((6.1 - x) / 0.5) * 0.8
    colour += brow[:, None] * (hair - colour)
    scalp = smooth_step((xyz[:, 1] - 8.6 + 0.25 * (xyz[:, 2] - 8)) / 0.8)
    scalp = np.maximum(scalp, smooth_step((-0.5 - xyz[:, 2]) / 1.0) * (xyz[:, 1] > -4))
    scalp[label == R["EARS"]] = 0
    colour += scalp[:, None] * (hair - colour)
    for names, value in ((("SCLERA_L", "SCLERA_R"), (232, 236, 238)),
                         (("IRIS_L", "IRIS_R"), (45, 65, 90)),
                         (("TEETH_UPPER", "TEETH_LOWER"), (215, 225, 230)),
                         (("TONGUE", "GUM_UPPER", "GUM_LOWER"), (80, 80, 150)),
                         (("MOUTH_SOCKET", "EYE_SOCKET"), (30, 30, 70)),
                         (("SHOULDERS",), (90, 80, 70))):
        colour[np.isin(label, [R[n] for n in names])] = value
    for side in range(2):                       # pupils
        first = model.tensors["part"][7 + side, 0]
        colour[first:first + 33] = (15, 15, 15)
    return colour


def random_face(model, rng, k):
    """Vertices [N][3] in camera axes, cm; the expression of every second face is neutral."""
    identity = rng.standard_normal(60) * 0.8
    expression = {}
    if k % 2:
        for name in rng.choice(MOVING, 4, replace=False):
            value = rng.uniform(0, MOST.get(name, 0.6))
            both = [name] if name in model.names else [name + "Left", name + "Right"]
            expression.update(dict.fromkeys(both, value))
    turn = Rotation.from_euler("yxz", [rng.uniform(-20, 20), rng.uniform(-12, 12),
                                       rng.uniform(-5, 5)], degrees=True)
    return model.shape(identity, expression) @ turn.as_matrix().T


def draw(model, xyz, tri, colour, rng):
    """(picture [S][S][3], triangle per pixel, barycentric per pixel)."""
    scale = SIZE_PX / FIELD_CM
    points = np.stack([SIZE_PX / 2 + scale * xyz[:, 0],
                       SIZE_PX / 2 - scale * (xyz[:, 1] + 1), scale * xyz[:, 2]], 1)
    which, bary = raster(points, tri, SIZE_PX)
    light = np.array([rng.uniform(-0.4, 0.4), rng.uniform(0.1, 0.5), 1.0])
    shade = 0.5 + 0.55 * np.clip(vertex_normals(xyz, model.tri) @ light / np.linalg.norm(light),
                                 0, 1)
    corner = (colour * shade[:, None])[tri[which]]
    picture = (corner * bary[..., None]).sum(2)
    picture[which < 0] = rng.uniform(120, 210, 3)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    picture += rng.normal(0, 2.0, picture.shape)
    return picture.clip(0, 255).astype(np.uint8), which, bary


def measure(model, command, n_pictures, folder):
    """Surface points hit by each landmark: list of arrays [hits][3]."""
    rng = np.random.default_rng(1)
    hidden = np.isin(model.tensors["triangle.region"], [R[n] for n in HIDDEN])
    tri = model.tri[~hidden]
    maps, files = [], []
    for k in range(n_pictures):
        picture, which, bary = draw(model, random_face(model, rng, k), tri,
                                    skin_colours(model, rng), rng)
        files.append(os.path.join(folder, f"{k:03d}.png"))
        cv2.imwrite(files[-1], picture)
        maps.append((which.astype(np.int32), bary.astype(np.float32)))
    subprocess.run(shlex.split(command) + [folder] + files, check=True,
                   stdout=subprocess.DEVNULL)
    hits = [[] for _ in range(embedding.N_LANDMARKS)]
    closed_only = embedding.kinds() == embedding.KINDS.index("lip_inner")
    for k, (which, bary) in enumerate(maps):
        with open(os.path.join(folder, f"{k:03d}.json"), encoding="utf-8") as f:
            result = json.load(f)
        if result["faces"] < 1:
            continue
        for q, (x, y, _) in enumerate(result["lm"]):
            x, y = int(np.floor(x)), int(np.floor(y))
            if closed_only[q] and k % 2:        # would hit the teeth
                continue
            if 0 <= x < SIZE_PX and 0 <= y < SIZE_PX and which[y, x] >= 0:
                hits[q].append(bary[y, x] @ model.mean[tri[which[y, x]]])
    return [np.array(h).reshape(-1, 3) for h in hits]


def summary(hits):
    """(points [478][3], spread [478]): median, and standard deviation per axis."""
    points, spread = np.zeros((len(hits), 3)), np.zeros(len(hits))
    for k, h in enumerate(hits):
        if len(h) < MIN_HITS:
            raise SystemExit(f"landmark {k} hit the face in {len(h)} pictures only")
        points[k] = np.median(h, axis=0)
        d = np.minimum(np.linalg.norm(h - points[k], axis=1), 3.0)
        spread[k] = np.sqrt((d ** 2).mean() / 2)
    return points, spread


def symmetric(points, spread):
    """Averages landmarks that are each other's mirror image."""
    flip = np.array([-1.0, 1.0, 1.0])
    d = np.linalg.norm((points * flip)[:, None] - points[None], axis=2)
    twin = d.argmin(1)
    out, out_spread = points.copy(), spread.copy()
    for k, j in enumerate(twin):
        if twin[j] == k:
            out[k] = (points[k] + points[j] * flip) / 2
            out_spread[k] = (spread[k] + spread[j]) / 2
    return out, out_spread


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--landmarks-command", required=True)
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("-n", type=int, default=160, help="pictures (160)")
    parser.add_argument("--keep", help="folder for the pictures")
    args = parser.parse_args()
    model = Model(args.model, arkit_names(HEADER))
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or temporary
        os.makedirs(folder, exist_ok=True)
        points, spread = symmetric(*summary(measure(model, args.landmarks_command, args.n,
                                                    folder)))
    embedding.save(args.output, points, spread)
    for kind, name in enumerate(embedding.KINDS):
        of_kind = spread[embedding.kinds() == kind]
        print(f"{name}: {len(of_kind)} landmarks, median spread {np.median(of_kind):.3f} cm")


if __name__ == "__main__":
    main()
