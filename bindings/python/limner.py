# SPDX-License-Identifier: Apache-2.0
"""Limner from Python: one portrait and a voice become a talking face.

    model = limner.Model()
    portrait = limner.Portrait(model, photo)              # uint8 [height][width][3], sRGB
    with limner.Session(portrait, size=512, fps=25) as session:
        for frame in session.talk(sound):                 # float32 [n], mono, 16 kHz
            show(frame.pixels)                            # uint8 [512][512][4], sRGB and alpha

One file over the shared library (ctypes and NumPy; nothing is compiled). The library is
$LIMNER_LIBRARY, or liblimner as the system's loader finds it. Names, units, ranges and conventions
are those of limner.h, which documents them: angles in degrees, times in samples of the sound.
A Model and a Portrait may be shared by threads; a Session belongs to one thread at a time.
"""
from __future__ import annotations

import ctypes
import mmap
import os
import pathlib
from ctypes import POINTER, byref, c_char, c_char_p, c_float, c_int, c_int32, c_int64, c_size_t
from ctypes import c_ssize_t, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Optional, Sequence, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

__version__ = "0.1.0"
N_EXPRESSION = 52
N_EMOTION = 7
N_IDENTITY = 60
OK, AGAIN, EOS, E_ARG = 0, 1, 2, -1
CROP, FULL, ALPHA = 0, 1, 2             # framing
GAZE_MODES = ("photo", "angle", "camera", "point")
_RGBA = 2
_DETAIL_SIZE = 256
_MODEL_FILES = ("face.limner", "face_detection_short_range.tflite",
                "face_landmark_with_attention.tflite", "selfie_segmentation.tflite",
                "speech.limner", "motion.limner")


class Error(Exception):
    """What the library refused: `status` (LIMNER_E_*, < 0) and a sentence."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail or _lib.limner_strerror(status).decode())
        self.status = status


# ---- the structs of limner.h -------------------------------------------------------------------

class Motion(ctypes.Structure):
    """limner_motion: one instant of a face. `expression` is a float array of 52."""
    _fields_ = [("expression", c_float * N_EXPRESSION), ("tongue_up", c_float),
                ("yaw", c_float), ("pitch", c_float), ("roll", c_float),
                ("x", c_float), ("y", c_float), ("z", c_float), ("distance", c_float),
                ("gaze_yaw", c_float), ("gaze_pitch", c_float), ("breath", c_float),
                ("sway", c_float)]

    def set(self, **coefficients: float) -> "Motion":
        """Sets coefficients by ARKit's names (jawOpen=0.5); returns itself."""
        for name, value in coefficients.items():
            self.expression[expression_names().index(name)] = value
        return self

    def as_array(self) -> NDArray[np.float32]:
        """A copy of all fields in order, [64]."""
        return np.frombuffer(bytes(self), np.float32).copy()


class _Blob(ctypes.Structure):
    _fields_ = [("bytes", c_void_p), ("len_bytes", c_size_t)]


class _ModelFiles(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("file", _Blob * len(_MODEL_FILES))]


class _Photo(ctypes.Structure):
    _fields_ = [("rgb", c_void_p), ("stride", c_ssize_t), ("width_px", c_uint32),
                ("height_px", c_uint32)]


class _PortraitOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("face", c_int32), ("is_forced", c_uint32),
                ("n_threads", c_uint32), ("debug", c_void_p), ("debug_user", c_void_p)]


class Controls(ctypes.Structure):
    """limner_controls; made with what nobody asked for."""
    _fields_ = [("struct_size", c_uint32), ("gaze_yaw", c_float), ("gaze_pitch", c_float),
                ("distance", c_float), ("yaw", c_float), ("pitch", c_float), ("roll", c_float),
                ("emotion", c_float * N_EMOTION), ("head_gain", c_float),
                ("expression_gain", c_float), ("mouth_gain", c_float), ("blink_rate", c_float),
                ("is_still", c_uint32), ("energy", c_float), ("gaze_mode", c_uint32),
                ("gaze_x", c_float), ("gaze_y", c_float)]

    def __init__(self) -> None:
        super().__init__()
        _lib.limner_controls_init(byref(self), ctypes.sizeof(self))


class _Settings(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("rate_hz", c_uint32), ("fps_num", c_uint32),
                ("fps_den", c_uint32), ("width_px", c_uint32), ("height_px", c_uint32),
                ("n_threads", c_uint32), ("framing", c_int), ("pixel", c_int), ("seed", c_uint64),
                ("is_clocked", c_uint32)]


