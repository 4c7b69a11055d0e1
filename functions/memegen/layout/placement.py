"""A laid-out meme: the value that goes from layout to drawing."""

from dataclasses import dataclass

from memegen.geometry import Box, Point
from memegen.layout.style import Style
from memegen.text.fitting import Line


@dataclass(frozen=True)
class Bubble:
    """A speech bubble: its box without the tail, the radius of its corners and its border's width, inside the
    box, in pixels; the tail's two feet on the box and its tip, and no tail where there is no face."""

    box: Box[int]
    radius: int
    border: int
    tail: tuple[Point, Point, Point] | None


@dataclass(frozen=True)
class Placement:
    """width, height: the meme's size; picture: the part of it that the photo fills (scaled down to it where
    that is needed); lines: the caption's, `size` pixels an em, in the case of the style."""

    width: int
    height: int
    picture: Box[int]
    style: Style
    lines: tuple[Line, ...]
    size: int
    bubble: Bubble | None = None

    @property
    def outline(self) -> int:
        """The outline's width in pixels."""
        return self.style.text.outline_at(self.size)
