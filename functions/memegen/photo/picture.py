"""A photo that a decoder has opened, and how it shrinks without ever standing in memory twice."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from memegen.photo.colour import eight_bit
from memegen.photo.exif import UPRIGHT

_TILE_PIXELS = 1_000_000  # of a tile that is converted at once: 4 MB at four bytes a pixel


@dataclass(frozen=True)
class Picture:
    """A photo as it is stored, before it is shrunk and turned upright.

    size: width and height in pixels. tile: a box of left, top, right and bottom → its pixels, in any mode
    that colour.eight_bit takes. profile: the ICC profile. orientation: EXIF's, 1 to 8.
    """

    size: tuple[int, int]
    tile: Callable[[tuple[int, int, int, int]], Image.Image]
    profile: bytes | None = None
    orientation: int = UPRIGHT

    @classmethod
    def of_image(cls, image: Image.Image, orientation: int = UPRIGHT) -> "Picture":
        """Of an image that is decoded, or is when its pixels are asked for."""

        def tile(box: tuple[int, int, int, int]) -> Image.Image:
            return image if box == (0, 0, *image.size) else image.crop(box)

        return cls(image.size, tile, image.info.get("icc_profile"), orientation)

    @classmethod
    def of_frame(cls, frame: "Picture", at: tuple[int, int], canvas: tuple[int, int]) -> "Picture":
        """Of a frame whose left upper corner lies `at` on a canvas, which is transparent elsewhere."""
        left, top = at
        width, height = frame.size

        def tile(box: tuple[int, int, int, int]) -> Image.Image:
            whole = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]))
            inner = (
                max(box[0], left),
                max(box[1], top),
                min(box[2], left + width),
                min(box[3], top + height),
            )
            if inner[0] < inner[2] and inner[1] < inner[3]:
                part = frame.tile((inner[0] - left, inner[1] - top, inner[2] - left, inner[3] - top))
                whole.paste(eight_bit(part).convert("RGBA"), (inner[0] - box[0], inner[1] - box[1]))
            return whole

        return cls(canvas, tile, frame.profile, frame.orientation)


def is_empty(image: Image.Image) -> bool:
    """Whether all of an image of 8 bits a channel is transparent."""
    return image.mode in ("LA", "RGBA") and image.getchannel("A").getbbox() is None


def fitted(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """The width and height that keep the shape, the longer side at most `long_side` and neither under 1."""
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def reduced(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """The picture at 8 bits a channel, shrunk by whole factors to at least `size` and less than 3 times it.

    It is converted and shrunk tile by tile. So a picture of 16 bits, of a palette or with alpha exists in one
    form only, and a side of millions of pixels costs no more than others.
    """
    width, height = picture.size
    across, down = _factors(picture.size, size)
    if across == down == 1:  # it is small enough for a copy
        return eight_bit(picture.tile((0, 0, width, height)))
    columns = min(width, max(1, _TILE_PIXELS // down // across) * across)
    rows = min(height, max(1, _TILE_PIXELS // columns // down) * down)
    whole = Image.new("1", (1, 1))
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            box = (left, top, min(width, left + columns), min(height, top + rows))
            part = eight_bit(picture.tile(box)).reduce((across, down))
            if (columns, rows) == (width, height):
                return part
            if (left, top) == (0, 0):
                whole = Image.new(part.mode, (-(-width // across), -(-height // down)))
            whole.paste(part, (left // across, top // down))
    return whole


def _factors(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """By what the columns and the rows are divided.

    It is one factor for both, unless a side is so short that it had to be rounded up to a pixel or two.
    """
    across, down = (side // least for side, least in zip(size, target, strict=True))
    both = min(across, down)
    return (across if across > 2 * both else both), (down if down > 2 * both else both)
