# SPDX-License-Identifier: Apache-2.0
"""Synthetic speech with exact phone times: espeak-ng, flite and festival read the Declaration of
Human Rights.

Writes WORK/corpus/{espeak,flite,festival}.npz. Voices named in TEST_* are spoken only in the split
"test" and never trained on.
"""

import os
import random
import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.io.wavfile

import corpus
import phones

HERE = os.path.dirname(os.path.abspath(__file__))
# espeak-ng's language, the Declaration's, share of the jobs
LANGUAGES = (
    ("en-us", "eng", 7), ("en", "eng", 4), ("en-gb-x-rp", "eng", 2),
    ("en-gb-scotland", "eng", 1), ("en-029", "eng", 1), ("de", "deu", 3), ("es", "spa", 3),
    ("es-419", "spa", 1), ("fr", "fra", 3), ("it", "ita", 2), ("pt-br", "por_BR", 2),
    ("pt", "por_PT", 1), ("nl", "nld", 2), ("pl", "pol", 2), ("cs", "ces", 1), ("sk", "slk", 1),
    ("ru", "rus", 2), ("uk", "ukr", 1), ("bg", "bul", 1), ("hr", "hrv", 1), ("sl", "slv", 1),
    ("sv", "swe", 2), ("da", "dan", 2), ("nb", "nob", 1), ("is", "isl", 1), ("fi", "fin", 1),
    ("et", "est", 1), ("hu", "hun", 1), ("ro", "ron", 1), ("el", "ell_monotonic", 1),
    ("tr", "tur", 1), ("az", "azj_latn", 1), ("ar", "arb", 3), ("he", "heb", 1),
    ("fa", "pes_1", 1), ("hi", "hin", 2), ("bn", "ben", 1), ("ta", "tam", 1), ("te", "tel", 1),
    ("ur", "urd", 1), ("cmn", "cmn_hans", 3), ("yue", "cmn_hant", 1), ("ko", "kor", 2),
    ("vi", "vie", 1), ("id", "ind", 1), ("sw", "swh", 1), ("af", "afr", 1), ("ca", "cat", 1),
    ("eu", "eus", 1), ("ka", "kat", 1), ("kk", "kaz", 1), ("hy", "hye", 1), ("lt", "lit", 1),
    ("lv", "lav", 1), ("sq", "als", 1), ("cy", "cym", 1), ("mt", "mlt", 1),
)
NOT_VOICES = set(
    "whisper whisperf croak UniRobot anikaRobot robosoft robosoft2 robosoft3 robosoft4 "
    "robosoft5 robosoft6 robosoft7 robosoft8 iven iven2 iven3 iven4 aunty Demonic zac "
    "sandro boris fast kaukovalta".split()
)
TEST_VARIANTS = set("f2 f5 m3 m7 Annie Andy klatt3 linda steph2 rob Alicia Hugo".split())
TEST_SHARE = 0.16
STOPS = {phones.ID[p] for p in ("p", "b", "t", "d", "k", "g", "c", "q", "C")}
FLITE = ("kal16", "awb", "rms", "slt")
FLITE_TEST = {"rms"}
DICTIONARY = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"
LONG_WORD = re.compile("[a-z]{3,11}")
SHORT_WORDS = (
    "the of and to in was for that by with from is at be this have had on which but not are or an "
    "they his her it as who what when where how all one two more people before about first would "
    "my up if well very could been through above between"
).split()
FESTIVAL = {
    "kal_diphone": ("eng", "ascii"), "ked_diphone": ("eng", "ascii"),
    "cmu_us_slt_arctic_hts": ("eng", "ascii"), "czech_ph": ("ces", "iso-8859-2"),
    "czech_dita": ("ces", "iso-8859-2"), "czech_machac": ("ces", "iso-8859-2"),
    "czech_krb": ("ces", "iso-8859-2"), "lp_diphone": ("ita", "iso-8859-1"),
    "pc_diphone": ("ita", "iso-8859-1"), "hy_fi_mv_diphone": ("fin", "iso-8859-1"),
    "suo_fi_lj_diphone": ("fin", "iso-8859-1"), "msu_ru_nsh_clunits": ("rus", "utf-8"),
    "upc_ca_ona_hts": ("cat", "iso-8859-15"), "hindi_NSK_diphone": ("hin", "utf-8"),
    "telugu_NSK_diphone": ("tel", "utf-8"),
}
FESTIVAL_TEST = {"ked_diphone", "czech_machac", "pc_diphone"}
FESTIVAL_SECONDS = 240  # a voice that hangs is cut off


def sentences(archive, code, rng, longest):
    """Pieces of a Declaration of 3 to `longest` words, in random order."""
    try:
        text = archive.read(f"udhr2/{code}.txt").decode("utf8", "ignore")
    except KeyError:
        return []
    text = re.sub(r"[\t\r\n;\"()\\]+", " ", text)
    text = re.sub(r" +", " ", text)
    if code.startswith(("cmn", "jpn")):
        text = text.replace(" ", "")
        return [text[k : k + 20] for k in range(60, len(text) - 20, 20)]
    words, out, k = text.split(" ")[40:], [], 0
    while k < len(words) - 4:
        n = rng.randint(3, longest)
        out.append(" ".join(words[k : k + n]))
        k += n
    rng.shuffle(out)
    return out


