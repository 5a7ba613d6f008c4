# SPDX-License-Identifier: Apache-2.0
"""The phones the recipe knows: class, articulators, and how each voice's own names map to them.

A phone is an IPA letter of our own inventory of 50. CLASS_OF gives the encoder's class of each
(enum limner_speech_class, include/limner/limner.h), TARGET its lips and jaw. A name of a voice maps
to [(phone, weight)]: the weights share the time of the name among its phones.
"""

CLASSES = (
    "silence", "closure", "labiodental", "dental", "alveolar", "lateral", "sibilant",
    "postalveolar", "velar", "rhotic", "rounded_glide", "spread", "mid", "open", "schwa",
    "rounded_open", "rounded_close", "rounded_front",
)
COARSE = ("silence", "closure", "labiodental", "lingual", "rounded", "spread", "open", "mid")
COARSE_OF_CLASS = (0, 1, 2, 3, 3, 3, 3, 4, 3, 4, 4, 5, 5, 6, 7, 4, 4, 4)

# phone: class, lip closure, rounding, jaw; each value 0..1 with its weight (how much it insists).
_TABLE = """
sil  silence       .0 .2  .30 .1  .05 .4
p    closure       1. 4.  .30 .2  .12 .6
b    closure       1. 4.  .30 .2  .14 .6
m    closure       1. 4.  .30 .2  .14 .6
f    labiodental   .45 3. .20 .4  .10 .9
v    labiodental   .40 3. .20 .4  .12 .8
T    dental        .0 .7  .20 .3  .20 .6
D    dental        .0 .7  .20 .3  .20 .5
t    alveolar      .0 .7  .25 .1  .15 .6
d    alveolar      .0 .7  .25 .1  .17 .5
n    alveolar      .0 .7  .25 .1  .20 .4
J    alveolar      .0 .7  .20 .2  .17 .5
r    alveolar      .0 .6  .30 .2  .25 .3
l    lateral       .0 .7  .25 .1  .28 .4
L    lateral       .0 .7  .20 .2  .22 .4
s    sibilant      .0 .8  .15 .3  .04 1.
z    sibilant      .0 .8  .15 .3  .05 1.
S    postalveolar  .0 .8  .75 1.  .08 1.
Z    postalveolar  .0 .8  .75 1.  .10 1.
C    postalveolar  .0 .8  .70 1.  .08 1.
G    postalveolar  .0 .8  .70 1.  .09 1.
k    velar         .0 .6  .30 .1  .25 .3
g    velar         .0 .6  .30 .1  .25 .3
N    velar         .0 .6  .30 .1  .25 .3
x    velar         .0 .6  .30 .1  .30 .3
c    velar         .0 .6  .10 .3  .15 .4
R    velar         .0 .6  .30 .1  .30 .3
h    velar         .0 .4  .30 .05 .35 .1
q    velar         .0 .4  .30 .05 .30 .1
rr   rhotic        .0 .7  .65 .8  .20 .5
er   rhotic        .0 .7  .60 .7  .30 .6
w    rounded_glide .15 1. 1.0 1.5 .15 .7
i    spread        .0 1.  .00 1.  .15 .8
I    spread        .0 1.  .10 .8  .25 .7
j    spread        .0 1.  .05 .8  .15 .7
e    mid           .0 1.  .08 .9  .40 .8
E    mid           .0 1.  .15 .8  .58 .9
a    open          .0 1.  .25 .8  1.0 1.
A    open          .0 1.  .35 .7  .95 1.
ae   open          .0 1.  .12 .8  .85 1.
V    open          .0 1.  .28 .6  .65 .8
@    schwa         .0 .8  .30 .3  .35 .5
3    schwa         .0 .8  .40 .5  .38 .6
M    schwa         .0 .8  .25 .5  .22 .6
o    rounded_open  .0 1.  .85 1.2 .45 .8
O    rounded_open  .0 1.  .75 1.1 .68 .9
u    rounded_close .10 1. 1.0 1.3 .18 .8
U    rounded_close .05 1. .80 1.1 .28 .7
y    rounded_front .05 1. .95 1.3 .18 .8
2    rounded_front .0 1.  .85 1.2 .40 .8
"""

