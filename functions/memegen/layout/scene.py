"""What is to be laid out: the value that goes into a style."""

from dataclasses import dataclass

from memegen.geometry import Box


@dataclass(frozen=True)
class Scene:
    """A picture and the caption for it.

    top, bottom: the caption's parts, in the case of the style; either may be empty.
    width, height: the picture's size in pixels. faces: their boxes in it, which no text may touch.
    long_side: how long the meme's longer side may get, in pixels, where the style adds to the picture.
    """

    top: str
    bottom: str
    width: int
    height: int
    faces: tuple[Box[float], ...]
    long_side: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are not empty, the top one first."""
        return tuple(part for part in (self.top, self.bottom) if part)
