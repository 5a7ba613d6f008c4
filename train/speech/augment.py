# SPDX-License-Identifier: Apache-2.0
"""Makes one utterance sound like many: voices, rooms, lines, noises. All sounds float32 at 16 kHz.

revoice() is an LPC vocoder (order 18, 5 ms hops) whose source is replaced: noise for whispering,
even pulses for singing (vowels stretched, pitch flat with vibrato, some vowels held for seconds),
slow uneven pulses for creak, pulses 1.6 times as fast in a vocal tract a quarter to a third shorter
for a child.
"""

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, medfilt, resample_poly, sosfilt

import phones

RATE_HZ = 16000
HOP, FRAME, ORDER = 80, 400, 18
CALM_SHARE = 0.25  # of streams with little noise
HELD_SHARE = 0.12  # of sung vowels that are held on
CHILD_TRACT, CHILD_PITCH = (1.25, 1.35), (1.5, 1.7)
VOWELS = {phones.ID[p] for p in "i I e E a A ae V @ 3 M o O u U y 2 er".split()}
_VOICED = VOWELS | {phones.ID[p] for p in "b m v D d n J r l L z Z G g N R rr w j".split()}


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


def _pitch(pcm, n):
    """[n] pitch in Hz per hop by autocorrelation over 40 ms, 64 to 400 Hz; runs on where there is
    none."""
    width, low, high = 640, RATE_HZ // 400, RATE_HZ // 64
    padded = np.pad(pcm, (width // 2, width + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[: n * HOP : HOP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(width), 2 * width)) ** 2
    auto = np.fft.irfft(spectrum)[:, :high]
    taper = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(width), 2 * width)) ** 2)[:high]
    auto = auto / (auto[:, :1] + 1e-9) / (taper / taper[0])
    lag = low + auto[:, low:].argmax(1)
    sure = auto[np.arange(n), lag] > 0.5
    if not sure.any():
        return np.full(n, 150.0)
    hz = np.interp(np.arange(n), np.flatnonzero(sure), RATE_HZ / lag[sure])
    return medfilt(hz, 9)


def _pace(mode, label, rng):
    """[n] how many hops each hop of the sound becomes."""
    voiced, vowel = np.isin(label, list(_VOICED)), np.isin(label, list(VOWELS))
    pace = np.ones(len(label))
    if mode == "sing":
        pace[vowel] = rng.uniform(1.5, 4.5)
        pace[voiced & ~vowel] = rng.uniform(1.0, 1.6)
        edge = np.flatnonzero(np.diff(label)) + 1
        for a, b in zip(np.append(0, edge), np.append(edge, len(label))):
            if vowel[a] and rng.random() < HELD_SHARE:
                pace[a + (b - a) // 3 : b] *= rng.uniform(2.0, 8.0)
    return pace


def _excite(mode, f0, is_voiced, rng):
    """The source, one value per sample; f0 [samples] Hz."""
    noise = rng.standard_normal(len(f0))
    if mode == "whisper":
        return lfilter([1, -rng.uniform(0.3, 0.8)], [1], noise)
    pulses = _pulses(f0, rng, 0.5 if mode == "creak" else 0.003)
    return np.where(is_voiced, lfilter([1 - 0.55], [1, -0.55], pulses) * 1.3 + 0.04 * noise, noise)


def _melody(t_s, rng):
    """[samples] Hz: notes with vibrato."""
    n_notes = max(1, int(t_s[-1] / rng.uniform(0.35, 1.4))) if len(t_s) else 1
    notes = rng.uniform(110, 520) * 2 ** (rng.integers(-5, 6, n_notes) / 12)
    f0 = np.repeat(notes, int(np.ceil(len(t_s) / n_notes)))[: len(t_s)]
    return f0 * (1 + 0.02 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * t_s))


def revoice(pcm, segments, mode, rng):
    """(pcm, segments) with another source; mode: "whisper", "sing", "creak" or "child"."""
    a, gain = _lpc(pcm)
    n, shorter = len(a), rng.uniform(*CHILD_TRACT) if mode == "child" else 1.0
    label = np.full(n, phones.SILENCE)
    for begin, end, phone in segments:
        label[int(begin * 200) : int(end * 200)] = phone
    # What is played faster in the end, for shorter tracts, is made longer here.
    edge = np.concatenate([[0.0], np.cumsum(_pace(mode, label, rng) * shorter)])
    source = np.clip(np.searchsorted(edge, np.arange(int(edge[-1])) + 0.5) - 1, 0, n - 1)
    m = len(source)
    if mode == "child":
        f0 = np.repeat(_pitch(pcm, n)[source], HOP) * rng.uniform(*CHILD_PITCH) / shorter
    elif mode == "sing":
        f0 = _melody(np.arange(m * HOP) / RATE_HZ, rng)
    else:
        f0 = np.full(m * HOP, rng.uniform(28, 60))
    excite = _excite(mode, f0, np.repeat(np.isin(label, list(_VOICED))[source], HOP), rng)
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
    out = out[: m * HOP].astype(np.float32)
    return speed(out, moved, shorter) if mode == "child" else (out, moved)


