"""The parts of a picture that no face reaches: where text may stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from memegen.face.detect import Box
from memegen.text.fitting import Rectangle

_MARGIN = 0.025  # of the short side, at the picture's edges
_FACE_MARGIN = 0.12  # of the face's height on every side: hair and chin reach past the box
_LEAST_COLUMN = 0.3  # of the width: beside a face, narrower text is a tower of single words


@dataclass(frozen=True)
class Column:
    """above, below: the parts of a column of the picture above and below every face that reaches into it; the
    same where none does."""

    above: Rectangle
    below: Rectangle


def columns(width: int, height: int, faces: Sequence[Box]) -> list[Column]:
    """The whole width first, then what is left and right of all faces, where that is wide enough."""
    edge = margin(width, height)
    spans = [(edge, width - edge)]
    if faces:
        reaches = [reach(face) for face in faces]
        beside = [
            (edge, min(width - edge, *(r.left for r in reaches))),
            (max(edge, *(r.right for r in reaches)), width - edge),
        ]
        spans += [span for span in beside if span[1] - span[0] >= _LEAST_COLUMN * width]
    return [_column(left, right, edge, height - edge, faces) for left, right in spans]


def margin(width: int, height: int) -> int:
    """What is left free at the picture's edges, in pixels."""
    return max(2, round(_MARGIN * min(width, height)))


def reach(face: Box) -> Rectangle:
    """A face with what belongs to it around its box."""
    return around(face, _FACE_MARGIN * face.height)


def around(face: Box, by: float) -> Rectangle:
    """All pixels within `by` pixels of the box, to the four sides and corners."""
    return Rectangle(
        int(face.left - by),
        int(face.top - by),
        int(face.left + face.width + by) + 1,
        int(face.top + face.height + by) + 1,
    )


def _column(left: int, right: int, top: int, bottom: int, faces: Sequence[Box]) -> Column:
    reaches = [r for r in map(reach, faces) if r.left < right and r.right > left]
    ceiling = min([bottom, *(r.top for r in reaches)])
    floor = max([top, *(r.bottom for r in reaches)])
    return Column(Rectangle(left, top, right, ceiling), Rectangle(left, floor, right, bottom))
