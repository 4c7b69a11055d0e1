"""Photo bytes → an upright sRGB picture within limits.

All decoding is Pillow's and its libraries' (and, for HEIC, libheif's through pi-heif), so that one set of
decoders has to be kept current. Nothing is decoded before the header has shown what that will cost.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import cv2
import numpy as np
from PIL import Image

from memegen.contract import MAX_PHOTO_BYTES, MEME_LONG_SIDE
from memegen.errors import PhotoError
from memegen.photo.colour import on_white
from memegen.photo.formats import damaged, format_name, too_many_bytes, too_much_memory, unreadable
from memegen.photo.jpeg import count_scans, open_jpeg, with_ends
from memegen.photo.libraries import silence_decoders
from memegen.photo.picture import Picture, fitted, is_empty, reduced
from memegen.photo.png import open_png

# EXIF's orientation (Exif 2.32, 0x0112) → what turns the stored picture upright.
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}

_BMP_START = b"BM"
_MAX_MENDED_SCANS = 20  # a progressive photo has about 10
MAX_FRAMES = 1000
# Of all frames that are looked at: the first, and those after empty ones. A row costs as much as 8 pixels.
_MAX_FRAME_PIXELS, _ROW_PIXELS = 130_000_000, 8

silence_decoders()


def read_photo(data: bytes, long_side: int = MEME_LONG_SIDE) -> np.ndarray:
    """Decode a photo: (height, width, 3) uint8, upright, sRGB, its long side at most `long_side` pixels.

    A photo is never enlarged. The format is found by content. Transparent parts become white; of an animation
    the first picture is read that isn't empty.
    Raises PhotoError: not-an-image, unsupported-format, too-many-bytes, too-many-pixels, damaged-image.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise too_many_bytes()
    name = format_name(data)
    try:
        return _decode(data, name, long_side)
    except PhotoError:
        raise
    except MemoryError:  # a decoder may ask for more than there is, or than it can count
        raise too_much_memory() from None
    except Exception as error:  # a decoder meets broken bytes with nearly any exception
        whole = _without_end(data, long_side) if name == "JPEG" else None
        if whole is None:
            raise damaged(name or "BMP") from error
        return whole


def _decode(data: bytes, name: str | None, long_side: int) -> np.ndarray:
    name = name or ("BMP" if data.startswith(_BMP_START) else "")
    frames = _frames(data, name, long_side)
    if frames is None:
        raise unreadable(data)
    image, size, profile, orientation = _first_with_something(frames, long_side)
    pixels = np.asarray(on_white(image, profile))
    if image.size != size:
        # It is at most 3 times as large here. Up to 1.5 bilinear is as sharp as area and five times as fast.
        way = cv2.INTER_LINEAR if image.width < 1.5 * size[0] else cv2.INTER_AREA
        pixels = cv2.resize(pixels, size, interpolation=way)
    upright = _UPRIGHT.get(orientation)
    return upright(pixels) if upright else pixels


# The rarer types' readers are imported with the first such photo: they would take 20 ms of every start.
# ruff: noqa: PLC0415
def _frames(data: bytes, name: str, long_side: int) -> Iterator[Picture] | None:
    """The frames of a file of this type; None where the type is not read."""
    frames: Iterator[Picture] | None = None
    if name == "JPEG":
        frames = open_jpeg(data, long_side)
    elif name == "PNG":
        frames = open_png(data)
    elif name == "WebP":
        from memegen.photo.webp import open_webp

        frames = open_webp(data, long_side)
    elif name == "HEIC":
        from memegen.photo.heif import open_heic

        frames = open_heic(data)
    elif name == "AVIF":
        from memegen.photo.avif import open_avif

        frames = open_avif(data)
    elif name == "GIF":
        from memegen.photo.gif import open_gif

        frames = open_gif(data)
    elif name == "TIFF":
        from memegen.photo.tiff import open_tiff

        frames = open_tiff(data)
    elif name == "BMP":
        from memegen.photo.bmp import open_bmp

        frames = open_bmp(data)
    return frames


def _first_with_something(
    frames: Iterator[Picture], long_side: int
) -> tuple[Image.Image, tuple[int, int], bytes | None, int]:
    """The first frame that isn't all transparent, or the first of all: shrunk by whole factors, with the size
    that it is to have, its profile and its orientation. The decoder's own picture is gone by then."""
    first, seen = None, 0
    for picture in islice(frames, MAX_FRAMES):
        size = fitted(picture.size, long_side)
        image = reduced(picture, size)
        found = image, size, picture.profile, picture.orientation
        first = first or found
        seen += (picture.size[0] + _ROW_PIXELS) * picture.size[1]
        if not is_empty(image):
            return found
        if seen > _MAX_FRAME_PIXELS:
            break
        del picture, image, found  # the next frame takes their place
    if first is None:
        raise ValueError("a file without a picture")
    return first


def _without_end(jpeg: bytes, long_side: int) -> np.ndarray | None:
    """The pixels of a JPEG that lacks nothing but its end marker; None if it lacks pixels too."""
    try:
        if count_scans(jpeg) > _MAX_MENDED_SCANS:  # it is decoded twice more
            return None
        one, other = (_decode(ended, "JPEG", long_side) for ended in with_ends(jpeg))
    except MemoryError:
        raise
    except Exception:  # as in read_photo
        return None
    return one if np.array_equal(one, other) else None
