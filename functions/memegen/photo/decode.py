"""Photo bytes → an upright sRGB picture within limits, and a picture → JPEG bytes.

All decoding is Pillow's (and, for HEIC, libheif's through pi-heif): one set of decoders to keep current.
Nothing is decoded before the header has shown that the picture is within the limits, and a JPEG is
decoded at about the size that is wanted, which is most of what makes a large photo cheap.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pi_heif
from PIL import Image, ImageCms
from PIL.WebPImagePlugin import WebPImageFile

from memegen.errors import ErrorCode, PhotoError
from memegen.photo.decoder_guards import (
    has_too_many_parts,
    has_too_many_scans,
    has_unreadable_items,
    with_ends,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONG_SIDE = 1600

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF")
_EXPECTED = "a JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF photo"

_JPEG = b"\xff\xd8\xff"

# What a file is by its first bytes: (offset, bytes, name). Names in _READ are formats that are read, so that
# such a file which doesn't open is damaged; the others are known well enough to be named to a person.
_SIGNATURES = (
    (0, _JPEG, "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (8, b"WEBP", "WebP"),
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),  # BigTIFF
    (0, b"MM\0+", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftypcrx", "Canon raw"),
    (4, b"ftyp", "video"),
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%!PS", "PostScript"),
    (0, b"PK\x03\x04", "ZIP or office"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (8, b"AVI ", "video"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL \r\n\x87\n", "JPEG XL"),
    (4, b"jP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\0\0\x01\0", "icon"),
    (0, b"ID3", "audio"),
    (0, b"OggS", "audio"),
)
_READ = frozenset({"JPEG", "PNG", "WebP", "GIF", "TIFF", "AVIF", "HEIC"})

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

# TIFF 6.0: PhotometricInterpretation. Pillow turns it round for 8 bits, not for 16.
_PHOTOMETRIC_TAG = 0x0106
_WHITE_IS_ZERO = 0

_SRGB = ImageCms.createProfile("sRGB")

pi_heif.register_heif_opener()
# Pillow warns of a photo's oddities (its own pixel limit, broken EXIF) on a person's terminal; what matters
# here is checked and said in a PhotoError.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True)
class Photo:
    """A decoded photo. pixels: (height, width, 3) uint8, sRGB, upright."""

    pixels: np.ndarray


def read_photo(data: bytes, long_side: int = LONG_SIDE) -> Photo:
    """Decode a photo, upright, in sRGB, its long side at most `long_side` pixels; it is never enlarged.

    The format is found by content. Transparent parts become white; of an animation the first picture is read.
    Raises PhotoError: not-an-image, unsupported-format, too-many-bytes, too-many-pixels, damaged-image.
    """
    if len(data) > MAX_BYTES:
        raise PhotoError(
            ErrorCode.TOO_MANY_BYTES,
            "The photo is larger than 20 MiB, the most that fits. Send a smaller copy of it.",
        )
    image = _open(data)
    _check_pixels(image.width, image.height)
    try:
        pixels = _decode(image, long_side)
    except (PhotoError, MemoryError):
        raise
    except Exception as error:  # a decoder meets broken bytes with nearly any exception
        whole = _without_end(data, long_side) if image.format == "JPEG" else None
        if whole is None:
            raise _damaged(_format_name(data) or image.format) from error
        pixels = whole
    return Photo(pixels)


def is_photo(head: bytes) -> bool:
    """Whether a file that begins so, 16 bytes or more, is of a format that is read.

    Not for BMP, whose two letters begin many a text.
    """
    return _format_name(head) in _READ


def write_jpeg(pixels: np.ndarray) -> bytes:
    """A baseline JPEG of (height, width, 3) uint8 sRGB pixels, with no metadata: untagged JPEG means sRGB.

    Quality 88 is where a white letter's edge on its black outline stops showing ringing; the caption has no
    colour, so halved colour resolution (4:2:0) costs it nothing and saves a fifth of the bytes.
    """
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=88, subsampling="4:2:0")
    return out.getvalue()


def _open(data: bytes) -> Image.Image:
    """The image with its header read and no pixel decoded."""
    if has_too_many_parts(data) or (data.startswith(_JPEG) and has_too_many_scans(data)):
        raise PhotoError(
            ErrorCode.DAMAGED_IMAGE,
            "The file is put together from so many pieces that reading it would take hours. "
            "Save it anew as a JPEG or PNG.",
        )
    if has_unreadable_items(data):
        raise _damaged(_format_name(data))
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError:
        raise PhotoError(ErrorCode.TOO_MANY_PIXELS, _too_many("more than 100")) from None
    except MemoryError:
        raise
    except Exception as error:  # as in read_photo: a header can be broken in as many ways
        raise _unopened(data) from error


def _unopened(data: bytes) -> PhotoError:
    if not data:
        return PhotoError(ErrorCode.NOT_AN_IMAGE, f"The file is empty. Send {_EXPECTED}.")
    name = _format_name(data)
    if name == "TIFF":  # its header may be sound and name a layout that Pillow has no mode for
        return PhotoError(
            ErrorCode.DAMAGED_IMAGE,
            "The TIFF file is damaged or of a rare kind and can't be read. Save it as PNG or JPEG.",
        )
    if name in _READ:
        return _damaged(name)
    if name is not None:
        return PhotoError(
            ErrorCode.UNSUPPORTED_FORMAT,
            f"This is a file of the kind {name}, which MemeGen can't read. Send {_EXPECTED}.",
        )
    return PhotoError(ErrorCode.NOT_AN_IMAGE, f"This file is no image that MemeGen knows. Send {_EXPECTED}.")


def _format_name(data: bytes) -> str | None:
    for offset, signature, name in _SIGNATURES:
        if data.startswith(signature, offset):
            return name
    return "SVG" if b"<svg" in data[:1024].lower() else None


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(
            ErrorCode.TOO_MANY_PIXELS, _too_many(f"{width:,} × {height:,}, {width * height / 1e6:.1f}")
        )


def _too_many(found: str) -> str:
    return f"The photo has {found} megapixels; at most 50 fit. Send a smaller copy of it."


def _damaged(name: str | None) -> PhotoError:
    return PhotoError(
        ErrorCode.DAMAGED_IMAGE,
        f"The {name} file is damaged or cut off and can't be read to its end. Send the original again.",
    )


def _decode(image: Image.Image, long_side: int) -> np.ndarray:
    image.draft(
        None, _fitted(image.size, long_side)
    )  # JPEG only: decodes at 1/2, 1/4 or 1/8, not below the size
    image = _loaded(image)
    width, height = _fitted(image.size, long_side)
    upright = _UPRIGHT.get(_orientation(image))
    profile = image.info.get("icc_profile")

    image = _eight_bit(image)
    factor = min(image.width // width, image.height // height)
    if factor > 1:
        image = image.reduce(factor)
    pixels = np.asarray(_on_white(image, profile))
    if image.size != (width, height):
        # Less than 2 times smaller here: bilinear is as sharp as area up to 1.5 and five times as fast.
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


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image in a mode of 8 bits a channel, which can be shrunk."""
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode.startswith("I;16"):
        return _grey_of_16_bits(image)
    if image.mode in ("I", "F"):
        raise PhotoError(
            ErrorCode.UNSUPPORTED_FORMAT,
            "The image has signed numbers or 32 bits a channel; MemeGen reads plain 8 and 16. Save it so.",
        )
    if image.has_transparency_data and image.mode in ("L", "RGB"):  # one colour of it stands for transparent
        key = image.info["transparency"]
        if (
            image.mode == "RGB" and max(key) > 255
        ):  # a colour of 16 bits, of whose pixels Pillow keeps the high 8
            image.info["transparency"] = tuple(value >> 8 for value in key)
        return image.convert("RGBA")
    return image


