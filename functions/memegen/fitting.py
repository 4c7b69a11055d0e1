"""Text into lines at the largest size that fits: pure functions of the text, a slot and the fonts' measures.

The search goes by the text's measures in ems, which is arithmetic; the ink of the set lines at the size it
gives has the last word, so that no pixel of a letter or its outline is outside the slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from memegen import fonts

_OUTLINE = 0.065  # of the font size
_GAP = 0.1  # of the font size, between the outlines of two lines
_PART_GAP = 0.4  # of the font size, between two parts
_ROUNDING = 2  # sizes by which the measures' estimate may be too small, letters being rounded to pixels
_EVEN = 0.1  # ems: lines of a part are made even to within this


@dataclass(frozen=True)
class Rectangle:
    """Whole pixels: left and top are inside, right and bottom are just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Line:
    """A line's text and where its pen starts, on the baseline, in the meme's pixels."""

    text: str
    left: int
    baseline: int


@dataclass(frozen=True)
class Block:
    """One or more parts to set in one slot, against its top or its bottom edge."""

    texts: tuple[str, ...]
    slot: Rectangle
    at_top: bool


def outline_of(size: int) -> int:
    """The outline's width in pixels for a font of `size` pixels an em."""
    return max(1, round(size * _OUTLINE))


def largest_size(blocks: Sequence[Block], least: int, largest: int) -> int:
    """The largest size from least to largest at which every block is inside its slot; 0 where none is."""
    if not all(_fits(block, least) for block in blocks):
        return 0
    low, high = least, largest
    while low < high:
        middle = (low + high + 1) // 2
        if all(_fits(block, middle) for block in blocks):
            low = middle
        else:
            high = middle - 1
    nearby = range(min(low + _ROUNDING, largest), least - 1, -1)
    return next((size for size in nearby if all(_is_inside(block, size) for block in blocks)), 0)


def _fits(block: Block, size: int) -> bool:
    """Whether the block's measures at that size are within its slot."""
    if block.slot.width <= 0 or block.slot.height <= 0:
        return False
    wrapped = [_wrap(text, size, block.slot.width) for text in block.texts]
    return (
        all(wrapped)
        and sum(_height(lines, size) for lines in wrapped) + _gaps(block, size) <= block.slot.height
    )


def _is_inside(block: Block, size: int) -> bool:
    """Whether the ink of every line is within the slot when the block is set at that size, no word broken."""
    slot = block.slot
    return all(_wrap(text, size, slot.width) for text in block.texts) and all(
        slot.left <= ink.left
        and slot.top <= ink.top
        and ink.right <= slot.right
        and ink.bottom <= slot.bottom
        for ink in (ink_of(line, size) for line in set_lines(block, size))
    )


def ink_of(line: Line, size: int) -> Rectangle:
    ink = fonts.ink(line.text, size, outline_of(size))
    return Rectangle(
        line.left + ink.left, line.baseline + ink.top, line.left + ink.right, line.baseline + ink.bottom
    )


def _wrap(text: str, size: int, width: int) -> list[str]:
    """The text in as few lines of at most `width` pixels, outline included, as it takes, and those as even as
    can be; none where a word is wider than that."""
    words = text.split()
    room = (width - 2 * outline_of(size)) / size
    lengths = [fonts.measure(word).width for word in words]
    if max(lengths) > room:
        return []
    fewest = len(_greedy(lengths, room))
    narrow, wide = max(lengths), room
    while wide - narrow > _EVEN:
        middle = (narrow + wide) / 2
        if len(_greedy(lengths, middle)) <= fewest:
            wide = middle
        else:
            narrow = middle
    lines, start = [], 0
    for count in _greedy(lengths, wide):
        lines.append(" ".join(words[start : start + count]))
        start += count
    return lines


def _greedy(lengths: Sequence[float], room: float) -> list[int]:
    """How many words go into each line when each takes as many as fit (at least one); all in ems."""
    space = fonts.measure(" ").width
    counts, filled = [0], 0.0
    for length in lengths:
        if counts[-1] and filled + space + length > room:
            counts.append(0)
            filled = 0.0
        filled += length + (space if counts[-1] else 0)
        counts[-1] += 1
    return counts


def _height(lines: Sequence[str], size: int) -> float:
    """From the outline's top in the first line to its bottom in the last, in pixels."""
    measures = [fonts.measure(line) for line in lines]
    letters = measures[0].ascent + measures[-1].descent
    pitch = max((upper.descent + lower.ascent for upper, lower in pairwise(measures)), default=0.0)
    outlines = 2 * outline_of(size)
    return letters * size + outlines + (len(lines) - 1) * ((pitch + _GAP) * size + outlines)


def _gaps(block: Block, size: int) -> int:
    return (len(block.texts) - 1) * round(_PART_GAP * size)


def set_lines(block: Block, size: int) -> list[Line]:
    """The block's lines in the meme, each in the middle of the slot's width, at an even pitch a part at which
    no two outlines touch."""
    width, outline = block.slot.width, outline_of(size)
    lines: list[Line] = []
    top = 0
    for text in block.texts:
        texts = _wrap(text, size, width) or _broken(text, size, width)
        inks = [fonts.ink(line, size, outline) for line in texts]
        pitch = max((upper.bottom - lower.top for upper, lower in pairwise(inks)), default=0)
        pitch += round(_GAP * size)
        baseline = top - inks[0].top
        for line, ink in zip(texts, inks, strict=True):
            left = block.slot.left + (width - ink.right + ink.left) // 2 - ink.left
            lines.append(Line(line, left, baseline))
            baseline += pitch
        bottom = lines[-1].baseline + inks[-1].bottom
        top = bottom + round(_PART_GAP * size)
    shift = block.slot.top if block.at_top else block.slot.bottom - bottom
    return [Line(line.text, line.left, line.baseline + shift) for line in lines]


def _broken(text: str, size: int, width: int) -> list[str]:
    """The text in lines of at most `width` pixels, with those words broken that are wider."""
    room = (width - 2 * outline_of(size)) / size
    pieces = []
    for word in text.split():
        piece = ""
        for sign in word:
            if piece and fonts.measure(piece + sign).width > room:
                pieces.append(piece)
                piece = ""
            piece += sign
        pieces.append(piece)
    return _wrap(" ".join(pieces), size, width) or pieces
