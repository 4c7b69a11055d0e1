"""Where a caption goes on a picture and how large: pure functions from sizes to a Placement.

The caption takes the largest size at which every line, outline included, is inside a slot: a part of the
picture, at its top or bottom, that no face reaches. Only where no slot holds the caption at a readable size
does it get bars of its own, outside the picture.
"""

from collections.abc import Sequence

from memegen.caption.choose import Caption
from memegen.contract import MEME_LONG_SIDE
from memegen.geometry import Box
from memegen.layout.bar import with_bars
from memegen.layout.bubble import place_bubble
from memegen.layout.free_space import columns
from memegen.layout.placement import Placement
from memegen.layout.style import Style
from memegen.layout.styles import STYLES
from memegen.text.fitting import Block, largest_comfortable, least_size, set_lines
from memegen.text.text_style import apply_case

_LARGEST = 0.115  # of the short side, so that a meme looks the same at every size
_BAND = 0.34  # of the picture's height, at most, for one part
_STACK = 0.48  # and for two parts in one place


def place_caption(
    caption: Caption,
    width: int,
    height: int,
    faces: Sequence[Box[float]],
    style: str = "classic",
    long_side: int = MEME_LONG_SIDE,
) -> Placement:
    """Lay the caption out for a picture of width × height pixels with faces at the given boxes.

    style: "classic", letters on the picture, the top part at its top and the bottom part at its bottom where
    the faces leave room, else both where there is most; "bubble", both in a bubble; "bar", both above the
    picture. The meme is as large as the picture, or has bars added and then a long side of at most
    `long_side`, for which the picture shrinks, in proportion, where it must.
    """
    look = STYLES[style]
    top, bottom = (apply_case(part, look.text, caption.language) for part in (caption.top, caption.bottom))
    parts = tuple(part for part in (top, bottom) if part)
    above: tuple[str, ...] = parts
    below: tuple[str, ...] = ()
    placement = None
    if style == "classic":
        placement = _over_the_picture(top, bottom, look, width, height, faces)
        above, below = ((top,) if top else ()), ((bottom,) if bottom else ())
    elif style == "bubble":
        placement = place_bubble(parts, look, width, height, faces)
    return placement or with_bars(above, below, look, width, height, long_side)


def _over_the_picture(
    top: str, bottom: str, style: Style, width: int, height: int, faces: Sequence[Box[float]]
) -> Placement | None:
    """The parts over the picture, clear of the faces; None where there is no room at a readable size."""
    least = least_size(width)
    largest = max(least, round(_LARGEST * min(width, height)))
    best = largest_comfortable(_arrangements(top, bottom, style, width, height, faces), least, largest)
    if best is None:
        return None
    size, blocks = best
    lines = tuple(line for block in blocks for line in set_lines(block, size))
    return Placement(width, height, Box(0, 0, width, height), style, lines, size)


def _arrangements(
    top: str, bottom: str, style: Style, width: int, height: int, faces: Sequence[Box[float]]
) -> list[list[Block]]:
    """Every way to set the parts, the meme's usual one first."""
    ways = []
    parts = tuple(part for part in (top, bottom) if part)
    band = round(_BAND * height)
    reach = round(_STACK * height) if len(parts) > 1 else band
    for column in columns(width, height, faces):
        above, below = column.above, column.below
        if top and bottom:
            ways.append(
                [
                    Block((top,), _upper(above, band), True, style.text),
                    Block((bottom,), _lower(below, band), False, style.text),
                ]
            )
        stacks = [
            [Block(parts, _upper(above, reach), True, style.text)],
            [Block(parts, _lower(below, reach), False, style.text)],
        ]
        ways += stacks if top and not bottom else stacks[::-1]
    return ways


def _upper(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, slot.top, slot.right, min(slot.bottom, slot.top + reach))


def _lower(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, max(slot.top, slot.bottom - reach), slot.right, slot.bottom)
