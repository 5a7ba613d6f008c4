# SPDX-License-Identifier: Apache-2.0
"""Real speech -> corpora with phone times: WORK/corpus/{kerstin,english,untold}.npz.

kerstin: German with text, our own aligner. english: with text, by pocketsphinx (ljspeech and GRID
are the split "test"); the talk clips' text is what pocketsphinx recognises, kept where the two
aligners agree. untold: no text; labelled with what the net hears where it is sure.
"""

import os
import pathlib
import re
import subprocess

import numpy as np
import torch

import align
import corpus
import export
import phones

MIN_SCORE_SHARE = 0.05  # of the worst-fitting sentences are dropped
KERSTIN_HELD = 60  # last sentences, never trained on (same speaker: development only)
GRID_WORDS = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    dict(zip("z123456789", "zero one two three four five six seven eight nine".split())),
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)
LETTERS = {
    "a": "ay", "b": "bee", "c": "see", "d": "dee", "e": "ee", "f": "eff", "g": "gee",
    "h": "aitch", "i": "eye", "j": "jay", "k": "kay", "l": "ell", "m": "em", "n": "en",
    "o": "oh", "p": "pee", "q": "queue", "r": "are", "s": "ess", "t": "tea", "u": "you",
    "v": "vee", "x": "ex", "y": "why", "z": "zed",
}
ENGLISH_CLIPS = (
    "speech/clips/librivox_en.mp3", "speech/clips/joyvasa_*.flac", "speech/clips/st_RD*.flac",
    "talk/sadtalker/*", "talk/edtalk/uncrop_Obama.mp4", "talk/video_retalking/*",
    "talk/pc_avs/*", "talk/liveportrait/*",
)
UNTOLD = (
    "talk/arabic_news/*", "speech/clips/librivox_*.mp3", "speech/clips/joyvasa_*.flac",
    "speech/clips/st_*.flac", "talk/edtalk/*", "talk/sadtalker/*", "talk/video_retalking/*",
    "talk/pc_avs/*", "talk/liveportrait/*", "speech/robust/ja.mp3",
)
UNTOLD_HELD = ("itosinger", "imagine", "fayu")  # singing and a French voice: listening tests only


def grid_text(name):
    """Of a clip's name ("bbaf2n"), None where it holds no sentence."""
    code = re.search(r"(?:^|_)([a-z]{4}[0-9z][a-z])$", name)
    if not code:
        return None
    return " ".join(
        LETTERS.get(c, c) if not table else table[c] for table, c in zip(GRID_WORDS, code[1])
    )


def read_table(path, text_column):
    with open(path, encoding="utf8") as f:
        rows = [line.rstrip("\n").split("|") for line in f]
    return [(r[0], r[text_column]) for r in rows]


def prior_of(paths):
    """Share of each phone in built corpora."""
    count = np.ones(len(phones.PHONES))
    for path in paths:
        c = corpus.Corpus(path)
        known = c.seg_phone >= 0
        np.add.at(count, c.seg_phone[known], (c.seg_time[known, 1] - c.seg_time[known, 0]) * 50)
    return count / count.sum()


def own_labels(work, run, prior, sounds, texts, tongue):
    torch.set_num_threads(1)
    net = export.load(run).eval()
    said = align.spoken(work, texts, tongue)
    return [align.align(net, prior, pcm, sequence) for pcm, sequence in zip(sounds, said)]


def kerstin(data, work, run, prior):
    folder = pathlib.Path(data, "speech", "kerstin")
    rows = read_table(folder / "metadata.csv", 1)
    sounds = [corpus.read_sound(folder / (name + ".opus")) for name, _ in rows]
    found = own_labels(work, run, prior, sounds, [t for _, t in rows], "de")
    worst = np.quantile([score for _, score in found], MIN_SCORE_SHARE)
    writer = corpus.Writer()
    for k, ((name, _), pcm, (segments, score)) in enumerate(zip(rows, sounds, found)):
        if segments and score > worst:
            writer.add(
                pcm,
                segments,
                name,
                "kerstin",
                "de",
                "held" if k >= len(rows) - KERSTIN_HELD else "train",
            )
    writer.save(os.path.join(work, "corpus", "kerstin.npz"))


def english_test(data):
    """[(name, sound, text)] of ljspeech, as far as the data has its text, and GRID, both never
    trained on."""
    folder = pathlib.Path(data, "speech", "ljspeech")
    out = [
        (n, corpus.read_sound(folder / (n + ".flac")), t)
        for n, t in read_table(folder / "metadata.csv", 2)
        if (folder / (n + ".flac")).exists()
    ]
    for path in sorted(pathlib.Path(data, "talk", "grid").iterdir()):
        if grid_text(path.stem):
            out.append(("grid_" + path.stem, corpus.read_sound(path), grid_text(path.stem)))
    return out


