"""Bars for text outside the picture, above it and below it."""

from collections.abc import Sequence
from dataclasses import replace

from memegen.geometry import Box
from memegen.layout.free_space import text_side
from memegen.layout.headroom import empty_rows, without_rows
from memegen.layout.placement import Panel, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import Style
from memegen.text import measure
from memegen.text.fitting import (
    Block,
    Line,
    best_broken_size,
    bounds_of,
    cost_of_breaks,
    count_lines,
    largest_size,
    least_size,
    set_lines,
)

_MARGIN = 0.075  # of the width, at the sides
# How much larger than usual text gets where its lines stay the same, but not than this part of the largest
# face's height: beside heads that are no higher than a line, it would be all that one sees.
_LARGER, _OF_A_FACE = 1.3, 0.5
# Of the font size: the margins above the first line's capitals and below the last line's descenders.
_ABOVE, _BELOW = 0.48, 0.36
_LEAST_WIDTH = 200  # pixels: a word needs them, however small the picture is
# Two parts of which the shorter one is less than this of the longer one's width get no smaller than this part
# of the usual size to stand on a line each: halves of the longer part match the shorter one.
_MATCHING, _LEAST_UNEVEN = 0.75, 0.93
# Of the picture's height or side: how high a bar gets before its text is made smaller. A text that does not
# fit at the least size gets a bar as high as it needs.
_USUAL = 0.25

Parts = tuple[str, ...]


def with_bars(scene: Scene, style: Style, is_below: bool = False) -> Placement:
    """The picture with a bar for the caption above it and, where the style has that, another one below it.

    is_below: whether all of the caption stands below the picture.
    A bar without text is left out. The picture shrinks, in proportion, where the meme would get too long.
    Empty headroom is left out of it.
    """
    above: Parts = scene.parts
    below: Parts = ()
    if style.bar_below:
        above, below = ((scene.top,) if scene.top else ()), scene.bottom_parts
    if is_below:
        above, below = (), scene.parts
    source = without_rows(scene, empty_rows(scene))
    scale = 1.0
    while True:
        scaled = max(1, round(source.width * scale)), max(1, round(source.height * scale))
        placement = _framed(above, below, style, scene, *scaled)
        excess = max(placement.width, placement.height) / scene.long_side
        if excess <= 1:
            panels = (Panel(source, placement.picture),) if source.top else ()
            return replace(placement, panels=panels)
        scale /= max(excess, 1.01)


def _framed(above: Parts, below: Parts, style: Style, scene: Scene, width: int, height: int) -> Placement:
    full = max(width, _LEAST_WIDTH)
    edge = max(4, round(_MARGIN * full))
    least = least_size(full)
    whole = round(scene.height * width / scene.width)  # high, with its headroom
    room = Box.from_edges(edge, 0, full - edge, round(_USUAL * max(whole, text_side(width, whole))))
    blocks = [Block(parts, room, True, style.text) for parts in (above, below) if parts]
    usual = max(least, round(style.in_bar * full * scene.text_scale))
    largest = round(_LARGER * usual)
    if scene.faces:
        highest = max(face.height for face in scene.faces) * width / scene.width
        largest = max(usual, min(largest, round(_OF_A_FACE * highest)))
    size = _size(blocks, least, usual, largest, scene)
    upper, ceiling = _bar(above, style, size, edge, full, 0)
    lower, floor = _bar(below, style, size, edge, full, ceiling + height)
    left = (full - width) // 2
    picture = Box.from_edges(left, ceiling, left + width, ceiling + height)
    return Placement(full, floor, picture, style, tuple(upper + lower), size)


def _size(blocks: Sequence[Block], least: int, usual: int, largest: int, scene: Scene) -> int:
    """The size at which the blocks' lines break best. Where no other was asked for, it then gets larger, up
    to `largest`, as far as the same lines fit.

    A caption that needs two lines is not made smaller to have one, which would be a thin strip, and a long
    part beside a short one is broken before both get small.
    """
    size = largest_size(blocks, least, usual) or least
    smallest = max(least, scene.smaller(size))
    if _count(blocks, size) == 2:
        sizes = range(size, smallest - 1, -1)
        smallest = next((each + 1 for each in sizes if _count(blocks, each) < 2), smallest)
    is_uneven = any(_is_uneven(block) for block in blocks)
    if is_uneven:
        smallest = max(smallest, min(size, round(_LEAST_UNEVEN * usual)))
    size = best_broken_size(blocks, smallest, size)
    if scene.text_scale != 1 or (is_uneven and _count(blocks, size) > 2):
        return size  # more lines would make a bar too tall
    most = largest_size(blocks, size, largest) or size
    breaks = _count(blocks, size), cost_of_breaks(blocks, size)
    return next(
        each
        for each in range(most, size - 1, -1)
        if (_count(blocks, each), cost_of_breaks(blocks, each)) == breaks
    )


def _is_uneven(block: Block) -> bool:
    """Whether the block has two parts, one of which is not much wider than half of the other, or less."""
    widths = sorted(measure.width(text, block.style.family) for text in block.texts)
    return len(widths) == 2 and widths[0] < _MATCHING * widths[1]


def _count(blocks: Sequence[Block], size: int) -> int:
    return sum(count_lines(block, size) for block in blocks)


def _bar(parts: Parts, style: Style, size: int, edge: int, width: int, top: int) -> tuple[list[Line], int]:
    """The lines of the parts in a bar whose upper edge is at `top`, and where the bar's lower edge is.

    The margins above and below are the same whichever letters the lines have.
    """
    if not parts:
        return [], top
    slot = Box.from_edges(edge, top, width - edge, top)
    lines = set_lines(Block(parts, slot, True, style.text), size)
    ink = bounds_of(lines, size, style.text)
    usual = measure.reach("H" if style.text.capitals else "lp", style.text.family)
    first = min(ink.top, lines[0].baseline - round(usual.above * size))
    last = max(ink.bottom, lines[-1].baseline + round(usual.below * size))
    above, below = round(_ABOVE * size), round(_BELOW * size)
    return [line.moved(0, top + above - first) for line in lines], top + above + last - first + below
