# SPDX-License-Identifier: Apache-2.0
"""Makes one utterance sound like many: voices, rooms, lines, noises. All sounds float32 at 16 kHz.

revoice() is an LPC vocoder (order 18, 5 ms hops) whose source is replaced: noise for whispering,
even pulses for singing (vowels stretched, pitch flat with vibrato), slow uneven pulses for creak.
"""

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

import phones

RATE_HZ = 16000
HOP, FRAME, ORDER = 80, 400, 18
_VOWEL = {phones.ID[p] for p in "i I e E a A ae V @ 3 M o O u U y 2 er".split()}
_VOICED = _VOWEL | {phones.ID[p] for p in "b m v D d n J r l L z Z G g N R rr w j".split()}


def _lpc(pcm):
    """Per hop: predictor [n][ORDER + 1] and the residual's root mean square [n]."""
    padded = np.pad(pcm, (FRAME // 2, FRAME))
    n = len(pcm) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[: n * HOP : HOP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME), 1024)) ** 2
    auto = np.fft.irfft(spectrum)[:, : ORDER + 1]
    auto[:, 0] = auto[:, 0] * 1.0001 + 1e-6
    error, a = auto[:, 0].copy(), np.zeros((n, ORDER + 1))
    a[:, 0] = 1.0
    for i in range(1, ORDER + 1):
        k = -(a[:, :i] * auto[:, i:0:-1]).sum(1) / error
        a[:, 1 : i + 1] += k[:, None] * a[:, i - 1 :: -1][:, :i]
        error *= 1.0 - k * k
    return a, np.sqrt(np.maximum(error, 0) / (FRAME * 0.375))


def _pulses(f0_hz, rng, jitter):
    """A pulse train of unit power per sample for the pitch track f0_hz [n samples]."""
    phase = np.cumsum(f0_hz / RATE_HZ * (1 + jitter * rng.standard_normal(len(f0_hz))))
    out = np.zeros(len(f0_hz))
    beat = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    out[beat] = np.sqrt(RATE_HZ / f0_hz[beat])
    return out


def revoice(pcm, segments, mode, rng):
    """(pcm, segments) with another source; mode: "whisper", "sing" or "creak"."""
    a, gain = _lpc(pcm)
    n = len(a)
    label = np.full(n, phones.SILENCE)
    for begin, end, phone in segments:
        label[int(begin * 200) : int(end * 200)] = phone
    voiced, vowel = np.isin(label, list(_VOICED)), np.isin(label, list(_VOWEL))
    pace = np.ones(n)
    if mode == "sing":
        pace[vowel] = rng.uniform(1.5, 4.5)
        pace[voiced & ~vowel] = rng.uniform(1.0, 1.6)
    edge = np.concatenate([[0.0], np.cumsum(pace)])
    source = np.clip(np.searchsorted(edge, np.arange(int(edge[-1])) + 0.5) - 1, 0, n - 1)
    m = len(source)
    t = np.arange(m * HOP) / RATE_HZ
    noise = rng.standard_normal(m * HOP)
    if mode == "whisper":
        excite = lfilter([1, -rng.uniform(0.3, 0.8)], [1], noise)
    else:
        if mode == "sing":
            n_notes = max(1, int(t[-1] / rng.uniform(0.35, 1.4))) if m else 1
            notes = rng.uniform(110, 520) * 2 ** (rng.integers(-5, 6, n_notes) / 12)
            f0 = np.repeat(notes, int(np.ceil(m * HOP / n_notes)))[: m * HOP]
            f0 = f0 * (1 + 0.02 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * t))
            excite = _pulses(f0, rng, 0.003)
        else:
            f0 = np.full(m * HOP, rng.uniform(28, 60))
            excite = _pulses(f0, rng, 0.5)
        tilt = lfilter([1 - 0.55], [1, -0.55], excite)
        is_voiced = np.repeat(voiced[source], HOP)
        excite = np.where(is_voiced, tilt * 1.3 + 0.04 * noise, noise)
    out = np.zeros((m + 1) * HOP)
    fade = np.sin(np.pi * (np.arange(2 * HOP) + 0.5) / (2 * HOP)) ** 2
    ringing = 2 * HOP + 160
    out = np.zeros(m * HOP + ringing)
    for k in range(m - 1):
        j = source[k]
        if gain[j] > 1e-5:
            piece = np.zeros(ringing)
            piece[: 2 * HOP] = excite[k * HOP : (k + 2) * HOP] * fade * gain[j]
            out[k * HOP : k * HOP + ringing] += lfilter([1.0], a[j], piece)
    moved = [
        (edge[min(int(b * 200), n)] / 200, edge[min(int(e * 200), n)] / 200, p)
        for b, e, p in segments
    ]
    return out[: m * HOP].astype(np.float32), moved


def _coloured(n, rng):
    kind = rng.integers(0, 4)
    z = rng.standard_normal(n)
    if kind == 1:
        z = lfilter([1], [1, -0.97], z)
    elif kind == 2:
        r, w = rng.uniform(0.8, 0.97), rng.uniform(0.05, 1.5)
        z = lfilter([1], [1, -2 * r * np.cos(w), r * r], z)
    elif kind == 3:
        z = lfilter([1, -rng.uniform(0, 0.9)], [1, -rng.uniform(0, 0.95)], z)
    if rng.random() < 0.5:
        slow = np.interp(np.arange(n), np.linspace(0, n, 12), rng.uniform(0.1, 1.0, 12))
        z = z * slow
    return z


