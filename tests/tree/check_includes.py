#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dependencies run one way: core <- nn, audio <- face <- portrait, speech, render, provenance and,
over speech, motion <- model and session <- front ends; siblings never include each other, front
ends include the public header and io/ only, and only io/ uses FFmpeg."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
BELOW = {
    "core": set(),
    "nn": {"core"},
    "audio": {"core"},
    "face": {"core", "nn"},
}
for upper in ("portrait", "speech", "motion", "render", "provenance"):
    BELOW[upper] = {"core", "nn", "audio", "face"}
BELOW["motion"] |= {"speech"}           # what is heard moves
for isa in ("x86", "arm"):
    BELOW[isa] = {"core", "nn", "audio", "face", "render"}
for folder in ("core", "nn", "audio", "face", "portrait", "speech", "motion", "render",
               "provenance"):
    BELOW[folder] |= {"x86", "arm"}     # kernels, taken into the folder's own table
PIPELINE = {"model", "session"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
FOREIGN = re.compile(r"^(libav|libsw)")


def problems():
    for path in sorted(ROOT.glob("src/**/*.[ch]")):
        folder = path.relative_to(ROOT / "src").parts[0]
        for _, name in INCLUDE.findall(path.read_text()):
            top = name.split("/")[0]
            if FOREIGN.match(name):
                yield path, name
            elif folder in BELOW and top in BELOW and top != folder and top not in BELOW[folder]:
                yield path, name
            elif folder in BELOW and name in {f"{p}.h" for p in PIPELINE}:
                yield path, name
    for front in ("cli", "eval", "server", "worker", "gst", "examples", "io"):
        for path in sorted(ROOT.glob(f"{front}/**/*.[ch]")):
            for _, name in INCLUDE.findall(path.read_text()):
                top = name.split("/")[0]
                if top in BELOW or (FOREIGN.match(name) and front != "io"):
                    yield path, name
    for path in sorted(ROOT.glob("include/**/*.h")):
        for _, name in INCLUDE.findall(path.read_text()):
            if name not in ("stddef.h", "stdint.h") and not name.startswith("limner/"):
                yield path, name


found = list(problems())
for path, name in found:
    print(f"{path.relative_to(ROOT)}: must not include {name}")
sys.exit(1 if found else 0)
