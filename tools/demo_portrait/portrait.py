# SPDX-License-Identifier: Apache-2.0
"""Render Limner's demo portrait. Run inside Blender:

    blender -b -P portrait.py -- --face ict_facekit.npz --out demo.png [--size 1024] [--samples 48]
                                 [--passes 4] [--detail 3] [--strands 60000] [--border X0,Y0,X1,Y1]

Several passes with different seeds are averaged, so that each single render stays short.
"""
import argparse
import os
import sys
import tempfile

import bpy
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cloth  # noqa: E402
import finish  # noqa: E402
import groom  # noqa: E402
import paint  # noqa: E402
import scene  # noqa: E402
from head import (EYE_RANGES, NECK_END, SKIN_END, TEAR_RANGES, Head, fit_sphere,  # noqa: E402
                  vertex_normals)

HAIR = (0.075, 0.033, 0.016)
BROW = (0.105, 0.056, 0.034)
LASH = (0.020, 0.014, 0.012)
WOOL = (0.030, 0.150, 0.165)
CAMERA_Y_CM, CAMERA_Z_CM, VIEW_HEIGHT_CM, FACE_PLANE_Z_CM = -0.3, 150.0, 42.0, 8.0
SEED = 7
GAZE_SPREAD_CM = 2.5     # eyes that meet exactly at the camera look crossed


def build_skin(head, detail):
    """Head and neck; returns a coarser vertices, faces, normals and hair cover for the groom."""
    verts, faces = head.faces(0, SKIN_END)
    obj = scene.add_mesh("skin", verts, faces, scene.skin_material())
    p, normals = scene.subdivide(obj, detail)
    colour, rough, relief, cover = paint.paint_skin(p, head, SEED)
    scene.move_verts(obj, p + normals * relief[:, None])
    scene.set_colour(obj.data, "colour", colour)
    scene.set_float(obj.data, "rough", rough)
    scene.set_float(obj.data, "scatter", 0.75 * (1 - cover))
    outer, outer_faces = head.faces(0, NECK_END)
    mid = scene.add_mesh("guide", outer, outer_faces, None)
    q, q_normals = scene.subdivide(mid, 1)
    q_faces = [tuple(f.vertices) for f in mid.data.polygons]
    bpy.data.objects.remove(mid)
    q_cover = paint.paint_skin(q, head, SEED)[3]
    return q, q_faces, q_normals, q_cover


def build_eyes(head):
    sclera = scene.plain_material("eyeball", "colour", 0.35, 0.2, 0.12)
    film = scene.film_material("film", 0.015, 1.5)
    target = np.array([0.0, CAMERA_Y_CM, CAMERA_Z_CM])
    for side in "LR":
        outer = head.verts[slice(*EYE_RANGES[side])]
        centre, _ = head.eyes[side]
        ahead = outer - centre
        rim = (np.hypot(ahead[:, 0], ahead[:, 1]) > 0.95) & (ahead[:, 2] > 0)
        centre, radius = fit_sphere(outer[rim])
        target[0] = GAZE_SPREAD_CM * np.sign(centre[0])
        axis = (target - centre) / np.linalg.norm(target - centre)
        corner = head.landmarks[42 if side == "L" else 39]
        _eyeball(centre, radius, axis, corner, sclera, film, side)
        verts, faces = head.faces(*TEAR_RANGES[side])
        scene.subdivide(scene.add_mesh("tear" + side, verts, faces, film), 2)


