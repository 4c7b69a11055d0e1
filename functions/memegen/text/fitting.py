"""How a text is broken into lines at the largest size at which it fits a slot. All functions here are pure.

A search over the sizes uses the text's measures in ems, which takes arithmetic alone. The size that it finds
is then checked with the ink of the lines, so that no pixel of a glyph or its outline is outside the slot.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from memegen.geometry import Box, union
from memegen.text import bidi, measure
from memegen.text.fonts import Family
from memegen.text.linebreak import Piece, break_costs, fragments, graphemes, pieces
from memegen.text.shaping import needs_shaping
from memegen.text.text_style import TextStyle

_ROUNDING = 2  # how many sizes the estimate may be too small, because glyphs are rounded to pixels
# What makes a size worse, in the terms of _best_breaks: a line beyond the few, and letters smaller than they
# may be, by the part by which they are.
_FEW_LINES, _LINE, _SMALLER = 2, 0.3, 0.6
_COMFORTABLE = 0.75  # of the largest size: a way that reaches it is taken, and no less usual one is tried
# Of the meme's width. Capitals are then 12 px high where the meme is shown 400 px wide, like body text.
_LEAST = 0.035
_LEAST_PIXELS = 14

Amount = TypeVar("Amount", int, float)


@dataclass(frozen=True)
class Line:
    """A line's text and where its pen starts: the left end of its baseline, in the meme's pixels."""

    text: str
    left: int
    baseline: int

    def moved(self, right: int, down: int) -> "Line":
        return Line(self.text, self.left + right, self.baseline + down)


@dataclass(frozen=True)
class Block:
    """One or more parts of a caption that are set in one slot, against its top or its bottom edge."""

    texts: tuple[str, ...]
    slot: Box[int]
    at_top: bool
    style: TextStyle


@dataclass(frozen=True)
class _Measured:
    """A text's pieces, and where each would start and end, in ems, if all of them stood in one line.
    costs: how ill a line would end after each."""

    texts: tuple[str, ...]
    spaced: tuple[bool, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    costs: tuple[float, ...]
    widest: float


def least_size(width: int) -> int:
    """The least size at which a caption can be read when a meme of that width is shown small."""
    return max(_LEAST_PIXELS, round(_LEAST * width))


def largest_size(blocks: Sequence[Block], least: int, largest: int) -> int:
    """The largest size, from `least` to `largest`, at which every block is inside its slot, or 0."""
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
    """The size and the blocks of the best way to set a caption, or None where no way allows the least size.

    ways: the usual one first. The first that allows a comfortable size is the best. If there is none, the
    best is the one that allows the largest size.
    """
    best: tuple[int, Sequence[Block]] | None = None
    for blocks in ways:
        size = largest_size(blocks, least, largest)
        if size and (best is None or size > best[0]):
            best = size, blocks
        if best and best[0] >= _COMFORTABLE * largest:
            break
    return best


def count_lines(block: Block, size: int) -> int:
    """How many lines set_lines gives, without setting them."""
    width, style = block.slot.width, block.style
    return sum(
        len(_wrap(text, size, width, style) or _broken(text, size, width, style)) for text in block.texts
    )


def best_broken_size(blocks: Sequence[Block], least: int, largest: int) -> int:
    """The size, from `least` to `largest`, at which the blocks' lines break best.

    A third line costs as much as a line that ends with "the", and that as much as letters of half the size.
    """

    def cost(size: int) -> float:
        return cost_of_breaks(blocks, size) + _SMALLER * (largest - size) / largest

    return min(range(largest, least - 1, -1), key=cost)


def cost_of_breaks(blocks: Sequence[Block], size: int) -> float:
    """How uneven the blocks' lines are and how ill they end, and how many there are beyond a few."""
    found = [
        _best_breaks(_measured(text, block.style.family), _room(size, block.slot.width, block.style))
        for block in blocks
        for text in block.texts
    ]
    more = max(0, sum(len(breaks) for _, breaks in found) - _FEW_LINES)
    return sum(ill for ill, _ in found) + _LINE * more


def ink_of(line: Line, size: int, style: TextStyle) -> Box[int]:
    """The pixels of the meme that the line and its outline touch."""
    ink = measure.ink(line.text, size, style.outline_at(size), style.family)
    return ink.moved(line.left, line.baseline)


def bounds_of(lines: Sequence[Line], size: int, style: TextStyle) -> Box[int]:
    """The smallest box around all pixels that the lines touch."""
    return union(ink_of(line, size, style) for line in lines)


def set_lines(block: Block, size: int) -> list[Line]:
    """The block's lines in the meme, each in the middle of the slot's width.

    They are so far apart that no two outlines touch. A word wider than the slot is broken.
    """
    width, style = block.slot.width, block.style
    outline = style.outline_at(size)
    parts = [_wrap(text, size, width, style) or _broken(text, size, width, style) for text in block.texts]
    texts = [line for part in parts for line in part]
    inks = [measure.ink(line, size, outline, style.family) for line in texts]
    needed = [upper.bottom - lower.top for upper, lower in pairwise(inks)]
    steps = iter(_steps(needed, block.texts, size, style))
    lines: list[Line] = []
    baseline = -inks[0].top
    for text, ink in zip(texts, inks, strict=True):
        left = block.slot.left + (width - ink.right + ink.left) // 2 - ink.left
        lines.append(Line(text, left, baseline))
        baseline += next(steps, 0)
    bottom = lines[-1].baseline + inks[-1].bottom
    shift = block.slot.top if block.at_top else block.slot.bottom - bottom
    return [line.moved(0, shift) for line in lines]


