"""Text into lines at the largest size that fits: pure functions of the text, a slot and the fonts' measures.

The search goes by the text's measures in ems, which is arithmetic; the ink of the set lines at the size it
gives has the last word, so that no pixel of a letter or its outline is outside the slot.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from memegen.geometry import Box, union
from memegen.text import bidi, measure
from memegen.text.fonts import Family
from memegen.text.linebreak import Piece, fragments, graphemes, pieces
from memegen.text.text_style import TextStyle

_PART_GAP = 0.3  # of the font size, between two parts, beside the gap between two lines
_ROUNDING = 2  # sizes by which the measures' estimate may be too small, letters being rounded to pixels
_COMFORTABLE = 0.75  # of the largest size: a place that allows it is taken before a less usual one is tried
_EVEN = 0.1  # ems: lines of a part are made even to within this
_LEAST = 0.035  # of the meme's width: letters of 12 px where it is shown 400 px wide, as large as body text
_LEAST_PIXELS = 14


@dataclass(frozen=True)
class Line:
    """A line's text and where its pen starts, at its left end on the baseline, in the meme's pixels."""

    text: str
    left: int
    baseline: int

    def moved(self, right: int, down: int) -> "Line":
        return Line(self.text, self.left + right, self.baseline + down)


@dataclass(frozen=True)
class Block:
    """One or more parts to set in one slot, against its top or its bottom edge."""

    texts: tuple[str, ...]
    slot: Box[int]
    at_top: bool
    style: TextStyle


@dataclass(frozen=True)
class _Measured:
    """A text's pieces and where each starts and ends, in ems, were all of them set in one line."""

    texts: tuple[str, ...]
    spaced: tuple[bool, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    widest: float


def least_size(width: int) -> int:
    """The least size of a caption in a meme of that width that is readable when the meme is shown small."""
    return max(_LEAST_PIXELS, round(_LEAST * width))


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


def largest_comfortable(
    ways: Iterable[Sequence[Block]], least: int, largest: int
) -> tuple[int, Sequence[Block]] | None:
    """The size and blocks of the first way that allows a comfortable size, else of the one that allows the
    largest; None where none allows the least. ways: the usual one first."""
    best: tuple[int, Sequence[Block]] | None = None
    for blocks in ways:
        size = largest_size(blocks, least, largest)
        if size and (best is None or size > best[0]):
            best = size, blocks
        if best and best[0] >= _COMFORTABLE * largest:
            break
    return best


def ink_of(line: Line, size: int, style: TextStyle) -> Box[int]:
    """The pixels of the meme that the line touches, outline included."""
    ink = measure.ink(line.text, size, style.outline_at(size), style.family)
    return ink.moved(line.left, line.baseline)


def bounds_of(lines: Sequence[Line], size: int, style: TextStyle) -> Box[int]:
    """The smallest box around all pixels that the lines touch."""
    return union(ink_of(line, size, style) for line in lines)


def set_lines(block: Block, size: int) -> list[Line]:
    """The block's lines in the meme, each in the middle of the slot's width, at an even pitch at which no two
    outlines touch. A word wider than the slot is broken."""
    width, style = block.slot.width, block.style
    outline = style.outline_at(size)
    parts = [_wrap(text, size, width, style) or _broken(text, size, width, style) for text in block.texts]
    inks = [measure.ink(line, size, outline, style.family) for part in parts for line in part]
    pitch = max((upper.bottom - lower.top for upper, lower in pairwise(inks)), default=0)
    pitch += round(style.leading * size)
    lines: list[Line] = []
    baseline = -inks[0].top
    for part in parts:
        for text in part:
            ink = inks[len(lines)]
            left = block.slot.left + (width - ink.right + ink.left) // 2 - ink.left
            lines.append(Line(text, left, baseline))
            baseline += pitch
        baseline += round(_PART_GAP * size)
    bottom = lines[-1].baseline + inks[-1].bottom
    shift = block.slot.top if block.at_top else block.slot.bottom - bottom
    return [line.moved(0, shift) for line in lines]


def _fits(block: Block, size: int) -> bool:
    """Whether the block's measures at that size are within its slot."""
    if block.slot.width <= 0 or block.slot.height <= 0:
        return False
    wrapped = [_wrap(text, size, block.slot.width, block.style) for text in block.texts]
    return all(wrapped) and _height(wrapped, size, block.style) <= block.slot.height


def _is_inside(block: Block, size: int) -> bool:
    """Whether the ink of every line is within the slot when the block is set at that size, no word broken."""
    slot = block.slot
    return all(_wrap(text, size, slot.width, block.style) for text in block.texts) and all(
        slot.left <= ink.left
        and slot.top <= ink.top
        and ink.right <= slot.right
        and ink.bottom <= slot.bottom
        for ink in (ink_of(line, size, block.style) for line in set_lines(block, size))
    )


def _wrap(text: str, size: int, width: int, style: TextStyle) -> list[str]:
    """The text in the fewest lines of at most `width` pixels, outline included, and of lengths as even as
    possible; no lines where a word or phrase is wider than that."""
    measured = _measured(text, style.family)
    room = _room(size, width, style)
    return _set(measured, room, text) if measured.widest <= room else []


def _room(size: int, width: int, style: TextStyle) -> float:
    """The room for letters in a line of `width` pixels, in ems."""
    return (width - 2 * style.outline_at(size)) / size


def _set(measured: _Measured, room: float, text: str) -> list[str]:
    """The measured text in the fewest lines of at most `room` ems, and those as even as possible."""
    fewest = len(_greedy(measured, room))
    narrow, wide = measured.widest, room
    while wide - narrow > _EVEN:
        middle = (narrow + wide) / 2
        if len(_greedy(measured, middle)) <= fewest:
            wide = middle
        else:
            narrow = middle
    start_of_line = bidi.line_start(text)
    bounds = [0, *_greedy(measured, wide)]
    return [start_of_line + _joined(measured, first, last) for first, last in pairwise(bounds)]


def _greedy(measured: _Measured, room: float) -> list[int]:
    """Which piece each line ends before when each takes as many as fit `room` ems, at least one."""
    bounds, first, pieces_in_all = [], 0, len(measured.ends)
    while first < pieces_in_all:
        first = max(first + 1, bisect_right(measured.ends, measured.starts[first] + room))
        bounds.append(first)
    return bounds


def _joined(measured: _Measured, first: int, last: int) -> str:
    rest = zip(measured.texts[first + 1 : last], measured.spaced[first + 1 : last], strict=True)
    return measured.texts[first] + "".join(f" {text}" if spaced else text for text, spaced in rest)


@lru_cache(maxsize=256)
def _measured(text: str, family: Family) -> _Measured:
    return _measure(pieces(text), family)


def _measure(found: Sequence[Piece], family: Family) -> _Measured:
    starts, ends, end = [], [], 0.0
    for index, piece in enumerate(found):
        start = end
        if index and piece.spaced:
            before = graphemes(found[index - 1].text)[-1]  # a space is as wide as the font before it makes it
            start += measure.width(f"{before} ", family) - measure.width(before, family)
        end = start + measure.width(piece.text, family)
        starts.append(start)
        ends.append(end)
    widest = max(measure.width(piece.text, family) for piece in found)  # not end - start, which is rounded
    return _Measured(
        tuple(piece.text for piece in found),
        tuple(piece.spaced for piece in found),
        tuple(starts),
        tuple(ends),
        widest,
    )


def _height(parts: Sequence[Sequence[str]], size: int, style: TextStyle) -> float:
    """From the outline's top in the first line to its bottom in the last, in pixels."""
    reaches = [measure.reach(line, style.family) for lines in parts for line in lines]
    outlines = 2 * style.outline_at(size)
    pitch = max((upper.below + lower.above for upper, lower in pairwise(reaches)), default=0.0) * size
    pitch += outlines + round(style.leading * size)
    ends = (reaches[0].above + reaches[-1].below) * size + outlines
    return ends + (len(reaches) - 1) * pitch + (len(parts) - 1) * round(_PART_GAP * size)


def _broken(text: str, size: int, width: int, style: TextStyle) -> list[str]:
    """The text in lines of at most `width` pixels, with those words and phrases broken that are wider."""
    room = _room(size, width, style)
    broken = [part for piece in pieces(text) for part in _filled(room, piece, style)]
    return _set(_measure(broken, style.family), room, text)


def _filled(room: float, piece: Piece, style: TextStyle) -> list[Piece]:
    """The piece in parts that each fill a line of `room` ems."""
    parts = [""]
    for fragment in _within(room, piece.text, style):
        if parts[-1] and measure.width(parts[-1] + fragment, style.family) > room:
            parts.append("")
        parts[-1] += fragment
    return [Piece(part, piece.spaced and index == 0) for index, part in enumerate(parts)]


def _within(room: float, piece: str, style: TextStyle) -> Iterator[str]:
    """The parts of a piece that may stand on a line of `room` ems. What must stay together but is wider, such
    as a hundred exclamation marks, is parted between signs, and a sign with a hundred marks between those."""
    for fragment in fragments(piece):
        if measure.width(fragment, style.family) <= room:
            yield fragment
            continue
        for cluster in graphemes(fragment):
            yield from (cluster,) if measure.width(cluster, style.family) <= room else cluster
