"""The shipped fonts: which letters each covers, and the size in pixels of text set in them.

A line may need several fonts: every run of letters takes the first font of FAMILY that covers it.
"""

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont

_FOLDER = Path(__file__).parent / "fonts"
_REFERENCE_SIZE = 200


@dataclass(frozen=True)
class Typeface:
    """A font file. axes: the values of a variable font's axes, in the file's order."""

    file: str
    axes: tuple[float, ...] = ()


# Anton is the nearest free letter to Impact, the meme's own; Noto Sans, as black and narrow as it goes,
# stands in for what Anton lacks: Greek, Cyrillic, Devanagari.
FAMILY = (Typeface("Anton-Regular.ttf"), Typeface("NotoSans.ttf", axes=(900, 62)))


@dataclass(frozen=True)
class Run:
    """Letters of one line set in one font. left: where the run starts, in pixels from the line's start."""

    text: str
    typeface: Typeface
    left: float


@dataclass(frozen=True)
class Measure:
    """A text's measures in ems: how far it moves the pen, how far it reaches above and below its baseline."""

    width: float
    ascent: float
    descent: float


@dataclass(frozen=True)
class Ink:
    """The pixels that a line touches, outline included, from its start on its baseline; down is positive."""

    left: int
    top: int
    right: int
    bottom: int


@lru_cache(maxsize=64)
def load(typeface: Typeface, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels an em. One object serves all threads: Pillow holds the interpreter's lock
    through every call into FreeType, and a font keeps no state between calls."""
    font = ImageFont.truetype(_FOLDER / typeface.file, size)
    if typeface.axes:
        font.set_variation_by_axes(list(typeface.axes))
    return font


@lru_cache(maxsize=4096)
def measure(text: str) -> Measure:
    """The text's measures at any size, to within the rounding of letters to whole pixels."""
    tops, bottoms, width = [0.0], [0.0], 0.0
    for run in _split(text):
        font = load(run.typeface, _REFERENCE_SIZE)
        _, top, _, bottom = font.getbbox(run.text, anchor="ls")
        tops.append(-top)
        bottoms.append(bottom)
        width += font.getlength(run.text)
    return Measure(width / _REFERENCE_SIZE, max(tops) / _REFERENCE_SIZE, max(bottoms) / _REFERENCE_SIZE)


def runs(text: str, size: int) -> list[Run]:
    """The line's runs from left to right."""
    placed, left = [], 0.0
    for run in _split(text):
        placed.append(Run(run.text, run.typeface, left))
        left += load(run.typeface, size).getlength(run.text)
    return placed


@lru_cache(maxsize=1024)
def ink(text: str, size: int, outline: int) -> Ink:
    """What the text touches when drawn at `size` pixels an em with an outline of `outline` pixels."""
    boxes = []
    for run in runs(text, size):
        font = load(run.typeface, size)
        left, top, right, bottom = font.getbbox(run.text, anchor="ls")
        start = round(run.left)
        boxes.append((start + left, top, start + right, bottom))
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Ink(
        int(min(lefts)) - outline,
        int(min(tops)) - outline,
        int(max(rights)) + outline,
        int(max(bottoms)) + outline,
    )


def uncovered(text: str) -> set[str]:
    """The signs of the text that need a letter and have one in no shipped font."""
    return {sign for sign in text if _is_visible(sign) and not any(ord(sign) in covered(f) for f in FAMILY)}


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[Run, ...]:
    clusters = [(cluster, _typeface_of(cluster)) for cluster in _clusters(text)]
    return tuple(
        Run("".join(cluster for cluster, _ in group), typeface, 0.0)
        for typeface, group in groupby(clusters, key=lambda pair: pair[1])
    )


def _clusters(text: str) -> list[str]:
    """The text in letters with what belongs to each: its marks, joiners and the space after it."""
    clusters: list[str] = []
    for sign in text:
        if clusters and (sign.isspace() or unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf")):
            clusters[-1] += sign
        else:
            clusters.append(sign)
    return clusters


def _typeface_of(cluster: str) -> Typeface:
    codes = {ord(sign) for sign in cluster if _is_visible(sign)}
    return next((typeface for typeface in FAMILY if codes <= covered(typeface)), FAMILY[-1])


def _is_visible(sign: str) -> bool:
    """Whether a font must have the sign: not for spaces, joiners and variation selectors."""
    return not (sign.isspace() or unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f")


@cache
def covered(typeface: Typeface) -> frozenset[int]:
    """The code points that the font maps to a glyph, from its cmap table (OpenType 1.9, formats 4 and 12)."""
    data = (_FOLDER / typeface.file).read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4s4xI4x", data, 12 + 16 * index) for index in range(tables))
    start = next(offset for tag, offset in records if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", data, start + 2)
    found: set[int] = set()
    for index in range(subtables):
        (offset,) = struct.unpack_from(">I", data, start + 8 + 8 * index)
        (form,) = struct.unpack_from(">H", data, start + offset)
        if form == 4:
            found.update(_format_4(data, start + offset))
        elif form == 12:
            found.update(_format_12(data, start + offset))
    return frozenset(found)


def _format_4(data: bytes, start: int) -> Iterator[int]:
    segments = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{segments}H", data, start + 14 + index * 2 * segments + (2 if index else 0))
        for index in range(4)
    )
    for segment, (first, last) in enumerate(zip(starts, ends, strict=True)):
        position = start + 16 + 6 * segments + 2 * segment
        for code in range(first, last + 1):
            if offsets[segment]:
                (glyph,) = struct.unpack_from(">H", data, position + offsets[segment] + 2 * (code - first))
            else:
                glyph = (code + deltas[segment]) % 65536
            if glyph:
                yield code


def _format_12(data: bytes, start: int) -> Iterator[int]:
    (groups,) = struct.unpack_from(">I", data, start + 12)
    for index in range(groups):
        first, last, _ = struct.unpack_from(">III", data, start + 16 + 12 * index)
        yield from range(first, last + 1)