class _Frame(ctypes.Structure):
    _fields_ = [("plane", c_void_p * 3), ("stride", c_ssize_t * 3), ("width_px", c_uint32),
                ("height_px", c_uint32), ("pixel", c_int), ("pts_samples", c_int64),
                ("motion", Motion), ("generated", Motion), ("owner", c_void_p)]


class _TrackerSettings(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("face", c_int32), ("n_smooth", c_uint32)]


class _Tracked(ctypes.Structure):
    _fields_ = [("pts", c_int64), ("is_found", c_uint32), ("is_new", c_uint32),
                ("motion", Motion), ("landmarks", c_float * 2 * 478), ("rms_px", c_float),
                ("lip_error", c_float), ("identity", c_float * N_IDENTITY),
                ("aperture", c_float * 2)]


# ---- the library -------------------------------------------------------------------------------

def _open_library() -> ctypes.CDLL:
    minor = ".".join(__version__.split(".")[:2])
    own, why = os.environ.get("LIMNER_LIBRARY"), []
    for name in [own] if own else [f"liblimner.so.{minor}", "liblimner.so", "liblimner.dylib"]:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            why.append(error)
    raise ImportError(f"liblimner is not found ({why[0]}); install Limner or set LIMNER_LIBRARY")


_lib = _open_library()


def _declare(name: str, result: Any, *arguments: Any) -> None:
    function = getattr(_lib, name)
    function.restype = result
    function.argtypes = arguments


_HANDLE = POINTER(c_void_p)
_FLOATS = POINTER(c_float)
for _name, _result, *_arguments in (
        ("limner_strerror", c_char_p, c_int),
        ("limner_version", c_char_p),
        ("limner_expression_name", c_char_p, c_int),
        ("limner_emotion_name", c_char_p, c_int),
        ("limner_controls_init", None, POINTER(Controls), c_uint32),
        ("limner_model_open", c_int, _HANDLE, POINTER(_ModelFiles)),
        ("limner_model_close", None, _HANDLE),
        ("limner_portrait_options_init", None, POINTER(_PortraitOptions), c_uint32),
        ("limner_portrait_encode", c_int, _HANDLE, c_void_p, POINTER(_Photo),
         POINTER(_PortraitOptions), POINTER(c_char)),
        ("limner_portrait_load", c_int, _HANDLE, c_void_p, c_char_p, c_size_t),
        ("limner_portrait_save", c_int, c_void_p, _HANDLE, POINTER(c_size_t)),
        ("limner_free", None, c_void_p),
        ("limner_portrait_motion", None, c_void_p, POINTER(Motion)),
        ("limner_portrait_apply", None, c_void_p, POINTER(Motion), POINTER(Motion)),
        ("limner_portrait_close", None, _HANDLE),
        ("limner_settings_init", None, POINTER(_Settings), c_uint32),
        ("limner_session_open", c_int, _HANDLE, c_void_p, c_void_p, POINTER(_Settings),
         POINTER(c_char)),
        ("limner_session_send", c_int, c_void_p, _FLOATS, c_size_t, POINTER(c_size_t)),
        ("limner_session_send_live", c_int, c_void_p, c_int64, _FLOATS, c_size_t),
        ("limner_session_send_motion", c_int, c_void_p, POINTER(Motion)),
        ("limner_session_finish", c_int, c_void_p),
        ("limner_session_control", c_int, c_void_p, POINTER(Controls)),
        ("limner_session_receive", c_int, c_void_p, POINTER(_Frame)),
        ("limner_session_receive_due", c_int, c_void_p, c_int64, POINTER(_Frame)),
        ("limner_session_due_samples", c_int64, c_void_p),
        ("limner_session_sound_samples", c_int64, c_void_p),
        ("limner_session_latency_samples", c_int64, c_void_p),
        ("limner_session_close", None, _HANDLE),
        ("limner_frame_unref", None, POINTER(_Frame)),
        ("limner_tracker_settings_init", None, POINTER(_TrackerSettings), c_uint32),
        ("limner_tracker_open", c_int, _HANDLE, c_void_p, POINTER(_TrackerSettings)),
        ("limner_tracker_push", c_int, c_void_p, POINTER(_Photo), c_int64),
        ("limner_tracker_finish", c_int, c_void_p),
        ("limner_tracker_receive", c_int, c_void_p, POINTER(_Tracked)),
        ("limner_tracker_close", None, _HANDLE)):
    _declare(_name, _result, *_arguments)


