"""What is to be laid out: the value that goes into a style."""

from dataclasses import dataclass

from memegen.contract import MEME_LONG_SIDE
from memegen.geometry import Box, Point
from memegen.layout.top import Top

_SMALLER = 0.8


class NotPossibleError(Exception):
    """A style can't be made of a scene. why: one of styles' reasons, such as "no-room"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Scene:
    """A picture and the caption for it.

    top, bottom: the caption's parts, in the case of the style; either may be empty. The bottom has a newline
        where it has several parts of its own.
    width, height: the picture's size in pixels.
    faces: their boxes in it, which no text may touch, the largest first.
    long_side: how long the meme's longer side may get, in pixels, where the style adds to the picture.
    eyes: of each face the middles of its two eyes; none where they are not known.
    speakers: how many of the faces, from the first, belong to the group. The others are passers-by.
    main: which of the faces the meme is about.
    labels: a text for each face, which may be empty; the style `labels` alone has them.
    plain_rows: how many rows at the picture's top are plain, as ground.plain_rows counts them.
    text_scale: how much larger than usual the text should be.
    focus: where the photo has most to see, or None where that is not known.
    photo_top: what the photo shows at its top, or None where that is not plain or not known.
    """

    top: str
    bottom: str
    width: int
    height: int
    faces: tuple[Box[float], ...]
    long_side: int = MEME_LONG_SIDE
    eyes: tuple[tuple[Point, Point], ...] = ()
    speakers: int = 1
    main: int = 0
    labels: tuple[str, ...] = ()
    plain_rows: int = 0
    text_scale: float = 1.0
    focus: Point | None = None
    photo_top: Top | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are not empty, the top one first."""
        return (*((self.top,) if self.top else ()), *self.bottom_parts)

    @property
    def bottom_parts(self) -> tuple[str, ...]:
        """The bottom's parts that are not empty."""
        return tuple(part for part in self.bottom.split("\n") if part)

    @property
    def picture(self) -> Box[int]:
        """All of the picture, in its own pixels."""
        return Box(0, 0, self.width, self.height)

    def smaller(self, size: int) -> int:
        """The size to which text of this size may be made smaller where its lines break better then. It stays
        where it was asked to be large."""
        return size if self.text_scale > 1 else round(_SMALLER * size)
