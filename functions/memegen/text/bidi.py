"""Text that runs from right to left: the Unicode bidirectional algorithm (UAX 9), by libfribidi."""

import ctypes
import unicodedata
from functools import lru_cache
from itertools import groupby

from memegen.text.shaping import FRIBIDI

_AUTOMATIC_DIRECTION = 0x40  # FRIBIDI_PAR_ON: the direction of the first character that has one
_RIGHT_TO_LEFT = ("R", "AL", "AN", "RLE", "RLO", "RLI")
_RIGHT_TO_LEFT_MARK = "\u200f"


def runs(line: str) -> list[tuple[str, str | None]]:
    """The line's runs of one direction, from left to right as they are seen.

    Each has its text in reading order and "ltr" or "rtl", or None where all of the line runs from left to
    right.
    """
    if FRIBIDI is None or not _has_right_to_left(line):
        return [(line, None)]
    found = [
        (level, "".join(character for character, _ in group))
        for level, group in groupby(zip(line, _levels(FRIBIDI, line), strict=True), key=lambda pair: pair[1])
    ]
    # Rule L2: from the highest level down, every sequence of runs at that level or above is reversed.
    for level in range(max(level for level, _ in found), 0, -1):
        ordered: list[tuple[int, str]] = []
        for is_reversed, group in groupby(found, key=lambda run: run[0] >= level):
            sequence = list(group)
            ordered += reversed(sequence) if is_reversed else sequence
        found = ordered
    return [(text, "rtl" if level % 2 else "ltr") for level, text in found]


def line_start(paragraph: str) -> str:
    """What every line of the paragraph must begin with to have the paragraph's direction.

    It is a right-to-left mark or nothing. A line by itself would take the direction of its own first letter.
    """
    directions = (unicodedata.bidirectional(character) for character in paragraph)
    first = next((direction for direction in directions if direction in ("L", "R", "AL")), "L")
    return "" if first == "L" else _RIGHT_TO_LEFT_MARK


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


@lru_cache(maxsize=1024)
def _levels(fribidi: ctypes.CDLL, line: str) -> tuple[int, ...]:
    """The embedding level of every character, odd where it runs from right to left (rules X1 to L1)."""
    characters = (ctypes.c_uint32 * len(line))(*map(ord, line))
    levels = (ctypes.c_int8 * len(line))()
    direction = ctypes.c_uint32(_AUTOMATIC_DIRECTION)
    highest = fribidi.fribidi_log2vis(
        characters, len(line), ctypes.byref(direction), None, None, None, levels
    )
    if not highest:
        raise MemoryError("libfribidi had no memory for a line of text.")
    return tuple(levels)
