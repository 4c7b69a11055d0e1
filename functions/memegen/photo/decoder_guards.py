"""What a photo may cost: its pixels, the memory and the time that decoding it takes, and its pieces.

Pillow's decoders do as much work as a file tells them to, and take as much memory. A photo of a few bytes can
tell a JPEG's decoder to go over all its pixels a million times, a TIFF's to put it together from as many
strips, and any decoder to make room for a picture that isn't there. So each kind of file is asked by its
header, before it's decoded, and refused here.

A process that makes a meme holds about 100 MiB besides and must stay under 700 MiB and 5 seconds of processor
time. How the figures of each kind were measured: docs/bad-input.md.
"""

from memegen.contract import MAX_PHOTO_PIXELS
from memegen.errors import ErrorCode, PhotoError
from memegen.photo.formats import too_many_pixels

MAX_MEMORY = 540 * 2**20  # bytes that a decoder and its picture may hold
MAX_SECONDS = 4.0  # of work, by figures that are half as much again as those measured in 2026


def check_pixels(size: tuple[int, int], limit: int = MAX_PHOTO_PIXELS) -> None:
    """Raises PhotoError, too-many-pixels, for more than the limit."""
    width, height = size
    if width * height > limit:
        raise too_many_pixels(width, height)


def check_memory(size: tuple[int, int], memory: int) -> None:
    """Raises PhotoError, too-many-pixels, if decoding a picture of this size takes more than there is.

    memory: bytes.
    """
    if memory > MAX_MEMORY:
        raise too_many_pixels(*size)


def check_work(size: tuple[int, int], seconds: float) -> None:
    """Raises PhotoError, too-many-pixels, if decoding a picture of this size takes too long."""
    if seconds > MAX_SECONDS:
        raise too_many_pixels(*size)


def check_pieces(count: int, most: int) -> None:
    """Raises PhotoError, damaged-image, for a file of more pieces than real ones have."""
    if count > most:
        raise too_many_pieces()


def too_many_pieces() -> PhotoError:
    return PhotoError(
        ErrorCode.DAMAGED_IMAGE,
        "The file is put together in such a way or from so many pieces that reading it would take too long. "
        "Save it again as a JPEG or PNG.",
    )


def image_memory(pixel: int, size: tuple[int, int]) -> int:
    """Bytes of Pillow's picture, of so many bytes a pixel: its rows, and an address for each."""
    width, height = size
    return height * (-(-width * pixel // 4) * 4 + 8)
