"""A laid-out meme: the value that goes from layout to drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from memegen.layout.styles import Style
from memegen.text.fitting import Line, Rectangle

Point = tuple[float, float]  # x, y in the meme's pixels


@dataclass(frozen=True)
class Bubble:
    """A speech bubble: its box without the tail, the radius of its corners and its border's width, inside the
    box, in pixels; the tail's two feet on the box and its tip, and no tail where there is no face."""

    box: Rectangle
    radius: int
    border: int
    tail: tuple[Point, Point, Point] | None


@dataclass(frozen=True)
class Placement:
    """width, height: the meme's size; picture: the part of it that the photo fills (scaled down to it where
    that is needed); lines: the caption's, `size` pixels an em, written as the style writes."""

    width: int
    height: int
    picture: Rectangle
    style: Style
    lines: tuple[Line, ...]
    size: int
    bubble: Bubble | None = None

    @property
    def outline(self) -> int:
        """The outline's width in pixels."""
        return self.style.outline_at(self.size)


def around_points(points: Sequence[Point]) -> Rectangle:
    """The least rectangle of whole pixels around the points."""
    xs, ys = zip(*points, strict=True)
    return Rectangle(floor(min(xs)), floor(min(ys)), ceil(max(xs)), ceil(max(ys)))
