"""The tail of a speech bubble: where it begins, where it points and where it ends."""

from collections.abc import Sequence
from math import hypot

from memegen.geometry import Box, Point, enclosing, pixels_around

_MOUTH = 0.77  # of the face's height, from its top
_NEAR = 0.02  # of the face's height: how near the tail's tip comes to the face's box
_LEAST_NEAR = 3  # pixels
_ASIDE = 0.4  # of the bubble's width: where the tail of a bubble above or below a face leaves it


def mouth_of(face: Box[float]) -> Point:
    return face.left + face.width / 2, face.top + _MOUTH * face.height


def tail_of(
    box: Box[int],
    corner: int,
    foot: float,
    longest: float,
    speaker: Box[float],
    hair: float,
    kept: Sequence[Box[int]],
) -> tuple[Point, Point, Point] | None:
    """The tail, from the bubble's side towards the mouth, or None where something kept free is in its way.

    It ends at the face, or at the row `hair`, or where it is `longest` pixels long. Its axis goes straight to
    the mouth, wherever it ends. It is made shorter if that helps.
    corner: how much of the box's side it leaves free at the corners. foot: half of its width at the box.
    """
    mouth = mouth_of(speaker)
    base, along = _base(box, corner + foot, mouth)
    away = mouth[0] - base[0], mouth[1] - base[1]
    near = pixels_around(speaker, max(_LEAST_NEAR, _NEAR * speaker.height))
    near = Box.from_edges(near.left, min(near.top, round(hair)), near.right, near.bottom)
    is_above = bool(along[0]) and base[1] <= near.top
    ends = (near.top - base[1]) / away[1] if is_above else _entry(base, away, near)
    share = min(ends, longest / max(hypot(*away), 1.0))
    feet = [(base[0] + side * along[0] * foot, base[1] + side * along[1] * foot) for side in (-1, 1)]
    for shorter in (1.0, 0.6, 0.3):
        part = share * shorter
        tip = base[0] + away[0] * part, base[1] + away[1] * part
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
        ways = (box.left + part * box.width for part in (_ASIDE, 1 - _ASIDE))
        x = min(ways, key=lambda way: abs(way - mouth[0]))
        return (_between(x, box.left + inset, box.right - inset), y), (1.0, 0.0)
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