def _music(n, rng):
    """Chords of decaying harmonic tones, now and then a drum."""
    z, t = np.zeros(n), np.arange(n) / RATE_HZ
    beat = int(rng.uniform(0.25, 0.6) * RATE_HZ)
    for start in range(0, n, beat):
        root = 65.4 * 2 ** (rng.integers(0, 24) / 12)
        stop = min(n, start + beat * rng.integers(1, 4))
        u = t[start:stop] - t[start]
        for step in (0, rng.choice([3, 4]), 7, 12):
            f, bright = root * 2 ** (step / 12), rng.uniform(0.5, 1.5)
            for h in range(1, 7):
                z[start:stop] += np.sin(2 * np.pi * f * h * u + h) * h**-bright * np.exp(-2 * u)
        if rng.random() < 0.5:
            z[start:stop] += 3 * rng.standard_normal(stop - start) * np.exp(-40 * u)
    return z


def _babble(n, rng, bank):
    z = np.zeros(n)
    for _ in range(rng.integers(1, 6)):
        other = np.resize(bank[rng.integers(len(bank))], n + 8000)
        at = rng.integers(0, 8000)
        z += other[at : at + n] * rng.uniform(0.3, 1.0)
    return z


def _breath(n, rng):
    """A breath of 0.2 to 0.7 s at a random place."""
    z, length = np.zeros(n), min(n, int(rng.uniform(0.2, 0.7) * RATE_HZ))
    at = rng.integers(0, n - length + 1)
    shape = np.sin(np.pi * np.linspace(0, 1, length)) ** 1.5
    sound = lfilter([1, -0.7], [1, -1.2, 0.55], rng.standard_normal(length))
    z[at : at + length] = sound * shape
    return z / (np.abs(z).max() + 1e-9)


def _room(rng):
    seconds = rng.uniform(0.1, 0.8)
    n = int(seconds * RATE_HZ)
    h = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.01, 0.09)
    h[: int(rng.uniform(20, 200))] = 0
    h[0] = 1.0
    return lfilter([0.6], [1, -0.4], h)


def _line(pcm, rng):
    """A channel: band limits, tilt, resonance."""
    if rng.random() < 0.25:  # telephone
        sos = butter(
            4, (rng.uniform(200, 350), rng.uniform(3200, 3900)), "band", fs=RATE_HZ, output="sos"
        )
        pcm = sosfilt(sos, pcm)
        if rng.random() < 0.5:  # mu-law
            peak = np.abs(pcm).max() + 1e-9
            law = np.sign(pcm) * np.log1p(255 * np.abs(pcm) / peak) / np.log(256)
            law = np.round(law * 127) / 127
            pcm = np.sign(law) * np.expm1(np.abs(law) * np.log(256)) / 255 * peak
    elif rng.random() < 0.4:
        pcm = sosfilt(butter(4, rng.uniform(3800, 7600), fs=RATE_HZ, output="sos"), pcm)
    if rng.random() < 0.5:
        sos = butter(2, rng.uniform(40, 250), "high", fs=RATE_HZ, output="sos")
        pcm = sosfilt(sos, pcm)
    if rng.random() < 0.7:
        pcm = lfilter([1, rng.uniform(-0.7, 0.5)], [1], pcm)
    if rng.random() < 0.4:
        r, w = rng.uniform(0.5, 0.85), rng.uniform(0.1, 2.6)
        pcm = lfilter(
            [1, -2 * r * 0.8 * np.cos(w), 0.64 * r * r], [1, -2 * r * np.cos(w), r * r], pcm
        )
    return pcm


def speed(pcm, segments, factor):
    """Plays faster (> 1) or slower, pitch and all."""
    up = int(round(100 / factor))
    longer = up / 100
    step = np.gcd(up, 100)
    out = resample_poly(pcm, up // step, 100 // step).astype(np.float32)
    return out, [(b * longer, e * longer, p) for b, e, p in segments]


def spoil(pcm, rng, bank):
    """Room, line, noise, music, breath, clipping. The speech keeps its times."""
    n, rms = len(pcm), np.sqrt((pcm**2).mean()) + 1e-9
    if rng.random() < 0.35:
        pcm = fftconvolve(pcm, _room(rng))[:n]
    pcm = _line(pcm, rng) if rng.random() < 0.6 else pcm
    rms = np.sqrt((pcm**2).mean()) + 1e-9
    if rng.random() < 0.12:
        pcm = pcm + _breath(n, rng) * rms * rng.uniform(0.2, 2.0)
    if rng.random() < 0.65:
        kind = rng.random()
        z = (
            _coloured(n, rng)
            if kind < 0.5
            else _music(n, rng)
            if kind < 0.75
            else _babble(n, rng, bank)
        )
        snr_db = (
            rng.uniform(12, 45) if kind >= 0.75 or rng.random() < 0.4 else rng.uniform(-1, 28)
        )
        pcm = pcm + z * (rms / (np.sqrt((z**2).mean()) + 1e-9) * 10 ** (-snr_db / 20))
    if rng.random() < 0.08:
        pcm = np.clip(pcm, -3 * rms * rng.uniform(0.4, 1), 3 * rms * rng.uniform(0.4, 1))
    return pcm.astype(np.float32)
