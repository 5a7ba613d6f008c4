# SPDX-License-Identifier: Apache-2.0
"""The gestures that the net learns to foresee: gestures.py's fit on the people of this split for
opening and width, by hand for rounding and the tip of the tongue."""

import numpy as np

import gestures
import tapes
import takes

OPEN, WIDTH, ROUND, TIP = range(4)
ROUNDED = {"postalveolar": .3, "rhotic": .3, "rounded_glide": .9, "rounded_open": .5,
           "rounded_close": .8, "rounded_front": .8}
TIPS = {"dental": 1, "alveolar": 1, "lateral": 1, "sibilant": .5, "postalveolar": .3, "rhotic": .2}


def heard_clips(clips, encoder):
    """(lips, said, weight) of each as gestures.fit wants them."""
    for clip in clips:
        pcm = np.concatenate([clip.pcm, np.zeros(tapes.TAIL, np.float32)])
        readings = encoder.hear([pcm])[0][0]
        times = np.arange(len(clip.pcm) // tapes.HOP) * tapes.FRAME_S
        lips, there = takes.at_times(clip, times)
        said = tapes.window(readings, times, 12, 5)[there]
        names = ["share_" + c for c in gestures.PRIOR] + ["closure", "rounding", "jaw"]
        yield ({"open": lips[there, 0], "width": lips[there, 1]}, dict(zip(names, said.T)),
               1.5 * clip.weight if clip.weight > 1 else 1.0)


def table(clips, encoder):
    """[4][21]: opening and width, eye distances, rounding and tip, per reading (share 18, closure,
    rounding, jaw)."""
    known = list(heard_clips(clips, encoder))
    fitted = gestures.table(known)
    out = np.zeros((4, 21))
    for k, name in enumerate(gestures.PRIOR):
        out[ROUND, k], out[TIP, k] = ROUNDED.get(name, 0), TIPS.get(name, 0)
    out[OPEN, :18], out[OPEN, 20] = fitted["open"][:-1], fitted["open"][-1]
    out[WIDTH, :18], out[WIDTH, 19] = fitted["width"][:-1], fitted["width"][-1]
    return out
