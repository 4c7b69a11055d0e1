"""The tail of a speech bubble: where it begins, where it points and where it ends."""

from collections.abc import Sequence
from math import hypot

from memegen.geometry import Box, Point, enclosing, pixels_around

_MOUTH = 0.77  # of the face's height, from its top
_NEAR = 0.02  # of the face's height: how near the tail's tip comes to the face's box
_LEAST_NEAR = 3  # pixels
_HAIR = 0.33  # of the face's height above its box: where the tip stays, since in hair it looks like a thorn


def mouth_of(face: Box[float]) -> Point:
    return face.left + face.width / 2, face.top + _MOUTH * face.height


def tail_of(
    box: Box[int],
    corner: int,
    foot: float,
    longest: float,
    speaker: Box[float],
    kept: Sequence[Box[int]],
    top: int = 0,
) -> tuple[Point, Point, Point] | None:
    """The tail, from the bubble's side towards the mouth, or None where something kept free is in its way.

    It ends at the face, or above its hair, or where it is `longest` pixels long. It is made shorter if that
    helps. top: the picture's, at which it ends where the hair begins above that.
    corner: how much of the box's side it leaves free at the corners. foot: half of its width at the box.
    """
    mouth = mouth_of(speaker)
    base, along = _base(box, corner + foot, mouth)
    away = mouth[0] - base[0], mouth[1] - base[1]
    near = pixels_around(speaker, max(_LEAST_NEAR, _NEAR * speaker.height))
    hair = max(speaker.top - _HAIR * speaker.height, float(top))
    near = Box.from_edges(near.left, min(near.top, round(hair)), near.right, near.bottom)
    share = min(_entry(base, away, near), longest / max(hypot(*away), 1.0))
    feet = [(base[0] + side * along[0] * foot, base[1] + side * along[1] * foot) for side in (-1, 1)]
    for shorter in (1.0, 0.6, 0.3):
        tip = base[0] + away[0] * share * shorter, base[1] + away[1] * share * shorter
        tail = feet[0], feet[1], tip
        if not any(enclosing(tail).overlaps(box) for box in kept):
            return tail
    return None


def _base(box: Box[int], inset: float, mouth: Point) -> tuple[Point, Point]:
    """The middle of the tail's feet, on the side of the box towards the mouth, and that side's direction."""
    across = max(box.left - mouth[0], mouth[0] - box.right)
    down = max(box.top - mouth[1], mouth[1] - box.bottom)
    if down >= across:
        y = box.bottom if mouth[1] > box.bottom else box.top
        return (_between(mouth[0], box.left + inset, box.right - inset), y), (1.0, 0.0)
    x = box.right if mouth[0] > box.right else box.left
    return (x, _between(mouth[1], box.top + inset, box.bottom - inset)), (0.0, 1.0)


def _between(value: float, low: float, high: float) -> float:
    return (low + high) / 2 if low > high else min(max(value, low), high)


def _entry(start: Point, away: Point, box: Box[int]) -> float:
    """After which part of the way, 0 to 1, the box is entered, where the way ends in it (the slab method)."""
    parts = [0.0]
    for begin, step, low, high in (
        (start[0], away[0], box.left, box.right),
        (start[1], away[1], box.top, box.bottom),
    ):
        if step:
            parts.append(min((low - begin) / step, (high - begin) / step))
    return max(parts)
