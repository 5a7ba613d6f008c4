# SPDX-License-Identifier: Apache-2.0
"""Who is who: short clips cut from the same broadcasts are put together by how the face looks.

A clip of a folder with at least CROWD clips is told by a thumbnail of the face (eyes and mouth in
fixed places, CIELAB, its own brightness removed) and the shape of the face's landmarks, both
reduced to main components, in Ward clusters of some PER_LOOK clips. Clusters cut one person in two
rather than join two people who look unlike; of people who look alike some are joined. Elsewhere a
clip is a person, or a folder is (PEOPLE/NAME/CLIP), or a line of SAME says so.
"""

import cv2
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

CROWD, PER_LOOK = 100, 30
SAME = {"pc_avs/741400163": "pc_avs/00104",
        "video_retalking/3": "sadtalker/WDA_AlexandriaOcasioCortez_000"}
SIDE = 24


def _look(clip):
    """Thumbnail and shape of a clip's middle frame."""
    video = cv2.VideoCapture(clip.path)
    for _ in range(len(clip.lips) // 2 + 1):
        is_read, frame = video.read()
        if is_read:
            last = frame
    p = clip.points
    place = cv2.getAffineTransform(np.float32(p[[33, 263, 13]]),
                                   np.float32([[7, 8], [17, 8], [12, 18]]))
    face = cv2.warpAffine(last, place, (SIDE, SIDE), flags=cv2.INTER_AREA)
    lab = cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
    lab[..., 0] = 0.5 * (lab[..., 0] - lab[..., 0].mean())
    shape = cv2.transform(p[None, :468].astype(np.float32), place)[0] / 8
    return lab.ravel(), shape.ravel()


def _components(x, n):
    x = x - x.mean(0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    return u[:, :n] * s[:n] / s[0]


def name_people(clips):
    """Sets clip.person."""
    sources = {}
    for clip in (c for c in clips if c.person):
        clip.person = SAME.get(clip.name, clip.name)
        sources.setdefault(clip.name.split("/")[0], []).append(clip)
    for source, members in sources.items():
        if len(members) < CROWD:
            continue
        looks, shapes = (np.array(x) for x in zip(*map(_look, members)))
        where = np.hstack([_components(looks, 30), 1.3 * _components(shapes, 20)])
        label = fcluster(linkage(where, "ward"), max(2, len(members) // PER_LOOK), "maxclust")
        for clip, k in zip(members, label):
            clip.person = f"{source}/look{k:03d}"
