"""A laid-out meme: the value that goes from layout to drawing."""

from dataclasses import dataclass

from memegen.geometry import Box, Point
from memegen.layout.style import Style
from memegen.text.fitting import Line


@dataclass(frozen=True)
class Bubble:
    """A speech bubble, in the meme's pixels.

    box: the bubble without its tail. radius: of its corners. border: how wide the border inside the box is.
    tail: its two feet on the box and its tip, or None where it has no tail.
    """

    box: Box[int]
    radius: int
    border: int
    tail: tuple[Point, Point, Point] | None


@dataclass(frozen=True)
class Placement:
    """width, height: the meme's size in pixels.
    picture: the part of it that the photo fills; the photo is scaled down to it where it is larger.
    lines: the caption's, in the case of the style. size: of their font, in pixels an em.
    bubble: the one around the lines, where the style has one.
    """

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
