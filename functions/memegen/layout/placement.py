"""A laid-out meme: the value that goes from layout to drawing."""

from dataclasses import dataclass

from memegen.geometry import Box, Point, enclosing
from memegen.layout.style import Style
from memegen.text.fitting import Line


@dataclass(frozen=True)
class Bubble:
    """A speech bubble, or a tag where it has no tail, in the meme's pixels.

    box: the bubble without its tail. radius: of its corners. border: how wide the border inside the box is.
    tail: its two feet on the box and its tip, or None where it has no tail.
    shadow: how far down the shadow is that it has where the ground is light; 0 for none.
    """

    box: Box[int]
    radius: int
    border: int
    tail: tuple[Point, Point, Point] | None
    shadow: int = 0

    @property
    def reach(self) -> Box[int]:
        """All pixels that the bubble, its tail and its shadow can change."""
        drawn = [(self.box.left, self.box.top), (self.box.right, self.box.bottom), *(self.tail or ())]
        return enclosing(drawn).grown(2 + 6 * self.shadow)


@dataclass(frozen=True)
class DrawnOn:
    """How a photo with a plain top goes on above it, in the meme's pixels.

    border: how many rows at its top are painted over. clear: the first row that shows more than the ground.
    is_under_text: whether text stands on it. Where that could not be read, there is paper instead.
    """

    border: int
    clear: int
    is_under_text: bool = False


@dataclass(frozen=True)
class Panel:
    """A part of the photo in a place of the meme.

    source: in the photo's pixels, inside it. target: in the meme's. is_noir: whether it is grey, with dark
    rims. is_film: whether it is a little darker towards the corners, unless it is dark, and has a thin line
    where it meets the black around it. shade: two rows of the target, counted from its top: from the first to
    the second it gets darker, evenly over its width, and stays so beyond; or None.
    """

    source: Box[int]
    target: Box[int]
    is_noir: bool = False
    is_film: bool = False
    shade: tuple[int, int] | None = None


@dataclass(frozen=True)
class SetText:
    """Lines in one style at one size, in pixels an em."""

    lines: tuple[Line, ...]
    size: int
    style: Style


@dataclass(frozen=True)
class Placement:
    """width, height: the meme's size in pixels.
    picture: the part of it that the photo fills; the photo is scaled to it where its size is another.
    lines: the caption's, in the case of the style. size: of their font, in pixels an em.
    bubbles: those around the lines or the labels, where the style has them.
    labels: further texts in styles and sizes of their own.
    leaders: thin grey lines, each from a label towards what it speaks of.
    panels: what the photo is in the meme, where that is not all of it as it is. The first is at `picture`.
    is_ground_blurred: whether what is around the body continues the picture in its own colours, blurred.
        Otherwise it is of the paper's colour.
    top: how the picture is drawn on above it, up to the meme's or the body's top, where it is.
    body: the part of the meme that has the paper's colour where nothing else is; None: only the picture.
    shrink: by how much the meme is shrunk when it has been drawn.
    """

    width: int
    height: int
    picture: Box[int]
    style: Style
    lines: tuple[Line, ...]
    size: int
    bubbles: tuple[Bubble, ...] = ()
    labels: tuple[SetText, ...] = ()
    leaders: tuple[Box[int], ...] = ()
    panels: tuple[Panel, ...] = ()
    is_ground_blurred: bool = False
    top: DrawnOn | None = None
    body: Box[int] | None = None
    shrink: float = 1.0

    @property
    def texts(self) -> tuple[SetText, ...]:
        """All of the text."""
        return (SetText(self.lines, self.size, self.style), *self.labels)

    @property
    def outline(self) -> int:
        """The outline's width in pixels."""
        return self.style.text.outline_at(self.size)

    def in_meme(self, box: Box[float], width: int, height: int) -> Box[float]:
        """Where a box of the photo, which has this size, is in the meme; of several places the first."""
        source = self.panels[0].source if self.panels else Box(0, 0, width, height)
        scale = self.picture.width / source.width
        left = self.picture.left + (box.left - source.left) * scale
        top = self.picture.top + (box.top - source.top) * scale
        parts = (left, top, box.width * scale, box.height * scale)
        return Box(*(part * self.shrink for part in parts))
