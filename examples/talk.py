#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""talk.py PHOTO SOUND OUT.mp4: a photo says a sound. The faces are Limner's, the files ffmpeg's.

Install the module with pip install bindings/python; it finds liblimner where the system does, or
where LIMNER_LIBRARY says.
"""
import subprocess
import sys

import numpy as np

import limner

RATE_HZ, FPS, SIZE_PX = 16000, 25, 512
FFMPEG = ["ffmpeg", "-v", "error", "-nostdin"]


def read_photo(path):
    """uint8 [height][width][3]."""
    ppm = subprocess.run([*FFMPEG, "-i", path, "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm",
                          "-pix_fmt", "rgb24", "-"], check=True, stdout=subprocess.PIPE).stdout
    _, size, _, pixels = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def read_sound(path):
    """Mono float32, -1..1."""
    return np.frombuffer(subprocess.run(
        [*FFMPEG, "-i", path, "-f", "f32le", "-ac", "1", "-ar", str(RATE_HZ), "-"], check=True,
        stdout=subprocess.PIPE).stdout, np.float32)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    photo, sound, out = sys.argv[1:]
    portrait = limner.Portrait(limner.Model(), read_photo(photo))
    video = subprocess.Popen(
        [*FFMPEG, "-y", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{SIZE_PX}x{SIZE_PX}",
         "-r", str(FPS), "-i", "-", "-i", sound, "-shortest", "-pix_fmt", "yuv420p", out],
        stdin=subprocess.PIPE)
    with limner.Session(portrait, rate_hz=RATE_HZ, fps=FPS, size=SIZE_PX) as session:
        session.control(emotion={"happy": 0.3})
        for frame in session.talk(read_sound(sound)):
            video.stdin.write(frame.pixels.tobytes())
    video.stdin.close()
    sys.exit(video.wait())


if __name__ == "__main__":
    main()
