"""Any mode and colour profile of a decoded image → 8 bits a channel, sRGB, on white."""

import io

import numpy as np
from PIL import Image, ImageCms

from memegen.errors import ErrorCode, PhotoError

# In an image's info: its 0 is white (TIFF 6.0, PhotometricInterpretation). Pillow inverts 8 bits, but not 16.
WHITE_IS_ZERO = "white is zero"

_SRGB = ImageCms.createProfile("sRGB")


def eight_bit(image: Image.Image) -> Image.Image:
    """The image in a mode of 8 bits a channel, which can be shrunk.

    Raises PhotoError with the code unsupported-format for signed numbers and 32 bits.
    """
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode in ("La", "RGBa"):
        return image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode.startswith("I;16"):
        return _grey_of_16_bits(image)
    if image.mode in ("I", "F"):
        raise too_deep()
    if image.has_transparency_data and image.mode in ("L", "RGB"):  # one of its colours means transparent
        key = image.info["transparency"]
        if image.mode == "RGB" and max(key) > 255:
            # The colour has 16 bits, and Pillow keeps the high 8 of the pixels' own.
            image.info["transparency"] = tuple(value >> 8 for value in key)
        return image.convert("RGBA")
    return image


def too_deep() -> PhotoError:
    return PhotoError(
        ErrorCode.UNSUPPORTED_FORMAT,
        "The image has signed numbers or 32 bits a channel, which MemeGen can't read. "
        "Save it with 8 or 16 bits a channel.",
    )


def _grey_of_16_bits(image: Image.Image) -> Image.Image:
    levels = np.asarray(image)
    transparent = image.info.get("transparency")
    if image.info.get(WHITE_IS_ZERO):
        levels = 65535 - levels
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    if transparent is not None:
        grey.putalpha(Image.fromarray((levels != transparent).astype(np.uint8) * np.uint8(255)))
    return grey


def on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as sRGB without alpha, over white where it is transparent. profile: its ICC profile."""
    if not image.has_transparency_data:
        return _to_srgb(image, profile)
    colours = image.convert("L" if image.mode.startswith("L") else "RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(_to_srgb(colours, profile), mask=image.convert("RGBA").getchannel("A"))
    return white


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB. A profile that is sRGB already, is broken or is for another mode changes nothing."""
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

    It is measured, because the many sRGB profiles in use differ in name and in bytes. This costs far less
    than converting a whole picture.
    """
    if mode != "RGB":
        return False
    levels = np.linspace(0, 255, 5).astype(np.uint8)
    chart = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    converted = np.asarray(transform.apply(Image.fromarray(chart)))
    return int(np.abs(converted.astype(int) - chart.astype(int)).max()) <= 2