def library_version() -> str:
    """Version of the shared library."""
    return _lib.limner_version().decode()


def expression_names() -> list[str]:
    """ARKit's 52 names, in the order of Motion.expression."""
    return [_lib.limner_expression_name(i).decode() for i in range(N_EXPRESSION)]


def emotion_names() -> list[str]:
    """The seven emotions, in the order of Controls.emotion."""
    return [_lib.limner_emotion_name(i).decode() for i in range(N_EMOTION)]


def _check(status: int, detail: Optional[ctypes.Array] = None) -> int:
    """The status, unless it is an error."""
    if status < 0:
        raise Error(status, detail.value.decode(errors="replace") if detail is not None else "")
    return status


def _photo_of(pixels: NDArray[np.uint8]) -> _Photo:
    """`pixels` must outlive what is returned."""
    return _Photo(pixels.ctypes.data, pixels.strides[0], pixels.shape[1], pixels.shape[0])


def _as_rgb(pixels: ArrayLike) -> NDArray[np.uint8]:
    rgb = np.ascontiguousarray(pixels)
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError("a photo is uint8 [height][width][3]")
    return rgb


def _as_sound(pcm: ArrayLike) -> NDArray[np.float32]:
    sound = np.asarray(pcm)
    if sound.ndim != 1 or sound.dtype.kind != "f":
        raise ValueError("sound is mono, float [n], -1..1; divide 16-bit samples by 32768")
    return np.ascontiguousarray(sound, np.float32)


class _Handle:
    """Owns a handle of the library: closed with `close`, at the end of `with`, or if forgotten."""
    _close = ""

    def __init__(self) -> None:
        self._p = c_void_p()

    def close(self) -> None:
        """Gives it back; safe to call twice."""
        if getattr(self, "_p", None):
            getattr(_lib, self._close)(byref(self._p))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    __del__ = close


# ---- model and portrait ------------------------------------------------------------------------

def _model_folders(folder: Union[str, os.PathLike, None]) -> list[pathlib.Path]:
    if folder is not None:
        return [pathlib.Path(folder)]
    here, env = pathlib.Path(__file__).resolve(), os.environ
    library = env.get("LIMNER_LIBRARY")
    cache = env.get("LIMNER_CACHE") or os.path.join(
        env.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "limner")
    folders = [env.get("LIMNER_MODELS"),
               library and pathlib.Path(library).absolute().parent.parent / "share/limner",
               "/usr/local/share/limner", "/usr/share/limner",
               here.parents[min(2, len(here.parents) - 1)] / "models",
               os.path.join(cache, "models")]
    return [pathlib.Path(f) for f in folders if f]


class Model(_Handle):
    """The weights. `folder`: where all files are; without it each is looked for in
    $LIMNER_MODELS, share/limner of the prefix of $LIMNER_LIBRARY, of /usr/local and of /usr, the
    source tree, and the cache that tools/fetch-models fills. Files that are nowhere are
    left out (see limner_model_files)."""
    _close = "limner_model_close"

    def __init__(self, folder: Union[str, os.PathLike, None] = None) -> None:
        super().__init__()
        files = _ModelFiles(struct_size=ctypes.sizeof(_ModelFiles))
        self._maps: list[Any] = []      # must outlive the model
        for i, name in enumerate(_MODEL_FILES):
            path = next((f / name for f in _model_folders(folder) if (f / name).is_file()), None)
            if path is None:
                continue
            with open(path, "rb") as file:
                self._maps.append(np.frombuffer(
                    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8))
            files.file[i] = _Blob(self._maps[-1].ctypes.data, self._maps[-1].size)
        if not files.file[0].bytes:
            looked = ", ".join(map(str, _model_folders(folder)))
            raise FileNotFoundError(f"face.limner is not found in {looked}; name its folder, or "
                                    "set LIMNER_MODELS")
        _check(_lib.limner_model_open(byref(self._p), byref(files)))


