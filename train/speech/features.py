# SPDX-License-Identifier: Apache-2.0
"""Sound -> what the net sees: the Python twin of src/audio/features.c (mel) and src/speech
(level).

mel: 80 ln band powers at 100 Hz, frame j centred on sample 160 j. level: a streaming follower of
the voice's loud parts; the net sees max(mel - level, FLOOR).
"""

import numpy as np

RATE_HZ, HOP, WINDOW, N_MEL = 16000, 160, 512, 80
N_BINS = WINDOW // 2 + 1
LABEL_HOP = 320  # samples per output frame
LOW_HZ, HIGH_HZ = 20.0, 7600.0

# The level follower, natural log of mean mel power; one step per mel frame.
LEVEL_START = -16.0  # a quiet voice
LEVEL_MIN = -18.5  # below: silence in any file
ATTACK = 0.12  # share of the way up
FALL = 0.0046  # while there is sound within SPAN of the level: 2 dB/s
FALL_QUIET = 0.0010  # else
SPAN = 6.0  # 26 dB
FLOOR = -12.0  # 52 dB below the level


def _window():
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return (w * np.sqrt(2.0 / (WINDOW * (w * w).sum()))).astype(np.float32)


def mel_matrix(warp=1.0):
    """[80][257] weights that average power over bands; warp moves all bands in frequency."""
    to_mel = lambda hz: 2595.0 * np.log10(1.0 + hz / 700.0)
    mel = np.linspace(to_mel(LOW_HZ), to_mel(HIGH_HZ), N_MEL + 2)
    hz = 700.0 * (10.0 ** (mel / 2595.0) - 1.0) * warp
    edge = np.minimum(hz, 7990.0) * WINDOW / RATE_HZ
    bins = np.arange(N_BINS)
    out = np.zeros((N_MEL, N_BINS), np.float32)
    for m in range(N_MEL):
        a, b, c = edge[m : m + 3]
        rise, fall = (bins - a) / max(b - a, 1e-6), (c - bins) / max(c - b, 1e-6)
        w = np.maximum(0.0, np.where(bins < b, rise, fall))
        if w.sum() <= 0.0:
            w[int(b + 0.5)] = 1.0
        out[m] = w / w.sum()
    return out


_WINDOW, _MATRIX = _window(), {1.0: mel_matrix()}


def mel(pcm, warp=1.0):
    """[T][80] float32; T = frames whose window (256 samples after the centre) is inside pcm."""
    if warp not in _MATRIX:
        _MATRIX[warp] = mel_matrix(warp)
    n = max(0, (len(pcm) - WINDOW // 2) // HOP + 1)
    padded = np.concatenate([np.zeros(WINDOW // 2, np.float32), np.clip(pcm, -1, 1)])
    padded = np.ascontiguousarray(padded, np.float32)
    step = padded.strides[0]
    frames = np.lib.stride_tricks.as_strided(padded, (n, WINDOW), (HOP * step, step))
    spectrum = np.fft.rfft(frames * _WINDOW).astype(np.complex64)
    power = spectrum.real**2 + spectrum.imag**2
    return np.log(power @ _MATRIX[warp].T + 1e-12)


def level(mels, start=LEVEL_START):
    """[T] the follower's value after each frame."""
    top = mels.max(1)
    loud = (np.log(np.exp(mels - top[:, None]).mean(1)) + top).tolist()
    out, now = np.empty(len(mels), np.float32), start
    for j, e in enumerate(loud):
        if e > now:
            now += ATTACK * (e - now)
        else:
            now -= FALL if e > now - SPAN else FALL_QUIET
            now = max(now, LEVEL_MIN)
        out[j] = now
    return out


def net_input(mels):
    """[T][80]: level-free, before the per-band mean and scale that belong to the net."""
    return np.maximum(mels - level(mels)[:, None], FLOOR)


def n_labels(n_samples):
    """Output frames of a sound: those whose mel frames 2 k and 2 k + 1 exist."""
    return max(0, (n_samples - WINDOW // 2) // HOP + 1) // 2