def _eyeball(centre, radius, axis, corner, sclera, film, side):
    """An opaque ball with a hollowed iris, and a clear film with the cornea's bulge over it."""
    right = np.cross([0, 1, 0], axis)
    right /= np.linalg.norm(right)
    frame = np.stack([right, np.cross(axis, right), axis])
    n_ring, n_turn = 260, 512
    iris = paint.IRIS_RADIUS_CM
    rho = np.r_[np.linspace(0.0, iris * 1.25, 150),
                np.linspace(iris * 1.25, radius * 0.995, n_ring - 150)[1:]]
    phi = np.linspace(0, 2 * np.pi, n_turn, endpoint=False)
    ball = radius - 0.03
    depth = np.sqrt(np.maximum(ball ** 2 - rho ** 2, 0))
    edge = np.sqrt(ball ** 2 - iris ** 2)
    hollow = edge - 0.05 - 0.05 * np.cos(np.clip(rho / iris, 0, 1) * np.pi / 2)
    w = np.clip((rho - iris * 0.94) / (iris * 0.10), 0, 1)
    w = w * w * (3 - 2 * w)
    depth = hollow * (1 - w) + depth * w
    grid_rho, grid_phi = np.meshgrid(rho, phi, indexing="ij")
    local = np.stack([grid_rho * np.cos(grid_phi), grid_rho * np.sin(grid_phi),
                      np.repeat(depth[:, None], n_turn, 1)], -1).reshape(-1, 3)
    i = np.arange(len(rho) - 1)[:, None] * n_turn
    j = np.arange(n_turn)[None]
    k = (j + 1) % n_turn
    quads = np.stack([i + j, i + n_turn + j, i + n_turn + k, i + k], -1).reshape(-1, 4)
    obj = scene.add_mesh("ball" + side, local @ frame + centre, quads, sclera)
    gap = np.linalg.norm(local @ frame + centre - corner, axis=1)
    scene.set_colour(obj.data, "colour", paint.paint_eye(grid_rho.ravel(), grid_phi.ravel(), gap,
                                                         SEED + (1 if side == "L" else 2)))
    bulge = 0.15 * np.clip(1 - (rho / (iris * 1.22)) ** 2, 0, 1) ** 1.2
    clear = np.sqrt(np.maximum(radius ** 2 - rho ** 2, 0)) + bulge
    local[:, 2] = np.repeat(clear, n_turn)
    scene.add_mesh("cornea" + side, local @ frame + centre, quads, film)


def build_sweater(bust):
    p, quads, uv, t = cloth.sweater(bust, SEED)
    tile = cloth.knit_tile()
    mat = scene.knit_material("wool", WOOL, tile, 90)
    obj = scene.add_mesh("sweater", p, quads, mat)
    collar = t < cloth.COLLAR_RINGS
    weave = np.stack([uv[:, 0] * 190, uv[:, 1] / 0.42, 0 * t], 1)
    weave[collar] = np.stack([uv[collar, 0] * 110, uv[collar, 1] / 0.42, 0 * t[collar]], 1)
    obj.data.attributes.new("weave", "FLOAT_VECTOR", "POINT").data.foreach_set(
        "vector", weave.astype(np.float32).ravel())
    normals = vertex_normals(p, quads.tolist())
    return groom.Surface(p, normals * np.sign((normals * p)[:, [0, 2]].sum(1))[:, None])


def build_light():
    face = (0, 1.5, 7)
    scene.add_light("key", (-62, 52, 92), face, (52, 62), 2.2e5, (1.0, 0.93, 0.85))
    scene.add_light("fill", (80, 4, 90), face, (90, 90), 0.36e5, (0.86, 0.93, 1.0))
    scene.add_light("low", (0, -70, 90), face, (80, 40), 0.10e5, (1.0, 0.92, 0.86))
    scene.add_light("rim", (50, 52, -75), (2, 4, -3), (60, 80), 0.48e5, (1.0, 0.90, 0.78))
    scene.add_light("crown", (-40, 70, -50), (0, 8, 0), (50, 40), 0.35e5, (0.85, 0.93, 1.0))
    scene.add_world((0.80, 0.88, 1.0), 0.22)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--face", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--samples", type=int, default=48)
    parser.add_argument("--passes", type=int, default=4)
    parser.add_argument("--detail", type=int, default=3)
    parser.add_argument("--strands", type=int, default=60000)
    parser.add_argument("--border", help="part of the picture, fractions from the lower left")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1:])


def main():
    args = arguments()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    head = Head(args.face)
    verts, faces, normals, cover = build_skin(head, args.detail)
    build_eyes(head)
    skin = groom.Surface(verts, normals)
    body = build_sweater(skin)
    hair = groom.grow_hair(verts, faces, normals, body, cover, args.strands, SEED)
    scene.add_strands("hair", hair, scene.hair_material("hair", HAIR))
    scene.add_strands("wisps", groom.grow_wisps(160, SEED), bpy.data.materials["hair"])
    scene.add_strands("brows", groom.grow_brows(head, skin, SEED),
                      scene.bristle_material("brows", BROW))
    scene.add_strands("lashes", groom.grow_lashes(head, SEED),
                      scene.bristle_material("lashes", LASH))
    build_light()
    scene.add_camera((0, CAMERA_Y_CM, CAMERA_Z_CM), VIEW_HEIGHT_CM, CAMERA_Z_CM - FACE_PLANE_Z_CM)
    border = [float(v) for v in args.border.split(",")] if args.border else None
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for k in range(args.passes):
            total = total + scene.render(args.size, args.samples, SEED + k, folder, border)
    layers = total / args.passes
    np.save(os.path.splitext(args.out)[0] + ".npy", layers.astype(np.float32))
    scene.save(args.out, finish.develop(layers, SEED))


if __name__ == "__main__":
    main()
