"""TIFF 6.0 and BigTIFF: what the first directory asks of its decoder, read before it's decoded."""

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat

from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from memegen.photo.colour import WHITE_IS_ZERO, eight_bit, too_deep
from memegen.photo.decoder_guards import (
    check_memory,
    check_pieces,
    check_pixels,
    check_work,
    image_memory,
    too_many_pieces,
)
from memegen.photo.formats import camera_raw, unreadable
from memegen.photo.jpeg import PROGRESSIVE, find_frame
from memegen.photo.picture import Picture
from memegen.photo.tiff_directory import Directory, read_directory, with_directory

MAX_PARTS = 100_000  # strips or tiles; 20 MiB of grey in the smallest tiles, 16 × 16, have 82,000

_SUBFILE, _WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _MAKE = 254, 256, 257, 258, 259, 262, 271
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANAR = 273, 274, 277, 278, 279, 284
_PREDICTOR, _TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_SIZES = 317, 322, 323, 324, 325
_FILL_ORDER, _SUB_DIRECTORIES, _EXTRA, _XMP, _PROFILE, _DNG_VERSION = 266, 330, 338, 700, 34675, 50706

_UNCOMPRESSED, _JPEGS, _JPEG = (1, 32_771), (6, 7), 7
_PADDING = 64  # pixels that a JPEG's blocks may reach past its part
_WHITE_IS_ZERO, _GREY, _RGB, _CMYK, _YCBCR = 0, 1, 2, 5, 6
_COLOUR_FILTERS = (32_803, 34_892)  # TIFF/EP and DNG: what a sensor saw, and that made linear
_REDUCED = 1
_MOST_OTHERS = 16
_MOST_BITS = 16
_CR2 = b"II*\0\x10\0\0\0CR\2\0"  # Canon's mark between the header and the first directory

# Measured, in seconds: for each strip or tile, for each row, for each byte that is unpacked, and for a block
# of 8 × 8 in each scan of a JPEG.
_PART_SECONDS, _ROW_SECONDS, _BYTE_SECONDS, _BLOCK_SECONDS = 20e-6, 0.3e-6, 10e-9, 15e-9