class Portrait(_Handle):
    """One face. `photo`: uint8 [height][width][3], sRGB; `face`: which of several, 0 the largest,
    -1 the only one; `is_forced`: take a poor one too. Raises Error with a sentence otherwise."""
    _close = "limner_portrait_close"

    def __init__(self, model: Model, photo: Optional[ArrayLike] = None, *, face: int = -1,
                 is_forced: bool = False, n_threads: int = 0) -> None:
        super().__init__()
        self.model = model
        if photo is None:
            return
        options, why = _PortraitOptions(), ctypes.create_string_buffer(_DETAIL_SIZE)
        _lib.limner_portrait_options_init(byref(options), ctypes.sizeof(options))
        options.face, options.is_forced, options.n_threads = face, is_forced, n_threads
        rgb = _as_rgb(photo)
        _check(_lib.limner_portrait_encode(byref(self._p), model._p, byref(_photo_of(rgb)),
                                           byref(options), why), why)

    @classmethod
    def load(cls, model: Model, saved: bytes) -> "Portrait":
        """From the contents of a .portrait file."""
        portrait = cls(model)
        _check(_lib.limner_portrait_load(byref(portrait._p), model._p, saved, len(saved)))
        return portrait

    def save(self) -> bytes:
        """The contents of a .portrait file."""
        saved, n = c_void_p(), c_size_t()
        _check(_lib.limner_portrait_save(self._p, byref(saved), byref(n)))
        try:
            return ctypes.string_at(saved, n.value)
        finally:
            _lib.limner_free(saved)

    @property
    def motion(self) -> Motion:
        """The motion at which a frame equals the photo."""
        motion = Motion()
        _lib.limner_portrait_motion(self._p, byref(motion))
        return motion

    def apply(self, generated: Motion) -> Motion:
        """A motion relative to a neutral face as this portrait shows it."""
        motion = Motion()
        _lib.limner_portrait_apply(self._p, byref(generated), byref(motion))
        return motion


# ---- session -----------------------------------------------------------------------------------

@dataclass
class Frame:
    """`pixels`: uint8 [height][width][4], sRGB and straight alpha, a copy; `pts_samples`: start of
    the frame; `motion`: what it shows; `generated`: the same relative to a neutral face."""
    pixels: NDArray[np.uint8]
    pts_samples: int
    motion: Motion
    generated: Motion


class Session(_Handle):
    """One face talking. Sound or motion goes in, frames come out; see limner.h.

    `size`: side in pixels, or (width, height) with framing=FULL; `fps`: a number or (num, den);
    `is_clocked`: frames leave when they are due (receive_due), sound or no sound."""
    _close = "limner_session_close"

    def __init__(self, portrait: Portrait, *, rate_hz: int = 16000,
                 fps: Union[int, Sequence[int]] = 25, size: Union[int, Sequence[int]] = 512,
                 framing: int = CROP, n_threads: int = 0, seed: int = 0,
                 is_clocked: bool = False) -> None:
        super().__init__()
        self.portrait = portrait
        self.controls = Controls()
        self.is_over = False            # finished, and all frames have been received
        s, why = _Settings(), ctypes.create_string_buffer(_DETAIL_SIZE)
        _lib.limner_settings_init(byref(s), ctypes.sizeof(s))
        s.fps_num, s.fps_den = (fps, 1) if isinstance(fps, int) else fps
        s.width_px, s.height_px = (size, size) if isinstance(size, int) else size
        s.rate_hz, s.framing, s.pixel, s.seed = rate_hz, framing, _RGBA, seed
        s.n_threads, s.is_clocked = n_threads, is_clocked
        _check(_lib.limner_session_open(byref(self._p), portrait.model._p, portrait._p, byref(s),
                                        why), why)

    @property
    def latency_samples(self) -> int:
        """Sound needed beyond a frame's own time."""
        return _lib.limner_session_latency_samples(self._p)

    @property
    def due_samples(self) -> int:
        """When the next frame is due."""
        return _lib.limner_session_due_samples(self._p)

    @property
    def sound_samples(self) -> int:
        """Where the next sample sent will lie."""
        return _lib.limner_session_sound_samples(self._p)

    def send(self, pcm: ArrayLike) -> int:
        """Mono sound, -1..1; returns how many samples were taken (0: receive first)."""
        sound, n = _as_sound(pcm), c_size_t()
        _check(_lib.limner_session_send(self._p, sound.ctypes.data_as(_FLOATS), sound.size,
                                        byref(n)))
        return n.value

    def send_live(self, now_samples: int, pcm: ArrayLike) -> None:
        """Clocked: sound recorded up to now_samples; takes all of it."""
        sound = _as_sound(pcm)
        _check(_lib.limner_session_send_live(self._p, now_samples,
                                             sound.ctypes.data_as(_FLOATS), sound.size))

    def send_motion(self, motion: Motion) -> bool:
        """Instead of sound: the next frame's motion; False: receive first."""
        return _check(_lib.limner_session_send_motion(self._p, byref(motion))) == OK

    def finish(self) -> None:
        """No more will come."""
        _check(_lib.limner_session_finish(self._p))

    def control(self, **changes: Any) -> None:
        """Changes fields of Controls, and leaves the others as they are: gaze_yaw=10,
        gaze_mode="camera", emotion={"happy": 0.6}. An error changes nothing."""
        controls = Controls.from_buffer_copy(self.controls)
        for name, value in changes.items():
            if name not in dict(Controls._fields_) or name == "struct_size":
                raise TypeError(f"there is no control {name}")
            if name == "emotion":
                weights = [value.get(e, 0) for e in emotion_names()]
                if set(value) - set(emotion_names()):
                    raise ValueError(f"emotions are {', '.join(emotion_names())}")
                value = (c_float * N_EMOTION)(*weights)
            if name == "gaze_mode" and isinstance(value, str):
                value = GAZE_MODES.index(value)
            setattr(controls, name, value)
        _check(_lib.limner_session_control(self._p, byref(controls)))
        self.controls = controls

    def _take(self, status: int, raw: _Frame) -> Optional[Frame]:
        self.is_over = status == EOS
        if _check(status) != OK:
            return None
        try:
            rows = (ctypes.c_uint8 * (raw.stride[0] * raw.height_px)).from_address(raw.plane[0])
            pixels = np.frombuffer(rows, np.uint8).reshape(raw.height_px, raw.stride[0])
            pixels = pixels[:, :4 * raw.width_px].reshape(raw.height_px, raw.width_px, 4).copy()
            return Frame(pixels, raw.pts_samples, Motion.from_buffer_copy(raw.motion),
                         Motion.from_buffer_copy(raw.generated))
        finally:
            _lib.limner_frame_unref(byref(raw))

    def receive(self) -> Optional[Frame]:
        """The next frame; None: send more, or is_over."""
        raw = _Frame()
        return self._take(_lib.limner_session_receive(self._p, byref(raw)), raw)

    def receive_due(self, now_samples: int) -> Optional[Frame]:
        """Clocked: the next frame if it is due; None: it is not, or is_over."""
        raw = _Frame()
        return self._take(_lib.limner_session_receive_due(self._p, now_samples, byref(raw)), raw)

    def __iter__(self) -> Iterator[Frame]:
        """The frames that are ready."""
        while (frame := self.receive()) is not None:
            yield frame

    def talk(self, sound: Union[ArrayLike, Iterable[ArrayLike]]) -> Iterator[Frame]:
        """Sends a sound, or its pieces as they come, finishes, and gives all frames."""
        for piece in [sound] if isinstance(sound, np.ndarray) else sound:
            rest = _as_sound(piece)
            while rest.size:
                rest = rest[self.send(rest):]
                yield from self
        self.finish()
        yield from self