def _grey_of_16_bits(image: Image.Image) -> Image.Image:
    levels = np.asarray(image)
    transparent = image.info.get("transparency")
    if image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO:  # type: ignore[attr-defined]
        levels = 65535 - levels
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    if transparent is not None:
        grey.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return grey


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as sRGB without alpha, over white where it is transparent."""
    if not image.has_transparency_data:
        return _to_srgb(image, profile)
    colours = image.convert("L" if image.mode.startswith("L") else "RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(_to_srgb(colours, profile), mask=image.convert("RGBA").getchannel("A"))
    return white


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB; a profile that is sRGB already, is broken or is for another mode changes nothing."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            transform = ImageCms.buildTransform(given, _SRGB, image.mode, "RGB")
            if not _is_identity(transform, image.mode):
                return transform.apply(image)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the transform moves no colour of a 5 × 5 × 5 chart by more than 2 of 255.

    Measured, because the many sRGB profiles in use differ in name and in bytes; it costs far less than
    turning a whole picture.
    """
    if mode != "RGB":
        return False
    levels = np.linspace(0, 255, 5).astype(np.uint8)
    chart = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    turned = np.asarray(transform.apply(Image.fromarray(chart)))
    return int(np.abs(turned.astype(int) - chart.astype(int)).max()) <= 2
