"""The parts of a picture that no face reaches, in which text may stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from memegen.geometry import Box, pixels_around

HAIR = 0.33  # of a face's height: how high hair is above its box where it was not looked for
MOST_HAIR = 0.45  # of a face's height: hair is hardly ever higher

_MARGIN = 0.025  # of the short side, at the picture's edges
_SIDE_MARGIN = 0.05  # of the width, beside lines that stand across the picture
_FACE_MARGIN = 0.12  # of the face's height, on every side, because hair and chin reach past the box
_HAIR = 0.25  # of the face's height, above its margin
_LEAST_COLUMN = 0.3  # of the width: in a narrower column each word would stand in a line of its own
_WIDEST_BY_HEIGHT = 1.8  # how many times its height a wide picture's side is at most


@dataclass(frozen=True)
class Column:
    """A column of the picture.

    above, below: its parts above and below all faces that reach into it. Where none does, both are all of it.
    between: its highest part with faces above and below it, which may be empty.
    """

    above: Box[int]
    below: Box[int]
    between: Box[int]


def columns(width: int, height: int, faces: Sequence[Box[float]]) -> list[Column]:
    """The columns for text: the whole width first, then those beside all faces that are wide enough."""
    edge, side = margin(width, height), round(_SIDE_MARGIN * width)
    spans = [(side, width - side)]
    if faces:
        kept_free = [with_margin(face) for face in faces]
        beside = [
            (side, min(width - side, *(r.left for r in kept_free))),
            (max(side, *(r.right for r in kept_free)), width - side),
        ]
        spans += [span for span in beside if span[1] - span[0] >= _LEAST_COLUMN * width]
    return [_column(left, right, edge, height - edge, faces) for left, right in spans]


def margin(width: int, height: int) -> int:
    """How wide the margin without text at the picture's edges is, in pixels."""
    return max(2, round(_MARGIN * min(width, height)))


def with_margin(face: Box[float]) -> Box[int]:
    """A face's box, made larger by the hair, the chin and the ears around it."""
    return pixels_around(face, _FACE_MARGIN * face.height)


def with_hair(face: Box[float]) -> Box[float]:
    """A face's box, made higher by the hair above its margin."""
    return Box(face.left, face.top - _HAIR * face.height, face.width, (1 + _HAIR) * face.height)


def text_side(width: int, height: int) -> float:
    """The side, in pixels, of the square picture whose letters suit a picture of this size: its short side
    or, where it is wide and is shown small for that, more."""
    return width if width <= height else min(sqrt(width * height), _WIDEST_BY_HEIGHT * height)


def _column(left: int, right: int, top: int, bottom: int, faces: Sequence[Box[float]]) -> Column:
    kept_free = [r for r in map(with_margin, faces) if r.left < right and r.right > left]
    ceiling = min([bottom, *(r.top for r in kept_free)])
    floor = max([top, *(r.bottom for r in kept_free)])
    inside = [r for r in kept_free if r.top < bottom and r.bottom > top]
    return Column(
        Box.from_edges(left, top, right, ceiling),
        Box.from_edges(left, floor, right, bottom),
        _between(left, right, inside),
    )


def _between(left: int, right: int, kept_free: Sequence[Box[int]]) -> Box[int]:
    """The highest gap between the rows of faces."""
    found, reached = Box.from_edges(left, 0, right, 0), None
    for face in sorted(kept_free, key=lambda face: face.top):
        if reached is not None and face.top - reached > found.height:
            found = Box.from_edges(left, reached, right, face.top)
        reached = max(reached or face.bottom, face.bottom)
    return found
