#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_live.py LIMNER [SECONDS [OPTION...]]: a long talk in real time, by limner bench --live.

Fails when more than one frame in 10,000 is late by more than its period, when the slowest
hundredth of the frames takes longer than that, when a frame takes a tenth longer in the end than
in the beginning, when memory grows by more than a MiB, or when sound falls behind. It wants a
machine with nothing else to do; it is no part of make check.
"""
import json
import subprocess
import sys

MAX_LATE = 1e-4
MAX_GROWTH_MIB = 1
MAX_SLOWER = 1.1
MAX_BEHIND_MS = 12          # a packet and a little


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    limner, seconds, *options = [*sys.argv[1:], "600"][:2] + sys.argv[3:]
    printed = subprocess.check_output([limner, "bench", "--live", "--json", "--seconds", seconds,
                                       *options], text=True)
    print(printed.strip())
    r = json.loads(printed)
    claims = {
        "frames are on time": r["late_frames"] <= MAX_LATE * r["frames"],
        "a frame takes less than its period": r["frame_ms"]["p99"] < r["period_ms"],
        "frames take as long in the end": r["last_frame_ms"]["p50"] <=
        MAX_SLOWER * r["early_frame_ms"]["p50"],
        "memory does not grow": r["last_rss_mib"] <= r["early_rss_mib"] + MAX_GROWTH_MIB,
        "sound does not fall behind": r["behind_ms"] <= MAX_BEHIND_MS,
    }
    for claim, is_true in claims.items():
        print("yes:" if is_true else "NO: ", claim)
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
