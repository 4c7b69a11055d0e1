"""Text that runs from right to left, by libfribidi: the Unicode bidirectional algorithm (UAX 9).

Pillow's wheel shapes text with Raqm, which wants libfribidi and takes whichever is loaded when Pillow's font
module is first imported. The one shipped in lib/ is loaded here, before that, since the functions' platform
may have none; where it does not run, on another system or processor, the system's own is asked for.
"""

import ctypes
import unicodedata
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from pathlib import Path

_SHIPPED = Path(__file__).parents[1] / "lib" / "libfribidi.so.0"
_AUTOMATIC_DIRECTION = 0x40  # FRIBIDI_PAR_ON: as the first letter with a direction says
_RIGHT_TO_LEFT = ("R", "AL", "AN", "RLE", "RLO", "RLI")
_RIGHT_TO_LEFT_MARK = "\u200f"


def _load() -> ctypes.CDLL | None:
    for name in (str(_SHIPPED), "libfribidi.so.0", "libfribidi.dylib"):
        with suppress(OSError):
            return ctypes.CDLL(name)
    return None


_FRIBIDI = _load()


def runs(line: str) -> list[tuple[str, str | None]]:
    """The line's stretches of one direction, from left to right as they are seen, each with its text in
    reading order and "ltr" or "rtl"; None where nothing in the line runs from right to left."""
    if _FRIBIDI is None or not _has_right_to_left(line):
        return [(line, None)]
    stretches = [
        (level, "".join(sign for sign, _ in group))
        for level, group in groupby(zip(line, _levels(_FRIBIDI, line), strict=True), key=lambda pair: pair[1])
    ]
    # Rule L2: from the highest level down, every sequence at that level or above is turned round.
    for level in range(max(level for level, _ in stretches), 0, -1):
        ordered: list[tuple[int, str]] = []
        for turned, group in groupby(stretches, key=lambda stretch: stretch[0] >= level):
            part = list(group)
            ordered += reversed(part) if turned else part
        stretches = ordered
    return [(text, "rtl" if level % 2 else "ltr") for level, text in stretches]


def line_start(paragraph: str) -> str:
    """What every line of the paragraph begins with for its direction to be the paragraph's: a right-to-left
    mark, or nothing. A line by itself would take the direction of its own first letter."""
    directions = (unicodedata.bidirectional(sign) for sign in paragraph)
    first = next((direction for direction in directions if direction in ("L", "R", "AL")), "L")
    return "" if first == "L" else _RIGHT_TO_LEFT_MARK


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


@lru_cache(maxsize=1024)
def _levels(fribidi: ctypes.CDLL, line: str) -> tuple[int, ...]:
    """The embedding level of every sign, odd where it runs from right to left (rules X1 to L1)."""
    signs = (ctypes.c_uint32 * len(line))(*map(ord, line))
    levels = (ctypes.c_int8 * len(line))()
    direction = ctypes.c_uint32(_AUTOMATIC_DIRECTION)
    highest = fribidi.fribidi_log2vis(signs, len(line), ctypes.byref(direction), None, None, None, levels)
    if not highest:
        raise MemoryError("libfribidi had no memory for a line of text.")
    return tuple(levels)