# ---- tracker -----------------------------------------------------------------------------------

@dataclass
class Tracked:
    """One frame of a Tracker; `motion` and `landmarks` (float32 [478][2], pixels) are None where
    there is no face."""
    pts: int
    is_new: bool
    motion: Optional[Motion]
    landmarks: Optional[NDArray[np.float32]]
    identity: Optional[NDArray[np.float32]]


class Tracker(_Handle):
    """Follows one face through a video; results come a few frames late, one for each frame."""
    _close = "limner_tracker_close"

    def __init__(self, model: Model, *, face: int = 0, n_smooth: int = 2) -> None:
        super().__init__()
        self.model = model
        settings = _TrackerSettings()
        _lib.limner_tracker_settings_init(byref(settings), ctypes.sizeof(settings))
        settings.face, settings.n_smooth = face, n_smooth
        _check(_lib.limner_tracker_open(byref(self._p), model._p, byref(settings)))

    def push(self, frame: ArrayLike, pts: int) -> bool:
        """The next frame, uint8 [height][width][3]; False: not taken, receive first."""
        rgb = _as_rgb(frame)
        return _check(_lib.limner_tracker_push(self._p, byref(_photo_of(rgb)), pts)) == OK

    def finish(self) -> None:
        """No more will come."""
        _check(_lib.limner_tracker_finish(self._p))

    def __iter__(self) -> Iterator[Tracked]:
        """The results that are ready."""
        raw = _Tracked()
        while _check(_lib.limner_tracker_receive(self._p, byref(raw))) == OK:
            is_found = bool(raw.is_found)
            yield Tracked(raw.pts, bool(raw.is_new),
                          Motion.from_buffer_copy(raw.motion) if is_found else None,
                          np.array(raw.landmarks, np.float32) if is_found else None,
                          np.array(raw.identity, np.float32) if is_found else None)
