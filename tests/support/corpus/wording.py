"""Captions and other options as nobody should write them, on a small sound photo."""

from functools import cache

import numpy as np

from tests.support.corpus.cases import Case, Picture
from tests.support.corpus.sound import sound

_BAD = frozenset({"bad-option"})

# Letters that the shipped fonts have, a script each.
_LETTERS = {
    "latin": "abc xyz ÄÖÜ ñ",
    "greek": "αβγ δεζ",
    "cyrillic": "абв где",
    "devanagari": "नमस्ते दुनिया",
    "telugu": "నమస్తే లోకం",
    "kana": "こんにちは せかい",
    "arabic": "مرحبا بالعالم",
    "hebrew": "שלום עולם",
    "emoji": "😀 🎉 ok",
}
# What shows nothing by itself: marks of direction, joiners, a byte order mark, a soft hyphen.
_INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def too_long(i: int, rng: np.random.Generator) -> Case:
    """100,000 characters, or one more than fit."""
    letters = "".join(_LETTERS.values())
    count = (100_000, 301)[i % 2]
    return _refused({"caption": (letters * (count // len(letters) + 1))[:count]})


def empty(i: int, rng: np.random.Generator) -> Case:
    """Nothing that shows: spaces of every kind, joiners and marks of direction, line ends."""
    signs = list(_INVISIBLE + " \t\r\n\u00a0\u2003\u2028\u3000")
    text = "".join(rng.choice(signs, int(rng.integers(0, 300))))
    return _refused({"caption": text})


def control(i: int, rng: np.random.Generator) -> Case:
    """A null or another control character within a caption, as a terminal or a log would take it amiss."""
    signs = [chr(code) for code in (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0xA0)) if code != 0x85]
    return _refused({"caption": f"be{signs[i % len(signs)]}fore"})


def unknown_letters(i: int, rng: np.random.Generator) -> Case:
    """Signs that no font here has: private ones, none at all, of scripts that aren't shipped."""
    blocks = (
        (0xE000, 0xF8FF),
        (0x10FFF0, 0x10FFFF),
        (0x13000, 0x1342E),
        (0x12000, 0x12399),
        (0xA500, 0xA60B),
    )
    first, last = blocks[i % len(blocks)]
    signs = "".join(chr(int(code)) for code in rng.integers(first, last, int(rng.integers(1, 20))))
    return _refused({"caption": f"ha {signs}"})


def halves(i: int, rng: np.random.Generator) -> Case:
    """Half of a pair of surrogates, as JSON can hold it."""
    return _refused({"caption": "a" + chr(int(rng.integers(0xD800, 0xE000))) + "b"})


def marked(i: int, rng: np.random.Generator) -> Case:
    """Letters with marks of direction, joiners and zero-width signs strewn in: set, and kept as written."""
    letters = list(_LETTERS.values())[i % len(_LETTERS)]
    signs = [letter + str(rng.choice(list(_INVISIBLE))) * int(rng.integers(0, 3)) for letter in letters]
    text = "".join(signs).strip()
    return _shown({"caption": text}, " ".join(text.split()))


def overturned(i: int, rng: np.random.Generator) -> Case:
    """Overrides of direction that are never closed, up to a whole caption of them."""
    marks = "".join(rng.choice(list("\u202a\u202b\u202d\u202e\u2066\u2067\u2068"), int(rng.integers(1, 290))))
    text = f"{marks}abc שלום"
    return _shown({"caption": text}, text)


def heaped(i: int, rng: np.random.Generator) -> Case:
    """Many marks upon one letter, one letter many times, one word too wide for any line."""
    texts = (
        "e" + "\u0301" * 200,
        "W" * 300,
        "i" * 300,
        "నమస్తే" * 50,
        "😀" * 300,
        "नि" * 150,
        "ا" * 300,
        "%" * 25,  # signs that may not begin a line, nor end one
        "no" + "!" * 290,
        "(" * 300,
        "。" * 300,
        "क" + "ा" * 250,  # marks that each have a width
        "क्" * 150,
    )
    text = texts[i % len(texts)]
    shown = "é" + "\u0301" * 199 if text[0] == "e" else text
    return _shown({"caption": text, "style": ("classic", "bar", "bubble")[i // len(texts) % 3]}, shown)


def lines(i: int, rng: np.random.Generator) -> Case:
    """Line ends of every kind: newlines part the caption into twelve lines at most, all others are spaces."""
    ends = rng.choice(list("\n\r\u2028\u2029\u0085\u000b\u000c\t "), int(rng.integers(1, 40)))
    text = "a" + "".join(f"{end}b" for end in ends)
    parts = [" ".join(part.split()) for part in text.split("\n", 11)]
    return _shown({"caption": text}, "\n".join(parts))


def wrong_option(i: int, rng: np.random.Generator) -> Case:
    """Values of another type, out of range, or of options that there are none of."""
    wrong: tuple[dict[str, object], ...] = (
        {"language": "../../etc/passwd"},
        {"language": "en\0"},
        {"language": "e" * 10_000},
        {"language": ["en"]},
        {"expression": "joy"},
        {"expression": {"$ne": None}},
        {"style": "none"},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": 1e300},
        {"seed": float("nan")},
        {"seed": True},
        {"seed": "9" * 20},
        {"seed": "٣"},  # a digit, but none of ASCII
        {"variant": 1_000_000},
        {"variant": "1e3"},
        {"variant": 1, "turn": 1},
        {"caption": 7},
        {"caption": ["a"]},
        {"watermark": "me"},
        {"__class__": "x"},
        {"": ""},
        {"caption\0": "x"},
    )
    return _refused(wrong[i % len(wrong)])


@cache
def _photo() -> tuple[bytes, Picture]:
    photo = sound("png", 0)
    return photo.data, photo.picture


def _refused(options: dict[str, object]) -> Case:
    return Case(_photo()[0], _BAD, options=options)


def _shown(options: dict[str, object], caption: str) -> Case:
    data, picture = _photo()
    return Case(data, picture=picture, options=options, caption=caption)