PHONES, CLASS_OF, TARGET = [], [], []
for _line in _TABLE.split("\n"):
    if _line:
        _name, _class, *_values = _line.split()
        PHONES.append(_name)
        CLASS_OF.append(CLASSES.index(_class))
        TARGET.append(
            [float(v) for v in _values]
        )  # closure, weight, rounding, weight, jaw, weight
ID = {name: k for k, name in enumerate(PHONES)}
SILENCE = ID["sil"]

_IPA = {}
for _phone, _letters in {
    "p": "p", "b": "bβɓʙ", "m": "m", "f": "fɸ", "v": "vʋⱱ", "T": "θ", "D": "ð", "t": "tʈ",
    "d": "dɖɗ", "n": "nɳ", "J": "ɲ", "r": "ɾrɽ", "l": "lɭɫɬɺɮ", "L": "ʎ", "s": "s", "z": "z",
    "S": "ʃɕʂ", "Z": "ʒʑʐ", "k": "k", "g": "gɡɣɢʛɠ", "N": "ŋɴ", "x": "xχħqʜ", "c": "çcɟʄ",
    "R": "ʁʀɰ", "h": "hɦʕ", "q": "ʔ", "rr": "ɹɻ", "er": "ɚɝ", "w": "wʍɥ", "i": "i", "I": "ɪ",
    "j": "jʝ", "e": "e", "E": "ɛ", "a": "aɐ", "A": "ɑ", "ae": "æ", "V": "ʌ", "@": "əᵻɘ",
    "3": "ɜɞ", "M": "ɨɯɤ", "o": "o", "O": "ɔɒ", "u": "u", "U": "ʊ", "y": "yʏʉ", "2": "øœɵɶ",
}.items():
    for _letter in _letters:
        _IPA[_letter] = _phone
_PAIRS = (
    ("t͡ʃ", "C"), ("tʃ", "C"), ("tɕ", "C"), ("tʂ", "C"), ("d͡ʒ", "G"), ("dʒ", "G"), ("dʑ", "G"),
    ("dʐ", "G"), ("r̝", "Z"), ("ts.", "C"), ("s.", "S"), ("z.", "Z"), ("ɐ̃", "a"),
)
_VOWELS = set("i I e E a A ae V @ 3 M o O u U y 2 er".split())


def of_ipa(text):
    """[(phone, weight)] of an IPA string as espeak-ng writes it; [] when nothing is known."""
    out, k = [], 0
    if text.startswith("("):  # a switch of language
        return []
    while k < len(text):
        pair = next((p for p in _PAIRS if text.startswith(p[0], k)), None)
        phone = pair[1] if pair else _IPA.get(text[k])
        if text[k] in "ː:" and out:
            out[-1][1] += 0.6
        elif text[k] == "h" and out and out[-1][0] not in _VOWELS:
            phone = None  # aspiration
        k += len(pair[0]) if pair else 1
        if phone and out and out[-1][0] == phone:
            out[-1][1] += 0.5
        elif phone:
            weight = 0.7 if out and phone not in _VOWELS else 1.0
            out.append([phone, weight])
    if len(out) > 1 and all(p in _VOWELS for p, _ in out):
        out[0][1] *= 1.3  # a diphthong dwells on its first part
    return [(ID[p], w) for p, w in out]


