"""Where a caption goes on a picture and how large: pure functions from sizes to a Placement.

The caption takes the largest size at which every line, outline included, is inside a slot: a part of the
picture, at its top or bottom, that no face reaches. Only where no slot holds the caption at a readable size
does it get bars of its own, outside the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from memegen.captions import Caption
from memegen.faces import Box
from memegen.fitting import Block, Line, Rectangle, ink_of, largest_size, outline_of, set_lines

# Sizes are parts of the picture's width or short side, so that a meme looks the same at every size.
_LEAST = 0.035  # of the width: letters of 12 px where the meme is shown 400 px wide, as large as body text
_LEAST_PIXELS = 14
_LARGEST = 0.115  # of the short side
_LARGEST_IN_BAR = 0.085  # of the width
_COMFORTABLE = 0.6  # of the largest size: a place that allows it is taken before a less usual one is tried
_MARGIN = 0.025  # of the short side, at the picture's edges
_FACE_MARGIN = 0.12  # of the face's height on every side: hair and chin reach past the box
_BAND = 0.34  # of the picture's height, at most, for one part
_STACK = 0.48  # and for two parts in one place
_LEAST_COLUMN = 0.3  # of the width: beside a face, narrower text is a tower of single words
_LEAST_BAR_WIDTH = 200  # pixels: what a word needs, however small the picture


@dataclass(frozen=True)
class Placement:
    """A laid-out meme. width, height: the meme's size; picture: the part of it that the photo fills (scaled
    down to it where that is needed); size: the font's pixels an em; outline: its width in pixels."""

    width: int
    height: int
    picture: Rectangle
    lines: tuple[Line, ...]
    size: int
    outline: int


def place_caption(
    caption: Caption, width: int, height: int, faces: Sequence[Box], long_side: int = 1600
) -> Placement:
    """Lay the caption out for a picture of width × height pixels with faces at the given boxes.

    The top part goes to the top and the bottom part to the bottom where the faces leave room; else both go
    where there is most. The meme is as large as the picture, or has bars added and then a long side of at
    most `long_side`, for which the picture shrinks, in proportion, where it must.
    """
    top, bottom = caption.top.upper(), caption.bottom.upper()
    least, largest = _size_range(width, height)
    best: tuple[int, list[Block]] | None = None
    for blocks in _arrangements(top, bottom, width, height, faces):
        size = largest_size(blocks, least, largest)
        if size and (best is None or size > best[0]):
            best = size, blocks
        if best and best[0] >= _COMFORTABLE * largest:
            break
    if best is None:
        return _with_bars(top, bottom, width, height, long_side)
    size, blocks = best
    lines = [line for block in blocks for line in set_lines(block, size)]
    return Placement(width, height, Rectangle(0, 0, width, height), tuple(lines), size, outline_of(size))


def _size_range(width: int, height: int) -> tuple[int, int]:
    least = max(_LEAST_PIXELS, round(_LEAST * width))
    return least, max(least, round(_LARGEST * min(width, height)))


# Slots


def _arrangements(top: str, bottom: str, width: int, height: int, faces: Sequence[Box]) -> list[list[Block]]:
    """Every way to set the parts, the meme's usual one first."""
    ways = []
    for left, right in _columns(width, height, faces):
        above, below = _free_slots(left, right, width, height, faces)
        if top and bottom:
            band = round(_BAND * height)
            ways.append([Block((top,), _low(above, band), True), Block((bottom,), _high(below, band), False)])
        parts = tuple(part for part in (top, bottom) if part)
        reach = round((_STACK if len(parts) > 1 else _BAND) * height)
        stacks = [[Block(parts, _low(above, reach), True)], [Block(parts, _high(below, reach), False)]]
        ways += stacks if top and not bottom else stacks[::-1]
    return ways


def _low(slot: Rectangle, reach: int) -> Rectangle:
    return Rectangle(slot.left, slot.top, slot.right, min(slot.bottom, slot.top + reach))


def _high(slot: Rectangle, reach: int) -> Rectangle:
    return Rectangle(slot.left, max(slot.top, slot.bottom - reach), slot.right, slot.bottom)


def _columns(width: int, height: int, faces: Sequence[Box]) -> list[tuple[int, int]]:
    """The whole width first, then what is left and right of all faces, where that is wide enough."""
    margin = _margin(width, height)
    whole = (margin, width - margin)
    if not faces:
        return [whole]
    reaches = [_reach(face) for face in faces]
    beside = [
        (margin, min(reach.left for reach in reaches)),
        (max(reach.right for reach in reaches), width - margin),
    ]
    return [whole, *(column for column in beside if column[1] - column[0] >= _LEAST_COLUMN * width)]


def _free_slots(
    left: int, right: int, width: int, height: int, faces: Sequence[Box]
) -> tuple[Rectangle, Rectangle]:
    """The parts of a column above and below every face that reaches into it; they overlap where none does."""
    margin = _margin(width, height)
    reaches = [reach for reach in map(_reach, faces) if reach.left < right and reach.right > left]
    ceiling = min([height - margin, *(reach.top for reach in reaches)])
    floor = max([margin, *(reach.bottom for reach in reaches)])
    return Rectangle(left, margin, right, ceiling), Rectangle(left, floor, right, height - margin)


def _reach(face: Box) -> Rectangle:
    around = _FACE_MARGIN * face.height
    return Rectangle(
        int(face.left - around),
        int(face.top - around),
        int(face.left + face.width + around) + 1,
        int(face.top + face.height + around) + 1,
    )


def _margin(width: int, height: int) -> int:
    return max(2, round(_MARGIN * min(width, height)))


# Bars


def _with_bars(top: str, bottom: str, width: int, height: int, long_side: int) -> Placement:
    """The picture between a bar with the top part and a bar with the bottom part."""
    scale = 1.0
    while True:
        placement = _bars_around(top, bottom, max(1, round(width * scale)), max(1, round(height * scale)))
        excess = max(placement.width, placement.height) / long_side
        if excess <= 1:
            return placement
        scale /= max(excess, 1.01)


def _bars_around(top: str, bottom: str, width: int, height: int) -> Placement:
    full = max(width, _LEAST_BAR_WIDTH)
    padding = max(4, round(_MARGIN * full))
    least = max(_LEAST_PIXELS, round(_LEAST * full))
    largest = round(_LARGEST_IN_BAR * full)
    # A bar may be a quarter of the picture high; a longer text takes the least size and the height it needs.
    room = Rectangle(padding, 0, full - padding, height // 4)
    blocks = [Block((text,), room, True) for text in (top, bottom) if text]
    size = largest_size(blocks, least, largest) or least

    upper, above = _bar(top, padding, full - padding, 0, size)
    lower, below = _bar(bottom, padding, full - padding, above + height, size)
    left = (full - width) // 2
    picture = Rectangle(left, above, left + width, above + height)
    return Placement(full, above + height + below, picture, tuple(upper + lower), size, outline_of(size))


def _bar(text: str, left: int, right: int, top: int, size: int) -> tuple[list[Line], int]:
    """The text's lines in a bar that starts at `top`, and the bar's height; without text there is no bar."""
    if not text:
        return [], 0
    padding = left
    lines = set_lines(Block((text,), Rectangle(left, top + padding, right, top + padding), True), size)
    return lines, ink_of(lines[-1], size).bottom + padding - top
