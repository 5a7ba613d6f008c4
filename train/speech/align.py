# SPDX-License-Identifier: Apache-2.0
"""Two forced aligners: our own (any language of espeak-ng) and pocketsphinx (English).

Own: espeak-ng says which phones a text has; a trained net says at 100 Hz which phone it hears;
Viterbi joins them. Sounds that speakers drop may be skipped, pauses may come between words.
"""

import os
import re
import subprocess

import numpy as np
import torch

import features
import phones

STEP_S = 0.010
PRIOR_POWER = 0.6  # posteriors are divided by prior ** this
SKIP = {phones.ID[p]: -2.5 for p in ("@", "h", "q", "t", "d", "r", "I", "M")}
PAUSE_COST = -1.0
LOUD_PAUSE_COST = 4.0
BEAM_NONE = -1e9
STOPS = {phones.ID[p] for p in ("p", "b", "t", "d", "k", "g")}


def spoken(work, texts, tongue):
    """For each text the list of its phones; None marks a word's end, where a pause may be."""
    scratch = os.path.join(work, "say")
    os.makedirs(scratch, exist_ok=True)
    paths = [os.path.join(scratch, str(k)) for k in range(len(texts))]
    lines = [
        f"{tongue}\t160\t50\t50\t{path}\t{re.sub(r'[;()]', ',', text)}\n"
        for path, text in zip(paths, texts)
    ]
    subprocess.run(
        [os.path.join(work, "espeak_say")],
        input="".join(lines).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    out = []
    for path in paths:
        sequence = []
        with open(path + ".lab", encoding="utf8", errors="replace") as f:
            for line in f:
                name = line.rstrip("\n").partition("\t")[2]
                parts = phones.of_ipa(name) if name not in ("", "#", "|") else []
                sequence += [p for p, _ in parts] or [None]
        os.remove(path + ".raw")
        os.remove(path + ".lab")
        out.append(sequence)
    return out


def hear(net, pcm):
    """[n][P] ln phone posteriors every 10 ms, row j at 10 j + 5 ms: the net's frames and those of
    the sound moved by 10 ms, in turns."""
    rows = []
    for shift in (0, features.HOP):
        x = features.net_input(
            features.mel(np.concatenate([pcm[shift:], np.zeros(2400, np.float32)]))
        )
        with torch.no_grad():
            rows.append(
                torch.log_softmax(
                    net(torch.from_numpy(x[None, : len(x) // 2 * 2]))[2][0], -1
                ).numpy()
            )
    n = min(map(len, rows))
    both = np.stack([rows[0][:n], rows[1][:n]], 1).reshape(2 * n, -1)
    # A frame's middle is 10 ms in: rows 2 k and 2 k + 1 lie at 20 k + 10 and 20 k + 20 ms.
    both = np.concatenate([both[:1], both])
    return (both[:-1] + both[1:])[: len(pcm) // 160] / 2


def _states(sequence):
    """[(phone, log cost of leaving it out)] with pauses between words."""
    out = [(phones.SILENCE, 0.0)]
    for phone in sequence:
        if phone is None:
            if out[-1][0] != phones.SILENCE:
                out.append((phones.SILENCE, 0.0))
        else:
            out.append((phone, SKIP.get(phone, BEAM_NONE)))
    if out[-1][0] != phones.SILENCE:
        out.append((phones.SILENCE, 0.0))
    return out


def _least_rows(phone):
    """The fewest rows of 10 ms that a phone may last."""
    return 1 if phone == phones.SILENCE else 2 if phone in SKIP else 3


def viterbi(score, states):
    """(state of each row, mean ln score per row), or (None, -99) where the rows are too few for
    the states; score [n][P]. From a state to itself, the next, or the one after, which costs what
    leaving out the one between costs. A state is a chain of as many cells as it must last rows."""
    ids = np.array([s[0] for s in states])
    rows = np.array([_least_rows(phone) for phone in ids])
    last = np.cumsum(rows) - 1
    first = last - rows + 1
    owner = np.repeat(np.arange(len(ids)), rows)
    n, m = len(score), len(owner)
    if n < m:
        return None, -99.0
    emit = score[:, ids[owner]]
    stay = np.full(m, BEAM_NONE)
    stay[last] = 0.0
    enter = np.zeros(m)
    enter[first] = np.where(ids == phones.SILENCE, PAUSE_COST, 0.0)
    over = np.full(m, BEAM_NONE)
    over[first[2:]] = np.array([s[1] for s in states])[1:-1]
    over_from = np.zeros(m, int)
    over_from[first[2:]] = last[:-2]
    best = np.full(m, BEAM_NONE)
    best[first[:2]] = emit[0, first[:2]]
    back = np.zeros((n, m), np.int8)
    for t in range(1, n):
        move = np.stack(
            [
                best + stay,
                np.concatenate([[BEAM_NONE], best[:-1]]) + enter,
                best[over_from] + over + enter,
            ]
        )
        back[t] = move.argmax(0)
        best = move.max(0) + emit[t]
    at = max(last[-2:], key=lambda k: best[k])
    path = np.zeros(n, int)
    mean_score = best[at] / n
    for t in range(n - 1, -1, -1):
        path[t] = owner[at]
        at = (at, at - 1, over_from[at])[back[t, at]]
    return path, mean_score


def not_quiet(pcm, n_rows):
    """[n] what a pause costs in each row for being loud: nothing near the sound's floor or 36 dB
    below its loud parts, LOUD_PAUSE_COST from 8 dB above that."""
    loud = np.pad(pcm, (0, 160))[: n_rows * 160].reshape(n_rows, 160)
    loud_db = 10 * np.log10((loud**2).mean(1) + 1e-10)
    top, bottom = np.percentile(loud_db, 95), np.percentile(loud_db, 5)
    return LOUD_PAUSE_COST * np.clip((loud_db - max(top - 36.0, bottom + 8.0)) / 8.0, 0.0, 1.0)


def align(net, prior, pcm, sequence):
    """([(begin_s, end_s, phone)], mean ln score per row: how well text and sound agree)."""
    score = hear(net, pcm) - PRIOR_POWER * np.log(prior + 1e-4)
    score[:, phones.SILENCE] -= not_quiet(pcm, len(score))
    states = _states(sequence)
    path, mean_score = viterbi(score, states)
    if path is None:
        return None, mean_score
    cut = np.flatnonzero(np.diff(path)) + 1
    edge = np.concatenate([[0], cut, [len(path)]])
    found = [(a * STEP_S, b * STEP_S, states[path[a]][0]) for a, b in zip(edge[:-1], edge[1:])]
    return without_short_pauses(found), mean_score


def without_short_pauses(segments, shortest_s=0.07):
    """A silence inside speech that is too short for a pause is the closure of the stop after it,
    or else belongs to the phone before it."""
    out = list(segments)
    for k in range(1, len(out) - 1):
        begin, end, phone = out[k]
        if phone == phones.SILENCE and end - begin < shortest_s:
            after = out[k + 1][2]
            out[k] = (begin, end, after if after in STOPS else out[k - 1][2])
    return out


def guess(net, pcm, switch_cost=2.5, least=0.45):
    """Phones of a sound whose text is not known: the best path that changes phone seldom;
    segments of whose class the net is less sure than `least` are unknown (-1)."""
    score = hear(net, pcm)
    score[:, phones.SILENCE] -= not_quiet(pcm, len(score))
    best, back = score[0].copy(), np.zeros(score.shape, np.int16)
    for t in range(1, len(score)):
        top = int(best.argmax())
        leave = best[top] - switch_cost
        back[t] = np.where(best >= leave, np.arange(len(best)), top)
        best = np.maximum(best, leave) + score[t]
    path = np.zeros(len(score), int)
    at = int(best.argmax())
    for t in range(len(score) - 1, -1, -1):
        path[t] = at
        at = back[t, at]
    share, class_of = np.exp(score), np.array(phones.CLASS_OF)
    sure = lambda a, b: share[a:b, class_of == class_of[path[a]]].sum(1).mean() > least
    edge = np.concatenate([[0], np.flatnonzero(np.diff(path)) + 1, [len(path)]])
    return [
        (a * STEP_S, b * STEP_S, path[a] if sure(a, b) else -1)
        for a, b in zip(edge[:-1], edge[1:])
    ]


MODEL = "/usr/share/pocketsphinx/model/en-us/"
SPHINX_LATE_S = (0.025625 - STEP_S) / 2
_dictionary, _reduced = {}, {}


def _pronunciations(word):
    """Lists of CMU phones."""
    if not _dictionary:
        with open(MODEL + "cmudict-en-us.dict", encoding="latin1") as f:
            for line in f:
                name, *rest = line.split()
                _dictionary.setdefault(re.sub(r"\(\d+\)$", "", name), []).append(rest)
    if word not in _reduced:
        said = subprocess.run(
            ["flite", "-ps", "-o", "none", "-t", word], capture_output=True, text=True
        ).stdout
        rest = [p.upper() for p in said.split() if p != "pau"]
        known = _dictionary.get(word, [rest] if rest else [])
        _reduced[word] = [_with_schwas(option, rest) for option in known]
    return _reduced[word]


def _with_schwas(option, other):
    """CMU's AH stands for two vowels: AX where `other`, which tells them apart, has it."""
    same = len(option) == len(other)
    return [
        "AX" if p == "AH" and (not same or other[k] == "AX") else p for k, p in enumerate(option)
    ]


def _grammar(text):
    """FSG of the phones of a sentence, with each word's other pronunciations."""
    arcs, at, free = [], 0, 1
    for word in re.findall(r"[a-z']+", text.lower()):
        options = _pronunciations(word.strip("'")) or _pronunciations(word)
        if not options:
            continue
        end, free = free, free + 1
        for option in options:
            here = at
            for k, phone in enumerate(option):
                there = end if k == len(option) - 1 else free
                free += there == free
                arcs.append(
                    f"TRANSITION {here} {there} {1 / len(options) if k == 0 else 1:.3f} {phone}"
                )
                here = there
        at = end
    return "\n".join(
        [
            "FSG_BEGIN s",
            f"NUM_STATES {free}",
            "START_STATE 0",
            f"FINAL_STATE {at}",
            *arcs,
            "FSG_END",
            "",
        ]
    )


def sphinx(work, sounds, texts):
    """[(begin_s, end_s, phone)] or None for each sound, by pocketsphinx."""
    scratch = os.path.join(work, "sphinx")
    os.makedirs(scratch, exist_ok=True)
    names = [f"u{k:04d}" for k in range(len(sounds))]
    for name, pcm, text in zip(names, sounds, texts):
        np.clip(pcm * 32767, -32767, 32767).astype("<i2").tofile(
            os.path.join(scratch, name + ".raw")
        )
        with open(os.path.join(scratch, name + ".fsg"), "w", encoding="ascii") as f:
            f.write(_grammar(text))
    known = sorted({p for options in _reduced.values() for o in options for p in o})
    with open(os.path.join(scratch, "phones.dict"), "w", encoding="ascii") as f:
        f.writelines(f"{p} {p.replace('AX', 'AH')}\n" for p in known)
    with open(os.path.join(scratch, "list"), "w", encoding="ascii") as f:
        f.writelines(n + "\n" for n in names)
    subprocess.run(
        [
            "pocketsphinx_batch",
            "-hmm",
            MODEL + "en-us",
            "-dict", "phones.dict", "-fsgctl", "list", "-fsgdir", ".", "-cepdir", ".",
            "-fsgext", ".fsg", "-ctl", "list", "-adcin", "yes", "-cepext", ".raw", "-hypseg",
            "out", "-beam", "1e-80", "-wbeam", "1e-60", "-pbeam", "1e-80", "-bestpath", "no",
            "-remove_silence", "no",
        ],
        cwd=scratch,
        capture_output=True,
        check=True,
    )
    with open(os.path.join(scratch, "out"), encoding="ascii") as f:
        found = {line.split()[0]: line.split() for line in f if line.strip()}
    raw = [_hypseg(found.get(name, [])) for name in names]
    return [segments and trim(pcm, segments) for pcm, segments in zip(sounds, raw)]


def trim(pcm, segments, quiet_db=-34.0):
    """pocketsphinx lets a word's last phone run on into the pause: the quiet end of a phone before
    a pause, or the sound's end, becomes pause; a stop keeps 60 ms."""
    loud = pcm[: len(pcm) // 160 * 160].reshape(-1, 160)
    loud_db = 10 * np.log10((loud**2).mean(1) + 1e-10)
    quiet = loud_db < np.percentile(loud_db, 95) + quiet_db
    out = []
    for k, (begin, end, phone) in enumerate(segments):
        is_last = k + 1 == len(segments) or segments[k + 1][2] == phones.SILENCE
        at = min(int(round(end * 100)), len(quiet))
        least = int(begin * 100) + (6 if phone in STOPS else 2)
        while phone != phones.SILENCE and is_last and at > least and quiet[at - 1]:
            at -= 1
        cut = min(end, at * STEP_S) if end - at * STEP_S > 0.02 else end
        out.append((begin, cut, phone))
        if cut < end:
            out.append((cut, end, phones.SILENCE))
    return out


def _hypseg(field):
    """Of a line "id S . T . A . L . begin acoustic language word begin ... end"; frame k is heard
    from 10 k to 10 k + 25.6 ms, so that its 10 ms lie in the middle of that."""
    at_s = lambda frame: frame * STEP_S + (SPHINX_LATE_S if frame > 0 else 0.0)
    if len(field) < 12:
        return None
    at = next(k for k in range(1, len(field)) if field[k] == "L") + 2
    out = []
    while at + 4 <= len(field) - 1:
        begin, word, end = int(field[at]), field[at + 3], int(field[at + 4])
        parts = phones.of_arpabet(re.sub(r"\(\d+\)$", "", word).strip("<>+").lower()) or [
            (phones.SILENCE, 1)
        ]
        total = sum(w for _, w in parts)
        for phone, w in parts:
            stop = begin + (end - begin) * w / total
            out.append((at_s(begin), at_s(stop), phone))
            begin = stop
        at += 4
    return out
