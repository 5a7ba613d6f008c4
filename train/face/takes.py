# SPDX-License-Identifier: Apache-2.0
"""Makes the takes that unmix.py learns from:

    python3 train/face/takes.py FOLDER --limner build/cli/limner --unmix ./unmix \\
        --models models --nets ~/.cache/limner/models --portraits PHOTO... --voices SOUND... \\
        --recorded TAKE.csv... [--jobs 2]

Of every voice 8 s of generated talk, every second one with an emotion; of every portrait two to
four takes of talk, as they are, with other gains, faint or wild (unmix.c), and one or two of
recorded motion, at most 6 s each. Writes FOLDER/talk/N.csv, FOLDER/NAME-N.take and FOLDER/list.txt
for unmix.py. What is there is kept, so that it can go on where it was stopped.
"""

import argparse
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

EMOTIONS = ("happy", "sad", "surprised", "angry", "afraid", "disgusted", "contempt")
FPS, TAKE_FRAMES, LEAST_FRAMES, TALK_S, RECORDED_HZ = 25, 150, 100, 8, 60
STEP = 7                    # from a take's talk to the next one's: everyone says something else


def n_rows(path):
    with open(path, encoding="utf-8") as f:
        return sum(1 for _ in f) - 1


def say(args, number, voice):
    """The motion of a voice, whatever the portrait."""
    base = os.path.join(args.folder, "talk", str(number))
    if os.path.exists(base + ".csv"):
        return
    emotion = []
    if number % 2:
        emotion = ["--emotion", f"{EMOTIONS[number // 2 % 7]}:0.{3 + number // 14 % 6}"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-t", str(TALK_S), "-i", voice, "-ac", "1",
                    "-ar", "24000", base + ".wav"], check=True, stdin=subprocess.DEVNULL)
    subprocess.run([args.limner, "speak", args.demo, base + ".wav", "-o", base + ".yuv", "-q",
                    "--size", "64", "--seed", str(5000 + number), "--threads", "1",
                    "--motion-out", base + "-part.csv", *emotion], check=True)
    os.remove(base + ".yuv")
    os.rename(base + "-part.csv", base + ".csv")


def plan(index, talk, recorded):
    """[(motion, first second, frames, how, kind)] of a portrait."""
    kinds = [("as", "talk"), ("as", "talk"), ("mixed", "mixed"), ("as", "talk"),
             ("faint" if index % 2 else "mixed", "mixed"), ("wild", "mixed")]
    takes = []
    for k, (how, kind) in enumerate(kinds):
        path = talk[(index * len(kinds) + k) * STEP % len(talk)]
        takes.append((path, 0.0, min(n_rows(path), TAKE_FRAMES), how, kind))
    for k in range(2 - index % 2):
        path = recorded[(index + 2 * k) % len(recorded)]
        room_s = n_rows(path) / RECORDED_HZ - TAKE_FRAMES / FPS - 1
        first_s = round(max(room_s, 0) * (index * 0.618 % 1), 2)
        takes.append((path, first_s, TAKE_FRAMES, ("as", "mixed")[k], ("recorded", "both")[k]))
    return takes


def show(args, photo, takes):
    """Runs unmix for the takes that are not there yet; how many failed."""
    lines = [f"{out} {path} {first_s} {n} {how} {seed}\n"
             for out, path, first_s, n, how, seed in takes if not os.path.exists(out)]
    subprocess.run([args.unmix, args.models, args.nets, photo], input="".join(lines), text=True,
                   check=True)
    return sum(not os.path.exists(take[0]) for take in takes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--limner", required=True)
    parser.add_argument("--unmix", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--nets", required=True)
    parser.add_argument("--demo", default="assets/demo.jpg")
    parser.add_argument("--portraits", nargs="+", required=True)
    parser.add_argument("--voices", nargs="+", required=True)
    parser.add_argument("--recorded", nargs="+", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    os.makedirs(os.path.join(args.folder, "talk"), exist_ok=True)
    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(lambda job: say(args, *job), enumerate(args.voices)))
        talk = [os.path.join(args.folder, "talk", f"{k}.csv") for k in range(len(args.voices))]
        talk = [path for path in talk if n_rows(path) >= LEAST_FRAMES]
        jobs, kinds = [], {}
        for index, photo in enumerate(args.portraits):
            name = os.path.splitext(os.path.basename(photo))[0]
            takes = []
            for k, (*take, kind) in enumerate(plan(index, talk, args.recorded)):
                out = os.path.join(args.folder, f"{name}-{k}.take")
                takes.append((out, *take, 8 * index + k + 1))
                kinds[out] = kind
            jobs.append((photo, takes))
        missed = sum(pool.map(lambda job: show(args, *job), jobs))
    with open(os.path.join(args.folder, "list.txt"), "w", encoding="utf-8") as f:
        f.writelines(f"{out} {kind}\n" for out, kind in kinds.items() if os.path.exists(out))
    print(f"{len(kinds) - missed} takes, {missed} could not be fitted")


if __name__ == "__main__":
    main()
