"""The classic meme: white capitals on the picture, the top part at its top and the bottom part at its bottom.

Where a face leaves no room for that, both parts go where there is the most room. Plain rows between the text
at the top and the hair are left out.
"""

from collections.abc import Sequence
from dataclasses import replace

from memegen.geometry import Box
from memegen.layout.free_space import columns, margin, text_side, with_hair
from memegen.layout.headroom import empty_rows, without_rows
from memegen.layout.placement import Panel, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PICTURE
from memegen.text.fitting import (
    Block,
    Line,
    best_broken_size,
    bounds_of,
    largest_comfortable,
    least_size,
    set_lines,
)

_LARGEST = 0.095  # of the picture's side, so that a meme looks the same at every size
_READABLE = 0.65  # of the largest size, at least: smaller letters look lost, and bars are better
# Of the picture's height, at most, for one part, and for two parts in one place. A slim band leaves more of
# the picture to be seen. It is enough where letters get comfortably large, as a part of the largest size.
_BAND, _STACK = 0.34, 0.48
_SLIM_BAND, _SLIM_STACK = 0.2, 0.26
_COMFORTABLE = 0.8
_OUTLINE = 0.075  # of the font size, so that letters stand out from pale ground too

STYLE = replace(ON_PICTURE, text=replace(ON_PICTURE.text, outline=_OUTLINE), in_bar=0.075)


def place(scene: Scene) -> Placement | None:
    """The parts on the picture, clear of the faces; None where there is no room at a readable size."""
    width, height = scene.width, scene.height
    least = least_size(width)
    largest = max(least, round(_LARGEST * text_side(width, height) * scene.text_scale))
    readable = max(least, round(_READABLE * largest))
    slim = max(least, round(_COMFORTABLE * largest))
    heads = [with_hair(face) for face in scene.faces]
    best = largest_comfortable(_arrangements(scene, heads, _SLIM_BAND, _SLIM_STACK), slim, largest)
    if best:
        size, blocks = best
        best = best_broken_size(blocks, max(slim, scene.smaller(size)), size), blocks
    best = (
        best
        or largest_comfortable(_arrangements(scene, heads, _BAND, _STACK), readable, largest)
        or largest_comfortable(_arrangements(scene, scene.faces, _BAND, _STACK), readable, largest)
    )
    if best is None:
        return None
    size, blocks = best
    return _without_headroom(scene, [set_lines(block, size) for block in blocks], size)


def _without_headroom(scene: Scene, blocks: Sequence[Sequence[Line]], size: int) -> Placement:
    """The picture with the lines on it, without plain rows between those at its top and the hair."""
    rows = empty_rows(scene)
    lower = [line for lines in blocks for line in lines]
    upper: list[Line] = []
    if rows and bounds_of(blocks[0], size, STYLE.text).top < rows:
        upper = list(blocks[0])
        lower = lower[len(upper) :]
        rows = max(0, rows - bounds_of(upper, size, STYLE.text).bottom)
    picture = Box(0, 0, scene.width, scene.height - rows)
    panels = (Panel(without_rows(scene, rows), picture),) if rows else ()
    lines = (*upper, *(line.moved(0, -rows) for line in lower))
    return Placement(scene.width, picture.height, picture, STYLE, lines, size, panels=panels)


def _arrangements(
    scene: Scene, kept: Sequence[Box[float]], band_share: float, stack_share: float
) -> list[list[Block]]:
    """Every way to set the parts clear of what is kept free, the meme's usual one first. The shares of the
    picture's height are those for one part, and for two in one place."""
    ways = []
    top, bottom, parts = scene.top, scene.bottom, scene.parts
    band = round(band_share * scene.height)
    reach = round(stack_share * scene.height) if len(parts) > 1 else band
    for column in columns(scene.width, scene.height, kept):
        above, below = column.above, column.below
        if top and bottom:
            ways.append(
                [
                    Block((top,), _upper(above, band), True, STYLE.text),
                    Block(scene.bottom_parts, _lower(below, band), False, STYLE.text),
                ]
            )
        stacks = [
            [Block(parts, _upper(above, reach), True, STYLE.text)],
            [Block(parts, _lower(below, reach), False, STYLE.text)],
        ]
        is_free_above = above.height > below.height if len(parts) == 1 and kept else not bottom
        ways += stacks if is_free_above else stacks[::-1]
        between = column.between.grown(-margin(scene.width, scene.height) // 2)
        ways.append(
            [Block(parts, Box(above.left, between.top, above.width, between.height), True, STYLE.text)]
        )
    return ways


def _upper(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, slot.top, slot.right, min(slot.bottom, slot.top + reach))


def _lower(slot: Box[int], reach: int) -> Box[int]:
    return Box.from_edges(slot.left, max(slot.top, slot.bottom - reach), slot.right, slot.bottom)
