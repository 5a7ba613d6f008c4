#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_limner.py SOURCE LIBRARY LAYOUT: bindings/python/limner.py against the shared library.

LAYOUT prints the C structs' sizes. Also installs the module with pip, offline, and runs
examples/talk.py with what was installed. Skips (77) without numpy, ffmpeg or the nets.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE, LIBRARY, LAYOUT = (pathlib.Path(a).resolve() for a in sys.argv[1:])
RATE_HZ = 16000


def skip(why):
    print("skipped:", why)
    sys.exit(77)


try:
    import numpy as np
except ImportError:
    skip("no numpy")
if not shutil.which("ffmpeg"):
    skip("no ffmpeg")
os.environ["LIMNER_LIBRARY"] = str(LIBRARY)
sys.dont_write_bytecode = True
sys.path[:0] = [str(SOURCE / "bindings" / "python"), str(SOURCE / "examples")]
import limner  # noqa: E402
import talk  # noqa: E402


def check(claim, is_true):
    if not is_true:
        sys.exit("false: " + claim)


def refuses(kind, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except kind as error:
        return str(error)
    sys.exit(f"false: {call} refuses {args} {kwargs}")


def structs_are_those_of_the_header():
    own = {"limner_motion": limner.Motion, "limner_model_files": limner._ModelFiles,
           "limner_photo": limner._Photo, "limner_portrait_options": limner._PortraitOptions,
           "limner_controls": limner.Controls, "limner_settings": limner._Settings,
           "limner_frame": limner._Frame, "limner_tracker_settings": limner._TrackerSettings,
           "limner_tracked": limner._Tracked}
    for line in subprocess.check_output([LAYOUT], text=True).splitlines():
        name, size, last = line.split()
        if name == "gaze":
            check(f"gaze mode {size} is {last}", limner.GAZE_MODES.index(size) == int(last))
            continue
        struct = own.pop(name)
        check(f"{name} has {size} bytes", limner.ctypes.sizeof(struct) == int(size))
        field = getattr(struct, struct._fields_[-1][0]).offset
        if name == "limner_model_files":        # an array here
            field += limner.ctypes.sizeof(limner._Blob) * (len(limner._MODEL_FILES) - 1)
        check(f"{name} ends at {last}", field == int(last))
    check("every struct has been looked at", not own)


def make_voice(seconds):
    """Syllables: a buzz, four times a second."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    buzz = np.exp(-4 * (t * 120 % 1)) * np.sin(2 * np.pi * 700 * t)
    return (0.3 * np.maximum(0, np.sin(2 * np.pi * 4 * t)) * buzz).astype(np.float32)


def frames_of(portrait, pieces, **settings):
    with limner.Session(portrait, size=128, n_threads=1, **settings) as session:
        return list(session.talk(pieces))


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x.pixels, y.pixels) for x, y in zip(a, b))


def a_voice_makes_a_face_talk(portrait):
    voice = make_voice(1.1)
    frames = frames_of(portrait, voice, seed=3)
    check("1.1 s are 28 frames", len(frames) == 28)
    check("pixels are RGBA", frames[0].pixels.shape == (128, 128, 4) and
          frames[0].pixels.dtype == np.uint8 and frames[0].pixels[..., 3].min() == 255)
    check("times are exact", [f.pts_samples for f in frames] == [640 * i for i in range(28)])
    jaw = limner.expression_names().index("jawOpen")
    check("lips move", max(f.motion.expression[jaw] for f in frames) > 0.05)
    check("pictures differ", not np.array_equal(frames[0].pixels, frames[15].pixels))
    check("pieces change nothing", same(frames, frames_of(portrait, np.split(voice, 11), seed=3)))
    saved = limner.Portrait.load(portrait.model, portrait.save())
    check("a saved portrait is the same", same(frames, frames_of(saved, voice, seed=3)))


def motion_and_controls_are_obeyed(portrait):
    still = portrait.motion
    with limner.Session(portrait, size=128) as session:
        check("a motion is taken", session.send_motion(still) and not session.send_motion(still))
        photo = session.receive()
        session.send_motion(limner.Motion.from_buffer_copy(still).set(jawOpen=0.6))
        opened = session.receive()
        session.finish()
        check("it is over", session.receive() is None and session.is_over)
    change = np.abs(photo.pixels.astype(int) - opened.pixels).mean()
    check(f"an open jaw shows ({change:.2f})", change > 0.2)
    with limner.Session(portrait, size=128) as session:
        session.control(yaw=15, is_still=1, emotion={"happy": 0.5}, gaze_mode="camera")
        frame = next(session.talk(np.zeros(RATE_HZ // 2, np.float32)))
        check("the head turns", abs(frame.motion.yaw - still.yaw - 15) < 0.5)
        refuses(limner.Error, session.control, distance=9)
        check("an error changes nothing", session.controls.distance == 1)
        refuses(TypeError, session.control, volume=1)
        refuses(ValueError, session.control, emotion={"hungry": 1})


def a_clock_gives_the_same_frames(portrait):
    voice = make_voice(1)
    frames = []
    with limner.Session(portrait, size=128, n_threads=1, is_clocked=True) as session:
        check("not before its time", session.receive_due(session.due_samples - 1) is None)
        for now in range(160, 2 * RATE_HZ, 160):
            if now <= RATE_HZ:
                session.send_live(now, voice[now - 160:now])
            elif not session.is_over:
                session.finish()
            while (frame := session.receive_due(now)) is not None:
                frames.append(frame)
    check("a clocked run is the same", same(frames, frames_of(portrait, voice)))


def what_cannot_be_is_refused(model, photo):
    why = refuses(limner.Error, limner.Portrait, model, np.zeros((200, 200, 3), np.uint8))
    check(f"there is no face: {why}", len(why) > 10)
    refuses(ValueError, limner.Portrait, model, np.zeros((200, 200), np.uint8))
    portrait = limner.Portrait(model, photo)
    check("a reason", "even" in refuses(limner.Error, limner.Session, portrait, size=127))
    with limner.Session(portrait, size=64) as session:
        refuses(ValueError, session.send, np.zeros(160, np.int16))
    refuses(limner.Error, limner.Portrait.load, model, b"nonsense")
    refuses(FileNotFoundError, limner.Model, "/nowhere")


def a_face_is_tracked(model, photo):
    tracker = limner.Tracker(model)
    results = []
    for pts in range(3):
        check("taken", tracker.push(photo, pts))
        results += list(tracker)
    tracker.finish()
    results += list(tracker)
    check("one result a frame", [r.pts for r in results] == [0, 1, 2])
    check("a face", results[1].landmarks.shape == (478, 2) and results[1].motion is not None)


def pip_installs_it_and_the_example_runs(folder):
    for name in ("limner.py", "pyproject.toml"):
        shutil.copy(SOURCE / "bindings" / "python" / name, folder)
    if subprocess.run([sys.executable, "-c", "import setuptools, wheel, pip"],
                      capture_output=True, check=False).returncode != 0:
        print("left out: no pip, setuptools and wheel")
        return
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-build-isolation",
                    "--no-index", "--no-deps", "--root-user-action", "ignore", "--target",
                    folder / "site", folder], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
                    "sine=frequency=140:duration=0.5:sample_rate=16000", folder / "voice.wav"],
                   check=True)
    env = dict(os.environ, PYTHONPATH=str(folder / "site"),
               LIMNER_MODELS=str(SOURCE / "models"))
    subprocess.run([sys.executable, SOURCE / "examples" / "talk.py", SOURCE / "assets/demo.jpg",
                    folder / "voice.wav", folder / "talk.mp4"], check=True, env=env)
    frames = subprocess.check_output(["ffmpeg", "-v", "error", "-nostdin", "-i",
                                      folder / "talk.mp4", "-f", "framemd5", "-map", "0:v", "-"],
                                     text=True)
    n = sum(not line.startswith("#") for line in frames.splitlines())
    check(f"half a second has 12 or 13 frames, not {n}", n in (12, 13))


def an_installed_library_brings_its_models(folder):
    """Any prefix: the files are looked for beside the library that LIMNER_LIBRARY names."""
    prefix = folder / "prefix"
    for sub in ("lib", "share/limner", "site"):
        (prefix / sub).mkdir(parents=True)
    (prefix / "lib" / "liblimner.so").symlink_to(LIBRARY)
    shutil.copy(SOURCE / "models" / "face.limner", prefix / "share/limner")
    shutil.copy(SOURCE / "bindings/python/limner.py", prefix / "site")
    env = dict(os.environ, PYTHONPATH=str(prefix / "site"), LIMNER_CACHE="/nowhere",
               LIMNER_LIBRARY=str(prefix / "lib" / "liblimner.so"))
    subprocess.run([sys.executable, "-c", "import limner; limner.Model()"], check=True, env=env,
                   cwd=folder)
    (prefix / "share/limner/face.limner").unlink()
    asked = subprocess.run([sys.executable, "-c", "import limner; limner.Model()"], check=False,
                           env=env, cwd=folder, stderr=subprocess.PIPE, text=True)
    check("said where was looked", str(prefix / "share/limner") in asked.stderr
          or pathlib.Path("/usr/local/share/limner/face.limner").exists()
          or pathlib.Path("/usr/share/limner/face.limner").exists())


def main():
    structs_are_those_of_the_header()
    lines = len((SOURCE / "examples" / "talk.py").read_text(encoding="utf-8").splitlines())
    check(f"the example has {lines} lines, under 60", lines < 60)
    check("versions agree", limner.library_version() == limner.__version__)
    try:
        model = limner.Model()
        photo = talk.read_photo(SOURCE / "assets" / "demo.jpg")
        portrait = limner.Portrait(model, photo)
    except limner.Error as error:
        if error.status == -5:
            skip("the nets have not been fetched")
        raise
    a_voice_makes_a_face_talk(portrait)
    motion_and_controls_are_obeyed(portrait)
    a_clock_gives_the_same_frames(portrait)
    what_cannot_be_is_refused(model, photo)
    a_face_is_tracked(model, photo)
    with tempfile.TemporaryDirectory() as folder:
        pip_installs_it_and_the_example_runs(pathlib.Path(folder))
        an_installed_library_brings_its_models(pathlib.Path(folder))


if __name__ == "__main__":
    main()