def _fits(block: Block, size: int) -> bool:
    """Whether the block fits its slot at that size, as far as its measures tell."""
    if block.slot.width <= 0 or block.slot.height <= 0:
        return False
    wrapped = [_wrap(text, size, block.slot.width, block.style) for text in block.texts]
    return all(wrapped) and _height(wrapped, size, block.style) <= block.slot.height


def _is_inside(block: Block, size: int) -> bool:
    """Whether the block can be set at that size without breaking a word, with all of its ink in the slot."""
    slot = block.slot
    return all(_wrap(text, size, slot.width, block.style) for text in block.texts) and all(
        slot.left <= ink.left
        and slot.top <= ink.top
        and ink.right <= slot.right
        and ink.bottom <= slot.bottom
        for ink in (ink_of(line, size, block.style) for line in set_lines(block, size))
    )


def _wrap(text: str, size: int, width: int, style: TextStyle) -> list[str]:
    """The text in the fewest lines that are at most `width` pixels wide with their outline.

    They are as equally long as possible. There is none where a word or phrase is wider than that.
    """
    measured = _measured(text, style.family)
    room = _room(size, width, style)
    return _set(measured, room, text) if measured.widest <= room else []


def _room(size: int, width: int, style: TextStyle) -> float:
    """How wide the text in a line of `width` pixels can be beside its outline, in ems."""
    return (width - 2 * style.outline_at(size)) / size


def _set(measured: _Measured, room: float, text: str) -> list[str]:
    """The measured text in the fewest lines of at most `room` ems, at the best of the places to break it."""
    start_of_line = bidi.line_start(text)
    bounds = [0, *_best_breaks(measured, room)[1]]
    return [start_of_line + _joined(measured, first, last) for first, last in pairwise(bounds)]


@lru_cache(maxsize=1024)
def _best_breaks(measured: _Measured, room: float) -> tuple[float, tuple[int, ...]]:
    """The least cost in all, and where each line ends for it, as in _greedy, in as few lines.

    A line costs the square of how much longer or shorter than the mean it is, as a part of that, and how ill
    it ends. This is the dynamic programming of Knuth and Plass (1981) for a given number of lines.
    """
    last, lines = len(measured.ends), len(_greedy(measured, room))
    if lines == 1:
        return 0.0, (last,)
    mean = measured.ends[-1] / lines
    best: dict[int, tuple[float, tuple[int, ...]]] = {
        0: (0.0, ())
    }  # the next line's first piece → cost, breaks
    for line in range(lines):
        found: dict[int, tuple[float, tuple[int, ...]]] = {}
        for first, (cost, breaks) in best.items():
            end = first + 1
            while end <= last and measured.ends[end - 1] <= measured.starts[first] + room:
                if (end == last) == (line == lines - 1):
                    length = measured.ends[end - 1] - measured.starts[first]
                    ill = 0.0 if end == last else measured.costs[end - 1]
                    whole = cost + (length / mean - 1) ** 2 + ill
                    if end not in found or whole < found[end][0]:
                        found[end] = whole, (*breaks, end)
                end += 1
        best = found
    return best.get(last) or (0.0, tuple(_greedy(measured, room)))


def _greedy(measured: _Measured, room: float) -> list[int]:
    """Where each line ends if it takes as many pieces as fit `room` ems, at least one.

    The numbers are those of the first pieces of the next lines.
    """
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
            before = graphemes(found[index - 1].text)[-1]  # a space has the font of what stands before it
            start += measure.width(f"{before} ", family) - measure.width(before, family)
        end = start + measure.width(piece.text, family)
        starts.append(start)
        ends.append(end)
    costs = break_costs(found)
    widest = max(measure.width(piece.text, family) for piece in found)  # end - start would be rounded
    return _Measured(
        tuple(piece.text for piece in found),
        tuple(piece.spaced for piece in found),
        tuple(starts),
        tuple(ends),
        costs,
        widest,
    )


def _height(parts: Sequence[Sequence[str]], size: int, style: TextStyle) -> float:
    """How high the lines are, from the outline's top in the first to its bottom in the last, in pixels."""
    reaches = [measure.reach(line, style.family) for lines in parts for line in lines]
    outlines = 2 * style.outline_at(size)
    needed = [(upper.below + lower.above) * size + outlines for upper, lower in pairwise(reaches)]
    texts = [line for lines in parts for line in lines]
    pitches = sum(_steps(needed, texts, size, style))
    ends = (reaches[0].above + reaches[-1].below) * size + outlines
    return ends + pitches


def _steps(needed: Sequence[Amount], texts: Sequence[str], size: int, style: TextStyle) -> list[Amount]:
    """How far each line's baseline is below the one before it.

    needed: how far two lines must be apart so that they do not touch. All are equally far apart, except in
    scripts with vowel signs above and below the letters: there each pair stands as close as its own signs let
    it, because the largest distance would leave lines without such signs a whole line apart.
    """
    leading, least = round(style.leading * size), round(style.pitch * size)
    apart = [max(each + leading, least) for each in needed]
    if any(needs_shaping(ord(character)) for text in texts for character in text):
        return apart
    return [max(apart)] * len(apart) if apart else []


def _broken(text: str, size: int, width: int, style: TextStyle) -> list[str]:
    """The text in lines of at most `width` pixels. Words and phrases that are wider are broken."""
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
    """The parts of a piece, each of which fits a line of `room` ems.

    What must stay together but is wider, such as a hundred exclamation marks, is split between grapheme
    clusters, and a cluster that is wider, such as a letter with a hundred marks, between its characters.
    """
    for fragment in fragments(piece):
        if measure.width(fragment, style.family) <= room:
            yield fragment
            continue
        for cluster in graphemes(fragment):
            yield from (cluster,) if measure.width(cluster, style.family) <= room else cluster