def steady(pcm, at_s, f0_hz, length_s, rng):
    """The moment at_s of a sound held on: its spectrum, even pulses; 50 ms of fade at both ends."""
    a, gain = _lpc(pcm)
    n, k = int(length_s * RATE_HZ), int(at_s * RATE_HZ / HOP)
    excite = _excite("sing", np.full(n, float(f0_hz)), np.ones(n, bool), rng)
    fade = np.minimum(1.0, np.minimum(np.arange(n), np.arange(n)[::-1]) / 800)
    return (lfilter([1.0], a[k], excite * gain[k]) * fade).astype(np.float32)


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


def room_tone(n, rng):
    """The steady noise of a room and its wires: power falling with frequency, hum at times."""
    size = 1 << int(n - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    z = np.fft.irfft(spectrum * np.maximum(hz, 60.0) ** -rng.uniform(0.0, 1.3), size)[:n]
    z /= z.std() + 1e-9
    if rng.random() < 0.4:
        t, f = np.arange(n) / RATE_HZ, rng.choice([50.0, 60.0])
        for h in range(1, 8):
            z += rng.uniform(0.0, 1.5) / h * np.sin(2 * np.pi * f * h * t + rng.uniform(0, 6.3))
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


def breath(n, rng):
    """A breath of 0.2 to 0.7 s at a random place, peak 1."""
    z, length = np.zeros(n), min(n, int(rng.uniform(0.2, 0.7) * RATE_HZ))
    at = rng.integers(0, n - length + 1)
    shape = np.sin(np.pi * np.linspace(0, 1, length)) ** 1.5
    sound = lfilter([1, -0.7], [1, -1.2, 0.55], rng.standard_normal(length))
    z[at : at + length] = sound * shape
    return z / (np.abs(z).max() + 1e-9)


def smack(n, rng):
    """Lips or tongue coming apart before speech: a click of 2 to 12 ms, peak 1."""
    z, length = np.zeros(n), int(rng.uniform(0.002, 0.012) * RATE_HZ)
    r, w = rng.uniform(0.5, 0.95), rng.uniform(0.2, 1.8)
    click = lfilter([1], [1, -2 * r * np.cos(w), r * r], rng.standard_normal(4 * length))
    at = rng.integers(0, max(1, n - 4 * length))
    click = (click * np.exp(-np.arange(4 * length) / length))[: n - at]
    z[at : at + len(click)] = click
    return z / (np.abs(z).max() + 1e-9)


def _room(rng):
    seconds = rng.uniform(0.1, 0.8)
    n = int(seconds * RATE_HZ)
    h = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.01, 0.09)
    h[: int(rng.uniform(20, 200))] = 0
    h[0] = 1.0
    return lfilter([0.6], [1, -0.4], h)


def line(pcm, rng):
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


def _calm(pcm, rng):
    """As most recordings are made: now and then a room, a line, a breath, low room tone."""
    n = len(pcm)
    if rng.random() < 0.2:
        pcm = fftconvolve(pcm, _room(rng))[:n]
    pcm = line(pcm, rng) if rng.random() < 0.5 else pcm
    rms = np.sqrt((pcm**2).mean()) + 1e-9
    if rng.random() < 0.12:
        pcm = pcm + breath(n, rng) * rms * rng.uniform(0.1, 1.0)
    if rng.random() < 0.6:
        z = room_tone(n, rng)
        pcm = pcm + z * (rms / z.std() * 10 ** (-rng.uniform(22, 50) / 20))
    return pcm.astype(np.float32)


def spoil(pcm, rng, bank):
    """Room, line, noise, music, breath, clipping, or calm. The speech keeps its times."""
    if rng.random() < CALM_SHARE:
        return _calm(pcm, rng)
    n = len(pcm)
    if rng.random() < 0.35:
        pcm = fftconvolve(pcm, _room(rng))[:n]
    pcm = line(pcm, rng) if rng.random() < 0.6 else pcm
    rms = np.sqrt((pcm**2).mean()) + 1e-9
    if rng.random() < 0.12:
        pcm = pcm + breath(n, rng) * rms * rng.uniform(0.2, 2.0)
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
