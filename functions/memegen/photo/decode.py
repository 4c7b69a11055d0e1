"""Photo bytes → an upright sRGB picture within limits.

All decoding is Pillow's (and, for HEIC, libheif's through pi-heif), so that one set of decoders has to be
kept current. Nothing is decoded before the header has shown that the picture is within the limits. A JPEG is
decoded at about the size that is wanted, which is most of what makes a large photo cheap.
"""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pi_heif
from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from memegen.contract import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MEME_LONG_SIDE
from memegen.errors import ErrorCode, PhotoError
from memegen.photo.colour import eight_bit, on_white
from memegen.photo.decoder_guards import (
    has_too_many_parts,
    has_too_many_scans,
    has_unreadable_items,
    with_ends,
)
from memegen.photo.formats import (
    JPEG_START,
    PILLOW_FORMATS,
    damaged,
    format_name,
    too_many_bytes,
    too_many_pixels,
    unreadable,
)
from memegen.photo.libraries import silence_decoders

# EXIF's orientation tag (Exif 2.32, 0x0112) → what turns the stored picture upright.
_ORIENTATION_TAG = 0x0112
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}

pi_heif.register_heif_opener()
silence_decoders()


def read_photo(data: bytes, long_side: int = MEME_LONG_SIDE) -> np.ndarray:
    """Decode a photo: (height, width, 3) uint8, upright, sRGB, its long side at most `long_side` pixels.

    A photo is never enlarged. The format is found by content. Transparent parts become white; of an animation
    the first picture is read.
    Raises PhotoError: not-an-image, unsupported-format, too-many-bytes, too-many-pixels, damaged-image.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise too_many_bytes()
    image = _open(data)
    _check_pixels(image.width, image.height)
    try:
        return _decode(image, long_side)
    except (PhotoError, MemoryError):
        raise
    except Exception as error:  # a decoder meets broken bytes with nearly any exception
        whole = _without_end(data, long_side) if image.format == "JPEG" else None
        if whole is None:
            raise damaged(format_name(data) or image.format) from error
        return whole


def _open(data: bytes) -> Image.Image:
    """The image with its header read and no pixel decoded."""
    if has_too_many_parts(data) or (data.startswith(JPEG_START) and has_too_many_scans(data)):
        raise PhotoError(
            ErrorCode.DAMAGED_IMAGE,
            "The file is put together from so many pieces that reading it would take hours. "
            "Save it again as a JPEG or PNG.",
        )
    if has_unreadable_items(data):
        raise damaged(format_name(data))
    try:
        return Image.open(io.BytesIO(data), formats=PILLOW_FORMATS)
    except Image.DecompressionBombError:
        raise too_many_pixels("more than 100") from None
    except MemoryError:
        raise
    except Exception as error:  # as in read_photo: a header can be broken in as many ways
        raise unreadable(data) from error


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PHOTO_PIXELS:
        raise too_many_pixels(f"{width:,} × {height:,}, {width * height / 1e6:.1f}")


def _decode(image: Image.Image, long_side: int) -> np.ndarray:
    # For JPEG only: decodes at 1/2, 1/4 or 1/8 of the size, but not below the size that is wanted.
    image.draft(None, _fitted(image.size, long_side))
    image = _loaded(image)
    width, height = _fitted(image.size, long_side)
    upright = _UPRIGHT.get(_orientation(image))
    profile = image.info.get("icc_profile")

    image = eight_bit(image)
    factor = min(image.width // width, image.height // height)
    if factor > 1:
        image = image.reduce(factor)
    pixels = np.asarray(on_white(image, profile))
    if image.size != (width, height):
        # It is at most 2 times as large here. Up to 1.5 bilinear is as sharp as area and five times as fast.
        way = cv2.INTER_LINEAR if image.width < 1.5 * width else cv2.INTER_AREA
        pixels = cv2.resize(pixels, (width, height), interpolation=way)
    return upright(pixels) if upright else pixels


def _loaded(image: Image.Image) -> Image.Image:
    """The image with its pixels decoded.

    Pillow holds a WebP picture four times while it loads it, of which two are libwebp's canvases: at 48
    megapixels 730 MiB. Here they are gone before the picture is copied out of libwebp's answer.
    """
    if not isinstance(image, WebPImageFile):
        image.load()
        return image
    pixels, *_ = image._get_next()
    del image._decoder
    loaded = Image.frombytes(image.mode, image.size, pixels, "raw", image.rawmode)
    loaded.info = image.info
    return loaded


def _without_end(jpeg: bytes, long_side: int) -> np.ndarray | None:
    """The pixels of a JPEG that lacks nothing but its end marker; None if it lacks pixels too."""
    try:
        one, other = (_decode(_open(ended), long_side) for ended in with_ends(jpeg))
    except MemoryError:
        raise
    except Exception:  # as in read_photo
        return None
    return one if np.array_equal(one, other) else None


def _fitted(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # broken EXIF is no reason to refuse a sound picture
        return 1
