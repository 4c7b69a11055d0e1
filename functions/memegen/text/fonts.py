"""The shipped fonts: which letters each has, and the size in pixels of text set in them.

A line may need several fonts: every run of letters takes the first font of its family that covers it.
"""

import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont, features

from memegen.errors import ErrorCode, PhotoError
from memegen.geometry import Box, union
from memegen.text import bidi
from memegen.text.coverage import covered
from memegen.text.linebreak import graphemes

FOLDER = Path(__file__).parents[1] / "fonts"
_REFERENCE_SIZE = 200
_EMOJI = "NotoEmoji-Bold.ttf"
_OTHER_SCRIPTS = (
    "Mukta-ExtraBold.ttf",
    "NotoSansTelugu-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansArabic-Bold.ttf",
    _EMOJI,
    "NotoSansJP-Bold.otf",
)

Family = tuple[str, ...]
"""Font files, the first choice first. All families cover the same signs."""

# Anton is the nearest free letter to Impact, the meme's own; Noto Sans, as black and narrow as it goes,
# stands in for what Anton lacks: Greek and Cyrillic.
POSTER: Family = ("Anton-Regular.ttf", "NotoSans-CondensedBlack.ttf", *_OTHER_SCRIPTS)
PLAIN: Family = ("NotoSans-Bold.ttf", *_OTHER_SCRIPTS, "Anton-Regular.ttf")

# Without shaping, Hebrew and Arabic run the wrong way and Indic vowel signs stand in the wrong place.
_SHAPED = (range(0x590, 0x980), range(0xC00, 0xC80))
_EMOJI_SELECTOR = "\ufe0f"


@dataclass(frozen=True)
class Run:
    """Letters of one line set in one font, in reading order. direction: "ltr" or "rtl"; None where the font
    decides. left: where the run starts, in pixels from the line's left end."""

    text: str
    font: str
    direction: str | None
    left: float


@dataclass(frozen=True)
class Reach:
    """How far a text reaches above and below its baseline, in ems."""

    above: float
    below: float


@cache
def shaping_available() -> bool:
    """Whether Pillow can shape text (with Raqm, which needs libfribidi). Without it, Devanagari, Telugu,
    Hebrew and Arabic are not drawn: `uncovered` counts their signs."""
    return bool(features.check_feature("raqm"))


@lru_cache(maxsize=64)
def load(font: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels an em. One object serves all threads: Pillow holds the interpreter's lock
    through every call into FreeType, and a font keeps no state between calls."""
    return ImageFont.truetype(FOLDER / font, size)


@lru_cache(maxsize=4096)
def width(text: str, family: Family) -> float:
    """How far the text moves the pen, in ems: at any size, to within the rounding of letters to pixels."""
    lengths = [
        load(run.font, _REFERENCE_SIZE).getlength(run.text, direction=run.direction)
        for run in _split(text, family)
    ]
    return sum(lengths) / _REFERENCE_SIZE


@lru_cache(maxsize=2048)
def reach(text: str, family: Family) -> Reach:
    boxes = [
        load(run.font, _REFERENCE_SIZE).getbbox(run.text, direction=run.direction, anchor="ls")
        for run in _split(text, family)
    ]
    above, below = max(-top for _, top, _, _ in boxes), max(bottom for _, _, _, bottom in boxes)
    return Reach(max(above, 0) / _REFERENCE_SIZE, max(below, 0) / _REFERENCE_SIZE)


def runs(text: str, size: int, family: Family) -> list[Run]:
    """The line's runs from left to right."""
    parts = _split(text, family)
    lefts = [0.0]
    for run in parts[:-1]:
        lefts.append(lefts[-1] + load(run.font, size).getlength(run.text, direction=run.direction))
    return [replace(run, left=left) for run, left in zip(parts, lefts, strict=True)]


@lru_cache(maxsize=1024)
def ink(text: str, size: int, outline: int, family: Family) -> Box[int]:
    """The pixels that the text touches at `size` pixels an em with an outline of `outline` pixels, from the
    pen's start: its left end on the baseline."""
    boxes = []
    for run in runs(text, size, family):
        font = load(run.font, size)
        left, top, right, bottom = map(int, font.getbbox(run.text, direction=run.direction, anchor="ls"))
        boxes.append(Box.from_edges(left, top, right, bottom).moved(round(run.left), 0))
    return union(boxes).grown(outline)


def check_covered(name: str, text: str) -> None:
    """Raises PhotoError with code bad-option for text of a person's own, under the option's name, with signs
    that no shipped font can set."""
    missing = sorted(uncovered(text))[:10]
    if missing:
        shown = " ".join(sign if sign.isprintable() else f"U+{ord(sign[0]):04X}" for sign in missing)
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The {name} has signs that MemeGen has no letters for: {shown}. Write it without them.",
        )


def uncovered(text: str) -> set[str]:
    """The signs of the text that no shipped font can set, alone or with the marks they stand with."""
    missing: set[str] = set()
    for cluster in graphemes(text):
        needed = _needed(cluster)
        if not any(needed <= covered(font) for font in POSTER):
            alone = {sign for sign in cluster if _is_visible(sign) and not _in_a_font(sign)}
            missing |= alone or {cluster}
        elif not shaping_available():
            missing |= {chr(code) for code in needed if any(code in block for block in _SHAPED)}
    return missing


def _in_a_font(sign: str) -> bool:
    return any(ord(sign) in covered(font) for font in POSTER)


@lru_cache(maxsize=1024)
def _split(text: str, family: Family) -> tuple[Run, ...]:
    """The line's runs from left to right, not yet placed."""
    found: list[Run] = []
    for stretch, direction in bidi.runs(text):
        pairs = _with_fonts(graphemes(stretch), family)
        parts = [
            Run("".join(cluster for cluster, _ in group), font, _asked(direction), 0.0)
            for font, group in groupby(pairs, key=lambda pair: pair[1])
        ]
        found += reversed(parts) if direction == "rtl" else parts
    return tuple(found)


def _asked(direction: str | None) -> str | None:
    return direction if shaping_available() else None


def _with_fonts(signs: list[str], family: Family) -> list[tuple[str, str]]:
    """Each cluster with its font. Spaces and punctuation take the font of the letters before them, but an
    emoji's: its space is as wide as an emoji."""
    found: list[tuple[str, str]] = []
    for cluster in signs:
        last = found[-1][1] if found else None
        needed = _needed(cluster)
        goes_on = not needed or unicodedata.category(cluster[0])[0] == "P"
        if last and last != _EMOJI and goes_on and needed <= covered(last):
            found.append((cluster, last))
        else:
            found.append((cluster, _font_of(cluster, family)))
    return found


def _font_of(cluster: str, family: Family) -> str:
    needed = _needed(cluster)
    order = (_EMOJI, *family) if _EMOJI_SELECTOR in cluster else family
    return next((font for font in order if needed <= covered(font)), family[0])


def _needed(cluster: str) -> set[int]:
    return {ord(sign) for sign in cluster if _is_visible(sign)}


def _is_visible(sign: str) -> bool:
    """Whether a font must have the sign: not for spaces, joiners and variation selectors."""
    return not (sign.isspace() or unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f")