@dataclass(frozen=True)
class Layout:
    """How a directory lays out its picture. part: a strip's or tile's width and height. bits: a sample's."""

    size: tuple[int, int]
    part: tuple[int, int]
    bits: int
    samples: int
    planar: bool
    compression: int
    photometric: int

    @property
    def parts(self) -> int:
        across, down = (-(-side // of) for side, of in zip(self.size, self.part, strict=True))
        return across * down * (self.samples if self.planar else 1)

    def row_bytes(self, width: int) -> int:
        return -(-width * self.bits * (1 if self.planar else self.samples) // 8)

    @property
    def picture_memory(self) -> int:
        """Bytes of Pillow's picture."""
        pixel = 4 if self.samples > 1 or self.bits > 16 else 2 if self.bits > 8 else 1
        return image_memory(pixel, self.size)

    @property
    def memory(self) -> int:
        """Bytes of Pillow's picture, and of a part where libtiff unpacks it."""
        picture = self.picture_memory
        if self.compression in _UNCOMPRESSED:
            return picture
        row = max(self.row_bytes(self.part[0]), 4 * self.part[0] if self.photometric == _YCBCR else 0)
        return picture + self.part[1] * row * (2 if self.planar else 1)


def open_tiff(data: bytes) -> Iterator[Picture]:
    """The photo of the first directory. Later ones are other pages, or the photo again and smaller."""
    try:
        directory = read_directory(data)
        if _is_camera_raw(directory):
            raise camera_raw()
        layout = _layout(directory)
        _check(directory, layout)
        if layout.bits > _MOST_BITS:
            raise too_deep()
        in_planes = layout.planar and (layout.samples == 2 or (layout.bits == 16 and layout.samples >= 3))
        image = None if in_planes else TiffImageFile(_quieted(directory, layout))
    except (ValueError, KeyError, SyntaxError, OSError, struct.error, OverflowError) as error:
        raise unreadable(data) from error
    orientation = directory.number(_ORIENTATION, 1)
    if image is None:
        yield _of_planes(directory, layout, orientation)
        return
    image.load()
    if directory.number(_PHOTOMETRIC, _GREY) == _WHITE_IS_ZERO:
        image.info[WHITE_IS_ZERO] = True
    yield Picture.of_image(image, orientation)


def _layout(directory: Directory) -> Layout:
    size = directory.number(_WIDTH, 0), directory.number(_LENGTH, 0)
    if min(size) == 0:
        raise ValueError("a TIFF without a size")
    if _TILE_OFFSETS in directory and _STRIP_OFFSETS not in directory:
        part = directory.number(_TILE_WIDTH, 0), directory.number(_TILE_LENGTH, 0)
    else:
        part = size[0], min(size[1], directory.number(_ROWS, size[1]))
    if min(part) == 0:
        raise ValueError("a TIFF with parts of no size")
    compression = directory.number(_COMPRESSION, 1)
    photometric = directory.number(_PHOTOMETRIC, 0)
    samples = directory.number(_SAMPLES, 3 if compression in _JPEGS and photometric != _GREY else 1)
    return Layout(
        size,
        part,
        max(directory.numbers(_BITS)[: max(1, samples)] or [1]),
        samples,
        directory.number(_PLANAR, 1) == 2,
        compression,
        photometric,
    )


def _check(directory: Directory, layout: Layout) -> None:
    """Raises PhotoError for more pixels, memory, parts or work than are allowed."""
    check_pixels(layout.size)
    check_pieces(max(layout.parts, len(_offsets(directory))), MAX_PARTS)
    check_memory(layout.size, layout.memory)
    sizes = directory.numbers(_STRIP_SIZES) or directory.numbers(_TILE_SIZES)
    most = len(directory.data)
    if layout.compression not in _UNCOMPRESSED and sum(min(size, most) for size in sizes) > 2 * most:
        raise too_many_pieces()  # parts over each other: a decoder reads the same bytes again for each
    if layout.compression == _JPEG:
        _check_jpegs(directory, layout, sizes)
    across, down = layout.part
    padded = layout.parts * down * layout.row_bytes(across)
    work = layout.parts * _PART_SECONDS + layout.parts * down * _ROW_SECONDS + padded * _BYTE_SECONDS
    if layout.compression in _JPEGS:
        scans = max(1, min(100, directory.data.count(b"\xff\xda") - layout.parts + 1))
        work += scans * layout.parts * across * down * layout.samples / 64 * _BLOCK_SECONDS
    check_work(layout.size, work)


def _check_jpegs(directory: Directory, layout: Layout, sizes: list[int]) -> None:
    """Raises PhotoError for a strip or tile whose JPEG is larger than it or keeps too many coefficients.

    A decoder takes a last strip's JPEG of any height, since some writers don't cut it down.
    """
    end, most = len(directory.data), [side + _PADDING for side in layout.part]
    for at, size in zip(_offsets(directory), sizes or repeat(end), strict=False):
        found = find_frame(directory.data, at, min(end, at + size))
        if found is None:
            continue
        frame, interleaved = found
        if frame.size[0] > most[0] or frame.size[1] > most[1]:
            raise too_many_pieces()
        if frame.kind in PROGRESSIVE or not interleaved:
            check_memory(layout.size, layout.picture_memory + 128 * frame.blocks)


def _offsets(directory: Directory) -> list[int]:
    return directory.numbers(_STRIP_OFFSETS) or directory.numbers(_TILE_OFFSETS)


def _is_camera_raw(directory: Directory) -> bool:
    """Whether the first directory holds a camera's preview, and another what its sensor saw."""
    data = directory.data
    if _DNG_VERSION in directory or data.startswith(_CR2):
        return True
    if directory.number(_PHOTOMETRIC, 0) in _COLOUR_FILTERS:
        return True
    below = directory.numbers(_SUB_DIRECTORIES)
    if below and directory.number(_SUBFILE, 0) & _REDUCED and _MAKE in directory:
        return True
    return any(photometric in _COLOUR_FILTERS for photometric in _others(directory))


def _others(directory: Directory) -> Iterator[int]:
    """The photometric interpretations of the directories below and behind this one, and below and behind
    those; of 16 at most."""
    left, known = _linked(directory), {0}
    while left and len(known) <= _MOST_OTHERS:
        at = left.pop(0)
        if at not in known:
            known.add(at)
            with suppress(ValueError, struct.error, OverflowError):
                other = read_directory(directory.data, at)
                yield other.number(_PHOTOMETRIC, 0)
                left += _linked(other)


def _linked(directory: Directory) -> list[int]:
    return [*directory.numbers(_SUB_DIRECTORIES)[:_MOST_OTHERS], directory.next]


def _quieted(directory: Directory, layout: Layout) -> io.BytesIO:
    """The file, whose first directory now names no turn, no XMP and no other directory.

    The turn is ours to make; XMP may state another; and Pillow goes over all directories to count them. It
    knows grey of 16 bits in both orders of bytes only where 0 is black, so where it's white we invert it.
    """
    file, order = io.BytesIO(directory.data), directory.order
    form, one = ("Q", "H6x") if directory.big else ("I", "H2x")
    changes = {}
    if _ORIENTATION in directory:
        changes[directory.entries[_ORIENTATION] + 2] = struct.pack(f"{order}H{form}{one}", 3, 1, 1)
    if layout.photometric == _WHITE_IS_ZERO and layout.bits == _MOST_BITS and _PHOTOMETRIC in directory:
        changes[directory.entries[_PHOTOMETRIC] + 2] = struct.pack(f"{order}H{form}{one}", 3, 1, _GREY)
    if _XMP in directory:
        changes[directory.entries[_XMP] + 2] = bytes(2)  # a type that there is none of
    none = bytes(struct.calcsize("<" + form))
    if directory.data[directory.following : directory.following + len(none)] not in (b"", none):
        changes[directory.following] = none
    for at, change in changes.items():  # the first makes BytesIO copy the file
        file.seek(at)
        file.write(change[: len(directory.data) - at])
    file.seek(0)
    return file


def _of_planes(directory: Directory, layout: Layout, orientation: int) -> Picture:
    """A picture whose samples have a plane each, of 16 bits or grey and alpha, which Pillow scrambles."""
    colours = {_RGB: "RGB", _CMYK: "CMYK", _GREY: "L", _WHITE_IS_ZERO: "L"}.get(layout.photometric)
    if colours is None or layout.samples < len(colours) or layout.bits not in (8, 16):
        raise unreadable(directory.data)
    has_alpha = colours != "CMYK" and layout.samples > len(colours) and directory.number(_EXTRA, 0) in (1, 2)
    mode = colours + "A" * has_alpha
    planes = [_plane(directory, layout, number) for number in range(len(mode))]
    if layout.photometric == _WHITE_IS_ZERO:
        planes[0] = ImageOps.invert(planes[0])

    def tile(box: tuple[int, int, int, int]) -> Image.Image:
        return Image.merge(mode, [plane.crop(box) for plane in planes])

    return Picture(layout.size, tile, bytes(directory.numbers(_PROFILE)) or None, orientation)


def _plane(directory: Directory, layout: Layout, number: int) -> Image.Image:
    """One plane as grey of 8 bits."""
    count = layout.parts // layout.samples
    own = slice(number * count, (number + 1) * count)
    tags = (_COMPRESSION, _FILL_ORDER, _PREDICTOR, _ROWS, _TILE_WIDTH, _TILE_LENGTH)
    values = {tag: directory.numbers(tag) for tag in tags if directory.numbers(tag)}
    values |= {
        _WIDTH: [layout.size[0]],
        _LENGTH: [layout.size[1]],
        _BITS: [layout.bits],
        _PHOTOMETRIC: [_GREY],
    }
    for tag in (_STRIP_OFFSETS, _STRIP_SIZES, _TILE_OFFSETS, _TILE_SIZES):
        if part := directory.numbers(tag)[own]:
            values[tag] = part
    image = TiffImageFile(io.BytesIO(with_directory(directory.data, directory, values)))
    image.load()
    grey = Image.new("L", image.size)
    for top in range(0, image.height, 256):
        bottom = min(image.height, top + 256)
        grey.paste(eight_bit(image.crop((0, top, image.width, bottom))), (0, top))
    return grey
