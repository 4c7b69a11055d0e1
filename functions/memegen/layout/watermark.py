"""A small line at the picture's edge that says whose meme it is: where it stands."""

from collections.abc import Sequence
from dataclasses import replace

from memegen.layout.free_space import margin
from memegen.layout.placement import Mark, Placement, around_points
from memegen.layout.styles import WATERMARK
from memegen.text.fitting import Block, Rectangle, bounds_of, ink_of, set_lines

_SIZE = 0.024  # of the width
_LEAST_PIXELS = 10


def on_the_picture(placement: Placement, text: str, faces: Sequence[Rectangle]) -> Placement | None:
    """The placement with the watermark where it covers no face (in the meme's pixels) and nothing of the
    caption: in a corner of the picture, the lower right one before all, or else up one of its sides. None
    where there is no such place."""
    picture = placement.picture
    edge = max(2, margin(picture.width, picture.height) // 2)
    mark, box = _set(text, picture.width)
    right, bottom = picture.right - edge - box.right, picture.bottom - edge - box.bottom
    left, top = picture.left + edge - box.left, picture.top + edge - box.top
    if right < left or bottom < top:
        return None
    taken = [*faces, *_caption(placement)]
    corners = [(right, bottom), (left, bottom), (right, top), (left, top)]
    sides = [(across, down) for across in (right, left) for down in range(bottom, top, -box.height)]
    for across, down in corners + sides:
        kept_free = box.moved(across, down).grown(box.height // 2)
        if not any(kept_free.overlaps(other) for other in taken):
            return replace(placement, watermark=_moved(mark, across, down))
    return None


def at_the_foot(placement: Placement, text: str) -> Placement:
    """The placement with a strip added at its foot, in the paper's colour, in which the watermark stands."""
    edge = max(4, margin(placement.width, placement.width))
    mark, box = _set(text, placement.width)
    moved = _moved(mark, placement.width - edge - box.right, placement.height + edge - box.top)
    return replace(placement, height=placement.height + box.height + 2 * edge, watermark=moved)


def _set(text: str, width: int) -> tuple[Mark, Rectangle]:
    """The watermark for a picture of that width, and the rectangle that it touches, near the origin."""
    size = max(_LEAST_PIXELS, round(_SIZE * width))
    room = max(10 * _LEAST_PIXELS, width - 2 * margin(width, width))
    lines = set_lines(Block((text,), Rectangle(0, 0, room, 0), True, WATERMARK), size)
    return Mark(tuple(lines), size), bounds_of(lines, size, WATERMARK)


def _moved(mark: Mark, right: int, down: int) -> Mark:
    return Mark(tuple(line.moved(right, down) for line in mark.lines), mark.size)


def _caption(placement: Placement) -> list[Rectangle]:
    if placement.bubble is None:
        return [ink_of(line, placement.size, placement.style) for line in placement.lines]
    tail = placement.bubble.tail
    return [placement.bubble.box, *([around_points(tail)] if tail else [])]