def variants():
    found = "/usr/lib/x86_64-linux-gnu/espeak-ng-data/voices/!v"
    if not os.path.isdir(found):
        found = "/usr/share/espeak-ng-data/voices/!v"
    names = [v for v in sorted(os.listdir(found)) if v not in NOT_VOICES and " " not in v]
    return names


def espeak_segments(path, pcm):
    """Of the .lab file that espeak_say wrote; None where a phone is a pause."""
    events = []
    with open(path, encoding="utf8", errors="replace") as f:
        for line in f:
            time, _, name = line.rstrip("\n").partition("\t")
            if name != "|":
                events.append((float(time), name))
    out = [(0.0, events[0][0], phones.SILENCE)] if events and events[0][0] > 0 else []
    for (begin, name), (end, _) in zip(events, events[1:]):
        if end <= begin:
            continue
        parts = phones.of_ipa(name) if name not in ("", "#") else []
        if parts:
            out += corpus.split_name(begin, end, parts)
        else:
            out.append((begin, end, None))
    return with_closures(pcm, corpus.resolve_pauses(pcm, out))


def with_closures(pcm, segments):
    """espeak-ng reports a stop at its burst: the quiet before it, which it gives to the sound
    before, is the closure and becomes the stop's."""
    loud = pcm[: len(pcm) // 80 * 80].reshape(-1, 80)
    loud_db = 10 * np.log10((loud**2).mean(1) + 1e-10)
    quiet = loud_db < np.percentile(loud_db, 95) - 32 if len(loud_db) else []
    out = []
    for begin, end, phone in segments:
        if out and phone in STOPS:
            longest = 0.05 if out[-1][2] == phones.SILENCE else 0.12
            at = min(int(begin * 200 + 0.5), len(quiet))
            while at > 0 and quiet[at - 1] and begin - at / 200 < longest:
                at -= 1
            start = max(at / 200, out[-1][0] + 0.02)
            if start < begin and out[-1][1] > start:
                out[-1] = (out[-1][0], start, out[-1][2])
                begin = start
        out.append((begin, end, phone))
    return out


def say_all(program, lines):
    """Runs the jobs; where espeak-ng crashes (some texts in some voices), goes on after that job.
    Returns its rate."""
    rate_hz, first = 22050, 0
    while first < len(lines):
        done = subprocess.run(
            [program], input="".join(lines[first:]).encode(), capture_output=True
        )
        if done.returncode == 0:
            return int(done.stdout)
        paths = [line.split("\t")[4] for line in lines]
        first = max(k for k, path in enumerate(paths) if os.path.exists(path + ".lab")) + 1
        for ending in (".raw", ".lab"):
            os.remove(paths[first - 1] + ending)
    return rate_hz


def speak_espeak(archive, work, n_jobs):
    rng = random.Random(7)
    program, scratch = os.path.join(work, "espeak_say"), os.path.join(work, "espeak")
    os.makedirs(scratch, exist_ok=True)
    subprocess.run(
        [
            "cc", "-O2", "-std=c11", "-D_DEFAULT_SOURCE", "-o",
            program,
            os.path.join(HERE, "espeak_say.c"),
            "-lespeak-ng",
        ],
        check=True,
    )
    text = {code: sentences(archive, code, rng, 14) for _, code, _ in LANGUAGES}
    pool = [
        (tongue, code) for tongue, code, share in LANGUAGES for _ in range(share) if text[code]
    ]
    usual = [v for v in variants() if v not in TEST_VARIANTS]
    jobs, lines = [], []
    for k in range(n_jobs):
        tongue, code = pool[k % len(pool)]
        is_test = rng.random() < TEST_SHARE
        voice = rng.choice(sorted(TEST_VARIANTS) if is_test else usual)
        path = os.path.join(scratch, f"{k:05d}")
        said = text[code][k % len(text[code])] if rng.random() < 0.9 else rng.choice(text[code])
        jobs.append((path, voice, tongue, "test" if is_test else "train"))
        lines.append(
            f"{tongue}+{voice}\t{rng.randint(115, 250)}\t{rng.randint(10, 95)}\t"
            f"{rng.randint(15, 95)}\t{path}\t{said}\n"
        )
    rate_hz, writer = say_all(program, lines), corpus.Writer()
    for path, voice, tongue, split in jobs:
        if not os.path.exists(path + ".raw"):
            continue
        pcm = corpus.to_rate(
            np.fromfile(path + ".raw", "<i2").astype(np.float32) / 32768, rate_hz
        )
        if len(pcm) > 8000:
            writer.add(
                pcm,
                espeak_segments(path + ".lab", pcm),
                os.path.basename(path),
                "espeak+" + voice,
                tongue,
                split,
            )
        os.remove(path + ".raw")
        os.remove(path + ".lab")
    writer.save(os.path.join(work, "corpus", "espeak.npz"))


def read_wav(path):
    rate_hz, pcm = scipy.io.wavfile.read(path)
    return corpus.to_rate(pcm.astype(np.float32) / 32768, rate_hz)


def word_salad(rng, n):
    """Lines of English words in no order, for more neighbours of each sound than one text has."""
    with open(DICTIONARY, encoding="latin1") as f:
        words = sorted({w for w in (line.split()[0] for line in f) if LONG_WORD.fullmatch(w)})
    pick = lambda: rng.choice(SHORT_WORDS if rng.random() < 0.4 else words)
    return [" ".join(pick() for _ in range(rng.randint(6, 11))) + "." for _ in range(n)]


def speak_flite(archive, work, n_each, n_salad):
    rng = random.Random(11)
    scratch = os.path.join(work, "flite")
    os.makedirs(scratch, exist_ok=True)
    said = sentences(archive, "eng", rng, 12)
    jobs = [
        (v, k, rng.choice(said), rng.uniform(0.75, 1.3)) for v in FLITE for k in range(n_each)
    ]
    salad = word_salad(rng, n_salad)
    jobs += [
        (v, n_each + k, rng.choice(salad), rng.uniform(0.75, 1.3))
        for v in FLITE
        if v not in FLITE_TEST
        for k in range(n_salad)
    ]

    def speak(job):
        voice, k, text, stretch = job
        path = os.path.join(scratch, f"{voice}_{k:03d}.wav")
        command = [
            "flite",
            "-voice",
            voice,
            "-psdur",
            "--setf",
            f"duration_stretch={stretch:.2f}",
            "-o",
            path,
            "-t",
            text,
        ]
        durations = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return path, voice, durations

    writer = corpus.Writer()
    with ThreadPoolExecutor(2) as pool:
        for path, voice, durations in pool.map(speak, jobs):
            segments, begin = [], 0.0
            for item in durations.split():
                name, end = item.rsplit(":", 1)
                parts = phones.of_arpabet(name) or [(-1, 1.0)]
                segments += corpus.split_name(begin, float(end), parts)
                begin = float(end)
            writer.add(
                read_wav(path),
                segments,
                os.path.basename(path),
                "flite+" + voice,
                "en-us",
                "test" if voice in FLITE_TEST else "train",
            )
            os.remove(path)
    writer.save(os.path.join(work, "corpus", "flite.npz"))


def festival_segments(path, voice):
    segments, begin = [], 0.0
    with open(path, encoding="latin1") as f:
        for line in f:
            field = line.split()
            if len(field) != 3:
                continue
            end = float(field[0])
            parts = phones.of_festival(voice, field[2]) or [(-1, 1.0)]
            if end > begin:
                segments += corpus.split_name(begin, end, parts)
            begin = max(begin, end)
    return segments


def speak_festival(archive, work, n_each):
    scratch = os.path.join(work, "festival")
    os.makedirs(scratch, exist_ok=True)
    writer = corpus.Writer()

    def speak(item):
        voice, (code, encoding) = item
        said = [
            re.sub(r"[\d:]", " ", s) for s in sentences(archive, code, random.Random(voice), 10)
        ]
        script = f"(voice_{voice})\n"
        for k, text in enumerate(said[:n_each]):
            base = os.path.join(scratch, f"{voice}_{k:03d}")
            script += (
                f'(set! u (utt.synth (Utterance Text "{text}")))'
                f'(utt.save.wave u "{base}.wav" \'riff)(utt.save.segs u "{base}.seg")\n'
            )
        path = os.path.join(scratch, voice + ".scm")
        with open(path, "wb") as f:
            f.write(script.encode(encoding, "ignore"))
        subprocess.run(
            ["timeout", str(FESTIVAL_SECONDS), "festival", "-b", path], capture_output=True
        )
        return voice, code

    with ThreadPoolExecutor(2) as pool:
        for voice, code in pool.map(speak, FESTIVAL.items()):
            for k in range(n_each):
                base = os.path.join(scratch, f"{voice}_{k:03d}")
                if not os.path.exists(base + ".seg"):
                    continue
                writer.add(
                    read_wav(base + ".wav"),
                    festival_segments(base + ".seg", voice),
                    os.path.basename(base),
                    "festival+" + voice,
                    code,
                    "test" if voice in FESTIVAL_TEST else "train",
                )
                os.remove(base + ".wav")
                os.remove(base + ".seg")
    writer.save(os.path.join(work, "corpus", "festival.npz"))


def main(data, work, n_espeak=(4200,), n_flite=(130, 200), n_festival=(60,)):
    """Makes what is not there yet."""
    os.makedirs(os.path.join(work, "corpus"), exist_ok=True)
    with zipfile.ZipFile(os.path.join(data, "text", "udhr2.zip")) as archive:
        for name, speak, n in (
            ("espeak", speak_espeak, n_espeak),
            ("flite", speak_flite, n_flite),
            ("festival", speak_festival, n_festival),
        ):
            if not os.path.exists(os.path.join(work, "corpus", name + ".npz")):
                speak(archive, work, *n)
