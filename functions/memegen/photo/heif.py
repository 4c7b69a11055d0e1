"""HEIC, through libheif by pi-heif: the decoder's own bytes, which are never copied whole."""

from collections.abc import Iterator

import pi_heif
from PIL import Image

from memegen.photo.boxes import Items, has_unreadable_items, read_items
from memegen.photo.decoder_guards import check_memory, check_pieces, check_pixels, check_work
from memegen.photo.picture import Picture

_HALF = 0.5  # samples of colour for each of brightness at 4:2:0

MAX_METADATA = 200 * 2**20  # bytes; pi-heif copies EXIF and XMP for each picture that they belong to
MAX_PICTURES = 2000  # that one photo is made of; a phone's has 200

# Measured, in seconds: for each pixel, for each byte of the file, and for each picture that one is made of.
_PIXEL_SECONDS, _BYTE_SECONDS, _PICTURE_SECONDS = 50e-9, 35e-9, 400e-6


def open_heic(data: bytes) -> Iterator[Picture]:
    """The photo that the file names first, as libheif turns it: EXIF must not turn it."""
    if has_unreadable_items(data):
        raise ValueError("an item's text is no UTF-8")
    items = read_items(data)
    _check(data, items)
    photo = pi_heif.open_heif(data)
    image = photo[photo.primary_index]
    pixels = memoryview(image.data)
    yield _of_rows(pixels, image.mode, image.size, image.stride, image.info.get("icc_profile"))


def _check(data: bytes, items: Items) -> None:
    """Raises PhotoError for more pixels, memory or work than are allowed."""
    check_pixels(items.size)
    count, area = items.work()
    check_pieces(count, MAX_PICTURES)
    check_pieces(items.described * len(data), MAX_METADATA)
    pixels = max(area, _largest(items) if items.has_alpha else 0)
    # libde265's planes, of a tile alone where there are tiles; libheif's own; the colours; and what libheif
    # makes of them in between where the colours have more than half the resolution, or samples 8 bits.
    planes = (1 + items.chroma + items.has_alpha) * (2 if items.depth > 8 else 1)
    between = 1.5 if items.chroma > _HALF else 1.3 if items.depth > 8 else 1
    memory = ((2 if count == 1 else 1) * planes + (4 if items.has_alpha else 3)) * between
    check_memory(items.size, int(pixels * memory) + len(data))
    seconds = _PIXEL_SECONDS * (1.3 if between > 1 else 1)
    check_work(items.size, pixels * seconds + len(data) * _BYTE_SECONDS + count * _PICTURE_SECONDS)


def _largest(items: Items) -> int:
    """Pixels of the largest picture in the file: a photo's alpha may be far larger than its colours."""
    return max((width * height for width, height in items.sizes.values()), default=0)


def _of_rows(
    pixels: memoryview, mode: str, size: tuple[int, int], stride: int, profile: bytes | None
) -> Picture:
    """The picture whose rows lie in these bytes, `stride` of them each."""
    channels = len(mode)

    def tile(box: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = box
        first, last = top * stride + left * channels, (bottom - 1) * stride + right * channels
        return Image.frombytes(mode, (right - left, bottom - top), pixels[first:last], "raw", mode, stride)

    return Picture(size, tile, profile)
