"""BMP (Microsoft's BITMAPINFOHEADER, its forerunner and followers)."""

import io
import struct
from collections.abc import Iterator

from PIL.BmpImagePlugin import BmpImageFile

from memegen.photo.decoder_guards import check_memory, check_pixels, image_memory, too_many_pieces
from memegen.photo.formats import unreadable
from memegen.photo.picture import Picture

_FILE_HEADER, _CORE_HEADER = 14, 12
_HEADERS = (_CORE_HEADER, 16, 40, 52, 56, 64, 108, 124)  # the sizes of its versions
_RLE8, _RLE4 = 1, 2
_END_OF_LINE, _END, _DELTA = 0, 1, 2

MAX_RUNS = 4_000_000  # they are unpacked in Python, at 0.6 µs each
_HALVES = [bytes((byte >> 4, byte & 15)) for byte in range(256)]


def open_bmp(data: bytes) -> Iterator[Picture]:
    """The photo."""
    header = int.from_bytes(data[_FILE_HEADER : _FILE_HEADER + 4], "little")
    if header not in _HEADERS or len(data) < _FILE_HEADER + header:
        raise unreadable(data)  # a text may begin with BM too
    packing = 0
    if header == _CORE_HEADER:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, depth, packing = struct.unpack_from("<iiHHI", data, 18)
    size = (abs(width), abs(height))
    runs = packing in (_RLE8, _RLE4)
    pixels = size[0] * size[1]
    if min(size) == 0:
        raise unreadable(data)
    check_pixels(size)
    check_memory(size, image_memory(1 if depth <= 8 else 4, size) + (3 * pixels if runs else 0))
    image = BmpImageFile(io.BytesIO(_unpacked(data, size, packing) if runs else data))
    # Pillow joins blocks of this size until a row is whole, and copies all of it for each.
    image.decodermaxblock = max(image.decodermaxblock, 4 * size[0])
    image.load()
    yield Picture.of_image(image)


def _unpacked(bmp: bytes, size: tuple[int, int], packing: int) -> bytes:
    """The BMP of 8 bits a pixel that run lengths of 8 or 4 bits stand for."""
    (start,) = struct.unpack_from("<I", bmp, 10)
    stride = -(-size[0] // 4) * 4
    header = bytearray(bmp[:start])
    struct.pack_into("<HII", header, 28, 8, 0, stride * size[1])
    return bytes(header) + _rows(bmp, start, size, stride, packing == _RLE4)


def _rows(bmp: bytes, at: int, size: tuple[int, int], stride: int, four_bits: bool) -> bytearray:
    """The rows, `stride` bytes each. What no run reaches is 0.

    Raises ValueError for runs that end before the picture does, without saying so; PhotoError for too many.
    """
    width, height = size
    rows = bytearray(stride * height)
    x = y = 0
    for _ in range(MAX_RUNS):
        if y >= height:
            return rows
        if at + 1 >= len(bmp):
            if y == height - 1 and x >= width:
                return rows
            raise ValueError("the run lengths are cut off")
        count, value = bmp[at], bmp[at + 1]
        at += 2
        if count:
            run = (_HALVES[value] * 128 if four_bits else bmp[at - 1 : at] * count)[:count]
        elif value == _END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif value == _END:
            return rows
        elif value == _DELTA:
            x, y, at = x + bmp[at], y + bmp[at + 1], at + 2
            continue
        elif four_bits:
            packed = bmp[at : at + (value + 1) // 2]
            run = b"".join([_HALVES[byte] for byte in packed])[:value]
            at += (len(packed) + 1) & ~1
        else:
            run = bmp[at : at + value]
            at += (value + 1) & ~1
        if x + len(run) > width:
            run = run[: max(0, width - x)]
        first = y * stride + x
        rows[first : first + len(run)] = run
        x += len(run)
    raise too_many_pieces()