def english_heard(data, work, run, prior, least=0.78):
    """[(name, sound, segments)] of the ljspeech sentences whose text the data has not: pocketsphinx
    recognises and aligns them; kept where our aligner, given the same words, agrees."""
    folder = pathlib.Path(data, "speech", "ljspeech")
    known = {n for n, _ in read_table(folder / "metadata.csv", 2)}
    paths = [p for p in sorted(folder.glob("*.flac")) if p.stem not in known]
    sounds = [corpus.read_sound(p) for p in paths]
    texts = recognise(work, sounds, "heard")
    by_us = own_labels(work, run, prior, sounds, texts, "en-us")
    return [
        (path.stem, pcm, a)
        for path, pcm, a, (b, _) in zip(paths, sounds, align.sphinx(work, sounds, texts), by_us)
        if a and b and agreement(a, b) >= least
    ]


def recognise(work, sounds, name="words"):
    """English words that pocketsphinx hears in each sound; takes minutes, so it is done once."""
    scratch = os.path.join(work, "sphinx_" + name)
    os.makedirs(scratch, exist_ok=True)
    names = [f"u{k:04d}" for k in range(len(sounds))]
    if not os.path.exists(os.path.join(scratch, "out")):
        run_recogniser(scratch, names, sounds)
    words = {}
    with open(os.path.join(scratch, "out"), encoding="ascii") as f:
        for line in f:
            text, _, tail = line.rpartition("(")
            words[tail.split()[0]] = re.sub(r"\(\d+\)", "", text).strip()
    return [words.get(n, "") for n in names]


def run_recogniser(scratch, names, sounds):
    for name, pcm in zip(names, sounds):
        np.clip(pcm * 32767, -32767, 32767).astype("<i2").tofile(
            os.path.join(scratch, name + ".raw")
        )
    with open(os.path.join(scratch, "list"), "w", encoding="ascii") as f:
        f.writelines(n + "\n" for n in names)
    subprocess.run(
        [
            "pocketsphinx_batch",
            "-hmm",
            align.MODEL + "en-us",
            "-lm",
            align.MODEL + "../en-us/en-us.lm.bin",
            "-dict",
            align.MODEL + "cmudict-en-us.dict",
            "-ctl", "list", "-cepdir", ".", "-adcin", "yes", "-cepext", ".raw", "-hyp", "out",
            "-remove_silence", "no",
        ],
        cwd=scratch,
        capture_output=True,
        check=True,
    )


def pieces(pcm, longest_s=11.0):
    """Cuts a long sound where it is quietest, about every 8 s."""
    out, at = [], 0
    while len(pcm) - at > longest_s * 16000:
        part = pcm[at + 96000 : at + 160000]
        energy = np.convolve(part**2, np.ones(1600), "valid")[::160]
        cut = at + 96000 + int(energy.argmin()) * 160 + 800
        out.append(pcm[at:cut])
        at = cut
    return out + [pcm[at:]]


def _sounds(data, patterns, held=()):
    for pattern in patterns:
        for path in sorted(pathlib.Path(data).glob(pattern)):
            if not any(h in path.name for h in held):
                for k, pcm in enumerate(pieces(corpus.read_sound(path))):
                    if len(pcm) > 12000 and np.abs(pcm).max() > 1e-3:
                        yield f"{path.stem}_{k}", pcm


def agreement(a, b):
    """Share of 10 ms frames on which two labellings agree, by coarse class."""
    n = int(min(a[-1][1], b[-1][1]) * 100)
    track = np.zeros((2, n), int)
    for row, segments in zip(track, (a, b)):
        for begin, end, phone in segments:
            row[int(round(begin * 100)) : int(round(end * 100))] = phones.COARSE_OF_CLASS[
                phones.CLASS_OF[phone]
            ]
    return (track[0] == track[1]).mean() if n else 0.0


def english(data, work, run, prior, least=0.55):
    writer = corpus.Writer()
    names, sounds, texts = zip(*english_test(data))
    for name, pcm, segments in zip(names, sounds, align.sphinx(work, sounds, texts)):
        if segments:
            writer.add(
                pcm,
                segments,
                name,
                "grid" if name.startswith("grid") else "ljspeech",
                "en",
                "test",
            )
    names, sounds = zip(*_sounds(data, ENGLISH_CLIPS))
    texts = recognise(work, sounds)
    by_sphinx = align.sphinx(work, sounds, texts)
    by_us = own_labels(work, run, prior, sounds, texts, "en-us")
    for name, pcm, a, (b, _) in zip(names, sounds, by_sphinx, by_us):
        if a and b and agreement(a, b) > least:
            writer.add(pcm, a, name, "clip", "en", "train")
    writer.save(os.path.join(work, "corpus", "english.npz"))


def untold(data, work, run):
    """Sound without text, labelled with what the net hears when it is sure (self-training)."""
    torch.set_num_threads(1)
    net, writer = export.load(run).eval(), corpus.Writer()
    for name, pcm in _sounds(data, UNTOLD, UNTOLD_HELD):
        writer.add(pcm, align.guess(net, pcm), name, "untold", "", "train")
    writer.save(os.path.join(work, "corpus", "untold.npz"))
