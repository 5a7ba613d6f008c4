# SPDX-License-Identifier: Apache-2.0
"""A corpus file: utterances (16 kHz, int16) with their phones' times, all in one .npz.

pcm [N] int16; start [U + 1] first sample of each utterance; seg_time [S][2] float32 seconds
within the utterance; seg_phone [S] int8 (index into phones.PHONES, -1 = unknown); seg_start [U + 1]
first segment of each utterance; name, voice, language, split [U] strings.
"""

import subprocess

import numpy as np
from scipy.signal import resample_poly

import phones

RATE_HZ = 16000
PAUSE_DB = -38.0  # below the utterance's loud parts: silence, where a voice says "pause"


class Writer:
    """Gathers utterances, then saves them."""

    def __init__(self):
        self.pcm, self.time, self.phone, self.info = [], [], [], []

    def add(self, pcm, segments, name, voice, language, split):
        """pcm: float -1..1 at 16 kHz; segments: [(begin_s, end_s, phone)] without overlap."""
        self.pcm.append(np.clip(np.round(pcm * 32767), -32767, 32767).astype(np.int16))
        self.time.append(np.array([s[:2] for s in segments], np.float32).reshape(-1, 2))
        self.phone.append(np.array([s[2] for s in segments], np.int8))
        self.info.append((name, voice, language, split))

    def save(self, path):
        lengths = [len(p) for p in self.pcm]
        counts = [len(p) for p in self.phone]
        name, voice, language, split = (np.array(x) for x in zip(*self.info))
        np.savez(
            path,
            pcm=np.concatenate(self.pcm),
            start=np.cumsum([0] + lengths),
            seg_time=np.concatenate(self.time),
            seg_phone=np.concatenate(self.phone),
            seg_start=np.cumsum([0] + counts),
            name=name,
            voice=voice,
            language=language,
            split=split,
        )
        print(
            f"{path}: {len(lengths)} utterances, {sum(lengths) / RATE_HZ / 60:.1f} min",
            flush=True,
        )


class Corpus:
    """A saved corpus, read."""

    def __init__(self, path):
        data = np.load(path)
        self.__dict__.update({key: data[key] for key in data.files})

    def __len__(self):
        return len(self.name)

    def sound(self, k):
        """float32 -1..1."""
        return self.pcm[self.start[k] : self.start[k + 1]].astype(np.float32) / 32768

    def segments(self, k):
        """(times [n][2], phones [n]) of utterance k."""
        part = slice(self.seg_start[k], self.seg_start[k + 1])
        return self.seg_time[part], self.seg_phone[part]


def read_sound(path):
    """Any sound or video file, as float32 mono at 16 kHz."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-vn",
        "-ac",
        "1",
        "-ar",
        str(RATE_HZ),
        "-f",
        "f32le",
        "-",
    ]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4")


def to_rate(pcm, rate_hz):
    """From rate_hz to 16 kHz."""
    step = np.gcd(rate_hz, RATE_HZ)
    if rate_hz == RATE_HZ:
        return pcm
    return resample_poly(pcm, RATE_HZ // step, rate_hz // step).astype(np.float32)


def split_name(begin, end, parts):
    """Segments of a name that stands for several phones, its time shared by weight."""
    span, out = (end - begin) / sum(w for _, w in parts), []
    for phone, weight in parts:
        stop = begin + span * weight
        out.append((begin, stop, phone))
        begin = stop
    return out


def resolve_pauses(pcm, segments):
    """Segments whose phone is None ("pause"): silence where the sound is quiet; else the phone
    before them rings on."""
    loud = pcm[: len(pcm) // 80 * 80].reshape(-1, 80)
    loud_db = 10 * np.log10((loud**2).mean(1) + 1e-10)
    quiet = loud_db < np.percentile(loud_db, 95) + PAUSE_DB if len(loud_db) else []
    out = []
    for begin, end, phone in segments:
        if phone is not None:
            out.append((begin, end, phone))
            continue
        a, b = int(begin * 200), int(end * 200)
        ring = next((k for k in range(a, min(b, len(quiet))) if quiet[k]), b) / 200
        ring = min(max(ring, begin), end)
        if ring > begin:
            out.append((begin, ring, out[-1][2] if out else phones.SILENCE))
        if end > ring:
            out.append((ring, end, phones.SILENCE))
    return out
