"""HEIC through libheif (pi-heif) and AVIF through libavif (Pillow): their bytes, never copied whole."""

from collections.abc import Iterator

import pi_heif
from PIL import Image, _avif

from memegen.photo.boxes import Items, has_unreadable_items, read_items
from memegen.photo.decoder_guards import check_memory, check_pieces, check_pixels, check_work
from memegen.photo.picture import Picture

MAX_PICTURES = 2000  # that one photo is made of; a phone's has 200

# Measured, in seconds: for each pixel, for each byte of the file, and for each picture that one is made of.
_HEVC_SECONDS = (35e-9, 120e-9, 400e-6)
_AV1_SECONDS = (20e-9, 60e-9, 400e-6)


def open_heic(data: bytes) -> Iterator[Picture]:
    """The photo that the file names first, as libheif turns it: EXIF must not turn it."""
    if has_unreadable_items(data):
        raise ValueError("an item's text is no UTF-8")
    items = read_items(data)
    # libde265's planes, libheif's own, and the colours of 3 or 4 bytes.
    planes = (1 + items.chroma) * (2 if items.depth > 8 else 1)
    _check(data, items, 2 * planes + (8 if items.depth > 8 else 4 if items.has_alpha else 3), _HEVC_SECONDS)
    photo = pi_heif.open_heif(data)
    image = photo[photo.primary_index]
    pixels = memoryview(image.data)
    yield _of_rows(pixels, image.mode, image.size, image.stride, image.info.get("icc_profile"), 1)


def open_avif(data: bytes) -> Iterator[Picture]:
    """The photo; of an animation each frame that may be the first with something in it."""
    items = read_items(data)
    planes = (1 + items.chroma) * (2 if items.depth > 8 else 1)
    colours = 4 if items.has_alpha else 3
    _check(data, items, 1.2 * planes + 2 * colours, _AV1_SECONDS)
    decoder = _avif.AvifDecoder(data, "auto", 1)
    size, count, mode, profile, _, orientation, _ = decoder.get_info()
    check_pixels(size)
    for number in range(count):
        pixels, *_ = decoder.get_frame(number)
        yield _of_rows(memoryview(pixels), mode, size, len(mode) * size[0], profile, orientation)
        del pixels


def _check(data: bytes, items: Items, pixel_bytes: float, seconds: tuple[float, float, float]) -> None:
    count, area = items.work()
    width, height = items.size
    check_pixels((width, height))
    check_pieces(count, MAX_PICTURES)
    check_memory((width, height), int(max(width * height, area) * pixel_bytes))
    for_pixel, for_byte, for_picture = seconds
    check_work(
        (width, height), max(width * height, area) * for_pixel + len(data) * for_byte + count * for_picture
    )


def _of_rows(
    pixels: memoryview, mode: str, size: tuple[int, int], stride: int, profile: bytes | None, orientation: int
) -> Picture:
    """The picture whose rows lie in these bytes, `stride` of them each."""
    channels = len(mode)

    def tile(box: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = box
        first, last = top * stride + left * channels, (bottom - 1) * stride + right * channels
        return Image.frombytes(mode, (right - left, bottom - top), pixels[first:last], "raw", mode, stride, 1)

    return Picture(size, tile, profile, orientation)