_ARPABET = {
    "pau": "sil", "sil": "sil", "ssil": "sil", "#": "sil", "brth": "sil", "sp": "sil", "p": "p",
    "b": "b", "m": "m", "em": "m", "f": "f", "v": "v", "th": "T", "dh": "D", "t": "t", "d": "d",
    "n": "n", "en": "n", "nx": "n", "dx": "r", "l": "l", "el": "l", "s": "s", "z": "z",
    "sh": "S", "zh": "Z", "ch": "C", "jh": "G", "k": "k", "g": "g", "ng": "N", "hh": "h",
    "hv": "h", "r": "rr", "er": "er", "axr": "er", "w": "w", "y": "j", "iy": "i", "ih": "I",
    "ix": "I", "eh": "E", "ey": "e:1.3 i", "ae": "ae", "aa": "A", "ah": "V", "ay": "a:1.3 I",
    "aw": "a:1.3 U", "ax": "@", "ao": "O", "ow": "o:1.2 U", "oy": "O:1.2 I", "uh": "U",
    "uw": "u", "ux": "u",
}
_CZECH = {
    "#": "sil", "##": "sil", "_": "sil", "ch": "x", "c": "t s", "c~": "C", "s~": "S", "z~": "Z",
    "d~": "d", "t~": "t", "n~": "J", "r~": "Z", "r~*": "S", "dz": "d z", "dz~": "G",
    "ou": "o U", "au": "a U", "eu": "e U", "y": "i", "h": "h", "q": "k", "r": "r", "e": "E",
    "i": "I", "i:": "i", "e:": "E", "a:": "a", "o:": "o", "u:": "u",
}
_ITALIAN = {
    "#": "sil", "ts": "t s", "dz": "d z", "dZ": "G", "tS": "C", "S": "S", "Z": "Z", "J": "J",
    "L": "L", "nf": "m", "ng": "N", "N": "N", "r": "r", "rr": "r", "E": "E", "O": "O",
    "ax": "@", "E1": "E", "O1": "O", "e1": "e", "o1": "o", "a1": "a", "i1": "i", "u1": "u",
    "B": "b", "D": "d", "G": "g", "uh": "@", "y": "j", "x": "x",
}
_FINNISH = {
    "#": "sil", "##": "sil", "@": "ae", "@:": "ae", "7": "2", "7:": "2", "N": "N", "N:": "N",
    "y": "y", "y:": "y", "v": "v", "h": "h", "r": "r",
}
_RUSSIAN = {
    "ay": "a", "ch": "C", "c": "t s", "zh": "Z", "sch": "S", "sh": "S", "y": "M", "yy": "M",
    "ii": "i", "ee": "e", "oo": "o", "uu": "u", "aa": "a", "h": "x", "ae": "@", "ur": "u",
    "i": "I", "a": "V", "e": "E", "o": "o", "u": "u", "j": "j", "r": "r", "rr": "r",
}
_HINDI = {
    "ih": "I", "iy": "i", "eh": "E", "oh": "o", "uh": "U", "uw": "u", "aw": "O", "ay": "E",
    "ch": "C", "chh": "C", "j": "G", "jh": "G", "sh": "S", "th": "t", "dh": "d", "tth": "t",
    "ddh": "d", "T": "t", "D": "d", "N": "n", "y": "j", "ey": "e", "bh": "b", "ph": "f",
    "kh": "k", "gh": "g", "a": "@", "aa": "a", "r": "r", "v": "v", "hv": "h", "ng": "N",
}


def _of_table(table, name):
    entry = table.get(name)
    if entry is None:
        base = name.rstrip(":1234567890")
        entry = table.get(base) or _IPA.get(base[:1].lower())
        if name in ("pau", "sil") or entry is None:
            entry = "sil" if name in ("pau", "sil") else ""
    out = []
    for part in entry.split():
        phone, _, weight = part.partition(":")
        out.append((ID[phone], float(weight or 1)))
    return out


def of_arpabet(name):
    """[(phone, weight)] of a name of the CMU set (flite, festival's English, pocketsphinx)."""
    return _of_table(_ARPABET, name.lower())


def of_festival(voice, name):
    """[(phone, weight)] of a segment's name in a festival voice."""
    for start, table in (
        ("czech", _CZECH), ("lp_", _ITALIAN), ("pc_", _ITALIAN), ("upc_ca", _ITALIAN),
        ("hy_fi", _FINNISH), ("suo_fi", _FINNISH), ("msu_ru", _RUSSIAN), ("hindi", _HINDI),
        ("telugu", _HINDI),
    ):
        if voice.startswith(start):
            return _of_table(table, name)
    return of_arpabet(name)
