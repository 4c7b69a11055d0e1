"""Points and boxes in a picture: x grows to the right and y downwards, in pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Generic, TypeVar

Point = tuple[float, float]  # x, y
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Box(Generic[Number]):
    """A rectangle with level sides, which may reach beyond the picture. One of whole pixels includes its left
    column and its top row; the column at `right` and the row at `bottom` are just outside."""

    left: Number
    top: Number
    width: Number
    height: Number

    @classmethod
    def from_edges(cls, left: Number, top: Number, right: Number, bottom: Number) -> "Box[Number]":
        return Box(left, top, right - left, bottom - top)

    @property
    def right(self) -> Number:
        return self.left + self.width

    @property
    def bottom(self) -> Number:
        return self.top + self.height

    def overlaps(self, other: "Box[Number]") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def grown(self, by: Number) -> "Box[Number]":
        """The box with `by` pixels more on each side."""
        return Box(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, right: Number, down: Number) -> "Box[Number]":
        return Box(self.left + right, self.top + down, self.width, self.height)

    def within(self, width: Number, height: Number) -> "Box[Number]":
        """What of the box is in a picture of this size; with no width or height where nothing is."""
        left, top = max(self.left, type(self.left)(0)), max(self.top, type(self.top)(0))
        right, bottom = max(left, min(self.right, width)), max(top, min(self.bottom, height))
        return Box.from_edges(left, top, right, bottom)


def pixels_around(box: Box[float], by: float) -> Box[int]:
    """All pixels within `by` pixels of the box, to the four sides and corners."""
    return Box.from_edges(
        int(box.left - by), int(box.top - by), int(box.right + by) + 1, int(box.bottom + by) + 1
    )


def enclosing(points: Sequence[Point]) -> Box[int]:
    """The smallest box of whole pixels around the points."""
    xs, ys = zip(*points, strict=True)
    return Box.from_edges(floor(min(xs)), floor(min(ys)), ceil(max(xs)), ceil(max(ys)))


def union(boxes: Iterable[Box[int]]) -> Box[int]:
    """The smallest box around all of the boxes, of which there must be one."""
    edges = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    return Box.from_edges(min(lefts), min(tops), max(rights), max(bottoms))
