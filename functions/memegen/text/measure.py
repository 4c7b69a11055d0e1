"""A line of text as it is drawn: its runs, each in one font and one direction, and the size of their ink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from memegen.geometry import Box, union
from memegen.text import bidi
from memegen.text.fonts import TRACKING, Family, load, with_fonts
from memegen.text.linebreak import graphemes
from memegen.text.shaping import shaping_available

_REFERENCE_SIZE = 200  # pixels an em, at which measures in ems are taken


@dataclass(frozen=True)
class Run:
    """Characters of one line that are set in one font, in reading order; each by itself where the font has
    tracking.

    direction: "ltr" or "rtl", or None where the font decides. left: where the run starts, in pixels from the
    line's left end.
    """

    text: str
    font: str
    direction: str | None
    left: float

    def length(self, size: int) -> float:
        """How far the run moves the pen, in pixels at `size` pixels an em."""
        tracking = TRACKING.get(self.font, 0.0) * size
        return float(load(self.font, size).getlength(self.text, direction=self.direction)) + tracking


@dataclass(frozen=True)
class Reach:
    """How far a text reaches above and below its baseline, in ems."""

    above: float
    below: float


@lru_cache(maxsize=4096)
def width(text: str, family: Family) -> float:
    """How far the text moves the pen, in ems. At any size this holds to within the rounding to pixels."""
    return sum(run.length(_REFERENCE_SIZE) for run in _split(text, family)) / _REFERENCE_SIZE


@lru_cache(maxsize=2048)
def reach(text: str, family: Family) -> Reach:
    """How far the text's ink reaches from its baseline. At any size this holds to within the rounding."""
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
        lefts.append(lefts[-1] + run.length(size))
    return [replace(run, left=left) for run, left in zip(parts, lefts, strict=True)]


@lru_cache(maxsize=1024)
def ink(text: str, size: int, outline: int, family: Family) -> Box[int]:
    """The pixels that the text touches at `size` pixels an em, with an outline of `outline` pixels.

    They are counted from where the pen starts: the text's left end on the baseline.
    """
    boxes = []
    for run in runs(text, size, family):
        font = load(run.font, size)
        left, top, right, bottom = map(int, font.getbbox(run.text, direction=run.direction, anchor="ls"))
        boxes.append(Box.from_edges(left, top, right, bottom).moved(round(run.left), 0))
    return union(boxes).grown(outline)


@lru_cache(maxsize=1024)
def _split(text: str, family: Family) -> tuple[Run, ...]:
    """The line's runs from left to right, all at the left end as yet."""
    found: list[Run] = []
    for part, direction in bidi.runs(text):
        pairs = with_fonts(graphemes(part), family)
        asked = direction if shaping_available() else None  # Pillow takes a direction only with Raqm
        in_one_font = [
            Run(part, font, asked, 0.0)
            for font, group in groupby(pairs, key=lambda pair: pair[1])
            for part in _set_together([cluster for cluster, _ in group], font)
        ]
        found += reversed(in_one_font) if direction == "rtl" else in_one_font
    return tuple(found)


def _set_together(clusters: Sequence[str], font: str) -> Sequence[str]:
    """Grapheme clusters in one font, in the parts in which they are set."""
    return clusters if font in TRACKING else ["".join(clusters)]
